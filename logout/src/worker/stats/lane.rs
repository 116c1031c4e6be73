//! The account of one lane.

use serde::Serialize;

use super::{Discarded, Reason};

/// The account of one lane: what it was offered and what became of it, counted in events.
///
/// Always, `accepted = delivered + pending + discarded.total()`; each term is counted where it
/// happens. [`Stats`](crate::Stats) has an example.
///
/// All are counts since the start, so a metric that is fed from them is a counter, but for `pending`,
/// which is a gauge. They serialise under the names of the fields.
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
/// let stats = guard.handle().stats();
/// let slack = stats.lane("slack").unwrap();
/// assert_eq!(serde_json::to_value(slack).unwrap()["delivered"], 0);
/// # Ok::<(), logout::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LaneStats {
    /// The instance's name.
    pub name: &'static str,
    /// Events that the lane's level and targets want and that were offered, taken or not.
    pub accepted: u64,
    /// Events whose message the platform took.
    pub delivered: u64,
    /// Events that are on their way.
    pub pending: u64,
    /// Events that were given up, by reason.
    pub discarded: Discarded,
    /// Messages the platform took; a digest of a thousand events is one.
    pub messages: u64,
    /// Requests sent: parts, files, tries that failed, and the questions of
    /// [`verify`](crate::Handle::verify). None in a [dry run](crate::Builder#dry-run).
    pub requests: u64,
}

impl LaneStats {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// Events offered to the lane, all of which are pending until something becomes of them.
    pub(crate) fn accept(&mut self, events: u64) {
        self.accepted += events;
        self.pending += events;
    }

    pub(crate) fn deliver(&mut self, events: u64) {
        self.pending = self.pending.saturating_sub(events);
        self.delivered += events;
    }

    pub(crate) fn discard(&mut self, reason: Reason, events: u64) {
        self.pending = self.pending.saturating_sub(events);
        self.discarded.add(reason, events);
    }
}
