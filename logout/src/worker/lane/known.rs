//! The problems of one lane that people were told of, and what has come of each since.
//!
//! Pure: the time is an argument.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use tracing::Level;
use tracing::level_filters::LevelFilter;

use super::group::{Group, Kept, Key};
use crate::adapter::{Memory, ProblemState};
use crate::event::EventView;
use crate::message::ToldText;
use crate::text::sort::{SortedMap, sorted};
use crate::worker::ladder::{Ladder, Life};

mod forgetting;
mod problem;

pub(crate) use self::problem::Known;
use self::problem::{KnownProblem, LastEvent};

/// What became of an event that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offered {
    /// People were not told of its problem.
    Unknown,
    /// They were, and of nothing as severe.
    Worse,
    Counted,
}

/// Which of the known problems are taken for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// Those whose moment has come, with those whose moment is near.
    Due,
    /// Those whose moment has long come.
    Late,
    /// All of which something is not told.
    All,
}

/// The known problems of one lane.
#[derive(Debug)]
pub(crate) struct KnownProblems {
    ladder: Ladder,
    /// Whether the destination keeps incidents open until they are told to be over.
    incidents: bool,
    /// From which level up problems are known; none is where people are told of each event.
    from: Option<Level>,
    bound: usize,
    /// In boxes, of which there are not twice as many as problems.
    problems: SortedMap<Key, Box<KnownProblem>>,
    /// The numbers of those of which something is not told.
    waiting: SortedMap<u64, ()>,
    /// None of them is due before this, if any is.
    next_due: Option<Instant>,
    /// When the last reminder was taken.
    reminded: Option<Instant>,
    /// Events that are counted and not told.
    counted: u64,
    /// Of which problems something came that no text is kept of yet, and the place of the last among the
    /// events that are offered together.
    latest: SortedMap<Key, usize>,
    /// Where excerpts are written.
    scratch: Vec<u8>,
    /// Bytes of what all lanes keep.
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
            incidents: false,
            bound,
            problems: SortedMap::default(),
            waiting: SortedMap::default(),
            next_due: None,
            reminded: None,
            counted: 0,
            latest: SortedMap::default(),
            scratch: Vec::new(),
            kept,
            #[cfg(feature = "spool")]
            earlier: None,
        }
    }

    /// Changes when problems are told again. Of those that are no more, all that waits is due.
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

    /// Takes note that the destination keeps incidents open, so that each is told to be over.
    pub(crate) fn close_incidents(&mut self) {
        self.incidents = true;
        self.ladder = std::mem::take(&mut self.ladder).closing();
    }

    pub(crate) fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// Returns whether known problems are told again.
    pub(crate) fn reminds(&self) -> bool {
        self.from.is_some()
    }

    /// Returns whether problems of this level are counted once people know them.
    pub(crate) fn takes(&self, level: Level) -> bool {
        self.from.is_some_and(|from| level <= from)
    }

    /// Events that are counted and that no message has told yet.
    pub(crate) fn counted(&self) -> u64 {
        self.counted
    }

    /// The lane's number of the oldest event that is counted and not told.
    pub(crate) fn oldest_number(&self) -> Option<u64> {
        self.waiting.entries().first().map(|(number, ())| *number)
    }

    /// What the adapter remembers of a problem.
    pub(crate) fn memory(&self, key: Key) -> Option<&Memory> {
        self.problems.get(key)?.more.as_ref()?.memory.as_ref()
    }

    /// Keeps what the adapter wants to know of the first message of a problem.
    pub(crate) fn remember(&mut self, key: Key, memory: Memory) {
        if let Some(known) = self.problems.get_mut(key) {
            known.more().memory.get_or_insert(memory);
        }
    }

    /// Forgets what the adapter remembers of a problem, and returns whether it remembered anything.
    pub(crate) fn forget_memory(&mut self, key: Key) -> bool {
        let more = self
            .problems
            .get_mut(key)
            .and_then(|known| known.more.as_mut());
        more.is_some_and(|more| more.memory.take().is_some())
    }

    /// Counts an event of a known problem, by its `place` among those that are offered together;
    /// `whole` makes it last, for one that is sent at once.
    ///
    /// The first that waits has its text kept. What later ones say is kept once they were all offered:
    /// in a storm writing down what each says, of which one is told, would take most of the time.
    pub(crate) fn offer(
        &mut self,
        key: Key,
        number: u64,
        event: &EventView<'_>,
        place: usize,
        now: Instant,
        whole: impl FnOnce() -> Option<Rc<Kept>>,
    ) -> Offered {
        if !self.takes(event.level()) {
            return Offered::Unknown;
        }
        #[cfg(feature = "spool")]
        self.recall(key, now);
        let Some(known) = self.problems.get_mut(key) else {
            return Offered::Unknown;
        };
        if known.life.is_forgotten(&self.ladder, now) {
            self.problems.remove(key);
            return Offered::Unknown;
        }
        if event.level() < known.level {
            return Offered::Worse;
        }
        let is_first = known.life.untold() == 0;
        known.note_time(event.time());
        known.life.count(&self.ladder, 1, now);
        self.counted += 1;
        if key.telling.collective.is_some() {
            ToldText::count(event, &mut known.more().texts);
        }
        // Of what waits already the moment is known, and the next event does not make it earlier.
        if !is_first {
            self.latest.insert(key, place);
            return Offered::Counted;
        }
        known.number = number;
        self.waiting.insert(number, ());
        let due = known.life.due(&self.ladder);
        self.next_due = earlier(self.next_due, due);
        if due.is_some_and(|due| due <= now) {
            known.last = whole().map_or(LastEvent::None, LastEvent::Whole);
        } else {
            known.keep_excerpt(event, &mut self.scratch, &self.kept);
        }
        Offered::Counted
    }

    /// Keeps what the last of each problem said of those that were offered together; `event` finds one by
    /// its place.
    pub(crate) fn keep_latest<'e>(&mut self, event: impl Fn(usize) -> Option<EventView<'e>>) {
        for (key, place) in std::mem::take(&mut self.latest).entries() {
            if let Some(known) = self.problems.get_mut(*key)
                && let Some(event) = event(*place)
            {
                known.keep_excerpt(&event, &mut self.scratch, &self.kept);
            }
        }
    }

    /// Counts what came in while the first message of its problem was under way.
    pub(crate) fn count(&mut self, group: &Group) -> bool {
        let Some(known) = self.problems.get_mut(group.key) else {
            return false;
        };
        if known.life.untold() == 0 {
            known.number = group.number;
            self.waiting.insert(group.number, ());
        }
        known.note_time(group.last_time());
        known.life.count(&self.ladder, group.events, group.newest);
        self.counted += group.events;
        known.last = LastEvent::Whole(Rc::clone(&group.first));
        #[cfg(feature = "fleet")]
        known.note_seen(group);
        known.note_texts(group.texts.clone());
        self.next_due = earlier(self.next_due, known.life.due(&self.ladder));
        true
    }

    /// Returns since when one of them is due, or will be.
    pub(crate) fn due_since(&self) -> Option<Instant> {
        self.next_due
    }

    /// Returns when a reminder may go.
    pub(crate) fn due_at(&self) -> Option<Instant> {
        let due = self.next_due?;
        let apart = self
            .reminded
            .and_then(|at| at.checked_add(self.ladder.gap()));
        Some(apart.map_or(due, |apart| apart.max(due)))
    }

    /// Returns whether one of them is due, of which the earliest that is known may be too early.
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

    /// Returns whether one of them is so late that it goes before what is new.
    pub(crate) fn is_late(&self, now: Instant) -> bool {
        let is_near = self.next_due.is_some_and(|due| due <= now);
        let mut known = self.problems.values();
        is_near && known.any(|known| known.life.is_late(&self.ladder, now))
    }

    /// Takes out what is to be told of at most this many of them, all to one place, who waits
    /// longest first; to the place of who waits longest, unless it is given.
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
        let route = route.or_else(|| taken.first().map(|(_, _, key)| key.route()));
        taken.retain(|(_, _, key)| Some(key.route()) == route);
        let taken = taken.into_iter();
        let taken = taken.filter_map(|(_, _, key)| self.take_one(key, now));
        let taken: Vec<_> = taken.take(most).collect();
        // Reminders are apart so that one message gathers them. Where each is told alone, the end of one
        // problem would only wait for that of another.
        if most > 1 || taken.is_empty() {
            self.reminded = Some(now);
        }
        taken
    }

    fn take_one(&mut self, key: Key, now: Instant) -> Option<Group> {
        let known = self.problems.get_mut(key)?;
        let due = known.life.due(&self.ladder).unwrap_or(now).min(now);
        let mut told = known.as_of(now);
        if known.life.is_over(&self.ladder, now) {
            told.state = ProblemState::Quiet;
        }
        // The end of a problem is told by what came last.
        let last_time = known.last_time.into();
        let last = known.last.to_event(last_time);
        if !self.ladder.tells_quiet() {
            known.last = LastEvent::None;
        }
        self.waiting.remove(known.number);
        let events = known.life.take_untold();
        let texts = known.take_texts();
        #[cfg(feature = "spool")]
        known.set_may_have_been_told(false);
        self.counted -= events;
        let Some(last) = last else {
            // Of the end of a problem there is nothing to show where its last event was told.
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

    /// Adds to a group what was counted of its problem, which it tells, too.
    pub(crate) fn join(&mut self, group: &mut Group, now: Instant) {
        let Some(known) = self.problems.get_mut(group.key) else {
            return;
        };
        // One that was sent back has some of them already.
        let joined = group.known.as_ref().map_or(0, |known| known.counted);
        let mut told = known.as_of(now);
        told.count += group.events.saturating_sub(joined);
        group.rose = group.level < known.level;
        self.waiting.remove(known.number);
        let events = known.life.take_untold();
        #[cfg(feature = "spool")]
        known.set_may_have_been_told(false);
        self.counted -= events;
        // The end of a problem is told by what came last, and that is what is told now.
        known.last = match self.ladder.tells_quiet() {
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

    /// Puts back what was taken for a message that did not get through; gives it back where its
    /// problem is not known any more.
    pub(crate) fn put_back(&mut self, group: Group) -> Option<Group> {
        let Some(known) = self.problems.get_mut(group.key) else {
            return Some(group);
        };
        if group.events == 0 {
            // That nothing more has come is told later; no event waits for it.
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
            let may = group
                .known
                .as_ref()
                .is_some_and(|told| told.possible_repeat);
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

    /// Notes that people were told of a group.
    pub(crate) fn note_told(&mut self, group: &Group, owes: bool, now: Instant) {
        let counted = group.known.as_ref().map_or(0, |known| known.counted);
        let key = group.key.live();
        if let Some(known) = self.problems.get_mut(key) {
            known
                .life
                .add(group.events.saturating_sub(counted), group.newest);
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
        if !self.takes(group.level) {
            return;
        }
        if !self.make_room(now) {
            return;
        }
        // One that was forgotten while its message was under way goes on as the message says.
        let told = group.known.as_ref();
        let events = told.map_or(group.events, |told| told.count);
        let first_seen = told.map_or_else(|| group.first.view().time(), |told| told.first_seen);
        let mut known = KnownProblem {
            life: Life::new(&self.ladder, events, group.newest, now),
            first_seen: first_seen.into(),
            last_time: group.last_time().into(),
            level: group.level,
            // The end of an incident is told by what opened it, where nothing more came.
            last: match self.ladder.closes() {
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
