//! Lines on standard error, for what cannot be sent to a chat.

use std::cell::Cell;
use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::adapter::preview::MessagePreview;
use crate::message::Losses;
use crate::text::human::{events_were, format_count};
use crate::text::stderr::{leave_out, write};

/// The lines that may be written in a row before one every [`LINE_EVERY`].
const BURST: u32 = 10;

/// How often a line may be written in the long run.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// A rate-limited writer of lines to standard error.
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

    /// Writes one line, or counts that it was left out; returns whether it was written.
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

    /// Writes what a lane lost and could not report; returns whether it did.
    pub(crate) fn say_losses(&self, lane: &str, losses: &Losses, now: Instant) -> bool {
        self.say(&told(lane, losses), now)
    }

    /// Writes them at the end, when there is no later line.
    pub(crate) fn say_last_losses(&self, lane: &str, losses: &Losses, now: Instant) {
        if losses.unlogged() > 0 {
            self.left.set(self.left.get().max(1));
            self.say_losses(lane, losses, now);
        }
    }
}

/// Returns the losses that were not written before:
fn told(lane: &str, losses: &Losses) -> String {
    let reasons = losses.unlogged_by_reason();
    let reasons = reasons
        .map(|(reason, events)| format!("{} {}", reason.description(), format_count(events)));
    let reasons: Vec<String> = reasons.collect();
    let events = events_were(losses.unlogged());
    format!("{lane}: {events} not delivered ({})", reasons.join(", "))
}

/// Writes what the chat would have got, without a limit, waiting if the reader is slow: a dry run
/// is there to be read.
pub(crate) fn show(preview: &MessagePreview) {
    let _closed = writeln!(std::io::stderr().lock(), "{preview}");
}
