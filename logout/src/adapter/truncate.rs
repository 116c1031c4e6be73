//! The cutting of text to a platform's limit, in the platform's unit.
//!
//! A cost is what a character takes of the limit once it is escaped, so a text is measured escaped
//! and cut before escaping. No cut separates what a reader sees as one character (an extended
//! grapheme cluster, UAX #29), unless it alone is unreasonably long. Without the feature `unicode`
//! a character is a code point with the marks after it.

use std::borrow::Cow;

use crate::text::human;
use crate::text::unicode::{cluster_at, last_cluster};

/// The highest cost of a cluster that is kept whole: a letter with a thousand combining marks is an
/// attack on the limit.
const CLUSTER: usize = 64;

/// The room for the line that says what was left out.
const MARK: usize = 40;

/// The cost of a character: at least 1, and at most [`MOST`] for each of its bytes. It is a
/// pointer, so that there is one copy of the code that measures and cuts and not one for each
/// adapter.
pub(super) type Cost = fn(char) -> usize;

/// The highest cost of a byte: as `\u0000` in a string of JSON.
const MOST: usize = 6;

/// Returns the cost of the text.
pub(super) fn total_cost(text: &str, cost: Cost) -> usize {
    text.chars().map(cost).sum()
}

/// Returns the cost of the text, or something beyond `most` if it is higher, without looking
/// further.
pub(super) fn cost_up_to(text: &str, most: usize, cost: Cost) -> usize {
    let mut spent = 0;
    for c in text.chars() {
        spent += cost(c);
        if spent > most {
            break;
        }
    }
    spent
}

/// Returns whether the text costs at most `budget`, without looking further: of five megabytes all
/// but the first and last thousand characters are left out.
pub(super) fn fits(text: &str, budget: usize, cost: Cost) -> bool {
    text.len().saturating_mul(MOST) <= budget || cost_up_to(text, budget, cost) <= budget
}

/// Returns 1: the cost in code points.
pub(super) fn code_points(_: char) -> usize {
    1
}

/// Returns the bytes of a character in UTF-8.
pub(super) fn bytes(c: char) -> usize {
    c.len_utf8()
}

/// Returns the bytes of a character in a string of JSON, as `serde_json` writes it.
pub(super) fn json_bytes(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        c if c < ' ' => "\\u0000".len(),
        c => c.len_utf8(),
    }
}

/// Returns the longest beginning that costs at most `budget`.
pub(super) fn head(text: &str, budget: usize, cost: Cost) -> &str {
    if text.len().saturating_mul(MOST) <= budget {
        return text;
    }
    let mut left = budget;
    let beyond = text.char_indices().find(|(_, c)| {
        let rest = left.checked_sub(cost(*c));
        left = rest.unwrap_or(left);
        rest.is_none()
    });
    let Some((end, _)) = beyond else {
        return text;
    };
    let cluster = cluster_at(text, end);
    let price = total_cost(text.get(cluster.clone()).unwrap_or_default(), cost);
    let end = if price > CLUSTER { end } else { cluster.start };
    text.get(..end).unwrap_or_default()
}

/// Returns the longest end that costs at most `budget`.
fn tail(text: &str, budget: usize, cost: Cost) -> &str {
    let mut spent = 0;
    let mut start = text.len();
    while let Some(rest) = text.get(..start).filter(|rest| !rest.is_empty()) {
        let cluster = last_cluster(rest);
        spent += total_cost(cluster, cost);
        if spent > budget {
            break;
        }
        start -= cluster.len();
    }
    text.get(start..).unwrap_or_default()
}

/// Returns the text, or as much of its beginning as fits with an ellipsis.
pub(super) fn keep_start(text: &str, budget: usize, cost: Cost) -> Cow<'_, str> {
    if fits(text, budget, cost) {
        return Cow::Borrowed(text);
    }
    match budget.checked_sub(cost('…')) {
        Some(room) => Cow::Owned(format!("{}…", head(text, room, cost).trim_end())),
        None => Cow::Borrowed(head(text, budget, cost)),
    }
}

