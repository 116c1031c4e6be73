//! The composition of notices from events.
//!
//! Everything that reaches a [`Notice`] passes through here once: secrets are scrubbed, fields
//! whose names look like credentials masked, control characters made visible.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use crate::adapter::{Mention, Notice, NoticeField, NoticeSpan, Severity};
use crate::block::Links;
use crate::config::FieldSelection;
use crate::event::{EventRules, EventView, Value};
use crate::text::backtrace;

mod digest;
mod error_report;
mod event_shape;
mod format;
#[cfg(feature = "fleet")]
pub(crate) mod hosts;
mod links;
mod loss_reason;
pub(crate) mod losses;
mod mask;
#[cfg(feature = "spool")]
mod redact;
mod report;
mod scrub;
mod shape;
mod trail;

pub(crate) use self::digest::{CollectiveText, DigestEntry, SentState, digest};
pub(crate) use self::event_shape::{EventTexts, NAMED, line_hash, named, site_hash};
pub(crate) use self::format::{MessageFormat, Template, time_of_day};
pub(crate) use self::links::fill as fill_link;
pub use self::loss_reason::{Discarded, Reason};
pub(crate) use self::losses::Losses;
pub(crate) use self::mask::Mask;
pub(crate) use self::report::{report, status_notice};
pub(crate) use self::scrub::Scrubber;
pub(crate) use self::shape::Hash;
pub(crate) use self::shape::families::{Collective, Families, ProblemKey};

/// Fields that select where and how a message goes; they are not shown.
const ROUTES: [&str; 4] = [
    "zulip_topic",
    "telegram_thread",
    "discord_thread",
    "slack_thread",
];

/// A value longer than this many bytes, or of several lines, is shown in the block instead of
/// beside the others.
const SHORT: usize = 200;

/// From this age on, a message says that it is late.
const LATE: Duration = Duration::from_secs(30);

/// The program as all messages of a block describe it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProgramInfo {
    pub(crate) project: String,
    pub(crate) environment: String,
    pub(crate) host: String,
    pub(crate) release: String,
    /// The links of messages.
    pub(crate) links: Option<Links>,
}

/// The settings by which notices are composed: what is shown and what is hidden.
#[derive(Debug)]
pub(crate) struct Composer<'c> {
    pub(crate) origin: &'c ProgramInfo,
    pub(crate) scrubber: &'c Scrubber,
    /// The fields whose values are hidden.
    pub(crate) mask: &'c Mask,
    /// The fields that are shown.
    pub(crate) shown: &'c FieldSelection,
    /// The rules of the adapter for the lines of a trail.
    pub(crate) rules: EventRules,
    pub(crate) format: &'c MessageFormat,
    /// Whether times are written in UTC.
    pub(crate) utc: bool,
}

/// The circumstances of a delivery that the message mentions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct DeliveryState {
    /// The age of its oldest event.
    pub(crate) age: Duration,
    pub(crate) possible_repeat: bool,
    /// Whether it goes to the place that its events select, and not to the configured one.
    pub(crate) routed: bool,
    /// Whether known problems that do not fit are counted in a last line.
    pub(crate) tells_all: bool,
}

