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
        write_figures(f, &stats.lanes, &FIGURES)?;
        #[cfg(feature = "spool")]
        if let Some(spool) = stats.spool {
            write_figures(f, &stats.lanes, &FIGURES_OF_SPOOL)?;
            SPOOL_READY.describe(f)?;
            let is_ready = u8::from(spool.state == SpoolState::Ready);
            writeln!(f, "logout_spool_ready {is_ready}")?;
            SPOOL_BYTES.describe(f)?;
            writeln!(f, "logout_spool_bytes {}", spool.bytes)?;
            if let Some(oldest) = spool.oldest {
                SPOOL_OLDEST.describe(f)?;
                writeln!(f, "logout_spool_oldest_seconds {}", Value::Span(oldest))?;
            }
        }
        WAITING.describe(f)?;
        writeln!(f, "logout_waiting {}", stats.waiting)?;
        if let Some(bytes) = stats.trail_bytes {
            TRAIL_BYTES.describe(f)?;
            writeln!(f, "logout_trail_bytes {bytes}")?;
        }
        writeln!(f, "# EOF")
    }
}

fn write_figures(
    f: &mut Formatter<'_>,
    lanes: &[LaneStats],
    figures: &[(Family, Figure)],
) -> fmt::Result {
    for (family, figure) in figures {
        let mut values = lanes
            .iter()
            .filter_map(|lane| Some((lane.name, figure(lane)?)))
            .peekable();
        if values.peek().is_some() {
            family.describe(f)?;
        }
        for (name, value) in values {
            let (family, suffix) = (family.name, family.kind.suffix());
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
        let delivered = lane.delivered;
        writeln!(
            f,
            r#"logout_events_total{{instance="{name}",outcome="delivered"}} {delivered}"#
        )?;
        #[cfg(feature = "fleet")]
        if lane.fleet.is_some() {
            let forwarded = lane.forwarded;
            writeln!(
                f,
                r#"logout_events_total{{instance="{name}",outcome="forwarded"}} {forwarded}"#
            )?;
        }
        for reason in Reason::ALL {
            let (label, events) = (reason.as_str(), lane.discarded.get(reason));
            writeln!(
                f,
                r#"logout_events_total{{instance="{name}",outcome="discarded",reason="{label}"}} {events}"#
            )?;
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

const EVENTS: Family = Family {
    name: "events",
    kind: Kind::Counter,
    unit: None,
    help: "Events that were delivered, handed over, or lost for a reason.",
};

const MESSAGES: Family = Family {
    name: "messages",
    kind: Kind::Counter,
    unit: None,
    help: "Messages that the platform accepted, by what they were about.",
};

const WAITING: Family = Family {
    name: "waiting",
    kind: Kind::Gauge,
    unit: None,
    help: "Events that were logged and not yet assigned to an instance.",
};

/// A function that returns a lane's value of a metric, if it has one.
type Figure = fn(&LaneStats) -> Option<Value>;

const TRAIL_BYTES: Family = Family {
    name: "trail_bytes",
    kind: Kind::Gauge,
    unit: Some("bytes"),
    help: "Memory that the trails of all requests in flight take.",
};

#[cfg(feature = "spool")]
const SPOOL_READY: Family = Family {
    name: "spool_ready",
    kind: Kind::Gauge,
    unit: None,
    help: "1 if what waits gets to the disk, otherwise 0.",
};

#[cfg(feature = "spool")]
const SPOOL_BYTES: Family = Family {
    name: "spool_bytes",
    kind: Kind::Gauge,
    unit: Some("bytes"),
    help: "Length of the log on disk.",
};

#[cfg(feature = "spool")]
const SPOOL_OLDEST: Family = Family {
    name: "spool_oldest_seconds",
    kind: Kind::Gauge,
    unit: Some("seconds"),
    help: "How long the oldest of the events on disk has been waiting.",
};

/// The metrics that each lane has if the block has a spool.
#[cfg(feature = "spool")]
const FIGURES_OF_SPOOL: [(Family, Figure); 2] = [
    (
        Family {
            name: "kept",
            kind: Kind::Counter,
            unit: None,
            help: "Events that were on disk when the worker ended, for the next start.",
        },
        |lane| Some(Value::Count(lane.kept)),
    ),
    (
        Family {
            name: "restored",
            kind: Kind::Counter,
            unit: None,
            help: "Accepted events that an earlier process had kept.",
        },
        |lane| Some(Value::Count(lane.restored)),
    ),
];

/// The metrics that each lane may have.
const FIGURES: [(Family, Figure); 8] = [
    (
        Family {
            name: "accepted",
            kind: Kind::Counter,
            unit: None,
            help: "Events that passed the instance's level and targets.",
        },
        |lane| Some(Value::Count(lane.accepted)),
    ),
    (
        Family {
            name: "requests",
            kind: Kind::Counter,
            unit: None,
            help: "Requests sent, with parts of messages, failed attempts and checks.",
        },
        |lane| Some(Value::Count(lane.requests)),
    ),
    (
        Family {
            name: "mentions",
            kind: Kind::Counter,
            unit: None,
            help: "Messages that mentioned somebody.",
        },
        |lane| Some(Value::Count(lane.mentions)),
    ),
    (
        Family {
            name: "pending",
            kind: Kind::Gauge,
            unit: None,
            help: "Events that are not delivered yet.",
        },
        |lane| Some(Value::Count(lane.pending)),
    ),
    (
        Family {
            name: "counted",
            kind: Kind::Gauge,
            unit: None,
            help: "Pending events that are sent with the next reminder of their problem.",
        },
        |lane| Some(Value::Count(lane.counted)),
    ),
    (
        Family {
            name: "oldest_seconds",
            kind: Kind::Gauge,
            unit: Some("seconds"),
            help: "How long the oldest pending event that is due has been waiting.",
        },
        |lane| lane.oldest.map(Value::Span),
    ),
    (
        Family {
            name: "switched_off",
            kind: Kind::Gauge,
            unit: None,
            help: "1 if the platform said that the destination is gone, otherwise 0.",
        },
        |lane| Some(Value::Count(lane.switched_off.into())),
    ),
    (
        // A unit would have to be the end of the name.
        Family {
            name: "seconds_since_delivery",
            kind: Kind::Gauge,
            unit: None,
            help: "How long ago the platform accepted the last message.",
        },
        |lane| lane.last_delivery.map(Value::Span),
    ),
];

/// A metric family.
struct Family {
    /// The name without the common prefix.
    name: &'static str,
    kind: Kind,
    unit: Option<&'static str>,
    help: &'static str,
}

impl Family {
    fn describe(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (name, kind, help) = (self.name, self.kind.as_str(), self.help);
        writeln!(f, "# HELP logout_{name} {help}")?;
        writeln!(f, "# TYPE logout_{name} {kind}")?;
        match self.unit {
            Some(unit) => writeln!(f, "# UNIT logout_{name} {unit}"),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
        }
    }

    /// Returns the suffix of a sample's name.
    fn suffix(self) -> &'static str {
        match self {
            Self::Counter => "_total",
            Self::Gauge => "",
        }
    }
}

enum Value {
    Count(u64),
    Span(Duration),
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => Display::fmt(count, f),
            Self::Span(span) => write!(f, "{:.3}", span.as_secs_f64()),
        }
    }
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
