//! Operations that need the tables of Unicode: grapheme clusters, combining marks and lower case
//! beyond ASCII.
//!
//! The feature `unicode` brings the tables. Without it, the standard library approximates them.

use std::ops::Range;

#[cfg(feature = "unicode")]
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

/// Returns the range of the extended grapheme cluster (UAX #29), which a reader sees as one
/// character, around this byte of a text.
#[cfg(feature = "unicode")]
pub(crate) fn cluster_at(text: &str, at: usize) -> Range<usize> {
    let cursor = |at| GraphemeCursor::new(at, text.len(), true);
    // The whole text is given, so there is always an answer.
    let start = match cursor(at).is_boundary(text, 0) {
        Ok(true) => Some(at),
        _ => cursor(at).prev_boundary(text, 0).ok().flatten(),
    };
    let end = cursor(at).next_boundary(text, 0).ok().flatten();
    start.unwrap_or(0)..end.unwrap_or(text.len())
}

/// Returns the last grapheme cluster.
#[cfg(feature = "unicode")]
pub(crate) fn last_cluster(text: &str) -> &str {
    text.graphemes(true).next_back().unwrap_or_default()
}

/// Returns whether the character is drawn over the one before it.
#[cfg(all(feature = "unicode", any(test, feature = "telegram")))]
pub(crate) fn is_mark(c: char) -> bool {
    ['a', c].iter().collect::<String>().graphemes(true).count() == 1
}

/// Returns a letter in lower case.
#[cfg(feature = "unicode")]
pub(crate) fn lowercase(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase()
}

/// Returns the range of the code point around this byte of a text, with the marks after it.
#[cfg(not(feature = "unicode"))]
pub(crate) fn cluster_at(text: &str, at: usize) -> Range<usize> {
    let rest = text.get(at..).unwrap_or_default();
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let before = text.get(..at + first).unwrap_or(text).char_indices().rev();
    let start = before
        .filter(|(start, c)| is_start(text, *start, *c))
        .map(|(start, _)| start)
        .next();
    let mut behind = rest.char_indices().skip(1);
    let end = behind.find(|(offset, c)| is_start(text, at + offset, *c));
    start.unwrap_or(0)..end.map_or(text.len(), |(offset, _)| at + offset)
}

/// Returns the last code point that is no mark, with the marks after it.
#[cfg(not(feature = "unicode"))]
pub(crate) fn last_cluster(text: &str) -> &str {
    let mut starts = text.char_indices().rev();
    match starts.find(|(at, c)| is_start(text, *at, *c)) {
        Some((start, _)) => text.get(start..).unwrap_or(text),
        None => text,
    }
}

/// Returns whether a code point is not drawn together with the one before it.
#[cfg(not(feature = "unicode"))]
fn is_start(text: &str, at: usize, c: char) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let is_joined = before.ends_with('\u{200d}') || (c == '\n' && before.ends_with('\r'));
    !is_joined && !is_mark(c)
}

/// Returns whether the character is drawn over the one before it, or not at all: what the standard
/// library escapes beyond ASCII, and the skin tones.
#[cfg(not(feature = "unicode"))]
pub(crate) fn is_mark(c: char) -> bool {
    let is_colour = matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
    !c.is_ascii() && (is_colour || c.escape_debug().nth(1).is_some())
}

/// Returns a letter of ASCII in lower case, and any other as it is.
#[cfg(not(feature = "unicode"))]
pub(crate) fn lowercase(c: char) -> impl Iterator<Item = char> {
    std::iter::once(c.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::{cluster_at, is_mark, last_cluster, lowercase};

    fn first_cluster(text: &str) -> &str {
        text.get(cluster_at(text, 0)).unwrap()
    }

    #[test]
    fn marks_joined_characters_and_ends_of_lines_stay_with_what_is_before_them() {
        for cluster in ["e\u{301}", "👩‍👩‍👧", "👋🏽", "❤\u{fe0f}", "\r\n", "x"] {
            let text = format!("{cluster}a{cluster}");
            assert_eq!(
                (first_cluster(&text), last_cluster(&text)),
                (cluster, cluster)
            );
        }
        assert_eq!((first_cluster(""), last_cluster("")), ("", ""));
    }

    #[test]
    fn a_mark_is_told_from_a_letter() {
        for (c, mark) in [
            ('\u{301}', true),
            ('a', false),
            ('é', false),
            ('"', false),
            ('🔥', false),
        ] {
            assert_eq!(is_mark(c), mark, "{c:?}");
        }
    }

    #[test]
    fn letters_become_small() {
        let small = |text: &str| text.chars().flat_map(lowercase).collect::<String>();
        assert_eq!(small("API_Key7"), "api_key7");
        let beyond = if cfg!(feature = "unicode") {
            "пароль"
        } else {
            "ПАРОЛЬ"
        };
        assert_eq!(small("ПАРОЛЬ"), beyond);
    }

    proptest! {
        #[test]
        fn a_text_is_its_clusters_from_either_end(text in any::<String>(), more in "[a\u{301}\u{200d}👩🏽\r\n🇩🇪]{0,20}") {
            let text = text + &more;
            let (mut from_start, mut rest) = (Vec::new(), text.as_str());
            while !rest.is_empty() {
                let cluster = first_cluster(rest);
                from_start.push(cluster);
                rest = rest.strip_prefix(cluster).unwrap();
            }
            let (mut from_end, mut rest) = (Vec::new(), text.as_str());
            while !rest.is_empty() {
                let cluster = last_cluster(rest);
                from_end.push(cluster);
                rest = rest.strip_suffix(cluster).unwrap();
            }
            from_end.reverse();
            assert_eq!(from_start, from_end);
            let mut start = 0;
            for cluster in from_start {
                let end = start + cluster.len();
                for (at, _) in cluster.char_indices() {
                    assert_eq!(cluster_at(&text, start + at), start..end);
                }
                start = end;
            }
        }
    }
}
