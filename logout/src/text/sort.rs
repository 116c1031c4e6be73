//! The order in which short lists are told.

use std::cmp::Ordering;

/// Returns the items in order, equal ones as they came.
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
