//! A request and what became of it.

use std::time::{Instant, SystemTime};

use super::{Answer, Platform, Received};

/// A request and what the sandbox answered, whether a message came of it or not.
///
/// ```
/// use logout::sandbox::Sandbox;
///
/// let sandbox = Sandbox::start()?;
/// // After a test: nothing that was sent was refused.
/// for exchange in sandbox.requests() {
///     assert_eq!(exchange.refusal(), None);
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(super) platform: Option<Platform>,
    pub(super) destination: Option<String>,
    pub(super) arrived: SystemTime,
    pub(super) arrived_at: Instant,
    pub(super) request: Received,
    pub(super) answer: Option<Answer>,
    pub(super) refusal: Option<String>,
    pub(super) troubled: bool,
    pub(super) delivered: bool,
}

impl Exchange {
    /// The platform that its path belongs to.
    #[must_use]
    pub const fn platform(&self) -> Option<Platform> {
        self.platform
    }

    /// The name of the destination that it was for, if it named one that exists.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        self.destination.as_deref()
    }

    /// When it arrived, by the wall clock.
    #[must_use]
    pub const fn arrived(&self) -> SystemTime {
        self.arrived
    }

    /// When it arrived, by the monotonic clock.
    #[must_use]
    pub const fn arrived_at(&self) -> Instant {
        self.arrived_at
    }

    /// The request.
    #[must_use]
    pub const fn request(&self) -> &Received {
        &self.request
    }

    /// What was answered, `None` where a [`Trouble`](super::Trouble) kept the answer back. The
    /// body is as it was meant, before a trouble spoilt it.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// The status that was answered.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(Answer::status)
    }

    /// Why the platform refused the request, in words: also what the answer does not tell, such
    /// as which block of a Slack message is wrong.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// Whether a [`Trouble`](super::Trouble) met it.
    #[must_use]
    pub const fn is_troubled(&self) -> bool {
        self.troubled
    }

    /// Whether a message arrived by it.
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        self.delivered
    }
}
