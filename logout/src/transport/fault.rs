//! The fault of a request that got no answer, and its cause.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;

/// The fault of a request that got no answer. The variants differ in whether a retry could deliver
/// twice.
///
/// Its text goes to standard error. Write what a person needs who looks for the cause, without
/// address and headers.
///
/// ```
/// use logout::transport::Fault;
///
/// let fault = Fault::Unknown("timed out waiting for the answer".into());
/// assert_eq!(fault.to_string(), "no answer: timed out waiting for the answer");
/// assert!(fault.may_have_arrived());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The request was never completely written: the same message is sent again, until its events
    /// are older than `max_age`.
    NotSent(Cause),
    /// The request was written, or may have been: the same message is sent again and says "possible
    /// repeat", because it may arrive twice.
    Unknown(Cause),
    /// Nothing was written, and this request can never be: the transport cannot use its method,
    /// address or headers. The message is sent once more in the [plain
    /// form](crate::adapter::Form::Plain), and then given up as rejected.
    Rejected(Cause),
}

impl Fault {
    /// Returns whether the request may have reached its destination.
    ///
    /// ```
    /// use logout::transport::Fault;
    ///
    /// assert!(!Fault::NotSent("connection refused".into()).may_have_arrived());
    /// assert!(Fault::Unknown("connection reset".into()).may_have_arrived());
    /// ```
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }

    /// Removes and returns the error behind it, whose drop runs the program's code.
    pub(crate) fn take_source(&mut self) -> Option<Arc<io::Error>> {
        let (Self::NotSent(cause) | Self::Unknown(cause) | Self::Rejected(cause)) = self;
        cause.source.take()
    }

    fn cause(&self) -> &Cause {
        let (Self::NotSent(cause) | Self::Unknown(cause) | Self::Rejected(cause)) = self;
        cause
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = self.cause();
        match self {
            Self::NotSent(_) => write!(f, "not sent: {cause}"),
            Self::Unknown(_) => write!(f, "no answer: {cause}"),
            Self::Rejected(_) => write!(f, "cannot be sent: {cause}"),
        }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let error = self.cause().source.as_deref()?;
        // The error that was given, not its wrapper.
        Some(match error.get_ref() {
            Some(inner) => inner,
            None => error,
        })
    }
}

/// The cause of a [`Fault`]: a text for people and possibly the error behind it.
///
/// logout shows the text. The error is the [`source`](Error::source) of the fault, for a program
/// that wraps a transport. Two causes are equal if their texts are.
///
/// ```
/// use std::error::Error;
/// use std::io;
/// use logout::transport::{Cause, Fault};
///
/// let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
/// let fault = Fault::NotSent(Cause::from("the gateway is down").with_source(refused));
/// assert_eq!(fault.to_string(), "not sent: the gateway is down");
/// assert_eq!(fault.source().unwrap().to_string(), "connection refused");
/// ```
#[derive(Clone, Debug)]
pub struct Cause {
    text: String,
    /// As an `io::Error`, which holds an error of any type.
    source: Option<Arc<io::Error>>,
}

impl Cause {
    /// Adds the error behind it.
    #[must_use]
    pub fn with_source(self, error: impl Error + Send + Sync + 'static) -> Self {
        Self {
            source: Some(Arc::new(io::Error::other(error))),
            ..self
        }
    }

    /// Returns this cause with words before its text.
    #[cfg(feature = "hyper")]
    pub(super) fn prefixed(self, words: &str) -> Self {
        Self {
            text: format!("{words}{}", self.text),
            ..self
        }
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self { text, source: None }
    }
}

impl From<&str> for Cause {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

/// The error's own text, and the error.
impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Self::from(error.to_string()).with_source(error)
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cause {}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
