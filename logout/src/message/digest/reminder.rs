//! Reminders of known problems, which say only what has changed.

use std::time::{Duration, SystemTime};

use super::DigestEntry;
use super::entry::collective_texts;
use crate::adapter::{Notice, ProblemState};
use crate::message::Composer;
use crate::text::human::{format_count, format_duration};

/// From this duration on, the time of day does not say when something began.
const HALF_A_DAY: Duration = Duration::from_secs(12 * 60 * 60);

/// The state of a problem as it was last sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SentState {
    pub(crate) state: ProblemState,
    /// Events since its first message, including those in this one.
    pub(crate) count: u64,
    pub(crate) first_seen: SystemTime,
    /// The time since it was last sent.
    pub(crate) ago: Duration,
}

/// Writes the count of what does not fit: `and 934 more known problems, 12,204 events`.
pub(super) fn more(rest: &[DigestEntry<'_>]) -> String {
    let events: u64 = rest.iter().map(|entry| entry.events).sum();
    let problems = match rest.len() {
        1 => "1 more known problem".to_owned(),
        more => format!("{} more known problems", format_count(more as u64)),
    };
    let plural = if events == 1 { "" } else { "s" };
    format!("and {problems}, {} event{plural}", format_count(events))
}

/// Clears what the first message of the problem has shown.
pub(super) fn leave_out_place(notice: &mut Notice) {
    notice.target.clear();
    notice.module.clear();
    notice.file.clear();
    notice.line = None;
    notice.thread.clear();
    notice.backtrace.clear();
    notice.whole_backtrace.clear();
    notice.trail.clear();
    notice.trail_cut = false;
}

/// Writes the change since a problem was last sent: `since 12:04:31, +310 in the last 5 min`.
pub(super) fn change(
    composer: &Composer<'_>,
    entry: &DigestEntry<'_>,
    known: &SentState,
) -> String {
    let first = composer.time_of_day(known.first_seen);
    if known.state == ProblemState::Quiet {
        let silent = format_duration(entry.silent);
        let count = format_count(known.count);
        let last = composer.time_of_day(entry.last_time);
        return format!("no more for {silent} ({count} from {first} to {last})");
    }
    let lasted = entry
        .last_time
        .duration_since(known.first_seen)
        .unwrap_or_default();
    let since = match lasted > HALF_A_DAY {
        true => format!("for {}", format_duration(lasted)),
        false => format!("since {first}"),
    };
    let (events, ago) = (format_count(entry.events), format_duration(known.ago));
    format!("{since}, +{events} in the last {ago}")
}

/// Writes the texts since the last message, if the problem is a collective; those of a new problem
/// are shown elsewhere.
pub(super) fn texts(composer: &Composer<'_>, entry: &DigestEntry<'_>) -> Option<String> {
    let (collective, texts) = entry.collective?;
    let is_reminder = entry.known.is_some() && !entry.rose && texts.len() > 1;
    is_reminder.then(|| collective_texts(composer, entry.events, collective, texts))
}
