//! The known problems of a member that leads and reports for others.

use std::time::Instant;

use tracing::Level;

use super::problem::KnownProblem;
use super::{Earlier, Key, KnownProblems, Offered, Waiting};
use crate::event::carried;
use crate::spool::history::{Sighting, to_seconds};
use crate::worker::lane::Group;

impl KnownProblem {
    /// Adds the origins of counted events, whose entries are settled.
    pub(super) fn note_seen(&mut self, group: &Group) {
        if let Some(seen) = &group.seen {
            let mut seen = seen.clone();
            seen.marks.clear();
            seen.kept = false;
            let known = self.more().seen.get_or_insert_default();
            known.absorb(*seen);
        }
    }
}

impl KnownProblems {
    /// Counts a whole group, if its problem is known.
    pub(crate) fn offer_group(&mut self, group: &Group, now: Instant) -> Offered {
        match self.takes_up(group.key, group.level, now) {
            Offered::Counted if !self.count(group) => Offered::Unknown,
            offered => offered,
        }
    }

    /// Returns what the outcome would be for an event.
    pub(crate) fn takes_up(&mut self, key: Key, level: Level, now: Instant) -> Offered {
        if !self.takes(level) {
            return Offered::Unknown;
        }
        self.recall(key, now);
        let Some(known) = self.problems.get(key) else {
            return Offered::Unknown;
        };
        if known.life.is_forgotten(&self.ladder, now) {
            self.problems.remove(key);
            return Offered::Unknown;
        }
        match level < known.level {
            true => Offered::Worse,
            false => Offered::Counted,
        }
    }

    /// Restores what the leader before had counted; returns whether the problem is known.
    pub(crate) fn restore_group(&mut self, group: &Group, now: Instant) -> bool {
        let is_known = self.restore(group, now);
        if let Some(known) = self.problems.get_mut(group.key).filter(|_| is_known) {
            known.note_seen(group);
        }
        is_known
    }

    /// Returns what is known of one problem, in the wall-clock time of `earlier`.
    pub(crate) fn sighting(&self, key: Key, earlier: &Earlier) -> Option<Sighting> {
        let known = self.problems.get(key)?;
        Some(Sighting {
            fingerprint: key.telling.fingerprint,
            first_seen: to_seconds(known.first_seen.into()),
            last_seen: earlier.seconds(known.life.last_event()),
            first_told: earlier.seconds(known.life.first_told()),
            last_told: earlier.seconds(known.life.last_told()),
            events: known.life.events(),
            level: carried::level_number(known.level),
            release: u8::MAX,
        })
    }

    /// Returns the counted events of one problem.
    pub(crate) fn waiting_of(&self, key: Key) -> Option<Waiting<'_>> {
        self.waiting().find(|waiting| waiting.key == key)
    }
}
