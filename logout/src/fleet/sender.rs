//! The batches that a member hands over, their times and their numbers.
//!
//! Pure: the time is an argument. One batch is in flight at a time. It is repeated unchanged, under
//! the same number, until it is answered; so a lost answer costs nothing, and counts are exact.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long events of a new kind are collected before they are put.
pub(super) const GATHER: Duration = Duration::from_millis(200);

/// The shortest and the longest time between two puts of one kind.
const FIRST_INTERVAL: Duration = Duration::from_millis(400);
const LONGEST_INTERVAL: Duration = Duration::from_secs(10);

/// After how long a whole event is put again, in case the fleet has given it up meanwhile.
const WHOLE_AGAIN_AFTER: Duration = Duration::from_secs(5 * 60);

/// How many kinds are remembered before those that have ended are dropped.
const MOST_KINDS: usize = 1_024;

/// The batches of one member.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    /// The last number that was used.
    number: u64,
    in_flight: Option<PutBatch>,
    kinds: HashMap<u64, Cadence>,
    due: Option<Instant>,
}

/// The kind of an entry: a problem, by its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntryKind {
    pub(crate) number: u64,
    /// The level of the event if the entry has all of it; the lower, the more severe.
    pub(crate) whole: Option<u8>,
}

impl EntryKind {
    /// Creates the kind of an entry that has one line of an event, or no event.
    pub(crate) const fn brief(number: u64) -> Self {
        Self {
            number,
            whole: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct PutBatch {
    pub(super) number: u64,
    /// Empty if the batch was abandoned: its number is then used up without entries.
    pub(super) entries: Rc<Vec<Vec<u8>>>,
    /// The kinds of which it has a whole event, with the levels.
    whole: Vec<(u64, u8)>,
    /// Whether it was put, and is not answered yet.
    is_asked: bool,
    /// Whether it was put, and nobody knows with what result.
    may_be_there: bool,
}

/// The intervals at which one kind is put.
#[derive(Clone, Copy, Debug)]
struct Cadence {
    put: Instant,
    step: Duration,
    /// The level of the whole event that the broker has, and since when.
    whole: Option<(u8, Instant)>,
}

impl Cadence {
    /// Returns whether the kind was silent for two intervals, and counts as new again.
    fn has_ended(self, now: Instant) -> bool {
        now.saturating_duration_since(self.put) > self.step * 2
    }
}

impl Sender {
    /// Notes that there is something of a kind to put.
    pub(super) fn note(&mut self, kind: u64, now: Instant) {
        let again = self.kinds.get(&kind).map(|last| last.put + last.step);
        let at = again.map_or(now + GATHER, |again| again.max(now + GATHER));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Makes the next batch due now.
    pub(super) fn make_due(&mut self, now: Instant) {
        self.due = Some(now);
    }

    /// Returns when the next batch is due, unless one is in flight.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| self.in_flight.is_none())
    }

    /// Returns whether the fleet has a whole event of this kind, so that one line of the next one
    /// is enough. It has if one as severe was put lately, without a silence since in which it may
    /// have been dropped.
    pub(super) fn is_known(&self, kind: u64, level: u8, now: Instant) -> bool {
        let cadence = self.kinds.get(&kind);
        let cadence = cadence.filter(|cadence| !cadence.has_ended(now));
        cadence.and_then(|one| one.whole).is_some_and(|(put, at)| {
            put <= level && now.saturating_duration_since(at) < WHOLE_AGAIN_AFTER
        })
    }

    /// Considers no kind known any more.
    pub(super) fn forget(&mut self) {
        for cadence in self.kinds.values_mut() {
            cadence.whole = None;
        }
    }

    /// Begins a batch with these entries, which are of these kinds.
    pub(super) fn put(
        &mut self,
        kinds: impl IntoIterator<Item = EntryKind>,
        entries: Vec<Vec<u8>>,
        now: Instant,
    ) {
        self.due = None;
        let mut put_whole = Vec::new();
        for EntryKind { number, whole } in kinds {
            let (step, known) = match self.kinds.get(&number) {
                Some(last) if !last.has_ended(now) => {
                    ((last.step * 2).min(LONGEST_INTERVAL), last.whole)
                }
                _ => (FIRST_INTERVAL, None),
            };
            put_whole.extend(whole.map(|level| (number, level)));
            let cadence = Cadence {
                put: now,
                step,
                whole: known,
            };
            self.kinds.insert(number, cadence);
        }
        if self.kinds.len() > MOST_KINDS {
            self.kinds.retain(|_, cadence| !cadence.has_ended(now));
        }
        if entries.is_empty() {
            return;
        }
        self.number += 1;
        self.in_flight = Some(PutBatch {
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

    pub(super) fn in_flight(&self) -> Option<&PutBatch> {
        self.in_flight.as_ref()
    }

    /// Notes that a batch is in the stream; returns whether it held any entries.
    pub(super) fn stored(&mut self, number: u64, now: Instant) -> bool {
        let Some(stored) = self.in_flight.take_if(|batch| batch.number == number) else {
            return false;
        };
        for (kind, level) in stored.whole {
            if let Some(cadence) = self.kinds.get_mut(&kind) {
                cadence.whole = Some((level, now));
            }
        }
        !stored.entries.is_empty()
    }

    /// Notes that the batch in flight was put.
    pub(super) fn note_asked(&mut self) {
        if let Some(batch) = &mut self.in_flight {
            batch.is_asked = true;
        }
    }

    /// Notes that the batch is not in the stream, or that nobody knows whether it is.
    pub(super) fn note_failed(&mut self, is_unanswered: bool) {
        if let Some(batch) = &mut self.in_flight {
            batch.is_asked = false;
            batch.may_be_there |= is_unanswered;
        }
    }

    /// Empties the batch in flight and uses up its number, because its entries are sent otherwise;
    /// returns whether they may then be sent twice.
    pub(super) fn abandon(&mut self) -> bool {
        let Some(batch) = &mut self.in_flight else {
            return false;
        };
        let may_be_there = batch.may_be_there || batch.is_asked;
        let repeats = may_be_there && !batch.entries.is_empty();
        batch.entries = Rc::default();
        batch.whole.clear();
        repeats
    }
}
