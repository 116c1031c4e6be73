//! The text of each group in a digest.

use std::fmt::Write as _;

use super::reminder::{self, change};
use super::{CollectiveText, DigestEntry, count_before};
use crate::adapter::{Notice, Severity};
use crate::message::{Collective, Composer, DeliveryState, EventText};
use crate::text::first_line;
use crate::text::human::format_count;

/// Code points of the line that counts what does not fit.
const MORE: usize = 80;

/// The code points of a first message that a digest of many groups shows.
const ENTRY: usize = 1_000;

/// The text of one group in a digest.
pub(super) struct EntryText {
    /// The index of the group.
    pub(super) index: usize,
    pub(super) headline: String,
    pub(super) text: String,
}

/// Writes as many groups, in this order, as fit, and returns the code points that they take.
pub(super) fn entry_texts(
    composer: &Composer<'_>,
    entries: &[DigestEntry<'_>],
    room: usize,
    at_least: usize,
    delivery: DeliveryState,
) -> (Vec<EntryText>, usize) {
    // If everything is new, marking each as new says nothing.
    let marked = entries.iter().any(|entry| !entry.new);
    let room = if delivery.tells_all {
        room.saturating_sub(MORE)
    } else {
        room
    };
    let mut texts: Vec<EntryText> = Vec::new();
    let mut used = 0;
    for (index, entry) in entries.iter().enumerate() {
        let said = composer.event_text(&entry.first);
        let text = entry_text(composer, entry, &said, marked && entry.new);
        let length = text.chars().count() + 1;
        let is_counted = delivery.tells_all && entry.known.is_some() && !entry.new;
        let at_least = if is_counted { 1 } else { at_least.max(1) };
        if used + length > room && texts.len() >= at_least {
            break;
        }
        used += length;
        texts.push(EntryText {
            index,
            headline: said.headline,
            text,
        });
    }
    (texts, used)
}

/// Writes one group of a digest: its count, its text, and its last event on the line below.
fn entry_text(
    composer: &Composer<'_>,
    entry: &DigestEntry<'_>,
    said: &EventText<'_>,
    new: bool,
) -> String {
    let severity = if entry.first.is_panic() {
        Severity::Panic
    } else {
        entry.level.into()
    };
    let mut text = severity.emoji().to_owned();
    let count = count_before(entry);
    let _infallible = write!(text, " {}", count.trim_end());
    text.push_str(match (new, count.is_empty()) {
        (true, true) => "(new) ",
        (true, false) => " (new) ",
        (false, true) => "",
        (false, false) => " ",
    });
    let whole = if said.body.is_empty() {
        said.headline.clone()
    } else {
        format!("{}\n{}", said.headline, said.body)
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
    if let Some(known) = &entry.known {
        let change = change(composer, entry, known);
        let texts = reminder::texts(composer, entry);
        let texts = texts.map(|texts| format!("\n      {}", texts.replace('\n', "\n      ")));
        let texts = texts.unwrap_or_default();
        format!("{text}\n      {change} · #{}{texts}", entry.fingerprint)
    } else if entry.events > 1 {
        format!(
            "{text}\n      {}",
            last_text(composer, entry, &said.headline)
        )
    } else {
        format!(
            "{text} · {} · #{}",
            composer.time_of_day(entry.first.time()),
            entry.fingerprint
        )
    }
}

/// Writes what a message of one event shows beside its text, a line each.
pub(super) fn details(notice: &Notice, entry: &DigestEntry<'_>) -> String {
    let fields = notice.fields.iter();
    let fields: Vec<_> = fields
        .map(|field| format!("{}: {}", field.name, field.value))
        .collect();
    let mut text = String::new();
    let whose = if entry.events > 1 && !fields.is_empty() {
        "first: "
    } else {
        ""
    };
    let fields = format!("{whose}{}", fields.join(" · "));
    for line in [fields, notice.span_path(), notice.place()] {
        if !line.is_empty() {
            let _infallible = write!(text, "\n      {}", line.replace('\n', "\n      "));
        }
    }
    text
}

/// Writes the trail of an event, a line each.
pub(super) fn trail(notice: &Notice) -> String {
    let mut text = String::new();
    if !notice.trail_title().is_empty() {
        let _infallible = write!(text, "\n      {}:", notice.trail_title());
    }
    for line in &notice.trail {
        let _infallible = write!(text, "\n      {line}");
    }
    text
}

/// Writes `last: payment failed: timeout · 12:04:31–12:05:02 · #3fa9c1`; of a collective, how often
/// each of its texts came, instead of the last.
fn last_text(composer: &Composer<'_>, entry: &DigestEntry<'_>, headline: &str) -> String {
    let (mut text, sign) = told_last(composer, entry, headline);
    text.push_str(sign);
    let (first, last) = times(composer, entry);
    text.push_str(&first);
    if first != last {
        let _infallible = write!(text, "–{last}");
    }
    let _infallible = write!(text, " · #{}", entry.fingerprint);
    text
}

/// Writes the same for a message of one group, whose last line shows the fingerprint and the time
/// of the first event: `last: payment failed: timeout · 12:05:02`.
pub(super) fn last_alone(
    composer: &Composer<'_>,
    entry: &DigestEntry<'_>,
    headline: &str,
) -> String {
    let (mut text, sign) = told_last(composer, entry, headline);
    let (first, last) = times(composer, entry);
    if first != last {
        let is_beside = sign == " · ";
        text.push_str(sign);
        text.push_str(if is_beside { "" } else { "last at " });
        text.push_str(&last);
    }
    text
}

/// Writes the last text if it differs from the first, and returns it with the separator before the
/// times.
fn told_last(
    composer: &Composer<'_>,
    entry: &DigestEntry<'_>,
    headline: &str,
) -> (String, &'static str) {
    if let Some((collective, texts)) = entry.collective {
        return (
            collective_texts(composer, entry.events, collective, texts),
            "\n",
        );
    }
    let last = entry.last.map(|last| composer.text(first_line(last)));
    let last = last.filter(|last| !last.is_empty() && last != headline);
    last.map_or_else(
        || (String::new(), ""),
        |last| (format!("last: {last}"), " · "),
    )
}

/// Returns the times of its first event and of its last.
fn times(composer: &Composer<'_>, entry: &DigestEntry<'_>) -> (String, String) {
    let (first, last) = (entry.first.time(), entry.last_time);
    (composer.time_of_day(first), composer.time_of_day(last))
}

/// Writes `and other texts:`, and below it the count of each text.
pub(super) fn collective_texts(
    composer: &Composer<'_>,
    events: u64,
    collective: Collective,
    texts: &[CollectiveText],
) -> String {
    let mut text = match collective {
        Collective::Values => "and other values:".to_owned(),
        Collective::Texts => "and other texts:".to_owned(),
    };
    for told in texts {
        let count = format_count(told.events);
        let _infallible = write!(text, "\n×{count} {}", told.shown(composer));
    }
    let counted: u64 = texts.iter().map(|told| told.events).sum();
    let more = events.saturating_sub(counted);
    if more > 0 {
        let _infallible = write!(text, "\nand {} more", format_count(more));
    }
    text
}
