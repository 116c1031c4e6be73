//! The escaping of log text within a line of Discord's Markdown, with backslashes where they are
//! needed.
//!
//! A backslash escapes the next character, unless that is a letter or a digit of ASCII or white
//! space; before those it is shown. So it is only written before what would be markup: most lines
//! have none, and read the same where markup is not read. A mention is not prevented by it, but by
//! `allowed_mentions`.

use crate::adapter::inline::{self, CharContext};

/// Returns the highest cost of a character once it is escaped.
pub(super) fn cost(c: char) -> usize {
    if c.is_ascii_punctuation() { 2 } else { 1 }
}

/// Escapes one line of text that does not begin its line.
pub(super) fn escape(text: &str) -> String {
    escape_with(text, None)
}

/// Escapes one line of text at the beginning of a line, where a heading, a list or a quote may
/// begin.
pub(super) fn escape_at_start(text: &str) -> String {
    escape_with(text, start_marker(text))
}

/// Puts a backslash before what is read as markup, and before the character at `start`.
fn escape_with(text: &str, start: Option<usize>) -> String {
    let last_link = text.rfind("](").unwrap_or(0);
    let mut angle = Angle::default();
    let may_be_markup = |at, byte| match byte {
        b'*' | b'`' | b'\\' | b'_' | b'~' | b'|' | b'@' | b':' | b'[' | b'<' => true,
        _ => start == Some(at),
    };
    inline::escape(text, may_be_markup, |character, escaped| {
        let is_markup = match character.c {
            '[' => character.at < last_link,
            '<' => angle.begins_markup(text, character.at),
            _ => is_markup(character),
        };
        if is_markup || start == Some(character.at) {
            escaped.push('\\');
        }
        escaped.push(character.c);
    })
}

/// Returns whether a character is markup for Discord between those before and after it.
fn is_markup(character: &CharContext<'_>) -> bool {
    let is_in_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    match character.c {
        '*' | '`' => true,
        '\\' => !character
            .next()
            .is_some_and(|c| c.is_ascii_alphanumeric() || c == ' '),
        // The letters of a word are those of ASCII: `name_ñ` begins emphasis.
        '_' => !(is_in_word(character.before) && is_in_word(character.next())),
        c @ ('~' | '|') => [character.before, character.next()].contains(&Some(c)),
        '@' => ["everyone", "here"]
            .iter()
            .any(|name| character.after.starts_with(name)),
        ':' => character.after.starts_with('/') || begins_emoji(character.after),
        _ => false,
    }
}

/// The position of the next `>`, so that a run of `<` searches for it once.
///
/// An address between `<` and `>` may be of any length, so the search has no bound.
#[derive(Default)]
struct Angle {
    /// Its position, or the end of the text if there is none.
    end: usize,
    /// The position of the last character before it that a mention, a time, an emoji or an address
    /// has.
    last_special: Option<usize>,
}

impl Angle {
    /// Returns whether a mention, a time, an emoji or an address in angle brackets begins with the `<` at `start`.
    fn begins_markup(&mut self, text: &str, start: usize) -> bool {
        if self.end <= start {
            let after = text.get(start..).unwrap_or_default();
            let inside = after.split_once('>').map_or(after, |(inside, _)| inside);
            self.end = start + inside.len();
            let last_special = inside.rfind(['@', '#', ':', '/', '+']);
            self.last_special = last_special.map(|at| start + at);
        }
        let after = text.get(start + 1..).unwrap_or_default();
        let behind_number = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let has_special = self.last_special.is_some_and(|at| at > start);
        self.end < text.len() && (has_special || behind_number.starts_with('>'))
    }
}

/// Returns whether the rest of an emoji's name follows, such as `fire:` or `+1:`.
fn begins_emoji(after: &str) -> bool {
    let behind = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_+-".contains(c));
    behind.len() < after.len() && behind.starts_with(':')
}

