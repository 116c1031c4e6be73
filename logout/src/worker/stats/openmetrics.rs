//! The stats as OpenMetrics text.

use std::fmt::{self, Display, Formatter, Write};
use std::time::Duration;

#[cfg(feature = "spool")]
use super::SpoolState;
use super::{LaneStats, MessageState, Reason, Stats};

/// The stats in the text format of OpenMetrics 1.0.
pub(super) struct OpenMetrics<'s>(pub(super) &'s Stats);

impl Display for OpenMetrics<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(stats) = self;
        // A family without a sample is left out: not every parser knows where an empty one ends.
        if !stats.lanes.is_empty() {
            write_events(f, &stats.lanes)?;
            write_messages(f, &stats.lanes)?;
        }
        write_lane_metrics(f, &stats.lanes, &LANE_METRICS)?;
        #[cfg(feature = "spool")]
        if let Some(spool) = stats.spool {
            write_lane_metrics(f, &stats.lanes, &SPOOL_LANE_METRICS)?;
            let is_ready = spool.state == SpoolState::Ready;
            SPOOL_READY.write(f, u8::from(is_ready))?;
            SPOOL_BYTES.write(f, spool.bytes)?;
            if let Some(oldest) = spool.oldest {
                SPOOL_OLDEST.write(f, seconds(oldest))?;
            }
        }
        WAITING.write(f, stats.waiting)?;
        if let Some(bytes) = stats.trail_bytes {
            TRAIL_BYTES.write(f, bytes)?;
        }
        writeln!(f, "# EOF")
    }
}

