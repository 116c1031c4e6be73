//! The statistics: what became of the events.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::message::time_of_day;
use crate::text::human::format_count;

mod lane;
mod messages;
mod openmetrics;
#[cfg(feature = "spool")]
mod spool;

#[cfg(feature = "fleet")]
pub use self::lane::FleetState;
pub use self::lane::LaneStats;
pub(crate) use self::lane::PublishedLane;
pub use self::messages::{MessageState, MessagesByState};
use self::openmetrics::OpenMetrics;
#[cfg(feature = "spool")]
pub(crate) use self::spool::SharedSpoolStats;
#[cfg(feature = "spool")]
pub use self::spool::{SpoolState, SpoolStats};
pub use crate::message::{Discarded, Reason};

/// What became of all events since the start, from [`Handle::stats`](crate::Handle::stats).
///
/// Its `Display` is one line for a person; its fields are for your metrics. It serializes as an
/// object of the fields, with `discarded` by the reasons that are not zero.
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
/// logout serves no metrics itself. If your program does, call `stats()` whenever it is scraped;
/// the call never waits. [`openmetrics`](Self::openmetrics) writes the figures in the text format of
/// OpenMetrics, which Prometheus and others read. A counter begins at 0 when logout starts, and
/// only grows; everything else is a gauge.
///
/// | figure | metric | kind | what it counts |
/// |---|---|---|---|
/// | [`delivered`](LaneStats::delivered) | `logout_events_total{outcome="delivered"}` | counter | events that were delivered |
/// | `forwarded`, in a fleet | `logout_events_total{outcome="forwarded"}` | counter | events that were handed over, for the leader to send |
/// | [`discarded`](LaneStats::discarded), by [`Reason`] | `logout_events_total{outcome="discarded",reason="…"}` | counters | events that were lost |
/// | [`messages_by_state`](LaneStats::messages_by_state) | `logout_messages_total{state="…"}` | counters | messages; one can be about many events, or about losses |
/// | [`accepted`](LaneStats::accepted) | `logout_accepted_total` | counter | events that passed the lane's level and targets |
/// | [`requests`](LaneStats::requests) | `logout_requests_total` | counter | requests: parts, files, failed attempts, checks of [`verify`](crate::Handle::verify) |
/// | [`mentions`](LaneStats::mentions) | `logout_mentions_total` | counter | messages that mentioned somebody |
/// | [`pending`](LaneStats::pending) | `logout_pending` | gauge | events that are not delivered yet |
/// | [`counted`](LaneStats::counted) | `logout_counted` | gauge | those of them that wait for the next reminder |
/// | [`oldest`](LaneStats::oldest) | `logout_oldest_seconds` | gauge | how long the oldest of the others has been waiting |
/// | [`switched_off`](LaneStats::switched_off) | `logout_switched_off` | gauge | 1 if logout has switched the lane off |
/// | [`last_delivery`](LaneStats::last_delivery) | `logout_seconds_since_delivery` | gauge | how long ago the platform accepted a message |
#[cfg_attr(
    feature = "spool",
    doc = "| [`kept`](LaneStats::kept) | `logout_kept_total` | counter | events that the next start sends |",
    doc = "| [`restored`](LaneStats::restored) | `logout_restored_total` | counter | accepted events that an earlier process had kept |",
    doc = "| [`spool`](Self::spool) | `logout_spool_ready` | gauge | 1 if what waits gets to the disk |",
    doc = "| | `logout_spool_bytes` | gauge | length of the log on disk |"
)]
/// | [`waiting`](Self::waiting) | `logout_waiting` | gauge | events that the worker has not taken yet |
/// | [`trail_bytes`](Self::trail_bytes) | `logout_trail_bytes` | gauge | memory of the trails of all requests in flight |
///
/// The metrics of `waiting`, `trail_bytes` and `spool` have no label, all others have `instance`.
/// Those of a trail or a spool are there if the block has one. [`messages`](LaneStats::messages) is
/// the sum of its metric, and [`next_reminder`](LaneStats::next_reminder) has none. Two figures
/// deserve an alarm by other means than the chat: `discarded` that grows for any reason but
/// `filtered`, `muted` and `disabled`, and `oldest` above some minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Events that were logged and not yet assigned to a lane.
    pub waiting: u64,
    /// Bytes that the trails of all requests in flight take, with those of other blocks of the
    /// program. `None` if the block has no `trail`.
    pub trail_bytes: Option<u64>,
    /// Whether the disk has what waits. `None` if the block has no `spool`, and in a dry run.
    #[cfg(feature = "spool")]
    pub spool: Option<SpoolStats>,
    /// One account per instance, in the order of the block.
    pub lanes: Vec<LaneStats>,
}

