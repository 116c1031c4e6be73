//! The escaping of log text within a line of Mattermost's Markdown.
//!
//! A backslash does not prevent mentions, because the server reads the text after the backslashes
//! (`markdown.Inspect` joins it), nor tags and emoticons, which the apps search for once the
//! backslashes are gone. So a word that could be any of these is put in code; only Markdown is
//! escaped by backslashes.

use crate::adapter::code_span::{code_span, limit_backtick_runs};
use crate::adapter::inline;

/// The most words in code: beyond that, the line is easier to read in code as a whole.
const MOST_IN_CODE: usize = 8;

/// Punctuation that ends a word without being part of it.
const CLOSING: [char; 6] = [',', ';', '!', '?', '.', '…'];

/// Schemes whose addresses the apps make links of, whatever follows the colon
/// (`Constants.AutolinkedUrlSchemes` of the web app). An organisation may add its own.
const SCHEMES: [&str; 6] = ["http", "https", "ftp", "mailto", "tel", "mattermost"];

/// Escapes one line of text that does not begin its line.
pub(super) fn escape(text: &str) -> String {
    let formula = text.matches('$').count() > 1;
    let mut escaped = String::with_capacity(text.len() + 16);
    let mut in_code = 0;
    for piece in text.split_inclusive(' ') {
        let word = piece.trim_end_matches(' ');
        let (word, blank) = piece.split_at(word.len());
        if is_live(word, formula) {
            in_code += 1;
            let run = word.trim_end_matches(CLOSING);
            let (run, closing) = match is_live(run, formula) {
                true => word.split_at(run.len()),
                false => (word, ""),
            };
            escaped.push_str(&as_code(run));
            escaped.push_str(closing);
        } else {
            escaped.push_str(&without_markdown(word));
        }
        escaped.push_str(blank);
    }
    match in_code > MOST_IN_CODE {
        true => as_code(text),
        false => escaped,
    }
}

/// Escapes one line of text at the beginning of a line, where a heading, a list, a quote or a rule
/// may begin.
pub(super) fn escape_at_start(text: &str) -> String {
    let escaped = escape(text);
    if escaped.starts_with(['#', '>', '-', '+', '=']) {
        return match escaped.strip_prefix('=') {
            // A backslash before it has no effect.
            Some(_) => as_code(text),
            None => format!("\\{escaped}"),
        };
    }
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    match escaped.split_at_checked(digits) {
        Some((number, behind)) if digits > 0 && behind.starts_with(['.', ')']) => {
            format!("{number}\\{behind}")
        }
        _ => escaped,
    }
}

/// Returns whether no word of the text needs code and no star is in it.
pub(super) fn is_ordinary(text: &str) -> bool {
    let formula = text.matches('$').count() > 1;
    !text.contains('*') && !text.split(' ').any(|word| is_live(word, formula))
}

/// Returns a code span. Its run of backticks is too short for a fence.
pub(super) fn as_code(text: &str) -> String {
    code_span(&limit_backtick_runs(text, 1))
}

