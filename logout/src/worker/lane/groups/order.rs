//! The order in which groups are evicted.

use std::collections::VecDeque;

use crate::worker::lane::group::Key;
use crate::worker::turns::Gravity;

/// The keys of groups by severity, and those of one severity by number.
///
/// In a burst of new problems each event adds one at the back and removes the first, which moves
/// none between.
#[derive(Debug, Default)]
pub(super) struct Order {
    queues: [VecDeque<(u64, Key)>; Gravity::ALL.len()],
    /// A bit for each that holds any.
    held: u8,
}

impl Order {
    pub(super) fn insert(&mut self, (gravity, number): (Gravity, u64), key: Key) {
        if let Some(queue) = self.queues.get_mut(gravity.index()) {
            let entry = (number, key);
            let at = match queue.back() {
                Some(last) if *last >= entry => queue.partition_point(|other| *other < entry),
                _ => queue.len(),
            };
            queue.insert(at, entry);
            self.held |= 1 << gravity.index();
        }
    }

    pub(super) fn remove(&mut self, (gravity, number): (Gravity, u64), key: Key) {
        if let Some(queue) = self.queues.get_mut(gravity.index()) {
            let entry = (number, key);
            let at = match queue.front() {
                Some(first) if *first == entry => 0,
                _ => queue.partition_point(|other| *other < entry),
            };
            if queue.get(at) == Some(&entry) {
                queue.remove(at);
            }
            if queue.is_empty() {
                self.held &= !(1 << gravity.index());
            }
        }
    }

    /// Returns the group to evict first: the least severe, and of those the oldest.
    pub(super) fn first(&self) -> Option<Key> {
        let queue = self.queues.get(self.held.trailing_zeros() as usize)?;
        queue.front().map(|(_, key)| *key)
    }

    /// Returns the lowest severity.
    pub(super) fn least(&self) -> Option<Gravity> {
        let least = self.held.trailing_zeros() as usize;
        Gravity::ALL.get(least).copied()
    }

    /// Returns the highest severity.
    pub(super) fn gravest(&self) -> Option<Gravity> {
        let gravest = self.held.checked_ilog2()? as usize;
        Gravity::ALL.get(gravest).copied()
    }

    /// Returns the oldest group.
    pub(super) fn oldest(&self) -> Option<Key> {
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

    use super::{Gravity, Key, Order};

    proptest! {
        #[test]
        fn it_is_that_of_a_map_by_gravity_and_number(
            steps in prop::collection::vec((any::<bool>(), 0_usize..3, 0_u64..9), 0..80),
        ) {
            let (mut order, mut expected) = (Order::default(), BTreeMap::new());
            for (adds, gravity, number) in steps {
                // A number belongs to one group, and a group has one severity.
                let (place, key) = ((Gravity::ALL[5 + gravity], number), Key::of_tests(number));
                if adds {
                    if expected.insert(place, key).is_none() {
                        order.insert(place, key);
                    }
                } else {
                    expected.remove(&place);
                    order.remove(place, key);
                }
                let first = expected.first_key_value();
                prop_assert_eq!(order.first(), first.map(|(_, key)| *key));
                prop_assert_eq!(order.least(), first.map(|((gravity, _), _)| *gravity));
                let gravest = expected.last_key_value();
                prop_assert_eq!(order.gravest(), gravest.map(|((gravity, _), _)| *gravity));
                let oldest = expected.iter().min_by_key(|((_, number), key)| (*number, **key));
                prop_assert_eq!(order.oldest(), oldest.map(|(_, key)| *key));
            }
        }
    }
}
