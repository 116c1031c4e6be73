//! The handing over to the lanes of what another process left.

use std::rc::Rc;
use std::time::{Instant, SystemTime};

use super::Storing;
use super::age::{ages, is_set};
use crate::event::{Event, carried};
use crate::spool::Image;
use crate::spool::record::StoredGroup;
use crate::text::human::format_count;
use crate::worker::lane::{Group, GroupRecord, KeptEvent, SharedLane};
use crate::worker::{Clock, Worker};

impl<T, C: Clock> Worker<T, C> {
    /// Hands what another process left to the lanes.
    pub(super) fn restore(&self, storing: &Storing<C>, image: &Image) {
        let (now, wall) = (self.now(), SystemTime::now());
        let next_id = image.next_id.max(storing.next_id.get());
        storing.next_id.set(next_id);
        // Without a clock that was set nothing is long ago.
        if is_set(wall) {
            self.know_earlier(storing, image.history.clone(), wall);
        }
        storing.history.replace(image.history.clone());
        let max_age = self.settings().limits.max_age;
        let (mut follow, mut untaken, mut unread) = (0, 0, 0);
        for stored in image.groups.values() {
            let Some(first) = carried::read(&stored.first) else {
                storing.gone.borrow_mut().push(stored.id);
                unread += stored.events;
                continue;
            };
            if self.restore_group(stored, first, now, wall).is_some() {
                follow += if stored.counted { 0 } else { stored.events };
                continue;
            }
            // It waits for an instance that takes it, up to `max_age`.
            if ages(stored, wall).1 >= max_age {
                storing.gone.borrow_mut().push(stored.id);
            }
            untaken += stored.events;
        }
        self.begin_run(storing, image, follow, now);
        self.evict_over_budget(now);
        if unread > 0 {
            let events = format_count(unread);
            self.say(&format!("spool: {events} events on disk could not be read"));
        }
        if untaken > 0 {
            let events = format_count(untaken);
            self.say(&format!(
                "spool: {events} events on disk are of instances that the block has no more, and no other takes their level; they are given up when they are older than `max_age`"
            ));
        }
        self.notified.set(true);
    }

    fn restore_group(
        &self,
        stored: &StoredGroup,
        first: Event,
        now: Instant,
        wall: SystemTime,
    ) -> Option<()> {
        let first = Rc::new(KeptEvent::new(first, &self.kept));
        let named = |lane: &SharedLane| lane.state.borrow().stats.name == stored.lane;
        let own = self.lanes.iter().position(named);
        let other = || {
            let level = carried::level(stored.level);
            let wanting = self.shared.levels.wanting_now(level);
            (wanting != 0).then(|| wanting.trailing_zeros() as usize)
        };
        let lane = self.lanes.get(own.or_else(other)?)?;
        let mut state = lane.state.borrow_mut();
        let number = state.take_number();
        let mut group = Group::restored(stored, &first, number, ages(stored, wall), now);
        if own.is_none() {
            group.note_lane(&stored.lane);
        }
        let unit = GroupRecord {
            id: stored.id,
            events: group.events,
            counted: stored.counted,
            batch: Some(0),
            ..GroupRecord::default()
        };
        state.stored.units.insert(number, unit);
        state.restore(group, stored.counted && own.is_some(), now);
        lane.notify();
        Some(())
    }
}
