//! Messages that hold several groups of events.

use std::fmt::Write as _;
use std::time::{Duration, Instant, SystemTime};

use tracing::Level;

pub(crate) use self::collective_text::CollectiveText;
use self::entry::{details, entry_texts, last_alone, trail};
pub(crate) use self::reminder::SentState;
use self::reminder::{change, leave_out_place, more};
use super::{Collective, Composer, DeliveryState};
use crate::adapter::{Notice, NoticeProblem, ProblemState, Severity};
use crate::event::{EventView, ShownFingerprint, Site};
use crate::text::human::{format_count, format_duration};
use crate::text::sorted_map::sorted;

mod collective_text;
mod entry;
mod reminder;

/// A group of similar events in a digest.
#[derive(Clone, Debug)]
pub(crate) struct DigestEntry<'e> {
    /// The first of them.
    pub(crate) first: EventView<'e>,
    /// The message of the last, if it differs.
    pub(crate) last: Option<&'e str>,
    pub(crate) last_time: SystemTime,
    pub(crate) events: u64,
    /// The most severe of their levels.
    pub(crate) level: Level,
    pub(crate) fingerprint: ShownFingerprint,
    /// How their texts differ, and some of the texts, if they are one problem only because the
    /// texts of their call site are too many.
    pub(crate) collective: Option<(Collective, &'e [CollectiveText])>,
    /// Whether this lane has never sent such a problem, or none as severe.
    pub(crate) new: bool,
    /// Whether it is more severe than all that was sent of it.
    pub(crate) rose: bool,
    /// What was sent of it before.
    pub(crate) known: Option<SentState>,
    /// The places of its events with counts, if there is more than one.
    pub(crate) sites: Vec<(Site, u64)>,
    /// How long it has been silent.
    pub(crate) silent: Duration,
    /// When the first and the last came in, by the monotonic clock.
    pub(crate) oldest: Instant,
    pub(crate) newest: Instant,
}

/// The most places of one problem that are named.
const MOST_SITES: usize = 4;

/// Makes one message of as many of these groups, in this order, as fit in `room` code points, at
/// least `at_least`; returns how many those are.
///
/// New groups are shown in as much detail as fits: with fields, spans and place.
pub(crate) fn digest(
    composer: &Composer<'_>,
    entries: &[DigestEntry<'_>],
    room: usize,
    at_least: usize,
    delivery: DeliveryState,
) -> (Notice, usize) {
    if let [only] = entries {
        return (single_group(composer, only, delivery), 1);
    }
    let (mut texts, mut used) = entry_texts(composer, entries, room, at_least, delivery);
    let fitting = texts.len();
    let rest = entries.get(fitting..).unwrap_or_default();
    let is_whole = rest.is_empty() || delivery.tells_all;
    if let [first, ..] = entries
        && fitting == 1
        && !delivery.tells_all
    {
        return (single_group(composer, first, delivery), 1);
    }
    for (told, entry) in texts.iter_mut().zip(entries).filter(|(_, entry)| entry.new) {
        if used >= room {
            break;
        }
        let notice = first_event(composer, entry, delivery);
        for details in [details(&notice, entry), trail(&notice)] {
            let length = details.chars().count();
            if used + length <= room {
                used += length;
                told.text.push_str(&details);
            }
        }
    }
    // Groups come in the order in which they waited; people read the worst first.
    let rank = |index: usize| {
        let entry = entries.get(index);
        entry.map(|entry| (!entry.new, entry.level, std::cmp::Reverse(entry.events)))
    };
    let texts = sorted(texts, |a, b| rank(a.index).cmp(&rank(b.index)));
    let taken = if is_whole { entries.len() } else { fitting };
    let inside = entries.get(..taken).unwrap_or(entries);
    let fitting = texts.iter().filter_map(|told| {
        let entry = entries.get(told.index)?;
        Some((entry, told.headline.clone()))
    });
    let counted = inside.iter().skip(texts.len());
    let counted = counted.map(|entry| (entry, composer.event_text(&entry.first).headline));
    let order: Vec<_> = fitting.chain(counted).collect();
    let headline = order
        .first()
        .map(|(worst, text)| headline(worst, text, inside));
    let mut notice = composer.notice(severity(inside), headline.unwrap_or_default(), delivery);
    let more = (taken > texts.len()).then(|| more(rest));
    let texts = texts.into_iter().map(|told| told.text);
    notice.body = texts.chain(more).collect::<Vec<_>>().join("\n");
    if let Some(first) = inside.first() {
        notice.time = first.first.time();
        if delivery.routed {
            notice.routes = composer.routes(&first.first);
        }
    }
    describe_problems(&mut notice, order);
    (notice, taken)
}

/// Writes the worst group and how much there is beside it: `payment failed: card declined · and 3
/// more (1,243 errors in 34 s)`.
fn headline(worst: &DigestEntry<'_>, text: &str, inside: &[DigestEntry<'_>]) -> String {
    let others = inside.len().saturating_sub(1);
    format!(
        "{}{text} · and {} more ({})",
        count_before(worst),
        format_count(others as u64),
        summary(inside)
    )
}

