//! The reminders that go into a message, and what becomes of them.

use std::rc::Rc;
use std::time::Instant;

use super::problem::{KnownProblem, LastEvent};
use super::{KnownProblems, earliest_of};
use crate::adapter::ProblemState;
use crate::text::sorted_map::sorted;
use crate::worker::lane::group::{Group, GroupKey};
use crate::worker::reminder_schedule::ReminderState;

/// The reminders that a message takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReminderFilter {
    /// Those that are due, or nearly.
    Due,
    /// Those that are very late.
    Late,
    /// Those of all counted events.
    All,
}

impl KnownProblems {
    /// Takes up to `most` due problems of one route, the longest waiting first. `route` defaults to
    /// that of the longest waiting.
    pub(crate) fn take(
        &mut self,
        which: ReminderFilter,
        most: usize,
        route: Option<u64>,
        now: Instant,
    ) -> Vec<Group> {
        let is_taken = |known: &KnownProblem| match which {
            ReminderFilter::Due => known.reminders.is_nearly_due(&self.schedule, now),
            ReminderFilter::Late => known.reminders.is_late(&self.schedule, now),
            ReminderFilter::All => known.reminders.untold() > 0,
        };
        let taken = self.problems.entries().iter();
        let taken = taken.filter(|(_, known)| is_taken(known));
        let taken =
            taken.map(|(key, known)| (known.reminders.due(&self.schedule), known.number, *key));
        let mut taken = sorted(taken, |a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let route = route.or_else(|| taken.first().map(|(_, _, key)| key.route));
        taken.retain(|(_, _, key)| Some(key.route) == route);
        let taken = taken.into_iter();
        let taken = taken.filter_map(|(_, _, key)| self.take_one(key, now));
        let taken: Vec<_> = taken.take(most).collect();
        // Reminders are spaced out so that one message gathers several. If each is sent alone, the
        // end of one problem would only wait for that of another.
        if most > 1 || taken.is_empty() {
            self.reminded = Some(now);
        }
        taken
    }

    pub(super) fn take_one(&mut self, key: GroupKey, now: Instant) -> Option<Group> {
        let known = self.problems.get_mut(key)?;
        let due = known.reminders.due(&self.schedule).unwrap_or(now).min(now);
        let mut told = known.as_of(now);
        if known.reminders.is_over(&self.schedule, now) {
            told.state = ProblemState::Quiet;
        }
        // An all-quiet notice shows the last event.
        let last_time = known.last_time.into();
        let last = known.last.to_event(last_time);
        if !self.schedule.tells_quiet {
            known.last = LastEvent::None;
        }
        self.waiting.remove(known.number);
        let events = known.reminders.take_untold();
        let texts = known.take_texts();
        #[cfg(feature = "spool")]
        known.set_may_have_been_told(false);
        self.counted -= events;
        let Some(last) = last else {
            // An all-quiet notice has nothing to show if the last event was sent before.
            known.reminders.note_quiet();
            return None;
        };
        #[cfg(feature = "fleet")]
        let origins = known.take_origins();
        let group = Group::of_counted(key, (last, last_time), events, due, told, texts);
        #[cfg(feature = "fleet")]
        let group = Group { origins, ..group };
        Some(group)
    }

    /// Adds the counted events of its problem to a group.
    pub(crate) fn join(&mut self, group: &mut Group, now: Instant) {
        let Some(known) = self.problems.get_mut(group.key) else {
            return;
        };
        // A requeued group has some of them already.
        let joined = group.known.as_ref().map_or(0, |known| known.counted);
        let mut told = known.as_of(now);
        told.count += group.events.saturating_sub(joined);
        group.rose = group.level < known.level;
        self.waiting.remove(known.number);
        let events = known.reminders.take_untold();
        #[cfg(feature = "spool")]
        known.set_may_have_been_told(false);
        self.counted -= events;
        // An all-quiet notice shows the last event, which is sent now.
        known.last = match self.schedule.tells_quiet {
            true => LastEvent::Whole(Rc::clone(&group.first)),
            false => LastEvent::None,
        };
        let texts = known.take_texts().into_iter();
        texts.for_each(|told| told.count_among(&mut group.texts));
        told.counted = joined + events;
        #[cfg(feature = "fleet")]
        if let Some(origins) = known.take_origins() {
            group.origins.get_or_insert_default().absorb(*origins);
        }
        group.events += events;
        group.known = Some(told);
    }

    /// Puts back the counted events of a message that was not delivered; returns the group if its
    /// problem is not known any more.
    pub(crate) fn put_back(&mut self, group: Group) -> Option<Group> {
        let Some(known) = self.problems.get_mut(group.key) else {
            return Some(group);
        };
        if group.events == 0 {
            // An all-quiet notice is sent later; no event waits for it.
            if let LastEvent::None = known.last {
                known.last = LastEvent::Whole(group.first);
            }
            self.next_due = self.earliest();
            return None;
        }
        if known.reminders.untold() == 0 {
            known.last = LastEvent::Whole(group.first);
        } else {
            self.waiting.remove(known.number);
        }
        let later = known.take_texts();
        known.note_texts(group.texts);
        known.note_texts(later);
        known.number = known.number.min(group.number);
        self.waiting.insert(known.number, ());
        #[cfg(feature = "spool")]
        {
            let told = group.known.as_ref();
            let may = told.is_some_and(|told| told.possible_repeat);
            known.set_may_have_been_told(may || known.may_have_been_told());
        }
        #[cfg(feature = "fleet")]
        if let Some(origins) = group.origins {
            let known = known.extra().origins.get_or_insert_default();
            known.absorb(*origins);
        }
        known.reminders.put_back(group.events);
        self.counted += group.events;
        self.next_due = earliest_of(self.next_due, known.reminders.due(&self.schedule));
        None
    }

    /// Notes that a group was delivered.
    pub(crate) fn note_told(&mut self, group: &Group, owes: bool, now: Instant) {
        let counted = group.known.as_ref().map_or(0, |known| known.counted);
        let key = group.key.in_this_process();
        if let Some(known) = self.problems.get_mut(key) {
            let extra = group.events.saturating_sub(counted);
            known.reminders.add(extra, group.newest);
            known.reminders.note_told(&self.schedule, now);
            known.level = known.level.min(group.level);
            known.set_owes_mention(owes);
            if group.state() == ProblemState::Quiet {
                known.reminders.note_quiet();
            }
            let due = known.reminders.due(&self.schedule);
            self.next_due = earliest_of(self.next_due, due);
            let (level, untold) = (known.level, known.reminders.untold());
            if untold == 0 && !self.counts_level(level) {
                self.problems.remove(key);
            }
            return;
        }
        if !self.counts_level(group.level) || !self.make_room(now) {
            return;
        }
        // A problem that was forgotten while its message was in flight continues as the message
        // says.
        let told = group.known.as_ref();
        let events = told.map_or(group.events, |told| told.count);
        let first_seen = told.map_or_else(|| group.first.view().time(), |told| told.first_seen);
        let mut known = KnownProblem {
            reminders: ReminderState::new(&self.schedule, events, group.newest, now),
            first_seen: first_seen.into(),
            last_time: group.last_time.into(),
            level: group.level,
            // The end of an incident shows the event that opened it, if no more came.
            last: match self.schedule.sends_resolve {
                true => LastEvent::Whole(Rc::clone(&group.first)),
                false => LastEvent::None,
            },
            number: group.number,
            extra: None,
        };
        known.set_owes_mention(owes);
        self.next_due = earliest_of(self.next_due, known.reminders.due(&self.schedule));
        self.problems.insert(key, Box::new(known));
    }
}
