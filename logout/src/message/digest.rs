//! Several groups of events in one message.

use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime};

use tracing::Level;

use super::{Collective, Composer, DeliveryState};
use crate::adapter::{Notice, Severity};
use crate::event::encoding::truncated;
use crate::event::{EventView, ShownFingerprint};
use crate::text::human::{format_count, format_duration};
use crate::text::sort::sorted;

/// A group of like events, as a digest tells it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DigestEntry<'e> {
    /// The first of them, whole.
    pub(crate) first: EventView<'e>,
    /// The message of the last, where it differs.
    pub(crate) last: Option<&'e str>,
    pub(crate) last_time: SystemTime,
    pub(crate) events: u64,
    /// The gravest of their levels.
    pub(crate) level: Level,
    pub(crate) fingerprint: ShownFingerprint,
    /// What they are where they are told together because their call site says too much, with some
    /// of what they said.
    pub(crate) collective: Option<(Collective, &'e [ToldText])>,
    /// Whether this lane has never told of its like before.
    pub(crate) new: bool,
    /// When the first and the last came in, by the clock that nobody sets.
    pub(crate) oldest: Instant,
    pub(crate) newest: Instant,
}

/// One of the texts that are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToldText {
    message: String,
    /// The field of the error, and its first line.
    error: Option<(String, String)>,
    pub(crate) events: u64,
}

impl ToldText {
    /// Bytes of a message, and of an error, that are kept.
    const KEPT: usize = 160;

    pub(crate) fn of(event: &EventView<'_>) -> Self {
        let line = |text: &str| -> String {
            let line = text.trim_start().lines().next().unwrap_or_default();
            // It says so where it is cut: half a secret is looked for there.
            truncated(line, Self::KEPT).concat()
        };
        let error = event.error();
        Self {
            message: line(&event.message().unwrap_or_default()),
            error: error.map(|(name, error)| (name.to_owned(), line(&error.into_text()))),
            events: 1,
        }
    }

    /// Tells whether the two say the same.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        (&self.message, &self.error) == (&other.message, &other.error)
    }

    pub(crate) fn size(&self) -> usize {
        let error = self.error.as_ref();
        let error = error.map_or(0, |(name, text)| name.capacity() + text.capacity());
        size_of::<Self>() + self.message.capacity() + error
    }

    fn shown(&self, composer: &Composer<'_>) -> String {
        let error = self.error.as_ref();
        let error = error.filter(|(name, _)| !composer.mask.covers(name));
        let error = error.map(|(_, error)| composer.text(error));
        let mut text = composer.text(&self.message);
        if let Some(error) = error.filter(|error| !text.contains(error)) {
            let colon = if text.is_empty() { "" } else { ": " };
            let _infallible = write!(text, "{colon}{error}");
        }
        text
    }
}

/// How many code points of a first message a digest of many groups shows.
const ENTRY: usize = 1_000;

