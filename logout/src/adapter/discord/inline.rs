//! Text of the log within a line of Discord's Markdown, with backslashes where they are needed.
//!
//! A backslash takes its meaning from the sign behind it, unless that is a letter or a digit of ASCII
//! or white space; before those it is shown. So it stands only before what would be markup: most lines
//! have none, and read the same where markup is not read. A mention is not made harmless by it, but by
//! `allowed_mentions`.

/// The longest text between `<` and `>` that is read as one: the mention of a command, of three names of
/// 32 letters and an id of 20 digits.
const ANGLE: usize = 128;

/// Returns what a character takes once it is escaped, at most.
pub(super) fn cost(c: char) -> usize {
    if c.is_ascii_punctuation() { 2 } else { 1 }
}

/// Returns one line of text as it stands behind something else in its line.
pub(super) fn escape(text: &str) -> String {
    escape_with(text, None)
}

/// Returns one line of text as it stands at the beginning of a text, where a heading, a list or a quote
/// may begin.
pub(super) fn escape_at_start(text: &str) -> String {
    escape_with(text, start_sign(text))
}

/// Puts a backslash before what is read as markup, and before the sign at `start`.
fn escape_with(text: &str, start: Option<usize>) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    let last_link = text.rfind("](").unwrap_or(0);
    let mut before = None;
    for (at, c) in text.char_indices() {
        let after = text.get(at + c.len_utf8()..).unwrap_or_default();
        let is_markup = match c {
            '[' => at < last_link,
            _ => is_markup(c, before, after),
        };
        if is_markup || start == Some(at) {
            escaped.push('\\');
        }
        escaped.push(c);
        before = Some(c);
    }
    escaped
}

/// Returns whether a sign means something to Discord between what stands before and after it.
fn is_markup(c: char, before: Option<char>, after: &str) -> bool {
    let next = after.chars().next();
    let is_in_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    match c {
        '*' | '`' => true,
        '\\' => !next.is_some_and(|c| c.is_ascii_alphanumeric() || c == ' '),
        // The letters of a word are those of ASCII: `name_ñ` begins emphasis.
        '_' => !(is_in_word(before) && is_in_word(next)),
        '~' | '|' => before == Some(c) || next == Some(c),
        '<' => begins_angle(after),
        '@' => after.starts_with("everyone") || after.starts_with("here"),
        ':' => after.starts_with('/') || begins_emoji(after),
        _ => false,
    }
}

/// Returns whether the rest of a mention, a time, an emoji or an address in angle brackets follows.
fn begins_angle(after: &str) -> bool {
    let mut inside = after.chars().take(ANGLE);
    let (mut has_sign, mut is_number) = (false, true);
    loop {
        match inside.next() {
            None => return false,
            Some('>') => return has_sign || is_number,
            Some(c) => {
                has_sign |= matches!(c, '@' | '#' | ':' | '/' | '+');
                is_number &= c.is_ascii_digit();
            }
        }
    }
}

/// Returns whether the rest of an emoji's name follows, such as `fire:` or `+1:`.
fn begins_emoji(after: &str) -> bool {
    let behind = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_+-".contains(c));
    behind.len() < after.len() && behind.starts_with(':')
}

/// Returns where the sign stands with which a text begins that is a heading, a list or a quote.
fn start_sign(text: &str) -> Option<usize> {
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
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{cost, escape, escape_at_start};
    use crate::adapter::strip_markdown::{Dialect, strip_markdown};
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
        let begun = Instant::now();
        for signs in ["<", "<a", "[", "[x](", ":a", "_", "1"] {
            let _escaped = escape_at_start(&signs.repeat(200_000 / signs.len()));
        }
        // Half a second without optimisation, and minutes if each sign looked at all the others.
        assert!(begun.elapsed() < Duration::from_secs(30));
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_as_it_was(
            text in "([ -~]|[*`_~|<>@#:\\\\\\[\\]()+/-]|everyone|here|[^\\x00-\\x1f\u{7f}-\u{9f}\u{200b}]){0,60}",
        ) {
            for escaped in [escape(&text), escape_at_start(&text)] {
                let read = strip_markdown(&format!("x {escaped} x"), Dialect::Discord);
                prop_assert_eq!(read, format!("x {text} x"));
                prop_assert!(escaped.chars().count() <= total_cost(&text, cost));
            }
        }

        #[test]
        fn any_text_is_escaped(text in any::<String>()) {
            let _escaped = escape_at_start(&text);
        }
    }
}
