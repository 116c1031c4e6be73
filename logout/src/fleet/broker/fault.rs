//! The fault of a broker.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// A reason why the broker did not do what it was asked to: one line, which says what is wrong and
/// what to set, and holds no secret.
///
/// ```
/// let fault = logout::fleet::BrokerFault::refused("its disk is full: free some of it");
/// assert_eq!(fault.to_string(), "its disk is full: free some of it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerFault {
    pub(crate) kind: FaultKind,
    text: String,
    /// The node that has the keys, as `host:port`, if the broker named one.
    moved: Option<String>,
}

/// The kind of a fault, which alone decides what a member does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// There was no answer: nobody knows whether it was done.
    Unanswered,
    /// It was not done.
    Refused,
}

impl BrokerFault {
    /// Creates a fault for a request that certainly had no effect: the broker refused it, or was
    /// never asked.
    #[must_use]
    pub fn refused(text: impl Into<String>) -> Self {
        Self::new(FaultKind::Refused, text)
    }

    /// Creates a fault for a request that may or may not have had an effect: the connection was
    /// lost, or the answer makes no sense. It is repeated unchanged.
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

    /// Adds the node that has the keys.
    pub(crate) fn with_moved(mut self, moved: Option<&str>) -> Self {
        self.moved = moved.map(str::to_owned);
        self
    }

    pub(crate) fn moved(&self) -> Option<&str> {
        self.moved.as_deref()
    }

    /// Creates a fault for an answer that did not come within `limit`.
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
