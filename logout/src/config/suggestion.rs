//! Which known name a misspelt one was meant to be.

/// The one of `names` that `name` is a slip of the finger away from.
pub(crate) fn nearest<'n>(name: &str, names: &[&'n str]) -> Option<&'n str> {
    names
        .iter()
        .map(|known| (distance(name, known), *known))
        .filter(|(distance, known)| *distance <= slips(known))
        .min()
        .map(|(_, known)| known)
}

/// How many slips a name of this length may have and still be recognised.
fn slips(name: &str) -> usize {
    match name.len() {
        0..3 => 0,
        3..6 => 1,
        _ => 2,
    }
}

/// How many letters must be changed, added, removed or swapped with their neighbour to get from
/// one to the other; case does not count.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.to_ascii_lowercase().chars().collect();
    let to: Vec<char> = to.to_ascii_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut previous = None;
    for (row, &letter) in from.iter().enumerate() {
        let mut line = vec![row + 1];
        let mut left = None;
        for (column, &other) in to.iter().enumerate() {
            let at =
                |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX / 2);
            let changed = at(&last, column) + usize::from(letter != other);
            let shifted = at(&last, column + 1).min(at(&line, column)) + 1;
            let swapped = if previous == Some(other) && left == Some(letter) && column > 0 {
                at(&before, column - 1) + 1
            } else {
                usize::MAX
            };
            line.push(changed.min(shifted).min(swapped));
            left = Some(other);
        }
        previous = Some(letter);
        before = std::mem::replace(&mut last, line);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{distance, nearest};

    #[test]
    fn slips_of_the_finger_are_recognised() {
        let known = ["url", "level", "bot_token", "chat_id"];
        for (written, meant) in [
            ("ulr", Some("url")),
            ("Level", Some("level")),
            ("lvel", Some("level")),
            ("bot_tokne", Some("bot_token")),
            ("chatid", Some("chat_id")),
            ("port", None),
            ("service_host", None),
        ] {
            assert_eq!(nearest(written, &known), meant, "{written}");
        }
    }

    proptest! {
        #[test]
        fn distance_is_zero_for_equals_and_the_same_both_ways(a in "[a-c_]{0,6}", b in "[a-c_]{0,6}") {
            prop_assert_eq!(distance(&a, &a), 0);
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
        }
    }
}
