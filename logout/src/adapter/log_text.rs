//! The cleaning of log text and of platforms' answers.

use std::borrow::Cow;

use serde_json::Value;

pub(super) use crate::text::visible::make_visible;

/// Applies [`make_visible`] and joins the lines by spaces. White space around the text is removed.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    match make_visible(text.trim()) {
        line if line.contains('\n') => Cow::Owned(line.replace('\n', " ")),
        line => line,
    }
}

/// Applies [`make_visible`] to an owned text.
pub(super) fn into_visible(text: String) -> String {
    let other = match make_visible(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(shown) => Some(shown),
    };
    other.unwrap_or(text)
}

/// Applies [`one_line`] to an owned text.
pub(super) fn into_one_line(text: String) -> String {
    let other = match one_line(&text) {
        Cow::Borrowed(line) if line.len() == text.len() => None,
        line => Some(line.into_owned()),
    };
    other.unwrap_or(text)
}

/// Returns the part of a text that `pick` selects, without a copy if the text is borrowed.
pub(super) fn part<'t>(
    text: Cow<'t, str>,
    pick: impl for<'a> Fn(&'a str) -> Cow<'a, str>,
) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => pick(text),
        Cow::Owned(text) => Cow::Owned(pick(&text).into_owned()),
    }
}

/// Returns four hexadecimal digits that distinguish texts with a common beginning (FNV-1a: the same
/// in every release of Rust, unlike the hasher of std).
pub(super) fn short_hash(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{:04x}", (hash >> 16) ^ (hash & 0xffff))
}

/// The longest error text, in code points.
const LONGEST_REASON: usize = 200;

/// Returns an error text of an answer in one short line, since it comes from the network.
pub(super) fn short_reason(text: &str) -> String {
    let shown = one_line(super::truncate::head(text, LONGEST_REASON, |_| 1));
    // Made visible, a tab is four spaces and many a control character eight characters.
    let words: Vec<_> = shown.split_whitespace().collect();
    super::truncate::keep_start(&words.join(" "), LONGEST_REASON, |_| 1).into_owned()
}

/// Returns such a reason, if there is any.
pub(super) fn reason(text: &str) -> Option<String> {
    Some(short_reason(text)).filter(|reason| !reason.is_empty())
}

/// Returns a text of an answer; empty if it is missing or of another type.
pub(super) fn string_at<'a>(answer: &'a Value, key: &str) -> &'a str {
    let text = answer.get(key).and_then(Value::as_str);
    text.unwrap_or_default()
}

/// Returns the items of a list in JSON; none if it is missing or of another type.
pub(super) fn list_at<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    let list = value.get(key).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// Returns a wait of an answer: a number of seconds, whole or not, or a text that holds one.
pub(super) fn wait_at(answer: &Value, pointer: &str) -> Option<std::time::Duration> {
    let value = answer.pointer(pointer)?;
    let number = value
        .as_f64()
        .or_else(|| crate::text::human::parse_number(value.as_str()?))?;
    crate::transport::response::seconds(number)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_REASON, into_one_line, one_line, short_reason};

    #[test]
    fn a_reason_is_one_short_line_whatever_was_answered() {
        assert_eq!(short_reason(" no\tsuch\r\n chat "), "no such chat");
        for text in [
            "\t".repeat(500) + "x",
            "\u{85}".repeat(500),
            "a\t".repeat(300),
        ] {
            let reason = short_reason(&text);
            assert!(reason.chars().count() <= LONGEST_REASON, "{reason}");
            assert!(!reason.contains(char::is_control));
        }
    }

    #[test]
    fn one_line_has_no_line_feed() {
        for (text, line) in [
            ("\n a\nb \n", "a b"),
            ("a b", "a b"),
            (" a", "a"),
            ("a\0", "a␀"),
        ] {
            assert_eq!(one_line(text), line);
            assert_eq!(into_one_line(text.to_owned()), line);
        }
    }
}
