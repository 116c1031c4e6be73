//! The last resort: what cannot be told in a chat is told on standard error.

use std::cell::Cell;
use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::adapter::preview::MessagePreview;
use crate::message::Losses;
use crate::text::human::{events_were, format_count};
use crate::text::stderr::{leave_out, write};

/// How many lines may be written in a row before one every [`LINE_EVERY`].
const BURST: u32 = 10;

/// How often a line may be written in the long run.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Writes lines to standard error, but never floods it.
#[derive(Debug)]
pub(crate) struct Stderr {
    left: Cell<u32>,
    refilled: Cell<Instant>,
}

impl Stderr {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            left: Cell::new(BURST),
            refilled: Cell::new(now),
        }
    }

    /// Writes one line, or counts that it was not written; returns whether it was.
    pub(crate) fn say(&self, line: &str, now: Instant) -> bool {
        let spans =
            now.saturating_duration_since(self.refilled.get()).as_secs() / LINE_EVERY.as_secs();
        if spans > 0 {
            let refill = u32::try_from(spans).unwrap_or(BURST);
            self.left
                .set(self.left.get().saturating_add(refill).min(BURST));
            self.refilled.set(now);
        }
        if self.left.get() == 0 {
            leave_out();
            return false;
        }
        self.left.set(self.left.get() - 1);
        write(line)
    }

    /// Says what a lane lost and could not report; returns whether it did.
    pub(crate) fn say_losses(&self, lane: &str, losses: &Losses, now: Instant) -> bool {
        self.say(&told(lane, losses), now)
    }

    /// The same at the end, when nothing can be said later.
    pub(crate) fn say_last_losses(&self, lane: &str, losses: &Losses, now: Instant) {
        if losses.unsaid() > 0 {
            self.left.set(self.left.get().max(1));
            self.say_losses(lane, losses, now);
        }
    }
}

/// What was not said before:
/// `slack: 1,204 events were not delivered (queue full 1,200, shut down 4)`
fn told(lane: &str, losses: &Losses) -> String {
    let reasons = losses.unsaid_by_reason();
    let reasons =
        reasons.map(|(reason, events)| format!("{} {}", reason.words(), format_count(events)));
    let reasons: Vec<String> = reasons.collect();
    let events = events_were(losses.unsaid());
    format!("{lane}: {events} not delivered ({})", reasons.join(", "))
}

/// Writes what a chat would have got, whole: a dry run is there to be read, and may wait until
/// somebody does.
pub(crate) fn show(preview: &MessagePreview) {
    let _closed = writeln!(std::io::stderr().lock(), "{preview}");
}