fn write_lane_metrics(
    f: &mut Formatter<'_>,
    lanes: &[LaneStats],
    metrics: &[(MetricFamily, MetricReader)],
) -> fmt::Result {
    for (family, read) in metrics {
        let mut values = lanes
            .iter()
            .filter_map(|lane| Some((lane.name, read(lane)?)))
            .peekable();
        if values.peek().is_some() {
            family.describe(f)?;
        }
        for (name, value) in values {
            let (family, suffix) = (family.name, family.suffix);
            let name = LabelValue(name);
            writeln!(f, r#"logout_{family}{suffix}{{instance="{name}"}} {value}"#)?;
        }
    }
    Ok(())
}

fn write_events(f: &mut Formatter<'_>, lanes: &[LaneStats]) -> fmt::Result {
    EVENTS.describe(f)?;
    for lane in lanes {
        let name = LabelValue(lane.name);
        let sample = format!(r#"logout_events_total{{instance="{name}",outcome="#);
        writeln!(f, r#"{sample}"delivered"}} {}"#, lane.delivered)?;
        #[cfg(feature = "fleet")]
        if lane.fleet.is_some() {
            writeln!(f, r#"{sample}"forwarded"}} {}"#, lane.forwarded)?;
        }
        for reason in Reason::ALL {
            let (label, events) = (reason.as_str(), lane.discarded.get(reason));
            writeln!(f, r#"{sample}"discarded",reason="{label}"}} {events}"#)?;
        }
    }
    Ok(())
}

fn write_messages(f: &mut Formatter<'_>, lanes: &[LaneStats]) -> fmt::Result {
    MESSAGES.describe(f)?;
    for lane in lanes {
        let name = LabelValue(lane.name);
        for state in MessageState::ALL {
            let (label, messages) = (state.as_str(), lane.messages_by_state.get(state));
            writeln!(
                f,
                r#"logout_messages_total{{instance="{name}",state="{label}"}} {messages}"#
            )?;
        }
    }
    Ok(())
}

const EVENTS: MetricFamily = MetricFamily::counter(
    "events",
    "Events that were delivered, handed over, or lost for a reason.",
);

const MESSAGES: MetricFamily = MetricFamily::counter(
    "messages",
    "Messages that the platform accepted, by what they were about.",
);

const WAITING: MetricFamily = MetricFamily::gauge(
    "waiting",
    "Events that were logged and not yet assigned to an instance.",
);

const TRAIL_BYTES: MetricFamily = MetricFamily::gauge(
    "trail_bytes",
    "Memory that the trails of all requests in flight take.",
);

#[cfg(feature = "spool")]
const SPOOL_READY: MetricFamily = MetricFamily::gauge(
    "spool_ready",
    "1 if what waits gets to the disk, otherwise 0.",
);

#[cfg(feature = "spool")]
const SPOOL_BYTES: MetricFamily = MetricFamily::gauge("spool_bytes", "Length of the log on disk.");

#[cfg(feature = "spool")]
const SPOOL_OLDEST: MetricFamily = MetricFamily::gauge(
    "spool_oldest_seconds",
    "How long the oldest of the events on disk has been waiting.",
);

/// A function that returns a lane's value of a metric, if it has one.
type MetricReader = fn(&LaneStats) -> Option<String>;

/// The metrics that each lane has if the block has a spool.
#[cfg(feature = "spool")]
const SPOOL_LANE_METRICS: [(MetricFamily, MetricReader); 2] = [
    (
        MetricFamily::counter(
            "kept",
            "Events that were on disk when the worker ended, for the next start.",
        ),
        |lane| Some(lane.kept.to_string()),
    ),
    (
        MetricFamily::counter(
            "restored",
            "Accepted events that an earlier process had kept.",
        ),
        |lane| Some(lane.restored.to_string()),
    ),
];

/// The metrics that each lane may have.
const LANE_METRICS: [(MetricFamily, MetricReader); 8] = [
    (
        MetricFamily::counter(
            "accepted",
            "Events that passed the instance's level and targets.",
        ),
        |lane| Some(lane.accepted.to_string()),
    ),
    (
        MetricFamily::counter(
            "requests",
            "Requests sent, with parts of messages, failed attempts and checks.",
        ),
        |lane| Some(lane.requests.to_string()),
    ),
    (
        MetricFamily::counter("mentions", "Messages that mentioned somebody."),
        |lane| Some(lane.mentions.to_string()),
    ),
    (
        MetricFamily::gauge("pending", "Events that are not delivered yet."),
        |lane| Some(lane.pending.to_string()),
    ),
    (
        MetricFamily::gauge(
            "counted",
            "Pending events that are sent with the next reminder of their problem.",
        ),
        |lane| Some(lane.counted.to_string()),
    ),
    (
        MetricFamily::gauge(
            "oldest_seconds",
            "How long the oldest pending event that is due has been waiting.",
        ),
        |lane| lane.oldest.map(seconds),
    ),
    (
        MetricFamily::gauge(
            "switched_off",
            "1 if the platform said that the destination is gone, otherwise 0.",
        ),
        |lane| Some(u8::from(lane.switched_off).to_string()),
    ),
    (
        MetricFamily::gauge(
            "seconds_since_delivery",
            "How long ago the platform accepted the last message.",
        ),
        |lane| lane.last_delivery.map(seconds),
    ),
];

/// A metric family.
struct MetricFamily {
    /// The name without the common prefix.
    name: &'static str,
    kind: &'static str,
    /// What the name of a sample has after that of its family.
    suffix: &'static str,
    help: &'static str,
}

impl MetricFamily {
    const fn counter(name: &'static str, help: &'static str) -> Self {
        Self {
            kind: "counter",
            suffix: "_total",
            ..Self::gauge(name, help)
        }
    }

    const fn gauge(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            kind: "gauge",
            suffix: "",
            help,
        }
    }

    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (name, kind, help) = (self.name, self.kind, self.help);
        writeln!(f, "# HELP logout_{name} {help}")?;
        writeln!(f, "# TYPE logout_{name} {kind}")?;
        // A unit has to be the end of the name.
        match name.rsplit_once('_') {
            Some((_, unit @ ("bytes" | "seconds"))) => writeln!(f, "# UNIT logout_{name} {unit}"),
            _ => Ok(()),
        }
    }

    /// Writes a gauge that has one sample.
    fn write(&self, f: &mut Formatter<'_>, value: impl Display) -> fmt::Result {
        self.describe(f)?;
        writeln!(f, "logout_{} {value}", self.name)
    }
}

/// Writes a span in seconds.
fn seconds(span: Duration) -> String {
    format!("{:.3}", span.as_secs_f64())
}

/// The value of a label, escaped. The name of an instance is an identifier, but the field is
/// public.
struct LabelValue<'n>(&'n str);

impl Display for LabelValue<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '\\' => f.write_str(r"\\"),
            '"' => f.write_str(r#"\""#),
            '\n' => f.write_str(r"\n"),
            char => f.write_char(char),
        })
    }
}

#[cfg(test)]
mod tests;
