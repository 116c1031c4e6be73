//! The statistics of one lane.

use std::time::{Duration, Instant, SystemTime};

use serde::{Serialize, Serializer};

use super::{Discarded, MessageState, MessagesByState, Reason};

/// The account of one lane: what it was offered and what became of it, counted in events.
///
/// Always, `accepted = delivered + pending + discarded.total()`, and with the feature `spool` also
/// `+ kept`, with `fleet` also `+ forwarded`; each term is counted where it happens. [`Stats`](crate::Stats) has an example, and says
/// which figures are counters.
///
/// It serializes under the names of its fields, durations as seconds.
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
    /// Events that passed the lane's level and targets and were offered to it, taken or not.
    pub accepted: u64,
    /// Events whose message the platform accepted.
    pub delivered: u64,
    /// Events that are on their way.
    pub pending: u64,
    /// Those pending events that wait on purpose: they belong to known problems and are sent with
    /// the next reminder.
    pub counted: u64,
    /// Events that were on disk when the worker ended, for the next start: see `spool`.
    #[cfg(feature = "spool")]
    pub kept: u64,
    /// Events that were handed over to the fleet, whose leader sends them; or handed back to it by a
    /// leader that stopped to lead.
    #[cfg(feature = "fleet")]
    pub forwarded: u64,
    /// The state of the lane in its fleet; `None` if the block has no `fleet`.
    #[cfg(feature = "fleet")]
    pub fleet: Option<FleetState>,
    /// Those of the accepted events that an earlier process had kept.
    #[cfg(feature = "spool")]
    pub restored: u64,
    /// Events that were given up, by reason.
    pub discarded: Discarded,
    /// Messages that the platform accepted; a digest of a thousand events is one.
    pub messages: u64,
    /// The same messages by what they were about.
    pub messages_by_state: MessagesByState,
    /// Those messages that mentioned somebody.
    pub mentions: u64,
    /// Requests sent: parts, files, failed attempts, and the checks of
    /// [`verify`](crate::Handle::verify). None in a [dry run](crate::Builder#dry-run).
    pub requests: u64,
    /// How long the oldest pending event that is due (not `counted`) has been waiting. `None` if
    /// there is none.
    ///
    /// It grows while a destination cannot be reached, or is slower than the program.
    #[serde(serialize_with = "as_seconds")]
    pub oldest: Option<Duration>,
    /// How long ago the platform accepted the last message. `None` before the first.
    #[serde(serialize_with = "as_seconds")]
    pub last_delivery: Option<Duration>,
    /// Whether logout has switched the lane off, because its platform said that the destination is gone.
    /// Pending events are kept until the destination answers again, you correct the configuration, or
    /// `max_age` is over.
    pub switched_off: bool,
    /// When the next reminder of a `counted` event is sent, at the earliest. `None` if there is
    /// none.
    #[serde(serialize_with = "as_unix_seconds")]
    pub next_reminder: Option<SystemTime>,
}

/// The state of a lane in its fleet.
#[cfg(feature = "fleet")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FleetState {
    /// It hands over what it has, and another process sends it.
    Joined,
    /// It sends for all.
    Leading,
    /// The broker is away: it sends for itself, in turns with the others, or keeps what it has if
    /// `fleet.alone` is false.
    Alone,
}

impl LaneStats {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// Counts events offered to the lane, which are pending from now on.
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

    /// Counts events that the leader of the fleet sends.
    #[cfg(feature = "fleet")]
    pub(crate) fn forward(&mut self, events: u64) {
        self.pending = self.pending.saturating_sub(events);
        self.forwarded += events;
    }

    /// Counts events that the next start sends.
    #[cfg(feature = "spool")]
    pub(crate) fn keep(&mut self, events: u64) {
        self.pending = self.pending.saturating_sub(events);
        self.kept += events;
    }

    /// Counts a message that the platform accepted, and whether it mentioned somebody.
    pub(crate) fn note_message(&mut self, state: MessageState, mentions: bool) {
        self.messages += 1;
        self.messages_by_state.add(state);
        self.mentions += u64::from(mentions);
    }
}

/// The stats of one lane as the worker publishes them: with instants, which become ages when read.
#[derive(Clone, Debug, Default)]
pub(crate) struct PublishedLane {
    pub(crate) stats: LaneStats,
    /// Since when the oldest event that is due waits.
    pub(crate) oldest_since: Option<Instant>,
    pub(crate) last_delivery_at: Option<Instant>,
    pub(crate) reminds_at: Option<Instant>,
}

impl PublishedLane {
    pub(crate) fn new(name: &'static str) -> Self {
        Self {
            stats: LaneStats::new(name),
            ..Self::default()
        }
    }

    pub(super) fn read(&self, now: Instant) -> LaneStats {
        let age = |at: Instant| now.saturating_duration_since(at);
        LaneStats {
            oldest: self.oldest_since.map(age),
            last_delivery: self.last_delivery_at.map(age),
            next_reminder: self.reminds_at.map(|at| {
                let wait = at.saturating_duration_since(now);
                SystemTime::now() + wait
            }),
            ..self.stats.clone()
        }
    }
}

fn as_unix_seconds<S: Serializer>(
    time: &Option<SystemTime>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let since = |time: &SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
    as_seconds(&time.as_ref().and_then(since), serializer)
}

pub(super) fn as_seconds<S: Serializer>(
    span: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    span.as_ref()
        .map(Duration::as_secs_f64)
        .serialize(serializer)
}
