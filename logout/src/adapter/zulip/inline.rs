//! The escaping of log text within a line of Zulip's Markdown.
//!
//! A backslash escapes nothing there (the pattern is switched off in `build_inlinepatterns` of
//! `zerver/lib/markdown/__init__.py`). A numeric character reference does: it is read after mentions,
//! formulas, links and linkifiers, before bold, emphasis and emoji, and every client shows the character.

use std::fmt::Write as _;

use crate::adapter::inline::{self, CharContext};

/// Escapes one line of text that does not begin its line.
pub(super) fn escape(text: &str) -> String {
    escape_with(text, None)
}

/// Escapes one line of text at the beginning of a line, where a list, a rule or a heading may
/// begin.
pub(super) fn escape_at_start(text: &str) -> String {
    escape_with(text, start_marker(text))
}

/// Replaces what is read as markup, and the character at `start`.
fn escape_with(text: &str, start: Option<usize>) -> String {
    let bytes = text.as_bytes();
    let may_be_markup = |at: usize, byte| match byte {
        b'*' | b'`' | b'@' | b'#' | b'<' | b'>' | b'[' | b']' | b'$' | b'~' | b'|' | b'&'
        | b'.' | b':' | b';' | b'\\' => true,
        b' ' => bytes.get(at + 1) == Some(&b' '),
        _ => start == Some(at),
    };
    inline::escape(text, may_be_markup, |character, escaped| {
        if character.c == ' ' && character.after.starts_with(' ') {
            // A browser shows a run of spaces as one.
            escaped.push_str("&nbsp;");
        } else if start == Some(character.at) || is_markup(character) {
            let _infallible = write!(escaped, "&#{};", u32::from(character.c));
        } else {
            escaped.push(character.c);
        }
    })
}

/// Returns whether a character is markup for Zulip between those before and after it.
fn is_markup(character: &CharContext<'_>) -> bool {
    match character.c {
        '*' | '`' | '@' | '#' | '<' | '>' | '[' | ']' | '$' | '~' | '|' => true,
        '&' => begins_reference(character.after),
        // A bare domain becomes a link, and `main.rs` counts as one.
        '.' => character.next().is_some_and(char::is_alphabetic),
        // An address, an emoji or an emoticon; not at the end of a word.
        ':' => {
            let is_of_word = |c: char| c.is_alphanumeric() || matches!(c, '"' | '\'');
            !(character.before.is_some_and(is_of_word)
                && matches!(character.next(), None | Some(' ')))
        }
        // An emoticon.
        ';' => character.after.starts_with(')'),
        // In case Zulip reads it as an escape again.
        '\\' => character.next().is_some_and(|c| c.is_ascii_punctuation()),
        _ => false,
    }
}

/// Returns whether the rest of a character reference follows, by its number or its name.
fn begins_reference(after: &str) -> bool {
    let named = after.strip_prefix('#').unwrap_or(after);
    let behind = named.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    behind.len() < named.len() && behind.starts_with(';')
}

/// Returns the position of the character that makes the line a list or a rule.
fn start_marker(text: &str) -> Option<usize> {
    if text.starts_with(['-', '+', '_']) {
        return Some(0);
    }
    let behind = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text.len() - behind.len();
    let item = behind.strip_prefix('.')?;
    (number > 0 && (item.is_empty() || item.starts_with(' '))).then_some(number)
}

#[cfg(all(test, feature = "discord"))]
mod tests {
    use proptest::prelude::*;

    use super::{escape, escape_at_start};
    use crate::adapter::inline::tests::{assert_linear, assert_read_back};
    use crate::adapter::strip_markdown::Dialect;

    /// The longest replacement of one character: `&nbsp;` and `&#124;`.
    const REFERENCE: usize = 6;

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "payment failed: card declined",
            "\"users_email_key\": duplicate key",
            "C:\\temp is full (98%), 1.10.2",
            "диск 98% voll; a & b",
        ] {
            assert_eq!(escape(text), text.replace(":\\", "&#58;\\"), "{text}");
        }
    }

    #[test]
    fn what_is_markup_becomes_a_reference_where_it_occurs() {
        for (text, escaped) in [
            ("*x*", "&#42;x&#42;"),
            ("@**all**", "&#64;&#42;&#42;all&#42;&#42;"),
            ("std::io::Error", "std&#58;&#58;io&#58;&#58;Error"),
            ("src/main.rs:88", "src/main&#46;rs&#58;88"),
            ("https://a.example", "https&#58;//a&#46;example"),
            (":fire: :) ;) (:", "&#58;fire: &#58;) &#59;) (&#58;"),
            ("a &lt; b &amp c &#60;", "a &#38;lt; b &amp c &#38;&#35;60;"),
            ("a   b", "a&nbsp;&nbsp; b"),
            ("C:\\a \\*", "C&#58;\\a &#92;&#42;"),
            ("Vec<u8>", "Vec&#60;u8&#62;"),
            (
                "$$x$$ ~~a~~ |",
                "&#36;&#36;x&#36;&#36; &#126;&#126;a&#126;&#126; &#124;",
            ),
        ] {
            assert_eq!(escape(text), escaped, "{text}");
        }
    }

    #[test]
    fn no_list_and_no_rule_begins_a_line() {
        for (text, escaped) in [
            ("- shop", "&#45; shop"),
            ("+", "&#43;"),
            ("___", "&#95;__"),
            ("---", "&#45;--"),
            ("12. shop", "12&#46; shop"),
            ("1.10.2 · web", "1.10.2 · web"),
            ("shop - x", "shop - x"),
        ] {
            assert_eq!(escape_at_start(text), escaped, "{text}");
        }
    }

    #[test]
    fn a_long_run_takes_no_longer_than_its_length() {
        assert_linear(escape_at_start, &["&", "&a", "&#1", ":", "  ", "1", "\\"]);
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_as_it_was(
            text in "([ -~]|[*`@#<>&;.:\\\\/ ]|[a-z#0-9]{1,3};|[^\\x00-\\x1f\u{7f}-\u{9f}\u{200b}]){0,60}",
        ) {
            for escaped in [escape(&text), escape_at_start(&text)] {
                assert_read_back(&escaped, &text, ["x", "x"], Dialect::Zulip)?;
                prop_assert!(escaped.chars().count() <= REFERENCE * text.chars().count());
                let inside = escaped.replace("&#", "");
                prop_assert!(!inside.contains(['*', '`', '@', '#', '<', '>', '[', ']', '$', '~', '|']));
            }
        }

        #[test]
        fn any_text_is_escaped(text in any::<String>()) {
            let _escaped = escape_at_start(&text);
        }
    }
}
