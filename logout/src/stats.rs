//! What became of the events, in numbers.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::{Serialize, Serializer};

use crate::words::count;

/// Why an event that a lane had accepted was not delivered.
///
/// What to do about each:
///
/// | reason | whose doing | remedy |
/// |---|---|---|
/// | `Threshold` | the program's: it logs faster than the queue is taken | log less, or raise `discard_threshold` |
/// | `Filtered`, `Muted`, `Disabled` | yours | none is needed |
/// | `Evicted` | a storm of many kinds, or an outage | raise `memory_limit` |
/// | `Expired`, `SwitchedOff` | the destination's | mend it; `max_age` says how long to wait |
/// | `Rejected` | the platform's | standard error says what it answered |
/// | `Shutdown` | the clock's | raise `shutdown_timeout` |
///
/// ```
/// use logout::Reason;
///
/// let labels: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
/// assert_eq!(labels.len(), 9);
/// assert_eq!(labels[0], "threshold");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The intake was full: `discard_threshold` events, or its bytes, were waiting.
    Threshold,
    /// A rule of `metadata_filter` or `ignore` that looks at fields said no.
    Filtered,
    /// Its fingerprint is muted.
    Muted,
    /// The lane was full, and something newer or graver took its place.
    Evicted,
    /// It had become older than `max_age`.
    Expired,
    /// The platform refused it, in its plain form too.
    Rejected,
    /// Its destination is gone.
    SwitchedOff,
    /// Its instance is disabled.
    Disabled,
    /// Time ran out at shutdown; or logout's worker died with it in its hands, which ended it for
    /// this event as a shutdown does, and which every lane and standard error are told.
    Shutdown,
}

impl Reason {
    /// All reasons, in the order in which they are listed.
    ///
    /// For a program that registers a metric for each before anything happened.
    pub const ALL: [Self; 9] = [
        Self::Threshold,
        Self::Filtered,
        Self::Muted,
        Self::Evicted,
        Self::Expired,
        Self::Rejected,
        Self::SwitchedOff,
        Self::Disabled,
        Self::Shutdown,
    ];

    /// The reason as a label for metrics: `threshold`, `switched_off`.
    ///
    /// ```
    /// assert_eq!(logout::Reason::SwitchedOff.as_str(), "switched_off");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Filtered => "filtered",
            Self::Muted => "muted",
            Self::Evicted => "evicted",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::SwitchedOff => "switched_off",
            Self::Disabled => "disabled",
            Self::Shutdown => "shutdown",
        }
    }

    /// The reason as a report says it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Threshold => "intake full",
            Self::Filtered => "filtered",
            Self::Muted => "muted",
            Self::Evicted => "lane full",
            Self::Expired => "too old",
            Self::Rejected => "refused by the platform",
            Self::SwitchedOff => "destination gone",
            Self::Disabled => "disabled",
            Self::Shutdown => "shut down",
        }
    }
}

/// The account of one lane: what it was offered and what became of it, counted in events.
///
/// Always, `accepted = delivered + pending + discarded.total()`; each term is counted where it
/// happens. [`Stats`] has an example.
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

/// Counts of events given up, by [`Reason`].
///
/// ```
/// let none = logout::Discarded::default();
/// assert_eq!(none.total(), 0);
/// assert_eq!(none.get(logout::Reason::Muted), 0);
/// assert_eq!(none.iter().next(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discarded([u64; Reason::ALL.len()]);

impl Discarded {
    /// How many were given up for this reason.
    ///
    /// ```
    /// use logout::{Discarded, Reason};
    ///
    /// assert_eq!(Discarded::default().get(Reason::Expired), 0);
    /// ```
    #[must_use]
    pub fn get(&self, reason: Reason) -> u64 {
        self.0.get(reason as usize).copied().unwrap_or_default()
    }

    /// How many were given up in all.
    ///
    /// ```
    /// assert_eq!(logout::Discarded::default().total(), 0);
    /// ```
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Each reason with its count, those at zero left out.
    ///
    /// ```
    /// let labels: Vec<String> = logout::Discarded::default()
    ///     .iter()
    ///     .map(|(reason, events)| format!("{}: {events}", reason.as_str()))
    ///     .collect();
    /// assert!(labels.is_empty());
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL
            .into_iter()
            .map(|reason| (reason, self.get(reason)))
            .filter(|(_, count)| *count > 0)
    }

    fn add(&mut self, reason: Reason, count: u64) {
        if let Some(sum) = self.0.get_mut(reason as usize) {
            *sum += count;
        }
    }
}

