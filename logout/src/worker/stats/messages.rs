//! Counts of messages by what they were about.

use serde::{Serialize, Serializer};

/// The subject of a message.
///
/// ```
/// use logout::stats::MessageState;
///
/// let labels: Vec<&str> = MessageState::ALL.iter().map(|state| state.as_str()).collect();
/// assert_eq!(labels, ["new", "known", "quiet", "report"]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum MessageState {
    /// A new problem, whatever else was in it.
    New,
    /// Only known problems, with what was counted of them since.
    Known,
    /// A problem that has been quiet for a while.
    Quiet,
    /// No event: losses, or the state of a destination.
    Report,
}

impl MessageState {
    /// All states, in the order in which they are listed.
    ///
    /// For a program that registers a metric for each before anything happened.
    pub const ALL: [Self; 4] = [Self::New, Self::Known, Self::Quiet, Self::Report];

    /// Returns the state as a label for metrics: `new`, `report`.
    ///
    /// ```
    /// assert_eq!(logout::stats::MessageState::Known.as_str(), "known");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Quiet => "quiet",
            Self::Report => "report",
        }
    }
}

/// Counts of messages, by [`MessageState`].
///
/// ```
/// use std::time::Duration;
/// use logout::stats::MessageState;
/// # use tracing_subscriber::prelude::*;
///
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// # let (alerts, guard) = Alerts::from_figment(("dry_run", true))?.start()?;
/// # let subscriber = tracing_subscriber::registry().with(alerts);
/// # tracing::subscriber::with_default(subscriber, || {
/// tracing::error!("payment failed");
/// # });
/// guard.handle().flush(Duration::from_secs(3))?;
/// let slack = &guard.handle().stats().lanes[0];
/// assert_eq!(slack.messages_by_state.get(MessageState::New), 1);
/// assert_eq!(slack.messages_by_state.total(), slack.messages);
/// # Ok::<(), logout::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessagesByState([u64; MessageState::ALL.len()]);

impl MessagesByState {
    /// Returns how many messages were about this.
    ///
    /// ```
    /// use logout::stats::{MessageState, MessagesByState};
    ///
    /// assert_eq!(MessagesByState::default().get(MessageState::Quiet), 0);
    /// ```
    #[must_use]
    pub fn get(&self, state: MessageState) -> u64 {
        self.0.get(state as usize).copied().unwrap_or_default()
    }

    /// Returns how many messages there were in all.
    ///
    /// ```
    /// assert_eq!(logout::stats::MessagesByState::default().total(), 0);
    /// ```
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(super) fn add(&mut self, state: MessageState) {
        if let Some(sum) = self.0.get_mut(state as usize) {
            *sum += 1;
        }
    }
}

/// As an object of all of them: `{"new": 2, "known": 1, "quiet": 0, "report": 0}`.
impl Serialize for MessagesByState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = MessageState::ALL.map(|state| (state.as_str(), self.get(state)));
        serializer.collect_map(counts)
    }
}
