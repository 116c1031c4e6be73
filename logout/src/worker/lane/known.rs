//! The problems of one lane that were reported, and the events of each since.
//!
//! Pure: the time is an argument.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use tracing::Level;
use tracing::level_filters::LevelFilter;

use super::group::GroupKey;
use crate::adapter::Memory;
use crate::text::sorted_map::SortedMap;
use crate::worker::reminder_schedule::ReminderSchedule;

mod counting;
mod forgetting;
mod problem;
mod reminders;

use self::problem::KnownProblem;
pub(crate) use self::problem::ProblemSnapshot;
pub(crate) use self::reminders::ReminderFilter;

/// The known problems of one lane.
#[derive(Debug, Default)]
pub(crate) struct KnownProblems {
    schedule: ReminderSchedule,
    /// Whether the destination keeps incidents open until they are resolved.
    incidents: bool,
    /// The lowest level of known problems; none if every event is sent.
    from: Option<Level>,
    bound: usize,
    /// In boxes, so that the map's spare room is one of pointers.
    problems: SortedMap<GroupKey, Box<KnownProblem>>,
    /// The numbers of problems that have counted events.
    waiting: SortedMap<u64, ()>,
    /// No reminder is due before this.
    next_due: Option<Instant>,
    /// When the last reminder was taken.
    reminded: Option<Instant>,
    /// Events that wait for a reminder.
    counted: u64,
    /// Problems whose last event has no excerpt yet, with its index in the batch.
    latest: SortedMap<GroupKey, usize>,
    /// A buffer for excerpts.
    scratch: Vec<u8>,
    /// The bytes that all lanes keep.
    kept: Rc<Cell<usize>>,
    /// What other processes knew of problems.
    #[cfg(feature = "spool")]
    pub(super) earlier: Option<Rc<EarlierHistory>>,
}

impl KnownProblems {
    pub(crate) fn within(
        bound: usize,
        schedule: Option<ReminderSchedule>,
        from: LevelFilter,
        kept: Rc<Cell<usize>>,
    ) -> Self {
        Self {
            from: from.into_level().filter(|_| schedule.is_some()),
            schedule: schedule.unwrap_or_default(),
            bound,
            kept,
            ..Self::default()
        }
    }

    /// Changes the schedule of reminders. Problems that have none any more are due at once.
    pub(crate) fn set_schedule(
        &mut self,
        schedule: Option<ReminderSchedule>,
        from: LevelFilter,
        now: Instant,
    ) {
        self.from = from.into_level().filter(|_| schedule.is_some());
        if let Some(schedule) = schedule {
            self.schedule = match self.incidents {
                true => schedule.with_resolve(),
                false => schedule,
            };
        }
        let from = self.from;
        self.forget_told_where(now, |known| from.is_none_or(|from| known.level > from));
        self.next_due = self.earliest();
    }

    /// Notes that the destination keeps incidents open, so that the end of each is reported.
    pub(crate) fn resolve_incidents(&mut self) {
        self.incidents = true;
        self.schedule = std::mem::take(&mut self.schedule).with_resolve();
    }

    pub(crate) fn schedule(&self) -> &ReminderSchedule {
        &self.schedule
    }

    /// Returns whether there are reminders.
    pub(crate) fn reminds(&self) -> bool {
        self.from.is_some()
    }

    /// Returns whether further events of a known problem are counted at this level.
    pub(crate) fn counts_level(&self, level: Level) -> bool {
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
    pub(crate) fn memory(&self, key: GroupKey) -> Option<&Memory> {
        self.problems.get(key)?.extra.as_ref()?.memory.as_ref()
    }

    /// Keeps what the adapter remembers of the first message of a problem.
    pub(crate) fn remember(&mut self, key: GroupKey, memory: Memory) {
        if let Some(known) = self.problems.get_mut(key) {
            known.extra().memory.get_or_insert(memory);
        }
    }

    /// Forgets what the adapter remembers of a problem, and returns whether it remembered anything.
    pub(crate) fn forget_memory(&mut self, key: GroupKey) -> bool {
        let known = self.problems.get_mut(key);
        let extra = known.and_then(|known| known.extra.as_mut());
        extra.is_some_and(|extra| extra.memory.take().is_some())
    }

    /// Returns when the next reminder is due, or since when.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.next_due
    }

    /// Returns when the next reminder may be sent, some time after the last.
    pub(crate) fn next_reminder_at(&self) -> Option<Instant> {
        let due = self.next_due?;
        let gap = self.schedule.min_gap();
        let apart = self.reminded.and_then(|at| at.checked_add(gap));
        apart.max(Some(due))
    }

    /// Returns whether a reminder may be sent, after correcting `next_due`, which may be too early.
    pub(crate) fn is_due(&mut self, now: Instant) -> bool {
        let is_due = |known: &Self| known.next_reminder_at().is_some_and(|due| due <= now);
        if is_due(self) {
            self.next_due = self.earliest();
        }
        is_due(self)
    }

    fn earliest(&self) -> Option<Instant> {
        let known = self.problems.values();
        known
            .filter_map(|known| known.reminders.due(&self.schedule))
            .min()
    }

    /// Returns whether a reminder is so late that it is sent before new events.
    pub(crate) fn is_late(&self, now: Instant) -> bool {
        let is_near = self.next_due.is_some_and(|due| due <= now);
        let mut known = self.problems.values();
        is_near && known.any(|known| known.reminders.is_late(&self.schedule, now))
    }
}

fn earliest_of(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

#[cfg(feature = "spool")]
mod earlier_history;
#[cfg(feature = "fleet")]
mod fleet_leader;

#[cfg(feature = "spool")]
pub(crate) use self::earlier_history::{EarlierHistory, PendingReminder};

#[cfg(test)]
mod tests;
