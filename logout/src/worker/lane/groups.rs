//! The pending events of one lane, grouped.
//!
//! Pure: the time is an argument.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::time::{Duration, Instant};

use self::eviction_queue::EvictionQueue;
use super::group::{Group, GroupKey, KeptEvent, MemoryUse};
use tracing::Level;

use crate::block::memory_budget::MemoryBudget;
use crate::event::EventView;
use crate::queue::NumberHasher;
use crate::text::sorted_map::{SortedMap, sorted};
use crate::worker::turns::Priority;

mod eviction_queue;

/// The groups of one lane.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    budget: MemoryBudget,
    groups: HashMap<GroupKey, Box<Group>, BuildHasherDefault<NumberHasher>>,
    eviction_queue: EvictionQueue,
    /// No group has a newest event before this.
    oldest_newest: Option<Instant>,
    bytes: MemoryUse,
    /// The numbers of the problems that were reported.
    delivered: SortedMap<u64, ()>,
    /// How often messages were halved.
    halves: u64,
}

impl Groups {
    pub(crate) fn within(budget: MemoryBudget) -> Self {
        Self {
            budget,
            ..Self::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Returns the lane's number of the oldest event, and when that came.
    pub(crate) fn oldest(&self) -> Option<(u64, Instant)> {
        self.get(self.eviction_queue.oldest()?).map(Group::oldest)
    }

    /// Returns the highest severity.
    pub(crate) fn highest_priority(&self) -> Option<Priority> {
        self.eviction_queue.highest_priority()
    }

    pub(crate) fn bytes(&self) -> MemoryUse {
        self.bytes
    }

    /// Adds an event; `own` makes it last, and is called only for the first of its kind.
    pub(crate) fn offer(
        &mut self,
        key: GroupKey,
        number: u64,
        event: &EventView<'_>,
        now: Instant,
        own: impl FnOnce() -> Rc<KeptEvent>,
    ) {
        if let Some(group) = self.groups.get_mut(&key) {
            let (before, eviction_rank) = (group.bytes(), group.eviction_rank());
            group.add(event, now);
            self.bytes.change(before, group.bytes());
            // The severity of a problem that the program named may have risen.
            if group.eviction_rank() != eviction_rank {
                self.eviction_queue.remove(eviction_rank, key);
                self.eviction_queue.insert(group.eviction_rank(), key);
            }
            return;
        }
        self.insert(Group::new(key, number, event, now, own()));
    }

    /// Returns whether a group of this key and level, no panic, would be evicted as soon as it is
    /// added.
    pub(crate) fn has_no_room(&self, key: GroupKey, level: Level) -> bool {
        self.groups.len() >= self.budget.groups
            && self.eviction_queue.lowest_priority() > Some(Priority::of(level))
            && !self.groups.contains_key(&key)
    }

    /// Adds a group, joined with one of the same key.
    #[cfg(feature = "spool")]
    pub(super) fn merge(&mut self, group: Group) {
        #[cfg(feature = "fleet")]
        if group.origins.is_some()
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

    /// Marks groups so that they share a message with each other alone.
    pub(crate) fn mark_half(&mut self, mut groups: Vec<Group>) -> Vec<Group> {
        self.halves += 1;
        for group in &mut groups {
            group.half = Some(self.halves);
        }
        groups
    }

    /// Requeues groups that could not be sent, joined with what came in meanwhile.
    pub(crate) fn requeue(&mut self, groups: impl IntoIterator<Item = Group>) {
        for mut group in groups {
            if let Some(later) = self.remove(group.key) {
                group.absorb(later);
            }
            self.insert(group);
        }
    }

    /// Takes the events of a problem that came in while it was being sent, if they may be counted.
    pub(super) fn take_countable(
        &mut self,
        told: &Group,
        is_known: impl FnOnce(&Group) -> bool,
    ) -> Option<Group> {
        let later = self.get(told.key)?;
        let joins = later.half.is_none() && later.level >= told.level && is_known(later);
        joins.then(|| self.remove(told.key)).flatten()
    }

    /// Takes a group if there are too many: the least severe, of those the oldest; a panic last of
    /// all.
    pub(crate) fn evict(&mut self) -> Option<Box<Group>> {
        (self.groups.len() > self.budget.groups)
            .then(|| self.take_least())
            .flatten()
    }

    /// Takes the least severe group.
    pub(crate) fn take_least(&mut self) -> Option<Box<Group>> {
        self.remove_boxed(self.eviction_queue.first()?)
    }

    /// Takes the groups that are too old.
    pub(crate) fn expire(&mut self, now: Instant, max_age: Duration) -> Vec<Group> {
        let is_old = |newest: Instant| now.saturating_duration_since(newest) >= max_age;
        if !self.oldest_newest.is_some_and(is_old) {
            return Vec::new();
        }
        let old = self.groups.values().filter(|group| is_old(group.newest));
        let old = sorted(old, |a, b| a.number.cmp(&b.number));
        let old: Vec<GroupKey> = old.into_iter().map(|group| group.key).collect();
        let old = old.into_iter().filter_map(|key| self.remove(key)).collect();
        self.oldest_newest = self.groups.values().map(|group| group.newest).min();
        old
    }

    /// Returns the earliest time at which one may become too old.
    pub(crate) fn next_expiry(&self, max_age: Duration) -> Option<Instant> {
        self.oldest_newest?.checked_add(max_age)
    }

    /// Takes all groups.
    pub(crate) fn drain(&mut self) -> Vec<Group> {
        self.eviction_queue.clear();
        self.oldest_newest = None;
        self.bytes = MemoryUse::default();
        let groups = std::mem::take(&mut self.groups);
        sorted(groups.into_values().map(|group| *group), |a, b| {
            a.number.cmp(&b.number)
        })
    }

    /// Returns the groups that may share the next message, in order: first those never reported,
    /// panics and then the most severe first; then by how long they wait. So neither a call site in
    /// a loop nor a panic in one keeps the others out. A panic is alone, and all others have one
    /// route.
    pub(crate) fn next_keys(&mut self) -> Vec<GroupKey> {
        for group in self.groups.values_mut() {
            group.new = !self.delivered.contains(group.key.problem_number());
        }
        let rank = |group: &Group| {
            let priority = group.new.then(|| Reverse(group.priority()));
            let rank = (!group.new, priority, group.number);
            // Groups of an earlier process have waited longest, with the event of its crash.
            #[cfg(feature = "spool")]
            let rank = (
                group.restored.is_none() && !group.first.view().is_crash(),
                rank,
            );
            (group.rejected, rank)
        };
        let order = sorted(self.groups.values(), |a, b| rank(a).cmp(&rank(b)));
        let Some(first) = order.first() else {
            return Vec::new();
        };
        if first.is_panic() || first.rejected {
            return vec![first.key];
        }
        let (route, half) = (first.key.route, first.half);
        let together = order
            .iter()
            .filter(|group| group.key.route == route && group.half == half)
            .filter(|group| !group.is_panic() && !group.rejected);
        #[cfg(feature = "spool")]
        let together = together.filter(|group| group.is_of_same_process(first));
        together.map(|group| group.key).collect()
    }

    pub(crate) fn get(&self, key: GroupKey) -> Option<&Group> {
        self.groups.get(&key).map(Box::as_ref)
    }

    pub(crate) fn remove(&mut self, key: GroupKey) -> Option<Group> {
        self.remove_boxed(key).map(|group| *group)
    }

    fn remove_boxed(&mut self, key: GroupKey) -> Option<Box<Group>> {
        let group = self.groups.remove(&key)?;
        self.eviction_queue.remove(group.eviction_rank(), key);
        if self.groups.is_empty() {
            self.oldest_newest = None;
        }
        self.bytes.change(group.bytes(), MemoryUse::default());
        Some(group)
    }

    /// Marks a group as rejected, to be sent alone and last.
    pub(super) fn mark_rejected(&mut self, key: GroupKey) {
        if let Some(group) = self.groups.get_mut(&key) {
            group.rejected = true;
        }
    }

    /// Marks no group as rejected any more.
    pub(super) fn clear_rejected(&mut self) {
        for group in self.groups.values_mut() {
            group.rejected = false;
        }
    }

    /// Returns whether there is a group that is not marked as rejected.
    pub(super) fn has_unrejected(&self) -> bool {
        self.groups.values().any(|group| !group.rejected)
    }

    /// Notes that a group was delivered.
    pub(crate) fn mark_delivered(&mut self, group: &Group) {
        if self.delivered.entries().len() >= self.budget.delivered {
            self.delivered.clear();
        }
        self.delivered.insert(group.key.problem_number(), ());
    }

    fn insert(&mut self, group: Group) {
        self.bytes.change(MemoryUse::default(), group.bytes());
        self.eviction_queue.insert(group.eviction_rank(), group.key);
        let oldest = self.oldest_newest;
        self.oldest_newest = Some(oldest.map_or(group.newest, |at| at.min(group.newest)));
        self.groups.insert(group.key, Box::new(group));
    }
}

#[cfg(test)]
mod tests;
