//! The order in which groups are evicted.

use std::collections::VecDeque;

use crate::worker::lane::group::GroupKey;
use crate::worker::turns::Priority;

/// The keys of groups by severity, and those of one severity by number.
///
/// In a burst of new problems each event adds one at the back and removes the first, which moves
/// none between.
#[derive(Debug, Default)]
pub(super) struct EvictionQueue {
    queues: [VecDeque<(u64, GroupKey)>; Priority::ALL.len()],
    /// A bit for each that holds any.
    held: u8,
}

impl EvictionQueue {
    pub(super) fn insert(&mut self, (priority, number): (Priority, u64), key: GroupKey) {
        if let Some(queue) = self.queues.get_mut(priority.index()) {
            let entry = (number, key);
            let at = match queue.back() {
                Some(last) if *last >= entry => queue.partition_point(|other| *other < entry),
                _ => queue.len(),
            };
            queue.insert(at, entry);
            self.held |= 1 << priority.index();
        }
    }

    pub(super) fn remove(&mut self, (priority, number): (Priority, u64), key: GroupKey) {
        if let Some(queue) = self.queues.get_mut(priority.index()) {
            let entry = (number, key);
            let at = match queue.front() {
                Some(first) if *first == entry => 0,
                _ => queue.partition_point(|other| *other < entry),
            };
            if queue.get(at) == Some(&entry) {
                queue.remove(at);
            }
            if queue.is_empty() {
                self.held &= !(1 << priority.index());
            }
        }
    }

    /// Returns the group to evict first: the least severe, and of those the oldest.
    pub(super) fn first(&self) -> Option<GroupKey> {
        let queue = self.queues.get(self.held.trailing_zeros() as usize)?;
        queue.front().map(|(_, key)| *key)
    }

    /// Returns the lowest severity.
    pub(super) fn lowest_priority(&self) -> Option<Priority> {
        let least = self.held.trailing_zeros() as usize;
        Priority::ALL.get(least).copied()
    }

    /// Returns the highest severity.
    pub(super) fn highest_priority(&self) -> Option<Priority> {
        let last = self.held.checked_ilog2()? as usize;
        Priority::ALL.get(last).copied()
    }

    /// Returns the oldest group.
    pub(super) fn oldest(&self) -> Option<GroupKey> {
        let oldest = self.queues.iter().filter_map(VecDeque::front);
        oldest.min().map(|(_, key)| *key)
    }

    pub(super) fn clear(&mut self) {
        self.queues.iter_mut().for_each(VecDeque::clear);
        self.held = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{EvictionQueue, GroupKey, Priority};

    proptest! {
        #[test]
        fn it_is_that_of_a_map_by_gravity_and_number(
            steps in prop::collection::vec((any::<bool>(), 0_usize..3, 0_u64..9), 0..80),
        ) {
            let (mut queue, mut expected) = (EvictionQueue::default(), BTreeMap::new());
            for (adds, priority, number) in steps {
                // A number belongs to one group, and a group has one severity.
                let rank = (Priority::ALL[5 + priority], number);
                let key = GroupKey::of_tests(number);
                if adds {
                    if expected.insert(rank, key).is_none() {
                        queue.insert(rank, key);
                    }
                } else {
                    expected.remove(&rank);
                    queue.remove(rank, key);
                }
                let first = expected.first_key_value();
                prop_assert_eq!(queue.first(), first.map(|(_, key)| *key));
                prop_assert_eq!(queue.lowest_priority(), first.map(|((priority, _), _)| *priority));
                let last = expected.last_key_value();
                prop_assert_eq!(queue.highest_priority(), last.map(|((priority, _), _)| *priority));
                let oldest = expected.iter().min_by_key(|((_, number), key)| (*number, **key));
                prop_assert_eq!(queue.oldest(), oldest.map(|(_, key)| *key));
            }
        }
    }
}
