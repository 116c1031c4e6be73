//! The problems that other processes knew, so that a restart reports none of them as new.

use std::rc::Rc;
use std::time::{Instant, SystemTime};

use tracing::Level;

use super::problem::LastEvent;
use super::{GroupKey, KnownProblem, KnownProblems, earliest_of};
use crate::event::{EventView, carried};
use crate::message::CollectiveText;
use crate::spool::history::{History, Sighting, from_seconds, to_seconds};
use crate::worker::lane::group::Group;
use crate::worker::reminder_schedule::ReminderState;

/// The known problems of other processes, and when they were read, by both clocks.
#[derive(Debug)]
pub(crate) struct EarlierHistory {
    history: History,
    now: Instant,
    wall: SystemTime,
}

impl EarlierHistory {
    pub(crate) fn new(history: History, now: Instant, wall: SystemTime) -> Self {
        Self { history, now, wall }
    }

    /// Returns when they were read, by the wall clock.
    pub(crate) fn wall(&self) -> SystemTime {
        self.wall
    }

    fn get(&self, fingerprint: u64) -> Option<Sighting> {
        self.history.get(fingerprint).copied()
    }

    /// Returns the instant of a wall-clock time; none if the clock has been set since.
    fn instant(&self, seconds: u32) -> Option<Instant> {
        let before = self.wall.duration_since(from_seconds(seconds)).ok()?;
        self.now.checked_sub(before)
    }

    /// Returns the wall-clock time of an instant.
    pub(crate) fn seconds(&self, at: Instant) -> u32 {
        let before = self.now.saturating_duration_since(at);
        let wall = match at.checked_duration_since(self.now) {
            Some(since) => self.wall.checked_add(since),
            None => self.wall.checked_sub(before),
        };
        wall.map_or(0, to_seconds)
    }
}

/// The counted events of a known problem.
#[derive(Debug)]
pub(crate) struct PendingReminder<'k> {
    pub(crate) key: GroupKey,
    /// The lane's number of the first of them.
    pub(crate) number: u64,
    pub(crate) events: u64,
    pub(crate) level: Level,
    pub(crate) last: EventView<'k>,
    pub(crate) last_time: SystemTime,
    pub(crate) last_event: Instant,
    /// Whether a message with them was in flight when its process ended.
    pub(crate) possible_repeat: bool,
}

impl KnownProblems {
    /// Adds a problem that another process knew, unless it is forgotten.
    pub(super) fn recall(&mut self, key: GroupKey, now: Instant) {
        if self.earlier.is_some() && !self.problems.contains(key) {
            let recalled = self.recalled(key);
            if let Some(known) =
                recalled.filter(|one| !one.reminders.is_forgotten(&self.schedule, now))
            {
                self.insert(key, known, now);
            }
        }
    }

    fn recalled(&self, key: GroupKey) -> Option<KnownProblem> {
        let earlier = self.earlier.as_ref()?;
        let seen = earlier.get(key.problem.fingerprint)?;
        let last_event = earlier.instant(seen.last_seen)?;
        let first_told = earlier.instant(seen.first_told)?;
        let last_told = earlier.instant(seen.last_told)?;
        let reminders = ReminderState::restored(
            &self.schedule,
            seen.events,
            first_told,
            last_told,
            last_event,
        );
        Some(KnownProblem {
            reminders,
            first_seen: from_seconds(seen.first_seen).into(),
            last_time: from_seconds(seen.last_seen).into(),
            level: carried::level(seen.level),
            last: LastEvent::None,
            number: 0,
            extra: None,
        })
    }

    fn insert(&mut self, key: GroupKey, known: KnownProblem, now: Instant) -> bool {
        let has_room = self.make_room(now);
        if has_room {
            self.problems.insert(key, Box::new(known));
        }
        has_room
    }

    /// Restores the events that another process had counted; returns whether their problem is
    /// known.
    pub(crate) fn restore(&mut self, group: &Group, now: Instant) -> bool {
        let (key, last) = (group.key.in_this_process(), &group.first);
        if !self.counts_level(last.view().level()) {
            return false;
        }
        if !self.problems.contains(key) {
            let Some(known) = self.recalled(key) else {
                return false;
            };
            if !self.insert(key, known, now) {
                return false;
            }
        }
        let Some(known) = self.problems.get_mut(key) else {
            return false;
        };
        if key.problem.collective.is_some() {
            known.note_texts(vec![CollectiveText::of(&last.view())]);
        }
        // If more events have come since, the last of those stands for all.
        if known.reminders.untold() == 0 {
            known.number = group.number;
            known.last_time = last.view().time().into();
            known.last = LastEvent::Whole(Rc::clone(last));
            self.waiting.insert(group.number, ());
        }
        let may = group.may_have_been_told() || known.may_have_been_told();
        known.set_may_have_been_told(may);
        known.reminders.put_back(group.events);
        let due = known.reminders.due(&self.schedule);
        self.counted += group.events;
        self.next_due = earliest_of(self.next_due, due);
        true
    }

    /// Returns the counted events of each problem.
    pub(crate) fn pending_reminders(&self) -> impl Iterator<Item = PendingReminder<'_>> {
        self.problems.entries().iter().filter_map(|(key, known)| {
            let events = known.reminders.untold();
            let last_time = known.last_time.into();
            let last = known.last.view(last_time)?;
            (events > 0).then(|| PendingReminder {
                key: *key,
                number: known.number,
                events,
                level: known.level,
                last,
                last_time,
                last_event: known.reminders.last_event(),
                possible_repeat: known.may_have_been_told(),
            })
        })
    }

    /// Returns what is known of each problem, for other processes.
    pub(crate) fn sightings(&self, earlier: &EarlierHistory) -> impl Iterator<Item = Sighting> {
        let problems = self.problems.entries().iter();
        problems.map(|(key, known)| known.sighting(*key, earlier))
    }
}

impl KnownProblem {
    /// Returns what is known of the problem, with times on the wall clock of `earlier`.
    pub(super) fn sighting(&self, key: GroupKey, earlier: &EarlierHistory) -> Sighting {
        Sighting {
            fingerprint: key.problem.fingerprint,
            first_seen: to_seconds(self.first_seen.into()),
            last_seen: earlier.seconds(self.reminders.last_event()),
            first_told: earlier.seconds(self.reminders.first_told()),
            last_told: earlier.seconds(self.reminders.last_told()),
            events: self.reminders.events(),
            level: carried::level_number(self.level),
            release: u8::MAX,
        }
    }
}