/// Returns `×1,204 `, or nothing for one event.
fn count_before(entry: &DigestEntry<'_>) -> String {
    match entry.count() {
        1 => String::new(),
        count => format!("×{} ", format_count(count)),
    }
}

/// Fills in the data of a digest's problems for adapters. Each problem comes with its headline.
fn describe_problems(notice: &mut Notice, problems: Vec<(&DigestEntry<'_>, String)>) {
    let entries = || problems.iter().map(|(entry, _)| entry);
    notice.count = entries().map(|entry| entry.events).sum();
    notice.state = entries()
        .map(|entry| entry.state())
        .max()
        .unwrap_or_default();
    notice.level_rose = entries().any(|entry| entry.rose);
    let first = entries().map(|entry| entry.first_seen()).min();
    let last = entries().map(|entry| entry.last_time).max();
    notice.first_seen = first.unwrap_or(notice.time);
    notice.last_seen = last.unwrap_or(notice.time);
    let problems = problems.into_iter().map(|(entry, headline)| {
        let mut problem = NoticeProblem::new(entry.fingerprint.to_string(), headline);
        problem.state = entry.state();
        problem.count = entry.count();
        problem.first_seen = entry.first_seen();
        problem.last_seen = entry.last_time;
        problem
    });
    notice.problems = problems.collect();
}

impl DigestEntry<'_> {
    fn state(&self) -> ProblemState {
        self.known.map_or(ProblemState::New, |known| known.state)
    }

    /// Returns the events of its problem since its first message.
    fn count(&self) -> u64 {
        self.known.map_or(self.events, |known| known.count)
    }

    fn first_seen(&self) -> SystemTime {
        self.known
            .map_or(self.first.time(), |known| known.first_seen)
    }
}

/// Makes the notice of one group: its first event and how often it came; of a known problem only
/// what has changed.
fn single_group(
    composer: &Composer<'_>,
    entry: &DigestEntry<'_>,
    delivery: DeliveryState,
) -> Notice {
    let mut notice = first_event(composer, entry, delivery);
    let body = std::mem::take(&mut notice.body);
    let known = entry.known.map(|known| change(composer, entry, &known));
    let told_now = (entry.known.is_none() || entry.rose) && entry.events > 1;
    let last = told_now.then(|| last_alone(composer, entry, &notice.headline));
    notice.headline.insert_str(0, &count_before(entry));
    // With a single event it is clear whose fields they are.
    let whose = (told_now && !notice.fields.is_empty())
        .then(|| "the fields are those of the first".to_owned());
    let places = (!entry.sites.is_empty()).then(|| call_sites(composer, &entry.sites));
    let texts = reminder::texts(composer, entry);
    let parts = [known, texts, Some(body), last, places, whose];
    let mut parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.retain(|part| !part.is_empty());
    notice.body = parts.join("\n");
    notice.state = entry.state();
    notice.level_rose = entry.rose;
    notice.count = entry.count();
    notice.first_seen = entry.first_seen();
    notice.last_seen = entry.last_time;
    if entry.new {
        composer.add_links(&mut notice, &entry.first);
    } else {
        leave_out_place(&mut notice);
    }
    notice
}

/// Writes where the events of one problem happened: `at src/pay.rs:88 ×3 · src/cart.rs:12 ×1`.
fn call_sites(composer: &Composer<'_>, sites: &[(Site, u64)]) -> String {
    let shown = sites.iter().take(MOST_SITES).map(|(site, events)| {
        let place = site.file.as_ref().map_or_else(
            || site.target.clone(),
            |file| match site.line {
                Some(line) => format!("{file}:{line}"),
                None => file.clone(),
            },
        );
        format!("{} ×{}", composer.text(&place), format_count(*events))
    });
    let mut text = format!("at {}", shown.collect::<Vec<_>>().join(" · "));
    let more = sites.len().saturating_sub(MOST_SITES);
    if more > 0 {
        let _infallible = write!(text, " · and {more} more");
    }
    text
}

/// Makes the notice of a group's first event, with the severity of the most severe one.
fn first_event(
    composer: &Composer<'_>,
    entry: &DigestEntry<'_>,
    delivery: DeliveryState,
) -> Notice {
    let mut notice = composer.event(&entry.first, delivery);
    notice.severity = notice.severity.max(entry.level.into());
    notice.fingerprint = entry.fingerprint.to_string();
    notice
}

/// Writes `1,243 errors, 12 warnings in 34 s`, or `quiet now` if there are no events.
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
    if parts.is_empty() {
        return "quiet now".to_owned();
    }
    let new = || entries.iter().filter(|entry| entry.new);
    if new().next().is_none() {
        return format!("+{}", parts.join(", "));
    }
    let from = new().map(|entry| entry.oldest).min();
    let to = new().map(|entry| entry.newest).max();
    // Not by the times that are shown: setting the clock meanwhile would make it years.
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
