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

/// After how long all of an event is put again, should it have been given up meanwhile.
const WHOLE: Duration = Duration::from_secs(5 * 60);

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

/// What an entry of a batch is of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) number: u64,
    /// Whether all of its event is in the entry, and that one's level: the lower the more severe.
    pub(crate) whole: Option<u8>,
}

impl Kind {
    /// One of which no more than a line is put, or of what is no event.
    pub(crate) const fn of(number: u64) -> Self {
        Self {
            number,
            whole: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) number: u64,
    /// None where what was to be put is told otherwise, and its number is used up.
    pub(super) entries: Rc<Vec<Vec<u8>>>,
    /// Of which kinds all of an event is in it.
    whole: Vec<(u64, u8)>,
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
    /// At which level all of an event is with the broker, and since when.
    whole: Option<(u8, Instant)>,
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

    /// Whether the fleet knows all of an event of a kind, so that a line of the next one is enough: one as
    /// severe was put, and there was no silence since in which it may have been forgotten.
    pub(super) fn is_known(&self, kind: u64, level: u8, now: Instant) -> bool {
        let cadence = self.kinds.get(&kind);
        let cadence = cadence.filter(|cadence| !cadence.has_ended(now));
        cadence
            .and_then(|one| one.whole)
            .is_some_and(|(put, at)| put <= level && now.saturating_duration_since(at) < WHOLE)
    }

    /// Takes nothing of what was put for known any more.
    pub(super) fn forget(&mut self) {
        for cadence in self.kinds.values_mut() {
            cadence.whole = None;
        }
    }

    /// Puts these entries, which are of these kinds.
    pub(super) fn put(
        &mut self,
        kinds: impl IntoIterator<Item = Kind>,
        entries: Vec<Vec<u8>>,
        now: Instant,
    ) {
        self.due = None;
        let mut put_whole = Vec::new();
        for Kind { number, whole } in kinds {
            let (step, known) = match self.kinds.get(&number) {
                Some(last) if !last.has_ended(now) => ((last.step * 2).min(LONGEST), last.whole),
                _ => (FIRST, None),
            };
            put_whole.extend(whole.map(|level| (number, level)));
            let cadence = Cadence {
                put: now,
                step,
                whole: known,
            };
            self.kinds.insert(number, cadence);
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
            whole: put_whole,
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
    pub(super) fn stored(&mut self, number: u64, now: Instant) -> bool {
        let Some(stored) = self.under_way.take_if(|batch| batch.number == number) else {
            return false;
        };
        for (kind, level) in stored.whole {
            if let Some(cadence) = self.kinds.get_mut(&kind) {
                cadence.whole = Some((level, now));
            }
        }
        !stored.entries.is_empty()
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
        batch.whole.clear();
        repeats
    }
}
