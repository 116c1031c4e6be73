//! The pending events of one lane, like ones together.
//!
//! Pure: the time is an argument.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::time::{Duration, Instant};

use self::order::Order;
use super::group::{Bytes, Group, Kept, Key};
use tracing::Level;

use crate::block::memory_budget::MemoryBudget;
use crate::event::EventView;
use crate::queue::NumberHasher;
use crate::text::sort::{SortedMap, sorted};
use crate::worker::turns::Gravity;

mod order;

/// The groups of one lane.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    bounds: MemoryBudget,
    groups: HashMap<Key, Box<Group>, BuildHasherDefault<NumberHasher>>,
    order: Order,
    /// No group came in last before this.
    oldest_newest: Option<Instant>,
    bytes: Bytes,
    /// The numbers of the problems that people were told of.
    delivered: SortedMap<u64, ()>,
    /// How often messages were halved.
    halves: u64,
}

impl Groups {
    pub(crate) fn within(bounds: MemoryBudget) -> Self {
        Self {
            bounds,
            ..Self::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    /// The lane's number of the oldest event that is still here, and since when it is.
    pub(crate) fn oldest(&self) -> Option<(u64, Instant)> {
        self.get(self.order.oldest()?).map(Group::oldest)
    }

    /// How severe the most severe is.
    pub(crate) fn gravest(&self) -> Option<Gravity> {
        self.order.gravest()
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes
    }

    /// Adds an event; `own` makes it last, and is asked only for the first of its kind.
    pub(crate) fn offer(
        &mut self,
        key: Key,
        number: u64,
        event: &EventView<'_>,
        now: Instant,
        own: impl FnOnce() -> Rc<Kept>,
    ) {
        if let Some(group) = self.groups.get_mut(&key) {
            let (before, place) = (group.bytes(), group.place());
            group.add(event, now);
            self.bytes.change(before, group.bytes());
            // A problem that the program named may have become graver.
            if group.place() != place {
                self.order.remove(place, key);
                self.order.insert(group.place(), key);
            }
            return;
        }
        self.insert(Group::new(key, number, event, now, own()));
    }

    /// Returns whether an event that is no panic would be given up as soon as it is added: there is no
    /// room, it is the first of its kind, and whatever is here is more severe.
    pub(crate) fn has_no_room(&self, key: Key, level: Level) -> bool {
        self.groups.len() >= self.bounds.groups
            && self.order.least() > Some(Gravity::of(level))
            && !self.groups.contains_key(&key)
    }

    /// Adds a group that comes whole.
    #[cfg(feature = "spool")]
    pub(super) fn merge(&mut self, group: Group) {
        #[cfg(feature = "fleet")]
        if group.seen.is_some()
            && let Some(mut earlier) = self.remove(group.key)
        {
            earlier.absorb(group);
            return self.insert(earlier);
        }
        self.requeue([group]);
    }

    #[cfg(feature = "spool")]
    pub(crate) fn all(&self) -> impl Iterator<Item = &Group> {
        self.groups.values().map(Box::as_ref)
    }

    /// Binds groups together, so that they share a message with each other alone.
    pub(crate) fn bind(&mut self, mut groups: Vec<Group>) -> Vec<Group> {
        self.halves += 1;
        for group in &mut groups {
            group.bound = Some(self.halves);
        }
        groups
    }

    /// Requeues groups that could not be sent; what came in meanwhile joins them.
    pub(crate) fn requeue(&mut self, groups: impl IntoIterator<Item = Group>) {
        for mut group in groups {
            if let Some(later) = self.remove(group.key) {
                group.absorb(later);
            }
            self.insert(group);
        }
    }

    /// Takes out what came in of a problem while people were told of it.
    pub(super) fn remove_known(
        &mut self,
        told: &Group,
        is_known: impl FnOnce(&Group) -> bool,
    ) -> Option<Group> {
        let later = self.get(told.key)?;
        let joins = later.bound.is_none() && later.level >= told.level && is_known(later);
        joins.then(|| self.remove(told.key)).flatten()
    }

    /// Takes out one group where there are more than may be: the least severe, and of those the
    /// oldest; a panic last of all.
    pub(crate) fn evict(&mut self) -> Option<Box<Group>> {
        (self.groups.len() > self.bounds.groups)
            .then(|| self.take_least())
            .flatten()
    }

    /// Takes out the least severe group.
    pub(crate) fn take_least(&mut self) -> Option<Box<Group>> {
        self.remove_boxed(self.order.first()?)
    }

    /// Takes out all groups that have become too old.
    pub(crate) fn expire(&mut self, now: Instant, max_age: Duration) -> Vec<Group> {
        let is_old = |newest: Instant| now.saturating_duration_since(newest) >= max_age;
        if !self.oldest_newest.is_some_and(is_old) {
            return Vec::new();
        }
        let old = self.groups.values().filter(|group| is_old(group.newest));
        let old = sorted(old, |a, b| a.number.cmp(&b.number));
        let old: Vec<Key> = old.into_iter().map(|group| group.key).collect();
        let old = old.into_iter().filter_map(|key| self.remove(key)).collect();
        self.oldest_newest = self.groups.values().map(|group| group.newest).min();
        old
    }

    /// Before when none of them becomes too old.
    pub(crate) fn next_expiry(&self, max_age: Duration) -> Option<Instant> {
        self.oldest_newest?.checked_add(max_age)
    }

    /// Takes out everything.
    pub(crate) fn drain(&mut self) -> Vec<Group> {
        self.order.clear();
        self.oldest_newest = None;
        self.bytes = Bytes::default();
        let groups = std::mem::take(&mut self.groups);
        sorted(groups.into_values().map(|group| *group), |a, b| {
            a.number.cmp(&b.number)
        })
    }

    /// The groups that may go into one message, in the order in which they get in: what was never
    /// told before, panics and then the most severe first; then whoever has waited longest. So
    /// neither a call site in a loop nor a panic in one keeps the others out. A panic goes alone,
    /// and all others of one message to the same place.
    pub(crate) fn next(&mut self) -> Vec<Key> {
        for group in self.groups.values_mut() {
            group.new = !self.delivered.contains(group.key.told_number());
        }
        let rank = |group: &Group| {
            let gravity = group.new.then(|| Reverse(group.gravity()));
            let rank = (!group.new, gravity, group.number);
            // What another process left has waited longest, and before it is told how that ended.
            #[cfg(feature = "spool")]
            let rank = (
                group.restored.is_none() && !group.first.view().is_crash(),
                rank,
            );
            (group.suspect, rank)
        };
        let order = sorted(self.groups.values(), |a, b| rank(a).cmp(&rank(b)));
        let Some(first) = order.first() else {
            return Vec::new();
        };
        if first.is_panic() || first.suspect {
            return vec![first.key];
        }
        let (route, bound) = (first.key.route, first.bound);
        let together = order
            .iter()
            .filter(|group| group.key.route == route && group.bound == bound)
            .filter(|group| !group.is_panic() && !group.suspect);
        #[cfg(feature = "spool")]
        let together = together.filter(|group| group.is_of_same_process(first));
        together.map(|group| group.key).collect()
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Group> {
        self.groups.get(&key).map(Box::as_ref)
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<Group> {
        self.remove_boxed(key).map(|group| *group)
    }

    fn remove_boxed(&mut self, key: Key) -> Option<Box<Group>> {
        let group = self.groups.remove(&key)?;
        self.order.remove(group.place(), key);
        if self.groups.is_empty() {
            self.oldest_newest = None;
        }
        self.bytes.change(group.bytes(), Bytes::default());
        Some(group)
    }

    /// Lets a group go alone and last from now on.
    pub(super) fn suspect(&mut self, key: Key) {
        if let Some(group) = self.groups.get_mut(&key) {
            group.suspect = true;
        }
    }

    /// Suspects none of them any more.
    pub(super) fn clear_suspects(&mut self) {
        for group in self.groups.values_mut() {
            group.suspect = false;
        }
    }

    /// Returns whether there is one that is not suspected.
    pub(super) fn has_innocent(&self) -> bool {
        self.groups.values().any(|group| !group.suspect)
    }

    /// Notes that people have been told of it.
    pub(crate) fn mark_delivered(&mut self, group: &Group) {
        if self.delivered.entries().len() >= self.bounds.delivered {
            self.delivered.clear();
        }
        self.delivered.insert(group.key.told_number(), ());
    }

    fn insert(&mut self, group: Group) {
        self.bytes.change(Bytes::default(), group.bytes());
        self.order.insert(group.place(), group.key);
        let oldest = self.oldest_newest;
        self.oldest_newest = Some(oldest.map_or(group.newest, |at| at.min(group.newest)));
        self.groups.insert(group.key, Box::new(group));
    }
}

#[cfg(test)]
mod tests;