/// Returns the position of the character that makes the text a heading, a list or a quote.
fn start_marker(text: &str) -> Option<usize> {
    let (mark, _) = text.split_once(' ').unwrap_or((text, ""));
    if matches!(mark, "#" | "##" | "###" | "-" | "-#" | "+" | ">" | ">>>") {
        return Some(0);
    }
    let number = mark.strip_suffix(['.', ')'])?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(number.len())
}

#[cfg(all(test, feature = "zulip"))]
mod tests {
    use proptest::prelude::*;

    use super::{cost, escape, escape_at_start};
    use crate::adapter::inline::tests::{assert_linear, assert_read_back};
    use crate::adapter::strip_markdown::Dialect;
    use crate::adapter::truncate::total_cost;

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "payment failed: card declined",
            "user_id is C:\\temp, main.rs",
            "expected Vec<u8>, found [u8; 4] (a | b, ~5 %)",
            "thread 'main' panicked at src/main.rs:88",
            "мир: #12 @ana 1. 2) x > y",
            "https:",
        ] {
            assert_eq!(escape(text), text);
        }
        for text in ["-7", "#12", "1.5", ">x", "a - b", "#### x", "1.5 x"] {
            assert_eq!(escape_at_start(text), text);
        }
    }

    #[test]
    fn a_backslash_stands_before_what_is_markup() {
        for (text, escaped) in [
            ("*x* `y`", "\\*x\\* \\`y\\`"),
            ("_x_ __y__ name_ñ", "\\_x\\_ \\_\\_y\\_\\_ name\\_ñ"),
            ("~~a~~ ||b||", "\\~\\~a\\~\\~ \\|\\|b\\|\\|"),
            (
                "<@1> <#1> <:a:1> <12> <>",
                "\\<@1> \\<#1> \\<\\:a:1> \\<12> \\<>",
            ),
            ("<a@b.example> <+49>", "\\<a@b.example> \\<+49>"),
            ("<<1> <a <#1>", "<\\<1> \\<a \\<#1>"),
            ("[a](b) [c]", "\\[a](b) [c]"),
            ("@everyone @here @all", "\\@everyone \\@here @all"),
            ("https://a.example", "https\\://a.example"),
            ("std::io::Error", "std:\\:io::Error"),
            (":fire: :+1: rs:88:5", "\\:fire: \\:+1: rs\\:88:5"),
            ("\\* \\é a\\", "\\\\\\* \\\\é a\\\\"),
        ] {
            assert_eq!(escape(text), escaped, "{text}");
        }
    }

    #[test]
    fn an_address_in_angle_brackets_is_escaped_however_long_it_is() {
        let address = format!("https://a.example/{}", "x".repeat(4_000));
        let escaped = escape(&format!("see <{address}>"));
        let shown = address.replace("://", "\\://");
        assert_eq!(escaped, format!("see \\<{shown}>"));
    }

    #[test]
    fn no_heading_list_or_quote_begins_a_text() {
        for (text, escaped) in [
            ("# x", "\\# x"),
            ("###", "\\###"),
            ("- x", "\\- x"),
            ("-# x", "\\-# x"),
            ("+ x", "\\+ x"),
            (">>> x", "\\>>> x"),
            ("12. x", "12\\. x"),
            ("1)", "1\\)"),
        ] {
            assert_eq!(escape_at_start(text), escaped, "{text}");
        }
    }

    #[test]
    fn a_long_run_takes_no_longer_than_its_length() {
        let signs = ["<", "<a", "<1", "<:>", "[", "[x](", ":a", "_", "1"];
        assert_linear(escape_at_start, &signs);
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_as_it_was(
            text in "([ -~]|[*`_~|<>@#:\\\\\\[\\]()+/-]|everyone|here|[^\\x00-\\x1f\u{7f}-\u{9f}\u{200b}]){0,60}",
        ) {
            for escaped in [escape(&text), escape_at_start(&text)] {
                assert_read_back(&escaped, &text, ["x ", " x"], Dialect::Discord)?;
                prop_assert!(escaped.chars().count() <= total_cost(&text, cost));
            }
        }

        #[test]
        fn any_text_is_escaped(text in any::<String>()) {
            let _escaped = escape_at_start(&text);
        }
    }
}
