//! The known problems of a member that leads and reports for others.

use std::time::Instant;

use tracing::Level;

use super::problem::KnownProblem;
use super::{EarlierHistory, GroupKey, KnownProblems, PendingReminder};
use crate::spool::history::Sighting;
use crate::worker::lane::Group;

impl KnownProblem {
    /// Adds the origins of counted events, whose entries are settled.
    pub(super) fn note_origins(&mut self, group: &Group) {
        if let Some(origins) = &group.origins {
            let mut origins = origins.clone();
            origins.marks.clear();
            origins.kept = false;
            let known = self.extra().origins.get_or_insert_default();
            known.absorb(*origins);
        }
    }
}

impl KnownProblems {
    /// Counts a group that came whole, if people know its problem; returns whether it did.
    pub(crate) fn offer_group(&mut self, group: &Group, now: Instant) -> bool {
        self.would_count(group.key, group.level, now) && self.count(group)
    }

    /// Returns whether an event of this problem would be counted.
    pub(crate) fn would_count(&mut self, key: GroupKey, level: Level, now: Instant) -> bool {
        if !self.counts_level(level) {
            return false;
        }
        self.recall(key, now);
        let Some(known) = self.problems.get(key) else {
            return false;
        };
        if known.reminders.is_forgotten(&self.schedule, now) {
            self.problems.remove(key);
            return false;
        }
        level >= known.level
    }

    /// Restores what the leader before had counted; returns whether the problem is known.
    pub(crate) fn restore_group(&mut self, group: &Group, now: Instant) -> bool {
        let is_known = self.restore(group, now);
        if let Some(known) = self.problems.get_mut(group.key).filter(|_| is_known) {
            known.note_origins(group);
        }
        is_known
    }

    /// Returns what is known of one problem, in the wall-clock time of `earlier`.
    pub(crate) fn sighting(&self, key: GroupKey, earlier: &EarlierHistory) -> Option<Sighting> {
        Some(self.problems.get(key)?.sighting(key, earlier))
    }

    /// Returns the counted events of one problem.
    pub(crate) fn pending_reminder(&self, key: GroupKey) -> Option<PendingReminder<'_>> {
        self.pending_reminders().find(|waiting| waiting.key == key)
    }
}
