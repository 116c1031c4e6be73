//! What is given up of known problems, and which are forgotten.

use std::time::{Duration, Instant};

use super::{KnownProblem, KnownProblems, earlier};
use crate::text::sort::sorted;
use crate::worker::lane::group::{Group, Key};

impl KnownProblems {
    /// Notes that a message that was to tell a group was given up: the moment has passed all the
    /// same.
    pub(crate) fn note_given_up(&mut self, group: &Group, now: Instant) {
        if group.known.is_some()
            && let Some(known) = self.problems.get_mut(group.key)
        {
            known.life.note_told(&self.ladder, now);
        }
    }

    /// Makes room for one more: the longest silent of which all is told is forgotten. Where there
    /// is none, the one that waits longest is made due, and there is no room yet.
    pub(super) fn make_room(&mut self, now: Instant) -> bool {
        if self.problems.entries().len() < self.bound {
            return true;
        }
        self.problems
            .retain(|known| !known.life.is_forgotten(&self.ladder, now));
        if self.problems.entries().len() < self.bound {
            return true;
        }
        let told = self.problems.entries().iter();
        let told = told.filter(|(_, known)| known.life.untold() == 0);
        let silent = told.min_by_key(|(_, known)| (known.life.last_event(), known.number));
        if let Some(key) = silent.map(|(key, _)| *key) {
            self.problems.remove(key);
            return true;
        }
        let longest = self.problems.values_mut().min_by_key(|known| known.number);
        if let Some(known) = longest {
            known.life.hurry();
            self.next_due = earlier(self.next_due, known.life.due(&self.ladder));
        }
        false
    }

    /// Takes out everything that is not told, to be given up.
    pub(crate) fn drain(&mut self, now: Instant) -> Vec<Group> {
        let keys = self.keys_of(|known| known.life.untold() > 0);
        self.next_due = None;
        let keys = keys.into_iter();
        keys.filter_map(|key| self.take_one(key, now)).collect()
    }

    /// Returns the keys of some of them, who waits longest first.
    fn keys_of(&self, is_one: impl Fn(&KnownProblem) -> bool) -> Vec<Key> {
        let some = self.problems.entries().iter();
        let some = some.filter(|(_, known)| is_one(known));
        let some = sorted(some, |(_, a), (_, b)| a.number.cmp(&b.number));
        some.into_iter().map(|(key, _)| *key).collect()
    }

    /// Takes out what was due this long ago, to be given up.
    pub(crate) fn expire(&mut self, now: Instant, max_age: Duration) -> Vec<Group> {
        let is_old = |due: Instant| now.saturating_duration_since(due) >= max_age;
        if !self.next_due.is_some_and(is_old) {
            return Vec::new();
        }
        let keys = self.keys_of(|known| known.life.due(&self.ladder).is_some_and(is_old));
        let mut old = Vec::new();
        for key in keys {
            match self.problems.get_mut(key) {
                // That nothing more has come is too old to be told, and no event is lost by that.
                Some(known) if known.life.untold() == 0 => known.life.note_quiet(),
                _ => old.extend(self.take_one(key, now)),
            }
        }
        self.next_due = self.earliest();
        old
    }

    /// Before when nothing of it was due this long ago.
    pub(crate) fn next_expiry(&self, max_age: Duration) -> Option<Instant> {
        self.next_due?.checked_add(max_age)
    }

    /// Forgets everything that is told, and makes due what is not.
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
            .retain(|known| !is_one(known) || known.life.untold() > 0);
        let left = self.problems.values_mut().filter(|known| is_one(known));
        for known in left {
            if let Some(more) = &mut known.more {
                more.memory = None;
            }
            known.life.begin_again();
            self.next_due = Some(now);
        }
    }
}