/// As an object of those not at zero: `{"threshold": 12}`.
impl Serialize for Discarded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(reason, count)| (reason.as_str(), count)))
    }
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

/// What became of all events since the start, as [`Handle::stats`](crate::Handle::stats) tells.
///
/// Its `Display` is one line for a person; the fields are there for a program's own metrics. It
/// serializes as an object of them, `discarded` by the reasons that are not at zero.
///
/// ```
/// use std::time::Duration;
/// # use tracing_subscriber::prelude::*;
/// # use logout::{Fault, Request, Response, Transport};
/// # struct Quiet;
/// # impl Transport for Quiet {
/// #     async fn send(&self, _: &Request) -> Result<Response, Fault> {
/// #         let mut response = Response::new(200);
/// #         response.set_body("ok");
/// #         Ok(response)
/// #     }
/// # }
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// # let (alerts, guard) = Alerts::from_figment(url)?.transport(Quiet).start()?;
/// # let subscriber = tracing_subscriber::registry().with(alerts);
/// # tracing::subscriber::with_default(subscriber, || tracing::error!("payment failed"));
///
/// guard.handle().flush(Duration::from_secs(3))?;
/// let stats = guard.handle().stats();
/// assert_eq!(stats.to_string(), "slack: 1 accepted, 1 delivered");
///
/// let slack = stats.lane("slack").unwrap();
/// assert_eq!(slack.accepted, slack.delivered + slack.pending + slack.discarded.total());
/// # Ok::<(), logout::Error>(())
/// ```
///
/// # Metrics of a program's own
///
/// logout serves no metrics; a program that does reads this whenever it is scraped, which never
/// waits. A counter begins at 0 when logout starts, and only grows; the other two are gauges.
///
/// | figure | kind | what it counts |
/// |---|---|---|
/// | [`waiting`](Self::waiting) | gauge | events that the worker has not taken yet, in no lane |
/// | [`accepted`](LaneStats::accepted) | counter | events that the lane's level and targets want, taken or not |
/// | [`delivered`](LaneStats::delivered) | counter | events that people have been told of |
/// | [`pending`](LaneStats::pending) | gauge | events that the lane still has to tell |
/// | [`discarded`](LaneStats::discarded), by [`Reason`] | counters | events that were given up |
/// | [`messages`](LaneStats::messages) | counter | messages, of which one can tell many events, or of losses |
/// | [`requests`](LaneStats::requests) | counter | requests: parts, files, tries that failed, questions of [`verify`](crate::Handle::verify) |
///
/// What is worth an alarm by other means than the chat: `discarded` that grows for any reason but
/// `filtered`, `muted` and `disabled`, and `pending` that does not fall. This writes all of it in
/// Prometheus' text format; a reason that has never occurred is there with 0, so that a rate is
/// known from its first event on:
///
/// ```
/// use std::fmt::Write;
///
/// use logout::{LaneStats, Reason, Stats};
///
/// fn prometheus(stats: &Stats) -> Result<String, std::fmt::Error> {
///     let mut text = String::new();
///     writeln!(text, "# TYPE logout_waiting gauge\nlogout_waiting {}", stats.waiting)?;
///     let figures: [(&str, &str, fn(&LaneStats) -> u64); 5] = [
///         ("accepted_total", "counter", |lane| lane.accepted),
///         ("delivered_total", "counter", |lane| lane.delivered),
///         ("pending", "gauge", |lane| lane.pending),
///         ("messages_total", "counter", |lane| lane.messages),
///         ("requests_total", "counter", |lane| lane.requests),
///     ];
///     for (name, kind, figure) in figures {
///         writeln!(text, "# TYPE logout_{name} {kind}")?;
///         for lane in &stats.lanes {
///             // An instance's name is a Rust identifier, which needs no escaping.
///             writeln!(text, "logout_{name}{{instance=\"{}\"}} {}", lane.name, figure(lane))?;
///         }
///     }
///     writeln!(text, "# TYPE logout_discarded_total counter")?;
///     for lane in &stats.lanes {
///         for reason in Reason::ALL {
///             let (name, label, events) = (lane.name, reason.as_str(), lane.discarded.get(reason));
///             writeln!(text, "logout_discarded_total{{instance=\"{name}\",reason=\"{label}\"}} {events}")?;
///         }
///     }
///     Ok(text)
/// }
///
/// # use tracing_subscriber::prelude::*;
/// # logout::logout! { struct Alerts { adapters: [ops: logout::Slack { ignore: [team: "art"] }] } }
/// # let (alerts, guard) = Alerts::from_figment(("dry_run", true))?.start()?;
/// # let subscriber = tracing_subscriber::registry().with(alerts);
/// # tracing::subscriber::with_default(subscriber, || {
/// #     tracing::error!("payment failed");
/// #     tracing::error!(team = "art", "the poster hangs askew");
/// # });
/// # guard.handle().flush(std::time::Duration::from_secs(10))?;
/// let text = prometheus(&guard.handle().stats())?;
/// assert!(text.contains("# TYPE logout_accepted_total counter\nlogout_accepted_total{instance=\"ops\"} 2\n"));
/// assert!(text.contains("logout_delivered_total{instance=\"ops\"} 1\n"));
/// assert!(text.contains("logout_discarded_total{instance=\"ops\",reason=\"filtered\"} 1\n"));
/// assert!(text.contains("logout_discarded_total{instance=\"ops\",reason=\"expired\"} 0\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Events that were logged and are in no lane's account yet.
    pub waiting: u64,
    /// One account per instance, in the order of the block.
    pub lanes: Vec<LaneStats>,
}

