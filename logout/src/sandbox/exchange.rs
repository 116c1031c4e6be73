//! A request and what became of it.

use std::time::{Instant, SystemTime};

use super::{Answer, Platform, Received};

/// A request and what the sandbox answered, whether a message came of it or not.
///
/// ```
/// use std::time::Duration;
/// use logout::sandbox::{Platform, Sandbox, Trouble};
///
/// let sandbox = Sandbox::start()?;
/// sandbox.trouble(Platform::Slack, Trouble::gone());
/// # use tracing_subscriber::prelude::*;
/// # logout::logout! { struct Alerts { adapters: [Slack] } }
/// # let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))?.start()?;
/// # let subscriber = tracing_subscriber::registry().with(alerts);
/// # tracing::subscriber::with_default(subscriber, || {
/// tracing::error!("payment failed"); // in a program that sends here
/// # });
/// let exchanges = sandbox.wait_for_requests(1, Duration::from_secs(10));
/// assert!(exchanges[0].is_troubled() && !exchanges[0].is_delivered());
/// assert_eq!(exchanges[0].status(), Some(404));
///
/// // The platform itself had nothing against it.
/// assert_eq!(exchanges[0].refusal(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Counted from 1, and never given twice.
    pub(super) number: u64,
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
    /// Returns the platform that its path belongs to, `None` where it is none of theirs.
    #[must_use]
    pub const fn platform(&self) -> Option<Platform> {
        self.platform
    }

    /// Returns the name of the destination that it was for, if it named one that exists.
    #[must_use]
    pub fn destination(&self) -> Option<&str> {
        self.destination.as_deref()
    }

    /// Returns when it arrived, by the wall clock.
    #[must_use]
    pub const fn arrived(&self) -> SystemTime {
        self.arrived
    }

    /// Returns when it arrived, by the monotonic clock: for claims about pace and time-outs.
    #[must_use]
    pub const fn arrived_at(&self) -> Instant {
        self.arrived_at
    }

    /// Returns the request.
    #[must_use]
    pub const fn request(&self) -> &Received {
        &self.request
    }

    /// Returns what was answered, `None` where a [`Trouble`](super::Trouble) kept the answer back.
    /// The body is as it was meant, before a trouble spoilt it.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// Returns the status that was answered, `None` as of [`answer`](Self::answer).
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(Answer::status)
    }

    /// Returns why the platform refused the request, in words. It also holds details that the answer
    /// lacks, such as which block of a Slack message is wrong.
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    /// Returns whether a [`Trouble`](super::Trouble) met it.
    #[must_use]
    pub const fn is_troubled(&self) -> bool {
        self.troubled
    }

    /// Returns whether a message arrived by it.
    #[must_use]
    pub const fn is_delivered(&self) -> bool {
        self.delivered
    }
}
