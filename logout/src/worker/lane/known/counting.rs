//! The counting of events of known problems.

use std::rc::Rc;
use std::time::Instant;

use super::problem::LastEvent;
use super::{KnownProblems, earliest_of};
use crate::event::EventView;
use crate::message::CollectiveText;
use crate::worker::lane::group::{Group, GroupKey, KeptEvent};

impl KnownProblems {
    /// Counts an event, by its `index` among those that are offered together, if people were told of its
    /// problem at this level or a more severe one; `whole` makes it last, for one that is sent at once. Returns
    /// whether it was counted.
    ///
    /// The first that waits has its text kept. What later ones say is kept once they were all offered:
    /// in a storm writing down what each says, of which one is told, would take most of the time.
    pub(crate) fn offer(
        &mut self,
        key: GroupKey,
        number: u64,
        event: &EventView<'_>,
        index: usize,
        now: Instant,
        whole: impl FnOnce() -> Option<Rc<KeptEvent>>,
    ) -> bool {
        if !self.counts_level(event.level()) {
            return false;
        }
        #[cfg(feature = "spool")]
        self.recall(key, now);
        let Some(known) = self.problems.get_mut(key) else {
            return false;
        };
        if known.reminders.is_forgotten(&self.schedule, now) {
            self.problems.remove(key);
            return false;
        }
        if event.level() < known.level {
            return false;
        }
        let is_first = known.reminders.untold() == 0;
        known.note_time(event.time());
        known.reminders.count(&self.schedule, 1, now);
        self.counted += 1;
        if key.problem.collective.is_some() {
            CollectiveText::count(event, &mut known.extra().texts);
        }
        // When the reminder is due is known, and a further event does not make it earlier.
        if !is_first {
            self.latest.insert(key, index);
            return true;
        }
        known.number = number;
        self.waiting.insert(number, ());
        let due = known.reminders.due(&self.schedule);
        self.next_due = earliest_of(self.next_due, due);
        if due.is_some_and(|due| due <= now) {
            known.last = whole().map_or(LastEvent::None, LastEvent::Whole);
        } else {
            known.keep_excerpt(event, &mut self.scratch, &self.kept);
        }
        true
    }

    /// Keeps an excerpt of each problem's last event in the batch; `event` returns the one at an
    /// index.
    pub(crate) fn keep_latest<'e>(&mut self, event: impl Fn(usize) -> Option<EventView<'e>>) {
        for (key, index) in std::mem::take(&mut self.latest).entries() {
            if let Some(known) = self.problems.get_mut(*key)
                && let Some(event) = event(*index)
            {
                known.keep_excerpt(&event, &mut self.scratch, &self.kept);
            }
        }
    }

    /// Counts a whole group if its problem is known; returns whether it is.
    pub(crate) fn count(&mut self, group: &Group) -> bool {
        let Some(known) = self.problems.get_mut(group.key) else {
            return false;
        };
        if known.reminders.untold() == 0 {
            known.number = group.number;
            self.waiting.insert(group.number, ());
        }
        known.note_time(group.last_time);
        known
            .reminders
            .count(&self.schedule, group.events, group.newest);
        self.counted += group.events;
        known.last = LastEvent::Whole(Rc::clone(&group.first));
        #[cfg(feature = "fleet")]
        known.note_origins(group);
        known.note_texts(group.texts.clone());
        self.next_due = earliest_of(self.next_due, known.reminders.due(&self.schedule));
        true
    }
}