impl Composer<'_> {
    /// Returns log text as it may be shown.
    pub(crate) fn text(&self, raw: &str) -> String {
        self.scrubber.shown(raw, self.mask)
    }

    fn notice(&self, severity: Severity, headline: String, delivery: DeliveryState) -> Notice {
        let mut notice = Notice::new(severity, headline);
        notice.project = self.text(&self.origin.project);
        notice.environment = self.text(&self.origin.environment);
        notice.host = self.text(&self.origin.host);
        notice.release = self.text(&self.origin.release);
        notice.delayed = (delivery.age > LATE).then_some(delivery.age);
        notice.possible_repeat = delivery.possible_repeat;
        notice.mention = Mention::Never;
        notice
    }

    /// Makes the notice of one event.
    pub(crate) fn event(&self, event: &EventView<'_>, delivery: DeliveryState) -> Notice {
        let severity = if event.is_panic() {
            Severity::Panic
        } else {
            Severity::from(event.level())
        };
        let event_text = self.event_text(event);
        let mut notice = self.notice(severity, event_text.headline, delivery);
        notice.body = event_text.body;
        self.add_place(&mut notice, event, &event_text.reports);
        self.add_trail(&mut notice, event);
        self.add_fields(&mut notice, event, &event_text.names);
        if delivery.routed {
            notice.routes = self.routes(event);
        }
        self.format
            .apply(&mut notice, self.utc, |text| self.text(text));
        notice
    }

    /// Returns the head and the block of an event's message. An error in a masked field is not
    /// shown.
    ///
    /// Each text is scrubbed before they are joined: a cut secret is found only at the end of a
    /// text.
    fn event_text<'e>(&self, event: &EventView<'e>) -> EventText<'e> {
        let mut names = Vec::new();
        let mut reports = Vec::new();
        let message = event.message().unwrap_or_default();
        let message = self.text(&message);
        let (mut text, mut below) = split_report(message.trim_end().to_owned(), &mut reports);
        let is_panic = event.is_panic();
        #[cfg(feature = "spool")]
        let is_panic = is_panic && !event.is_crash();
        if is_panic {
            text.insert_str(0, "panicked: ");
        }
        if let Some((name, error)) = self.error(event) {
            names.push(name);
            let mut chain = error.texts().map(|text| self.text(&text));
            let own = chain.next().unwrap_or_default();
            let (own, causes) = split_report(own, &mut reports);
            if text.is_empty() {
                text = own;
            } else if !own.is_empty() && !text.contains(&own) {
                let line = text.find('\n').unwrap_or(text.len());
                text.insert_str(line, &format!(": {own}"));
            }
            for cause in chain {
                let _infallible = write!(below, "\ncaused by: {cause}");
            }
            below.push_str(&causes);
        }
        text.push_str(&below);
        if text.is_empty() {
            text = self.text(event.name());
        }
        let text = text.trim_start();
        let (headline, body) = text.split_once('\n').unwrap_or((text, ""));
        EventText {
            headline: headline.trim_end().to_owned(),
            body: body.to_owned(),
            names,
            reports,
        }
    }

    /// Returns the error of an event that may be shown: the first field that holds one, else the
    /// one that is named so, else `e`, if it reads like one.
    fn error<'e>(&self, event: &EventView<'e>) -> Option<(&'e str, Value<'e>)> {
        let error = event.error().or_else(|| {
            let named = |(name, _): &(&str, Value<'_>)| *name == "e";
            let is_report = |(_, value): &(&str, Value<'_>)| {
                let text = value.text().unwrap_or_default();
                error_report::parse(&self.text(text)).is_some()
            };
            event.fields().find(named).filter(is_report)
        });
        error.filter(|(name, _)| !self.mask.covers(name))
    }

    /// Returns the frames of the program, and all frames if these are not all: of a panic, or of
    /// the errors that are shown. All frames go into the file.
    fn trace(&self, event: &EventView<'_>, reports: &[String]) -> (String, String) {
        let trace = self.text(event.backtrace().unwrap_or_default());
        let (mut shown, mut is_whole) = match backtrace::own_frames(&trace) {
            Some(own) => (own, false),
            None => (trace.clone(), true),
        };
        let mut whole = trace;
        for text in reports {
            let Some(report) = error_report::parse(text) else {
                continue;
            };
            let frames = [&report.backtrace, &report.span_trace];
            is_whole &= frames.iter().all(|frames| frames.is_empty());
            let below = if whole.is_empty() { "" } else { "\n\n" };
            whole = [text, below, &whole].concat();
            if !shown.is_empty() {
                if event.is_panic() && !report.location.is_empty() {
                    let _infallible = write!(shown, "\nthe error was made {}", report.location);
                }
                continue;
            }
            let own = frames
                .map(|frames| backtrace::own_frames(frames).unwrap_or_else(|| frames.clone()));
            let places = own.into_iter().chain([report.location]);
            shown = places
                .into_iter()
                .find(|place| !place.is_empty())
                .unwrap_or_default();
        }
        let whole = if is_whole { String::new() } else { whole };
        (shown, whole)
    }

    /// Fills in where and when an event happened.
    fn add_place(&self, notice: &mut Notice, event: &EventView<'_>, reports: &[String]) {
        notice.target = self.text(event.target());
        notice.module = self.text(event.module().unwrap_or_default());
        notice.file = self.text(event.file().unwrap_or_default());
        notice.line = event.line();
        notice.thread = self.text(event.thread().unwrap_or_default());
        (notice.backtrace, notice.whole_backtrace) = self.trace(event, reports);
        notice.time = event.time();
        notice.spans = event
            .spans()
            .map(|span| {
                let fields = span.fields().filter(|(name, _)| is_shown(name));
                NoticeSpan::new(
                    self.text(span.name()),
                    fields
                        .map(|(name, value)| self.field(name, &value))
                        .collect(),
                )
            })
            .collect();
        notice.spans.reverse();
    }

    /// Adds the fields that are shown, in the order in which they were written or configured.
    fn add_fields(&self, notice: &mut Notice, event: &EventView<'_>, told: &[&str]) {
        match self.shown {
            FieldSelection::All => {
                for (name, value) in event.fields() {
                    if is_shown(name) && !told.contains(&name) {
                        self.add_field(notice, name, &value);
                    }
                }
            }
            FieldSelection::Only(names) => {
                for name in names {
                    if let Some(value) = event.field(name) {
                        self.add_field(notice, name, &value);
                    }
                }
            }
        }
    }

    /// Returns the time of day, for places without a platform's native times.
    fn time_of_day(&self, time: SystemTime) -> String {
        time_of_day(time, self.utc)
    }

    fn add_field(&self, notice: &mut Notice, name: &str, value: &Value<'_>) {
        let field = self.field(name, value);
        if field.value.len() <= SHORT && !field.value.contains('\n') {
            notice.fields.push(field);
            return;
        }
        let line_break = if notice.body.is_empty() { "" } else { "\n" };
        let between = if field.value.contains('\n') {
            "\n"
        } else {
            " "
        };
        let _infallible = write!(
            notice.body,
            "{line_break}{}:{between}{}",
            field.name, field.value
        );
    }

    fn field(&self, name: &str, value: &Value<'_>) -> NoticeField {
        let value = value.to_string();
        let text = if self.mask.hides(name, &value) {
            scrub::MASK.to_owned()
        } else {
            self.text(&value)
        };
        NoticeField::new(self.text(name), text)
    }

    fn routes(&self, event: &EventView<'_>) -> Vec<(String, String)> {
        ROUTES
            .into_iter()
            .filter_map(|route| {
                let place = event.field(route)?.to_string();
                Some((route.to_owned(), self.text(&place)))
            })
            .collect()
    }
}

