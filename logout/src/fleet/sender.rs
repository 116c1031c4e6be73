//! What a member hands over, when, and under which number.
//!
//! Pure: the time is an argument. One batch is on its way at a time, and it is put again unchanged under
//! the same number until it is answered; so a lost answer costs nothing, and counts are exact.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long a kind that is new gathers before it is put.
pub(super) const GATHER: Duration = Duration::from_millis(200);

/// How far two puts of one kind are apart while it goes on, at first and in the end.
const FIRST: Duration = Duration::from_millis(400);
const LONGEST: Duration = Duration::from_secs(10);

/// How many kinds are told apart before those are forgotten that have ended.
const KINDS: usize = 1_024;

/// What one member hands over.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    /// The last number that was used.
    number: u64,
    under_way: Option<Batch>,
    kinds: HashMap<u64, Cadence>,
    due: Option<Instant>,
}

#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) number: u64,
    /// None where what was to be put is told otherwise, and its number is used up.
    pub(super) entries: Rc<Vec<Vec<u8>>>,
    /// Whether it was asked for and is not answered.
    is_asked: bool,
    /// Whether it was asked for and nobody knows what became of that.
    may_be_there: bool,
}

/// How often a kind is put.
#[derive(Clone, Copy, Debug)]
struct Cadence {
    put: Instant,
    step: Duration,
}

impl Cadence {
    /// Whether it was silent for so many seconds that it is new again.
    fn has_ended(self, now: Instant) -> bool {
        now.saturating_duration_since(self.put) > self.step * 2
    }
}

impl Sender {
    /// Notes that something of a kind is to be put.
    pub(super) fn note(&mut self, kind: u64, now: Instant) {
        let again = self.kinds.get(&kind).map(|last| last.put + last.step);
        let at = again.map_or(now + GATHER, |again| again.max(now + GATHER));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Has what there is put now.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.due = Some(now);
    }

    /// When there is something to put, unless something is on its way.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| self.under_way.is_none())
    }

    /// Puts these entries, which are of these kinds.
    pub(super) fn put(
        &mut self,
        kinds: impl IntoIterator<Item = u64>,
        entries: Vec<Vec<u8>>,
        now: Instant,
    ) {
        self.due = None;
        for kind in kinds {
            let step = match self.kinds.get(&kind) {
                Some(cadence) if !cadence.has_ended(now) => (cadence.step * 2).min(LONGEST),
                _ => FIRST,
            };
            self.kinds.insert(kind, Cadence { put: now, step });
        }
        if self.kinds.len() > KINDS {
            self.kinds.retain(|_, cadence| !cadence.has_ended(now));
        }
        if entries.is_empty() {
            return;
        }
        self.number += 1;
        self.under_way = Some(Batch {
            number: self.number,
            entries: Rc::new(entries),
            is_asked: false,
            may_be_there: false,
        });
    }

    #[cfg(test)]
    pub(super) fn kinds(&self) -> usize {
        self.kinds.len()
    }

    pub(super) fn under_way(&self) -> Option<&Batch> {
        self.under_way.as_ref()
    }

    /// Notes that a batch is in the stream; tells whether something of the owner's was in it.
    pub(super) fn stored(&mut self, number: u64) -> bool {
        let stored = self.under_way.take_if(|batch| batch.number == number);
        stored.is_some_and(|batch| !batch.entries.is_empty())
    }

    /// Notes that the broker is asked for what is on its way.
    pub(super) fn note_asked(&mut self) {
        if let Some(batch) = &mut self.under_way {
            batch.is_asked = true;
        }
    }

    /// Notes that it is not in the stream, or that nobody knows whether it is.
    pub(super) fn note_failed(&mut self, is_unanswered: bool) {
        if let Some(batch) = &mut self.under_way {
            batch.is_asked = false;
            batch.may_be_there |= is_unanswered;
        }
    }

    /// Uses up the number of what is on its way, which is told otherwise; tells whether that may be
    /// told twice.
    pub(super) fn abandon(&mut self) -> bool {
        let Some(batch) = &mut self.under_way else {
            return false;
        };
        let may_be_there = batch.may_be_there || batch.is_asked;
        let repeats = may_be_there && !batch.entries.is_empty();
        batch.entries = Rc::default();
        repeats
    }
}
