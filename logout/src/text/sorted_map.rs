//! A sort of short lists and a sorted map that take little code.
//!
//! The standard library's sort and B-tree are made for many items and take six and eight kilobytes
//! of code for each type, which is most of what a small device would carry of them.

use std::cmp::Ordering;

/// Returns the items in order, equal ones as they came.
pub(crate) fn sorted<T>(
    items: impl IntoIterator<Item = T>,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Vec<T> {
    let mut sorted = Vec::new();
    for item in items {
        let place = sorted.partition_point(|other| compare(other, &item).is_le());
        sorted.insert(place, item);
    }
    sorted
}

/// A map sorted by its keys, of some thousand entries at most: adding or removing one moves those
/// after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord, V> SortedMap<K, V> {
    /// Sets the value of a key.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let at = self.position(key);
        match self.0.get_mut(at) {
            Some((known, old)) if *known == key => *old = value,
            _ => self.0.insert(at, (key, value)),
        }
    }

    /// Removes a key, and returns its value if it was there.
    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let at = self.position(key);
        let is_there = self.0.get(at).is_some_and(|(known, _)| *known == key);
        is_there.then(|| self.0.remove(at).1)
    }

    pub(crate) fn contains(&self, key: K) -> bool {
        self.get(key).is_some()
    }

    pub(crate) fn get(&self, key: K) -> Option<&V> {
        let (known, value) = self.0.get(self.position(key))?;
        (*known == key).then_some(value)
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let at = self.position(key);
        let (known, value) = self.0.get_mut(at)?;
        (*known == key).then_some(value)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    pub(crate) fn into_values(self) -> impl Iterator<Item = V> {
        self.0.into_iter().map(|(_, value)| value)
    }

    /// Keeps the entries whose value `is_kept` accepts.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(&V) -> bool) {
        self.0.retain(|(_, value)| is_kept(value));
    }

    /// Returns all entries, the least key first.
    pub(crate) fn entries(&self) -> &[(K, V)] {
        &self.0
    }

    #[cfg(feature = "spool")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[cfg(feature = "spool")]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the index of a key, or the one at which it would be inserted.
    pub(crate) fn position(&self, key: K) -> usize {
        self.0.partition_point(|(known, _)| known.cmp(&key).is_lt())
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{SortedMap, sorted};

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(items: Vec<(u8, u8)>) {
            let mut stable = items.clone();
            stable.sort_by_key(|item| item.0);
            prop_assert_eq!(sorted(items, |a, b| a.0.cmp(&b.0)), stable);
        }

        #[test]
        fn a_map_holds_what_the_standard_library_s_holds(steps: Vec<(bool, u8, u8)>) {
            let (mut map, mut expected) = (SortedMap::default(), BTreeMap::new());
            for (adds, key, value) in steps {
                let key = key % 8;
                if adds {
                    map.insert(key, value);
                    expected.insert(key, value);
                } else {
                    prop_assert_eq!(map.remove(key), expected.remove(&key));
                }
                let entries: Vec<_> = expected.iter().map(|(key, value)| (*key, *value)).collect();
                prop_assert_eq!(map.entries(), entries);
                prop_assert_eq!(map.position(key), expected.range(..key).count());
                prop_assert_eq!(map.get(key), expected.get(&key));
                prop_assert_eq!(map.get_mut(key), expected.get_mut(&key));
            }
        }
    }
}