/// The head and the block of an event's message, and the fields that they show.
struct EventText<'e> {
    headline: String,
    body: String,
    names: Vec<&'e str>,
    /// Debug texts of errors that were parsed, as a whole.
    reports: Vec<String>,
}

/// Returns a text and the lines below it. If it is the Debug text of an error it is parsed and
/// added to `reports`.
fn split_report(text: String, reports: &mut Vec<String>) -> (String, String) {
    let Some(report) = error_report::parse(&text) else {
        return (text, String::new());
    };
    let mut below = String::new();
    for cause in report.causes {
        let _infallible = write!(below, "\ncaused by: {cause}");
    }
    if !report.notes.is_empty() {
        let _infallible = write!(below, "\n{}", report.notes);
    }
    reports.push(text);
    (report.text, below)
}

fn is_shown(name: &str) -> bool {
    name != NAMED && !ROUTES.contains(&name)
}

/// Returns whether a field of this name selects where a message goes.
pub(crate) fn is_route(name: &str) -> bool {
    ROUTES.contains(&name)
}

/// Returns a key of the event's routes, so that events with different ones are never in one
/// message; 0 if it has none.
pub(crate) fn route_key(event: &EventView<'_>) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = None::<DefaultHasher>;
    for route in ROUTES {
        if let Some(value) = event.field(route) {
            (route, value.to_string()).hash(hasher.get_or_insert_default());
        }
    }
    hasher.map_or(0, |hasher| hasher.finish())
}

/// Returns whether an event selects a place of its own.
pub(crate) fn is_routed(event: &EventView<'_>) -> bool {
    ROUTES.into_iter().any(|route| event.field(route).is_some())
}

#[cfg(test)]
mod tests;
