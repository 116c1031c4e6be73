//! Order and lookup in short lists, where the standard library is made for long ones.

use std::cmp::Ordering;

/// The items in order, equal ones as they came.
///
/// By insertion: the standard library's sort is made for long lists and takes some six kilobytes of
/// code for each type that is sorted, which is most of what a small device would carry of it.
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

/// Changes the value at `key`, which is `unless` the first time.
///
/// A map by hash is another kilobyte and more of code for each type of key.
pub(crate) fn change<K: PartialEq, V>(
    list: &mut Vec<(K, V)>,
    key: K,
    unless: V,
    change: impl FnOnce(&mut V),
) {
    if let Some((_, value)) = list.iter_mut().find(|(known, _)| *known == key) {
        change(value);
        return;
    }
    let mut value = unless;
    change(&mut value);
    list.push((key, value));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::sorted;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(items: Vec<(u8, u8)>) {
            let mut stable = items.clone();
            stable.sort_by_key(|item| item.0);
            prop_assert_eq!(sorted(items, |a, b| a.0.cmp(&b.0)), stable);
        }
    }
}
