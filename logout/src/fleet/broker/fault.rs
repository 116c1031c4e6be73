//! Why a broker does not do what it was asked to.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// Why the broker does not do what it was asked to: one line, which says what is wrong and what to
/// set, and holds no secret.
///
/// ```
/// let fault = logout::fleet::BrokerFault::refused("its disk is full: free some of it");
/// assert_eq!(fault.to_string(), "its disk is full: free some of it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerFault {
    pub(crate) kind: FaultKind,
    text: String,
    /// Who has what it was asked for, as `host:port`, where it knows.
    moved: Option<String>,
}

/// What a member does about a fault depends on its kind alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// There was no answer: nobody knows whether it was done.
    Unanswered,
    /// It was not done.
    Refused,
}

impl BrokerFault {
    /// It is certain that nothing was done: the broker said so, or was not asked.
    #[must_use]
    pub fn refused(text: impl Into<String>) -> Self {
        Self::new(FaultKind::Refused, text)
    }

    /// Nobody knows whether it was done: the connection was lost amid it, or the answer makes no sense.
    /// It is asked again, unchanged.
    #[must_use]
    pub fn unanswered(text: impl Into<String>) -> Self {
        Self::new(FaultKind::Unanswered, text)
    }

    pub(crate) fn new(kind: FaultKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            moved: None,
        }
    }

    /// The same, which names who has what it was asked for.
    pub(crate) fn with_moved(mut self, moved: Option<&str>) -> Self {
        self.moved = moved.map(str::to_owned);
        self
    }

    pub(crate) fn moved(&self) -> Option<&str> {
        self.moved.as_deref()
    }

    /// That there was no answer for this long.
    pub(crate) fn late(limit: Duration) -> Self {
        let text = format!(
            "there was no answer within {limit:?}; is it overloaded, or is a firewall in between?"
        );
        Self::new(FaultKind::Unanswered, text)
    }
}

impl fmt::Display for BrokerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for BrokerFault {}