impl Stats {
    /// The account of the instance of this name.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let stats = guard.handle().stats();
    /// assert_eq!(stats.lane("slack").map(|lane| lane.accepted), Some(0));
    /// assert!(stats.lane("pager").is_none());
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn lane(&self, name: &str) -> Option<&LaneStats> {
        self.lanes.iter().find(|lane| lane.name == name)
    }

    /// Deliveries that are neither made nor given up, those in the intake counted once.
    ///
    /// Zero means that whoever waits for the chat need wait no longer.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// assert_eq!(guard.handle().stats().left(), 0);
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn left(&self) -> u64 {
        self.waiting + self.lanes.iter().map(|lane| lane.pending).sum::<u64>()
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, lane) in self.lanes.iter().enumerate() {
            let comma = if index > 0 { "; " } else { "" };
            write!(
                f,
                "{comma}{}: {} accepted, {} delivered",
                lane.name,
                count(lane.accepted),
                count(lane.delivered)
            )?;
            if lane.pending > 0 {
                write!(f, ", {} pending", count(lane.pending))?;
            }
            for (reason, events) in lane.discarded.iter() {
                write!(f, ", {} {}", count(events), reason.as_str())?;
            }
        }
        if self.waiting > 0 {
            write!(f, "; {} waiting", count(self.waiting))?;
        }
        Ok(())
    }
}

/// Where the worker lays the accounts for everybody to read, all lanes at once.
#[derive(Debug, Default)]
pub(crate) struct Board(Mutex<Vec<LaneStats>>);

impl Board {
    pub(crate) fn publish(&self, lanes: impl Iterator<Item = LaneStats>) {
        let mut board = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        board.clear();
        board.extend(lanes);
    }

    pub(crate) fn read(&self) -> Vec<LaneStats> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{LaneStats, Reason, Stats};

    #[test]
    fn an_account_is_said_in_one_line_without_its_zeros() {
        let mut lane = LaneStats::new("slack");
        lane.accept(1_204);
        lane.deliver(1_200);
        lane.discard(Reason::Muted, 3);
        let stats = Stats {
            waiting: 2,
            lanes: vec![lane],
        };
        assert_eq!(
            stats.to_string(),
            "slack: 1,204 accepted, 1,200 delivered, 1 pending, 3 muted; 2 waiting"
        );
    }

    #[test]
    fn an_account_serializes_by_the_names_of_its_fields() {
        let mut lane = LaneStats::new("slack");
        lane.accept(5);
        lane.discard(Reason::SwitchedOff, 2);
        let stats = Stats {
            waiting: 1,
            lanes: vec![lane],
        };
        let expected = serde_json::json!({ "waiting": 1, "lanes": [{ "name": "slack",
            "accepted": 5, "delivered": 0, "pending": 3, "discarded": { "switched_off": 2 },
            "messages": 0, "requests": 0 }] });
        assert_eq!(serde_json::to_value(&stats).ok(), Some(expected));
    }

    #[test]
    fn the_terms_of_an_account_add_up() {
        let mut lane = LaneStats::new("slack");
        lane.accept(10);
        lane.deliver(4);
        for reason in Reason::ALL.into_iter().take(5) {
            lane.discard(reason, 1);
        }
        assert_eq!(
            lane.accepted,
            lane.delivered + lane.pending + lane.discarded.total()
        );
    }
}