impl Stats {
    /// Returns the account of the instance of this name.
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

    /// Returns how many deliveries are still to be made. An event in the queue counts once, although
    /// several instances may deliver it.
    ///
    /// Zero means that nothing waits any more.
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

    /// Returns the accounts in the text format of OpenMetrics 1.0, with its `# EOF`.
    ///
    /// A reason that has never occurred is listed with 0, so a rate is known from its first event
    /// on. An unknown time is omitted. [`Stats`](Self#metrics-of-a-programs-own) lists the metrics.
    /// This code serves them:
    ///
    /// ```
    /// use std::io::{Read, Write};
    /// use std::net::{TcpListener, TcpStream};
    ///
    /// fn serve(mut stream: TcpStream, text: &str) -> std::io::Result<()> {
    ///     let _request = stream.read(&mut [0; 4096])?;
    ///     write!(
    ///         stream,
    ///         "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\
    ///          Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n\r\n{text}",
    ///         text.len()
    ///     )
    /// }
    ///
    /// # logout::logout! { struct Alerts { adapters: [ops: logout::Slack] } }
    /// # let (_alerts, guard) = Alerts::from_figment(("dry_run", true))?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// # let address = listener.local_addr()?;
    /// std::thread::spawn(move || {
    ///     for stream in listener.incoming().flatten() {
    ///         if let Err(error) = serve(stream, &handle.stats().openmetrics()) {
    ///             eprintln!("the metrics were not served: {error}");
    ///         }
    ///     }
    /// });
    /// # let mut scrape = TcpStream::connect(address)?;
    /// # scrape.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    /// # let mut answer = String::new();
    /// # scrape.read_to_string(&mut answer)?;
    /// # let (head, metrics) = answer.split_once("\r\n\r\n").unwrap();
    /// # assert!(head.ends_with("application/openmetrics-text; version=1.0.0; charset=utf-8"), "{head}");
    /// assert!(metrics.contains("# TYPE logout_pending gauge\nlogout_pending{instance=\"ops\"} 0\n"));
    /// assert!(metrics.ends_with("# EOF\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn openmetrics(&self) -> String {
        OpenMetrics(self).to_string()
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
            #[cfg(feature = "fleet")]
            if lane.forwarded > 0 {
                write!(f, ", {} forwarded", format_count(lane.forwarded))?;
            }
            let pending = lane.pending.saturating_sub(lane.counted);
            if pending > 0 {
                write!(f, ", {} pending", format_count(pending))?;
            }
            if lane.counted > 0 {
                write!(f, ", {} more counted", format_count(lane.counted))?;
                if let Some(at) = lane.next_reminder {
                    write!(f, ", told at {}", time_of_day(at, false))?;
                }
            }
            #[cfg(feature = "spool")]
            if lane.kept > 0 {
                write!(f, ", {} kept", format_count(lane.kept))?;
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

/// The published stats of all lanes, for every thread to read.
#[derive(Debug, Default)]
pub(crate) struct SharedStats(Mutex<Vec<PublishedLane>>);

impl SharedStats {
    pub(crate) fn publish(&self, lanes: impl Iterator<Item = PublishedLane>) {
        let mut stats = self.lock();
        // Lane by lane: if reading one panics, every lane has an account until the worker has restarted.
        for (index, lane) in lanes.enumerate() {
            match stats.get_mut(index) {
                Some(published) => *published = lane,
                None => stats.push(lane),
            }
        }
    }

    /// Returns the stats with ages as of now.
    pub(crate) fn read(&self, now: Instant) -> Vec<LaneStats> {
        self.lock().iter().map(|lane| lane.read(now)).collect()
    }

    /// Returns a copy for a fork or, if a thread of the parent holds the lock for ever, new stats
    /// under these names.
    pub(crate) fn copy_in_fork(&self, names: impl Iterator<Item = &'static str>) -> Self {
        let known = self.0.try_lock().map(|lanes| lanes.clone());
        Self(Mutex::new(
            known.unwrap_or_else(|_| names.map(PublishedLane::new).collect()),
        ))
    }

    /// Adds events that came after the worker's end: each count, to the lanes of its bits.
    pub(crate) fn lose(&self, reason: Reason, lost: impl Iterator<Item = (u64, u64)>) {
        let mut lanes = self.lock();
        for (bits, events) in lost {
            let wanting = lanes.iter_mut().enumerate();
            for (_, lane) in wanting.filter(|(index, _)| bits >> index & 1 == 1) {
                lane.stats.accept(events);
                lane.stats.discard(reason, events);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<PublishedLane>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;
    use std::time::{Duration, Instant};

    use super::{LaneStats, MessageState, PublishedLane, Reason, SharedStats, Stats};

    #[test]
    fn every_lane_has_an_account_after_a_panic_amid_publishing() {
        let stats = SharedStats::default();
        stats.publish(["first", "second"].into_iter().map(PublishedLane::new));
        let lanes = ["first", "second"].into_iter().map(|name| {
            assert_eq!(name, "first", "as asked for");
            let mut lane = PublishedLane::new(name);
            lane.stats.accept(1);
            lane
        });
        let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| stats.publish(lanes)));
        assert!(panicked.is_err());
        let lanes = stats.read(Instant::now());
        let accepted = lanes.iter().map(|lane| (lane.name, lane.accepted));
        assert_eq!(accepted.collect::<Vec<_>>(), [("first", 1), ("second", 0)]);
    }

    #[test]
    fn an_account_is_said_in_one_line_without_its_zeros() {
        let mut lane = LaneStats::new("slack");
        lane.accept(1_204);
        lane.deliver(1_200);
        lane.discard(Reason::Muted, 3);
        let stats = Stats {
            waiting: 2,
            trail_bytes: None,
            #[cfg(feature = "spool")]
            spool: None,
            lanes: vec![lane],
        };
        assert_eq!(
            stats.to_string(),
            "slack: 1,204 accepted, 1,200 delivered, 1 pending, 3 muted; 2 waiting"
        );
    }

    #[cfg(feature = "spool")]
    #[test]
    fn what_the_next_start_tells_is_said_too() {
        let mut lane = LaneStats::new("slack");
        lane.accept(5);
        lane.deliver(1);
        lane.keep(4);
        let stats = Stats {
            lanes: vec![lane],
            ..Stats::default()
        };
        let text = stats.to_string();
        assert_eq!(text, "slack: 5 accepted, 1 delivered, 4 kept");
    }

    #[test]
    fn what_is_counted_is_said_apart_with_when_it_is_told() {
        let mut lane = LaneStats::new("slack");
        lane.accept(5);
        lane.deliver(1);
        lane.counted = 4;
        lane.next_reminder = Some(std::time::SystemTime::UNIX_EPOCH);
        let stats = Stats {
            waiting: 0,
            trail_bytes: None,
            #[cfg(feature = "spool")]
            spool: None,
            lanes: vec![lane],
        };
        let text = stats.to_string();
        let (text, time) = text.split_at(text.len() - "00:00:00".len());
        assert_eq!(
            text,
            "slack: 5 accepted, 1 delivered, 4 more counted, told at "
        );
        assert_eq!(time.matches(':').count(), 2, "{time}");
    }

    #[test]
    fn an_account_serializes_by_the_names_of_its_fields() {
        let mut lane = LaneStats::new("slack");
        lane.accept(5);
        lane.discard(Reason::SwitchedOff, 2);
        lane.note_message(MessageState::New, true);
        lane.counted = 1;
        lane.oldest = Some(Duration::from_millis(250));
        let stats = Stats {
            waiting: 1,
            trail_bytes: Some(8_192),
            #[cfg(feature = "spool")]
            spool: None,
            lanes: vec![lane],
        };
        let mut expected = serde_json::json!({ "waiting": 1, "trail_bytes": 8_192, "lanes": [{ "name": "slack",
            "accepted": 5, "delivered": 0, "pending": 3, "counted": 1,
            "discarded": { "switched_off": 2 }, "messages": 1, "mentions": 1, "requests": 0,
            "messages_by_state": { "new": 1, "known": 0, "quiet": 0, "report": 0 },
            "oldest": 0.25, "last_delivery": null, "switched_off": false, "next_reminder": null }] });
        if cfg!(feature = "spool") {
            expected["spool"] = serde_json::Value::Null;
            expected["lanes"][0]["kept"] = 0.into();
            expected["lanes"][0]["restored"] = 0.into();
        }
        if cfg!(feature = "fleet") {
            expected["lanes"][0]["forwarded"] = 0.into();
            expected["lanes"][0]["fleet"] = serde_json::Value::Null;
        }
        assert_eq!(serde_json::to_value(&stats).ok(), Some(expected));
    }

    #[test]
    fn messages_are_the_sum_of_their_states() {
        let mut lane = LaneStats::new("slack");
        for state in MessageState::ALL.into_iter().chain([MessageState::New]) {
            lane.note_message(state, state == MessageState::New);
        }
        let counts = MessageState::ALL.map(|state| lane.messages_by_state.get(state));
        assert_eq!(counts, [2, 1, 1, 1]);
        assert_eq!((lane.messages, lane.mentions), (5, 2));
        assert_eq!(lane.messages, lane.messages_by_state.total());
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
