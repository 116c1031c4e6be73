//! The problems of one lane that were reported, and the events of each since.
//!
//! Pure: the time is an argument.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use tracing::Level;
use tracing::level_filters::LevelFilter;

use super::group::Key;
use crate::adapter::Memory;
use crate::text::sort::SortedMap;
use crate::worker::ladder::Ladder;

mod counting;
mod forgetting;
mod problem;
mod telling;

pub(crate) use self::problem::Known;
use self::problem::KnownProblem;
pub(crate) use self::telling::Take;

/// The known problems of one lane.
#[derive(Debug, Default)]
pub(crate) struct KnownProblems {
    ladder: Ladder,
    /// Whether the destination keeps incidents open until they are resolved.
    incidents: bool,
    /// The lowest level of known problems; none if every event is sent.
    from: Option<Level>,
    bound: usize,
    /// In boxes, so that the map's spare room is one of pointers.
    problems: SortedMap<Key, Box<KnownProblem>>,
    /// The numbers of problems that have counted events.
    waiting: SortedMap<u64, ()>,
    /// No reminder is due before this.
    next_due: Option<Instant>,
    /// When the last reminder was taken.
    reminded: Option<Instant>,
    /// Events that wait for a reminder.
    counted: u64,
    /// Problems whose last event has no excerpt yet, with its index in the batch.
    latest: SortedMap<Key, usize>,
    /// A buffer for excerpts.
    scratch: Vec<u8>,
    /// The bytes that all lanes keep.
    kept: Rc<Cell<usize>>,
    /// What other processes knew of problems.
    #[cfg(feature = "spool")]
    pub(super) earlier: Option<Rc<Earlier>>,
}

impl KnownProblems {
    pub(crate) fn within(
        bound: usize,
        ladder: Option<Ladder>,
        from: LevelFilter,
        kept: Rc<Cell<usize>>,
    ) -> Self {
        Self {
            from: from.into_level().filter(|_| ladder.is_some()),
            ladder: ladder.unwrap_or_default(),
            bound,
            kept,
            ..Self::default()
        }
    }

    /// Changes the schedule of reminders. Problems that have none any more are due at once.
    pub(crate) fn set_ladder(&mut self, ladder: Option<Ladder>, from: LevelFilter, now: Instant) {
        self.from = from.into_level().filter(|_| ladder.is_some());
        if let Some(ladder) = ladder {
            self.ladder = match self.incidents {
                true => ladder.closing(),
                false => ladder,
            };
        }
        let from = self.from;
        self.forget_told_where(now, |known| from.is_none_or(|from| known.level > from));
        self.next_due = self.earliest();
    }

    /// Notes that the destination keeps incidents open, so that the end of each is reported.
    pub(crate) fn close_incidents(&mut self) {
        self.incidents = true;
        self.ladder = std::mem::take(&mut self.ladder).closing();
    }

    pub(crate) fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// Returns whether there are reminders.
    pub(crate) fn reminds(&self) -> bool {
        self.from.is_some()
    }

    /// Returns whether further events of a known problem are counted at this level.
    pub(crate) fn takes(&self, level: Level) -> bool {
        self.from.is_some_and(|from| level <= from)
    }

    /// Returns how many events wait for a reminder.
    pub(crate) fn counted(&self) -> u64 {
        self.counted
    }

    /// Returns the lane's number of the oldest event that waits for a reminder.
    pub(crate) fn oldest_number(&self) -> Option<u64> {
        self.waiting.entries().first().map(|(number, ())| *number)
    }

    /// Returns what the adapter remembers of a problem.
    pub(crate) fn memory(&self, key: Key) -> Option<&Memory> {
        self.problems.get(key)?.more.as_ref()?.memory.as_ref()
    }

    /// Keeps what the adapter remembers of the first message of a problem.
    pub(crate) fn remember(&mut self, key: Key, memory: Memory) {
        if let Some(known) = self.problems.get_mut(key) {
            known.more().memory.get_or_insert(memory);
        }
    }

    /// Forgets what the adapter remembers of a problem, and returns whether it remembered anything.
    pub(crate) fn forget_memory(&mut self, key: Key) -> bool {
        let known = self.problems.get_mut(key);
        let more = known.and_then(|known| known.more.as_mut());
        more.is_some_and(|more| more.memory.take().is_some())
    }

    /// Returns when the next reminder is due, or since when.
    pub(crate) fn due_since(&self) -> Option<Instant> {
        self.next_due
    }

    /// Returns when the next reminder may be sent, some time after the last.
    pub(crate) fn due_at(&self) -> Option<Instant> {
        let due = self.next_due?;
        let gap = self.ladder.gap();
        let apart = self.reminded.and_then(|at| at.checked_add(gap));
        apart.max(Some(due))
    }

    /// Returns whether a reminder may be sent, after correcting `next_due`, which may be too early.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = |known: &Self| known.due_at().is_some_and(|due| due <= now);
        if is_due(self) {
            self.next_due = self.earliest();
        }
        is_due(self)
    }

    fn earliest(&self) -> Option<Instant> {
        let known = self.problems.values();
        known.filter_map(|known| known.life.due(&self.ladder)).min()
    }

    /// Returns whether a reminder is so late that it is sent before new events.
    pub(crate) fn is_late(&self, now: Instant) -> bool {
        let is_near = self.next_due.is_some_and(|due| due <= now);
        let mut known = self.problems.values();
        is_near && known.any(|known| known.life.is_late(&self.ladder, now))
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

#[cfg(feature = "fleet")]
mod of_fleet;
#[cfg(feature = "spool")]
mod recalled;

#[cfg(feature = "spool")]
pub(crate) use self::recalled::{Earlier, Waiting};

#[cfg(test)]
mod tests;
