//! What became of the events, in numbers.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::text::human::format_count;

mod lane;

pub use self::lane::LaneStats;
pub use crate::message::{Discarded, Reason};

/// What became of all events since the start, as [`Handle::stats`](crate::Handle::stats) tells.
///
/// Its `Display` is one line for a person; the fields are there for a program's own metrics. It
/// serializes as an object of them, `discarded` by the reasons that are not at zero.
///
/// ```
/// use std::time::Duration;
/// # use tracing_subscriber::prelude::*;
/// # use logout::adapter::{Request, Response};
/// # use logout::transport::{Fault, Transport};
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
/// use logout::Stats;
/// use logout::stats::{LaneStats, Reason};
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

    /// Deliveries that are neither made nor given up, those in the queue counted once.
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
                format_count(lane.accepted),
                format_count(lane.delivered)
            )?;
            if lane.pending > 0 {
                write!(f, ", {} pending", format_count(lane.pending))?;
            }
            for (reason, events) in lane.discarded.iter() {
                write!(f, ", {} {}", format_count(events), reason.as_str())?;
            }
        }
        if self.waiting > 0 {
            write!(f, "; {} waiting", format_count(self.waiting))?;
        }
        Ok(())
    }
}

/// Where the worker lays the accounts for everybody to read, all lanes at once.
#[derive(Debug, Default)]
pub(crate) struct SharedStats(Mutex<Vec<LaneStats>>);

impl SharedStats {
    pub(crate) fn publish(&self, lanes: impl Iterator<Item = LaneStats>) {
        let mut stats = self.lock();
        stats.clear();
        stats.extend(lanes);
    }

    pub(crate) fn read(&self) -> Vec<LaneStats> {
        self.lock().clone()
    }

    /// A copy for a fork, where a thread of the parent may hold this lock for ever; then a new
    /// account for each of these names.
    pub(crate) fn copy_in_fork(&self, names: impl Iterator<Item = &'static str>) -> Self {
        let known = self.0.try_lock().map(|lanes| lanes.clone());
        Self(Mutex::new(
            known.unwrap_or_else(|_| names.map(LaneStats::new).collect()),
        ))
    }

    /// Adds what came when there was no worker any more: each of these counts, to the lanes of its
    /// bits.
    pub(crate) fn lose(&self, reason: Reason, lost: impl Iterator<Item = (u64, u64)>) {
        let mut lanes = self.lock();
        for (bits, events) in lost {
            let wanting = lanes.iter_mut().enumerate();
            for (_, lane) in wanting.filter(|(index, _)| bits >> index & 1 == 1) {
                lane.accept(events);
                lane.discard(reason, events);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<LaneStats>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
