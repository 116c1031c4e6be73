//! The reminders that go into a message, and what becomes of them.

use std::rc::Rc;
use std::time::Instant;

use super::problem::{KnownProblem, LastEvent};
use super::{KnownProblems, earlier};
use crate::adapter::ProblemState;
use crate::text::sort::sorted;
use crate::worker::ladder::Life;
use crate::worker::lane::group::{Group, Key};

/// The reminders that a message takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
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
        which: Take,
        most: usize,
        route: Option<u64>,
        now: Instant,
    ) -> Vec<Group> {
        let is_taken = |known: &KnownProblem| match which {
            Take::Due => known.life.rides_along(&self.ladder, now),
            Take::Late => known.life.is_late(&self.ladder, now),
            Take::All => known.life.untold() > 0,
        };
        let taken = self.problems.entries().iter();
        let taken = taken.filter(|(_, known)| is_taken(known));
        let taken = taken.map(|(key, known)| (known.life.due(&self.ladder), known.number, *key));
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

    pub(super) fn take_one(&mut self, key: Key, now: Instant) -> Option<Group> {
        let known = self.problems.get_mut(key)?;
        let due = known.life.due(&self.ladder).unwrap_or(now).min(now);
        let mut told = known.as_of(now);
        if known.life.is_over(&self.ladder, now) {
            told.state = ProblemState::Quiet;
        }
        // An all-quiet notice shows the last event.
        let last_time = known.last_time.into();
        let last = known.last.to_event(last_time);
        if !self.ladder.tells_quiet {
            known.last = LastEvent::None;
        }
        self.waiting.remove(known.number);
        let events = known.life.take_untold();
        let texts = known.take_texts();
        #[cfg(feature = "spool")]
        known.set_may_have_been_told(false);
        self.counted -= events;
        let Some(last) = last else {
            // An all-quiet notice has nothing to show if the last event was sent before.
            known.life.note_quiet();
            return None;
        };
        #[cfg(feature = "fleet")]
        let seen = known.take_seen();
        let group = Group::of_known(key, (last, last_time), events, due, told, texts);
        #[cfg(feature = "fleet")]
        let group = Group { seen, ..group };
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
        let events = known.life.take_untold();
        #[cfg(feature = "spool")]
        known.set_may_have_been_told(false);
        self.counted -= events;
        // An all-quiet notice shows the last event, which is sent now.
        known.last = match self.ladder.tells_quiet {
            true => LastEvent::Whole(Rc::clone(&group.first)),
            false => LastEvent::None,
        };
        let texts = known.take_texts().into_iter();
        texts.for_each(|told| told.count_among(&mut group.texts));
        told.counted = joined + events;
        #[cfg(feature = "fleet")]
        if let Some(seen) = known.take_seen() {
            group.seen.get_or_insert_default().absorb(*seen);
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
        if known.life.untold() == 0 {
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
        if let Some(seen) = group.seen {
            let known = known.more().seen.get_or_insert_default();
            known.absorb(*seen);
        }
        known.life.put_back(group.events);
        self.counted += group.events;
        self.next_due = earlier(self.next_due, known.life.due(&self.ladder));
        None
    }

    /// Notes that a group was delivered.
    pub(crate) fn note_told(&mut self, group: &Group, owes: bool, now: Instant) {
        let counted = group.known.as_ref().map_or(0, |known| known.counted);
        let key = group.key.live();
        if let Some(known) = self.problems.get_mut(key) {
            let more = group.events.saturating_sub(counted);
            known.life.add(more, group.newest);
            known.life.note_told(&self.ladder, now);
            known.level = known.level.min(group.level);
            known.set_owes_mention(owes);
            if group.state() == ProblemState::Quiet {
                known.life.note_quiet();
            }
            let due = known.life.due(&self.ladder);
            self.next_due = earlier(self.next_due, due);
            let (level, untold) = (known.level, known.life.untold());
            if untold == 0 && !self.takes(level) {
                self.problems.remove(key);
            }
            return;
        }
        if !self.takes(group.level) || !self.make_room(now) {
            return;
        }
        // A problem that was forgotten while its message was in flight continues as the message
        // says.
        let told = group.known.as_ref();
        let events = told.map_or(group.events, |told| told.count);
        let first_seen = told.map_or_else(|| group.first.view().time(), |told| told.first_seen);
        let mut known = KnownProblem {
            life: Life::new(&self.ladder, events, group.newest, now),
            first_seen: first_seen.into(),
            last_time: group.last_time.into(),
            level: group.level,
            // The end of an incident shows the event that opened it, if no more came.
            last: match self.ladder.closes {
                true => LastEvent::Whole(Rc::clone(&group.first)),
                false => LastEvent::None,
            },
            number: group.number,
            more: None,
        };
        known.set_owes_mention(owes);
        self.next_due = earlier(self.next_due, known.life.due(&self.ladder));
        self.problems.insert(key, Box::new(known));
    }
}