/// Returns the text, or its beginning and its end with a line between them that says how much is
/// missing. Whole lines are kept if they are not too long.
pub(super) fn keep_both_ends(text: &str, budget: usize, cost: Cost) -> Cow<'_, str> {
    if fits(text, budget, cost) {
        return Cow::Borrowed(text);
    }
    if budget < 3 * MARK {
        return keep_start(text, budget, cost);
    }
    let room = budget - MARK;
    let first = whole_lines_of_head(text, head(text, room * 2 / 3, cost));
    let rest = text.get(first.len()..).unwrap_or_default();
    let last = whole_lines_of_tail(tail(rest, room - total_cost(first, cost), cost));
    let missing = rest.get(..rest.len() - last.len()).unwrap_or_default();
    let missing = missing.trim_matches('\n');
    let lines = missing.lines().count();
    let (number, unit) = if lines > 1 {
        (lines, "lines")
    } else {
        (missing.chars().count(), "characters")
    };
    let number = human::format_count(number as u64);
    let apart = if text.contains('\n') { "\n" } else { " " };
    let (first, last) = (first.trim_end(), last.trim_start_matches('\n'));
    Cow::Owned(format!("{first}{apart}… {number} {unit} …{apart}{last}"))
}

/// Returns the text in at most `parts` pieces of at most `budget` each, cut between lines if they
/// are not too long; the last piece loses its middle if the text is longer still.
pub(super) fn split_into_parts(
    text: &str,
    parts: usize,
    budget: usize,
    cost: Cost,
) -> Vec<Cow<'_, str>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if pieces.len() + 1 >= parts || fits(rest, budget, cost) {
            pieces.push(keep_both_ends(rest, budget, cost));
            break;
        }
        let piece = whole_lines_of_head(rest, head(rest, budget, cost));
        rest = rest.get(piece.len()..).unwrap_or_default();
        rest = rest.strip_prefix('\n').unwrap_or(rest);
        pieces.push(Cow::Borrowed(piece));
    }
    pieces
}

/// Returns the first of these that find room together, each at its price.
pub(super) fn within<T>(
    all: impl IntoIterator<Item = T>,
    room: usize,
    price: impl Fn(&T) -> usize,
) -> Vec<T> {
    let mut left = room;
    let fitting = all.into_iter().map_while(|one| {
        left = left.checked_sub(price(&one))?;
        Some(one)
    });
    fitting.collect()
}

/// Divides a room between two texts: the first gets at least three fifths of it if it needs them,
/// and what one does not need is the other's.
pub(super) fn share_room(room: usize, first: usize, second: usize) -> (usize, usize) {
    let for_first = usize::min(first, usize::max(room * 3 / 5, room.saturating_sub(second)));
    (for_first, usize::min(second, room - for_first))
}

/// Returns as much of two texts as fits together, both ends of each, divided as by [`share_room`].
pub(super) fn share<'t>(
    room: usize,
    [first, second]: [&'t str; 2],
    cost: Cost,
) -> [Cow<'t, str>; 2] {
    let [of_first, of_second] = [first, second].map(|text| cost_up_to(text, room, cost));
    let (for_first, for_second) = share_room(room, of_first, of_second);
    [
        keep_both_ends(first, for_first, cost),
        keep_both_ends(second, for_second, cost),
    ]
}

fn whole_lines_of_head<'t>(text: &str, head: &'t str) -> &'t str {
    let rest = text.get(head.len()..).unwrap_or_default();
    if rest.is_empty() || rest.starts_with('\n') {
        return head;
    }
    match head.rfind('\n') {
        Some(end) if end >= head.len() / 2 => head.get(..end).unwrap_or(head),
        _ => head,
    }
}

