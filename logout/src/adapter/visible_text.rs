//! The cleaning of log text and of texts in answers.

use std::borrow::Cow;

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

/// The longest error text, in code points.
const LONGEST_ERROR_TEXT: usize = 200;

/// Returns an error text of an answer in one short line, since it comes from the network.
pub(super) fn short_error_text(text: &str) -> String {
    let shown = one_line(super::truncate::head(text, LONGEST_ERROR_TEXT, |_| 1));
    // Made visible, a tab is four spaces and many a control character eight characters.
    let words: Vec<_> = shown.split_whitespace().collect();
    super::truncate::keep_start(&words.join(" "), LONGEST_ERROR_TEXT, |_| 1).into_owned()
}

/// Returns such a reason, if there is any.
pub(super) fn reason(text: &str) -> Option<String> {
    Some(short_error_text(text)).filter(|reason| !reason.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_ERROR_TEXT, into_one_line, one_line, short_error_text};

    #[test]
    fn a_reason_is_one_short_line_whatever_was_answered() {
        assert_eq!(short_error_text(" no\tsuch\r\n chat "), "no such chat");
        for text in [
            "\t".repeat(500) + "x",
            "\u{85}".repeat(500),
            "a\t".repeat(300),
        ] {
            let reason = short_error_text(&text);
            assert!(reason.chars().count() <= LONGEST_ERROR_TEXT, "{reason}");
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