/// Makes one message for as many of these groups, in this order, as `room` code points hold; tells
/// how many that are, and takes `at_least` so many.
///
/// What is new is told as whole as the room allows: with fields, spans and place.
pub(crate) fn digest(
    composer: &Composer<'_>,
    entries: &[DigestEntry<'_>],
    room: usize,
    at_least: usize,
    delivery: DeliveryState,
) -> (Notice, usize) {
    if let [only] = entries {
        return (single(composer, only, delivery), 1);
    }
    // Where everything is new, saying so of each tells nothing.
    let marked = entries.iter().any(|entry| !entry.new);
    let mut texts: Vec<(usize, String)> = Vec::new();
    let mut used = 0;
    for (index, entry) in entries.iter().enumerate() {
        let text = entry_text(composer, entry, marked && entry.new);
        let length = text.chars().count() + 1;
        if used + length > room && texts.len() >= at_least.max(1) {
            break;
        }
        used += length;
        texts.push((index, text));
    }
    let taken = texts.len();
    if taken == 1
        && let Some(first) = entries.first()
    {
        return (single(composer, first, delivery), 1);
    }
    for ((_, text), entry) in texts.iter_mut().zip(entries).filter(|(_, entry)| entry.new) {
        let details = details(composer, entry, delivery);
        let length = details.chars().count();
        if used + length <= room {
            used += length;
            text.push_str(&details);
        }
    }
    // The order in which groups got in was who waited longest; people read the worst first.
    let gravity = |index: usize| {
        let entry = entries.get(index);
        entry.map(|entry| (entry.level, std::cmp::Reverse(entry.events)))
    };
    let texts = sorted(texts, |a, b| gravity(a.0).cmp(&gravity(b.0)));
    let inside = entries.get(..taken).unwrap_or(entries);
    let mut notice = composer.notice(severity(inside), summary(inside), delivery);
    notice.body = texts
        .into_iter()
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join("\n");
    if let Some(first) = inside.first() {
        notice.time = first.first.time();
        if delivery.routed {
            notice.routes = composer.routes(&first.first);
        }
    }
    (notice, taken)
}

/// Tells a group that has a message to itself: its first event, and how often it came.
fn single(composer: &Composer<'_>, entry: &DigestEntry<'_>, delivery: DeliveryState) -> Notice {
    let mut notice = whole(composer, entry, delivery);
    if entry.events > 1 {
        notice.headline = format!("×{} {}", format_count(entry.events), notice.headline);
        let line_break = if notice.body.is_empty() { "" } else { "\n" };
        let _infallible = write!(notice.body, "{line_break}{}", last_text(composer, entry));
    }
    notice
}

/// Tells the first event of a group, as gravely as the gravest.
fn whole(composer: &Composer<'_>, entry: &DigestEntry<'_>, delivery: DeliveryState) -> Notice {
    let mut notice = composer.event(&entry.first, delivery);
    notice.severity = notice.severity.max(entry.level.into());
    notice.fingerprint = entry.fingerprint.to_string();
    composer.add_links(&mut notice, &entry.first);
    notice
}

/// Writes one group of a digest: how often, what, and the last of them below.
fn entry_text(composer: &Composer<'_>, entry: &DigestEntry<'_>, new: bool) -> String {
    let severity = if entry.first.is_panic() {
        Severity::Panic
    } else {
        entry.level.into()
    };
    let mut text = severity.emoji().to_owned();
    if entry.events > 1 {
        let _infallible = write!(text, " ×{}", format_count(entry.events));
    }
    text.push_str(if new { " (new) " } else { " " });
    let event_text = composer.event_text(&entry.first);
    let whole = if event_text.body.is_empty() {
        event_text.headline
    } else {
        format!("{}\n{}", event_text.headline, event_text.body)
    };
    let mut chars = whole.char_indices();
    match chars.nth(ENTRY) {
        Some((end, _)) => {
            text.push_str(whole.get(..end).unwrap_or(&whole));
            text.push('…');
        }
        None => text.push_str(&whole),
    }
    let text = text.replace('\n', "\n      ");
    if entry.events > 1 {
        format!("{text}\n      {}", last_text(composer, entry))
    } else {
        format!(
            "{text} · {} · #{}",
            composer.time_of_day(entry.first.time()),
            entry.fingerprint
        )
    }
}

/// Writes what a message of its own would show of an event beside its text, a line each.
fn details(composer: &Composer<'_>, entry: &DigestEntry<'_>, delivery: DeliveryState) -> String {
    let notice = whole(composer, entry, delivery);
    let fields = notice.fields.iter();
    let fields: Vec<_> = fields
        .map(|field| format!("{}: {}", field.name, field.value))
        .collect();
    let mut text = String::new();
    for line in [fields.join(" · "), notice.span_path(), notice.place()] {
        if !line.is_empty() {
            let _infallible = write!(text, "\n      {}", line.replace('\n', "\n      "));
        }
    }
    text
}

/// Writes `last: payment failed: timeout · 12:04:31–12:05:02 · #3fa9c1`; of texts that are told
/// together how often each of them came, instead of the last.
fn last_text(composer: &Composer<'_>, entry: &DigestEntry<'_>) -> String {
    let mut text = String::new();
    if let Some((collective, texts)) = entry.collective {
        text.push_str(match collective {
            Collective::Values => "and other values:\n",
            Collective::Texts => "and other texts:\n",
        });
        for told in texts {
            let count = format_count(told.events);
            let _infallible = writeln!(text, "×{count} {}", told.shown(composer));
        }
        let counted: u64 = texts.iter().map(|told| told.events).sum();
        let more = entry.events.saturating_sub(counted);
        if more > 0 {
            let _infallible = writeln!(text, "and {} more", format_count(more));
        }
    } else if let Some(last) = entry
        .last
        .filter(|last| !last.is_empty() && *last != composer.event_text(&entry.first).headline)
    {
        let _infallible = write!(
            text,
            "last: {} · ",
            composer.text(last.lines().next().unwrap_or_default())
        );
    }
    let _infallible = write!(
        text,
        "{}–{} · #{}",
        composer.time_of_day(entry.first.time()),
        composer.time_of_day(entry.last_time),
        entry.fingerprint
    );
    text
}

/// Writes `1,243 errors, 12 warnings in 34 s`.
fn summary(entries: &[DigestEntry<'_>]) -> String {
    let mut parts = Vec::new();
    for (level, one, many) in [
        (Level::ERROR, "error", "errors"),
        (Level::WARN, "warning", "warnings"),
        (Level::INFO, "info", "infos"),
        (Level::DEBUG, "debug event", "debug events"),
        (Level::TRACE, "trace event", "trace events"),
    ] {
        let events: u64 = entries
            .iter()
            .filter(|entry| entry.level == level)
            .map(|entry| entry.events)
            .sum();
        match events {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            _ => parts.push(format!("{} {many}", format_count(events))),
        }
    }
    let from = entries.iter().map(|entry| entry.oldest).min();
    let to = entries.iter().map(|entry| entry.newest).max();
    // Not by the times that are shown: a clock that is set meanwhile would make it years.
    let lasted = from
        .zip(to)
        .map(|(from, to)| to.saturating_duration_since(from))
        .unwrap_or_default();
    format!(
        "{} in {}",
        parts.join(", "),
        format_duration(lasted.max(Duration::from_millis(1)))
    )
}

fn severity(entries: &[DigestEntry<'_>]) -> Severity {
    entries
        .iter()
        .map(|entry| Severity::from(entry.level))
        .max()
        .unwrap_or(Severity::Error)
}

#[cfg(test)]
mod tests;