fn whole_lines_of_tail(tail: &str) -> &str {
    match tail.find('\n') {
        Some(end) if end <= tail.len() / 2 => tail.get(end..).unwrap_or(tail),
        _ => tail,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{
        bytes, cluster_at, code_points, head, json_bytes, keep_both_ends, keep_start, share,
        share_room, split_into_parts, total_cost,
    };

    fn escaped(c: char) -> usize {
        if c == '&' { 5 } else { 1 }
    }

    #[test]
    fn what_a_reader_sees_as_one_character_is_not_cut() {
        assert_eq!(head("ab👩‍👩‍👧", 4, code_points), "ab");
        assert_eq!(head("ae\u{301}b", 2, code_points), "a");
        if cfg!(feature = "unicode") {
            assert_eq!(head("🇩🇪🇫🇷", 3, code_points), "🇩🇪");
        }
    }

    #[test]
    fn a_letter_with_a_thousand_marks_does_not_empty_the_message() {
        let zalgo = format!("a{}", "\u{301}".repeat(1_000));
        assert_eq!(head(&zalgo, 100, code_points).chars().count(), 100);
    }

    #[test]
    fn head_and_tail_of_a_trace_are_kept_and_the_loss_is_named() {
        let trace = (0..300)
            .map(|frame| format!("{frame}: frame"))
            .collect::<Vec<_>>()
            .join("\n");
        let cut = keep_both_ends(&trace, 400, code_points);
        assert!(cut.starts_with("0: frame\n1: frame\n"));
        assert!(cut.ends_with("\n298: frame\n299: frame"));
        let named = cut.lines().find(|line| line.starts_with('…')).unwrap();
        let left_out: usize = named.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(cut.lines().count() - 1 + left_out, 300);
        assert!(cut.chars().count() <= 400 && cut.chars().count() > 360);
    }

    #[test]
    fn a_long_line_names_the_characters_left_out() {
        let cut = keep_both_ends(&"x".repeat(5_000), 200, code_points).into_owned();
        assert!(cut.contains("x … 4,840 characters … x"), "{cut}");
    }

    #[test]
    fn the_second_text_gets_what_the_first_leaves() {
        assert_eq!(share_room(100, 20, 500), (20, 80));
        assert_eq!(share_room(100, 500, 20), (80, 20));
        assert_eq!(share_room(100, 500, 500), (60, 40));
        assert_eq!(share_room(100, 1, 1), (1, 1));
        let long = "x".repeat(9_000);
        let [first, second] = share(1_000, ["a\nb", &long], code_points);
        assert_eq!(first, "a\nb");
        assert!((900..=997).contains(&second.len()), "{}", second.len());
    }

    #[test]
    fn bytes_are_counted_and_no_character_is_cut() {
        assert_eq!(head("aé🔥b", 6, bytes), "aé");
        assert_eq!(head("aé🔥b", 7, bytes), "aé🔥");
        assert_eq!(keep_start("éééé", 7, bytes), "éé…");
    }

    proptest! {
        #[test]
        fn a_beginning_ends_where_one_that_is_read_from_its_start_does(
            text in "([ab\r\n\u{301}👩\u{200d}🇩🇪\u{1100}\u{1161}\u{600}\u{915}\u{94d}&]|\\PC){0,80}",
            budget in 0_usize..100,
        ) {
            let (mut end, mut spent) = (0, 0);
            while end < text.len() {
                let cluster = cluster_at(&text, end);
                spent += total_cost(&text[cluster.clone()], escaped);
                if spent > budget {
                    break;
                }
                end = cluster.end;
            }
            let head = head(&text, budget, escaped);
            assert_eq!(head.len(), end);
        }

        #[test]
        fn no_cut_exceeds_its_bytes(text in any::<String>(), more in "[a\"\\\\\n\u{1}🔥é]{0,400}", budget in 0_usize..600) {
            let text = text + &more;
            for cut in [keep_start(&text, budget, bytes), keep_both_ends(&text, budget, bytes)] {
                assert!(cut.len() <= budget);
            }
            for cut in [keep_start(&text, budget, json_bytes), keep_both_ends(&text, budget, json_bytes)] {
                let written = serde_json::to_string(&cut).unwrap();
                assert_eq!(written.len() - 2, total_cost(&cut, json_bytes));
                assert!(written.len() - 2 <= budget);
            }
        }

        #[test]
        fn no_cut_exceeds_its_budget(text in any::<String>(), more in "[a&\n🔥\u{301}]{0,400}", budget in 0_usize..300) {
            let text = text + &more;
            for cut in [keep_start(&text, budget, escaped), keep_both_ends(&text, budget, escaped)] {
                assert!(total_cost(&cut, escaped) <= budget);
            }
            assert!(text.starts_with(head(&text, budget, escaped)));
        }

        #[test]
        fn pieces_lose_nothing_where_they_suffice(text in "[a&\n🔥]{0,400}") {
            let pieces = split_into_parts(&text, 100, 100, escaped);
            assert!(pieces.iter().all(|piece| total_cost(piece, escaped) <= 100));
            let whole: String = pieces.concat();
            assert_eq!(whole.replace('\n', ""), text.replace('\n', ""));
        }
    }
}
