//! The removal of known problems, and of their counted events.

use std::time::{Duration, Instant};

use super::{KnownProblem, KnownProblems, earliest_of};
use crate::text::sorted_map::sorted;
use crate::worker::lane::group::{Group, GroupKey};

impl KnownProblems {
    /// Notes that the message of a reminder was lost, which counts as sent in the schedule.
    pub(crate) fn note_lost(&mut self, group: &Group, now: Instant) {
        if group.known.is_some()
            && let Some(known) = self.problems.get_mut(group.key)
        {
            known.reminders.note_told(&self.schedule, now);
        }
    }

    /// Makes room for one more by forgetting the longest silent problem without counted events. If
    /// there is none the one that waits longest is made due, and there is no room yet.
    pub(super) fn make_room(&mut self, now: Instant) -> bool {
        if self.problems.entries().len() < self.bound {
            return true;
        }
        self.problems
            .retain(|known| !known.reminders.is_forgotten(&self.schedule, now));
        if self.problems.entries().len() < self.bound {
            return true;
        }
        let told = self.problems.entries().iter();
        let told = told.filter(|(_, known)| known.reminders.untold() == 0);
        let silent = told.min_by_key(|(_, known)| (known.reminders.last_event(), known.number));
        if let Some(key) = silent.map(|(key, _)| *key) {
            self.problems.remove(key);
            return true;
        }
        let longest = self.problems.values_mut().min_by_key(|known| known.number);
        if let Some(known) = longest {
            known.reminders.make_due();
            self.next_due = earliest_of(self.next_due, known.reminders.due(&self.schedule));
        }
        false
    }

    /// Takes all counted events.
    pub(crate) fn drain(&mut self, now: Instant) -> Vec<Group> {
        let keys = self.keys_of(|known| known.reminders.untold() > 0);
        self.next_due = None;
        let keys = keys.into_iter();
        keys.filter_map(|key| self.take_one(key, now)).collect()
    }

    /// Returns the keys of the problems that match, the longest waiting first.
    fn keys_of(&self, is_one: impl Fn(&KnownProblem) -> bool) -> Vec<GroupKey> {
        let some = self.problems.entries().iter();
        let some = some.filter(|(_, known)| is_one(known));
        let some = sorted(some, |(_, a), (_, b)| a.number.cmp(&b.number));
        some.into_iter().map(|(key, _)| *key).collect()
    }

    /// Takes the counted events whose reminder was due `max_age` ago.
    pub(crate) fn expire(&mut self, now: Instant, max_age: Duration) -> Vec<Group> {
        let is_old = |due: Instant| now.saturating_duration_since(due) >= max_age;
        if !self.next_due.is_some_and(is_old) {
            return Vec::new();
        }
        let keys = self.keys_of(|known| known.reminders.due(&self.schedule).is_some_and(is_old));
        let mut old = Vec::new();
        for key in keys {
            match self.problems.get_mut(key) {
                // An all-quiet notice that is too old is dropped; it loses no event.
                Some(known) if known.reminders.untold() == 0 => known.reminders.note_quiet(),
                _ => old.extend(self.take_one(key, now)),
            }
        }
        self.next_due = self.earliest();
        old
    }

    /// Returns the earliest time at which counted events may become too old.
    pub(crate) fn next_expiry(&self, max_age: Duration) -> Option<Instant> {
        self.next_due?.checked_add(max_age)
    }

    /// Forgets the problems without counted events, and makes the others due.
    pub(crate) fn forget_told(&mut self, now: Instant) {
        #[cfg(feature = "spool")]
        {
            self.earlier = None;
        }
        self.forget_told_where(now, |_| true);
    }

    pub(super) fn forget_told_where(
        &mut self,
        now: Instant,
        is_one: impl Fn(&KnownProblem) -> bool,
    ) {
        self.problems
            .retain(|known| !is_one(known) || known.reminders.untold() > 0);
        let left = self.problems.values_mut().filter(|known| is_one(known));
        for known in left {
            if let Some(extra) = &mut known.extra {
                extra.memory = None;
            }
            known.reminders.restart();
            self.next_due = Some(now);
        }
    }
}