/// Puts a backslash before the characters that are Markdown in a word.
fn without_markdown(word: &str) -> String {
    let is_in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let may_be_markup = |_, byte| matches!(byte, b'*' | b'`' | b'[' | b']' | b'_' | b'~');
    inline::escape(word, may_be_markup, |sign, escaped| {
        let is_markup = match sign.c {
            '*' | '`' | '[' | ']' => true,
            '_' => !(is_in_word(sign.before) && is_in_word(sign.next())),
            '~' => [sign.before, sign.next()].contains(&Some('~')),
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(sign.c);
    })
}

/// Returns whether something in a word is a mention, a channel, a tag, an address, an emoji, an
/// emoticon or a reference to a character, or a formula where the line has two dollars; or a backslash
/// that would be read.
fn is_live(word: &str, formula: bool) -> bool {
    let mut before = None;
    // The number of letters after the last dot, if nothing else follows it.
    let mut behind_dot: Option<usize> = None;
    for (at, sign) in word.char_indices() {
        let behind = word.get(at + sign.len_utf8()..).unwrap_or_default();
        let next = behind.chars().next();
        let is_next = |wanted: fn(char) -> bool| next.is_some_and(wanted);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_live = match sign {
            '@' => is_next(is_name),
            '~' => begins_channel(behind),
            '#' => is_next(char::is_alphabetic),
            ':' => {
                is_next(|c| c == '/')
                    || (next.is_some() && ends_with_scheme(word, at))
                    || begins_emoji(before, behind)
                    || begins_emoticon(before, behind)
            }
            ';' => begins_emoticon(before, behind),
            '/' => behind_dot.is_some_and(|letters| letters > 1),
            'w' | 'W' => begins_host(word, at),
            'x' | 'X' => before.is_none() && begins_x_d(behind),
            '&' => begins_reference(behind),
            '<' => behind.starts_with('3') || behind.starts_with("/3"),
            '\\' => !is_next(|c| c.is_ascii_alphanumeric()),
            '$' => formula,
            _ => false,
        };
        if is_live {
            return true;
        }
        behind_dot = match sign {
            '.' => before.map(|_| 0),
            c if c.is_alphabetic() => behind_dot.map(|letters| letters + 1),
            _ => None,
        };
        before = Some(sign);
    }
    false
}

/// Returns whether the rest of a channel's name follows. A number alone is rarely one.
fn begins_channel(behind: &str) -> bool {
    let is_part = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let mut name = behind.chars().take_while(is_part);
    name.any(char::is_alphabetic)
}

/// Returns whether a scheme ends at the colon at `at`.
fn ends_with_scheme(word: &str, at: usize) -> bool {
    let head = word.get(..at).unwrap_or_default();
    SCHEMES.iter().any(|scheme| {
        let start = head.len().checked_sub(scheme.len());
        let end = start.and_then(|start| head.get(start..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(scheme))
    })
}

/// Returns whether the rest of an emoji's name follows, such as `fire:` or `+1:`. Two digits after
/// a digit are a time of day.
fn begins_emoji(before: Option<char>, behind: &str) -> bool {
    let rest = behind.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_+-".contains(c));
    let name = behind.strip_suffix(rest).unwrap_or_default();
    let is_time = before.is_some_and(|c| c.is_ascii_digit())
        && name.len() <= 2
        && name.bytes().all(|b| b.is_ascii_digit());
    !name.is_empty() && rest.starts_with(':') && !is_time
}

/// Returns whether the rest of an emoticon follows, before which there is no letter. A path of Rust
/// counts as one if its last name is a single letter.
fn begins_emoticon(before: Option<char>, behind: &str) -> bool {
    let mut signs = behind.chars();
    let (first, second) = (signs.next(), signs.next());
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let is_path = before == Some(':') && is_letter(first) && is_letter(second);
    first.is_some() && !is_letter(before) && !is_path
}

/// Returns whether a host such as `www.` or `www2.` begins at `at`.
fn begins_host(word: &str, at: usize) -> bool {
    let head = word.get(at..at + 3);
    let rest = word.get(at + 3..).unwrap_or_default();
    let is_next = rest.starts_with(|c: char| c == '.' || c.is_ascii_digit());
    is_next && head.is_some_and(|head| head.eq_ignore_ascii_case("www"))
}

/// Returns whether the rest of `x-d`, an emoticon, follows.
fn begins_x_d(behind: &str) -> bool {
    let rest = behind
        .strip_prefix("-d")
        .or_else(|| behind.strip_prefix("-D"));
    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Returns whether the rest of a reference to a character follows, such as `lt;` or `#64;`.
fn begins_reference(behind: &str) -> bool {
    // The longest name that HTML knows has 31 letters.
    let end = behind.chars().take(40).position(|c| c == ';');
    let name = end.and_then(|end| behind.get(..end));
    name.is_some_and(|name| {
        let name = name.strip_prefix('#').unwrap_or(name);
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{escape, escape_at_start, is_ordinary};
    use crate::adapter::inline::tests::{assert_linear, assert_read_back};
    use crate::adapter::strip_markdown::Dialect;

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "payment failed: card declined",
            "user_id is C:\\temp, main.rs",
            "expected Vec<u8>, found (a | b, ~5 %)",
            "thread 'main' panicked at src/main.rs:88",
            "мир: #12 @ 1. 2) x > y costs $5; status: 402",
            "and/or http at 12:04:31",
            "Option::unwrap on a None value",
        ] {
            assert_eq!(escape(text), text);
            assert!(is_ordinary(text));
        }
        for text in ["a - b", "1,5 x", "x"] {
            assert_eq!(escape_at_start(text), text);
        }
    }

    #[test]
    fn what_means_something_stands_in_code_or_behind_a_backslash() {
        for (text, escaped) in [
            ("ask @ann, now", "ask `@ann`, now"),
            ("a@b.example.", "`a@b.example`."),
            ("see https://a.example/x!", "see `https://a.example/x`!"),
            (
                "mailto:ann www.a a.example/x",
                "`mailto:ann` `www.a` `a.example/x`",
            ),
            ("#tag ~ops :fire: :)", "`#tag` `~ops` `:fire:` `:)`"),
            ("std::io::Error x::D", "`std::io::Error` `x::D`"),
            ("&lt; & &#64;all", "`&lt;` & `&#64;all`"),
            ("a\\*b \\", "`a\\*b` `\\`"),
            ("<3 x-D x-day", "`<3` `x-D` x-day"),
            ("$a + b$", "`$a` + `b$`"),
            (
                "*x* `y` [z] _a_ b_c ~~",
                "\\*x\\* \\`y\\` \\[z\\] \\_a\\_ b_c \\~\\~",
            ),
            ("@a`x", "``@a`x``"),
        ] {
            assert_eq!(escape(text), escaped, "{text}");
        }
        let many = ["@a"; 9].join(" ");
        assert_eq!(escape(&many), format!("`{many}`"));
    }

    #[test]
    fn no_heading_list_quote_or_rule_begins_a_text() {
        for (text, escaped) in [
            ("# x", "\\# x"),
            ("- x", "\\- x"),
            ("---", "\\---"),
            ("+ x", "\\+ x"),
            ("> x", "\\> x"),
            ("12. x", "12\\. x"),
            ("===", "`===`"),
            ("* x", "\\* x"),
        ] {
            assert_eq!(escape_at_start(text), escaped, "{text}");
        }
    }

    #[test]
    fn a_long_run_takes_no_longer_than_its_length() {
        let signs = [
            "<", ":", ":a", "a.", "a/", "a.bc", "&", "&a", "w", "_", "[", "\\a", "$ ", "@ ",
        ];
        assert_linear(escape_at_start, &signs);
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_read_as_it_was(
            text in "([ -~]|[*`_~|<>@#:\\\\\\[\\]()+/-]|all|here|[^\\x00-\\x1f\u{7f}-\u{9f}\u{200b}]){0,60}",
        ) {
            for escaped in [escape(&text), escape_at_start(&text)] {
                assert_read_back(&escaped, &text, ["x ", " x"], Dialect::Mattermost)?;
            }
        }

        #[test]
        fn any_text_is_escaped(text in any::<String>()) {
            let _escaped = escape_at_start(&text);
        }
    }
}
