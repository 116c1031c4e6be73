//! Values after names: in quotes, in brackets, or up to where they end.

use std::ops::Range;

use super::MASK;
use super::credentials::{Scan, is_letter};
use super::encoded_values;
use super::named_values::NAME;

/// Returns the text in the quotes at `at`, up to the end of the text if they are not closed.
pub(super) fn quoted(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    string(scan, at)
        .map(|(range, _)| range)
        .filter(|range| !range.is_empty())
}

/// The kinds of a parser's tokens, which have values, too: `token: Ident("foo")`.
const LEXED: [&str; 8] = [
    "Char",
    "Ident",
    "Identifier",
    "Keyword",
    "Literal",
    "Operator",
    "Punct",
    "Symbol",
];

/// Returns the value at `start`, in quotes, in brackets or bare, if `is_hidden` accepts it. The
/// latter is also given whether something encloses the value.
pub(super) fn value(
    scan: &Scan<'_>,
    start: usize,
    is_hidden: impl Fn(&str, bool) -> bool,
) -> Option<Range<usize>> {
    // A byte string, a raw one, or what SQL has.
    let prefix = scan.skip(start, |byte| b"brcuEN#".contains(&byte));
    let prefix = if prefix <= start + 3 { prefix } else { start };
    let quoted = string(scan, prefix).or_else(|| string(scan, start));
    let quoted = quoted.map(|(inside, _)| inside);
    let quoted = quoted.or_else(|| encoded_values::string(scan, start));
    if let Some(inside) = quoted.or_else(|| braced(scan, start)) {
        let is_found = !inside.is_empty() && is_hidden(scan.part(inside.clone()), true);
        return is_found.then_some(inside);
    }
    let kind = start..scan.skip_within(start, NAME, is_letter);
    if LEXED.contains(&scan.part(kind)) {
        return None;
    }
    if let Some(inside) = enclosed(scan, start, BEGINNING) {
        let text = scan.part(inside.start..floor(scan, inside.end));
        let text = text.trim().trim_matches(['"', '\\']);
        let is_found = !text.is_empty() && is_hidden(text, true);
        return is_found
            .then(|| enclosed(scan, start, usize::MAX))
            .flatten();
    }
    let end = floor(scan, bare_end(scan, start, BEGINNING));
    let is_found = end > start && is_hidden(scan.part(start..end), false);
    is_found.then(|| start..bare_end(scan, start, usize::MAX))
}

/// Returns the text in the braces of a connection string, in which doubled ones are literal.
fn braced(scan: &Scan<'_>, start: usize) -> Option<Range<usize>> {
    let is_open = scan.byte(start) == b'{' && scan.before(start) == b'=';
    if !is_open || b"\"'\\{ $}.".contains(&scan.byte(start + 1)) {
        return None;
    }
    let mut end = start + 1;
    while end < scan.bytes.len() && end - start <= BEGINNING {
        match (scan.byte(end), scan.byte(end + 1)) {
            (b'}', b'}') => end += 2,
            (b'}', _) => return Some(start + 1..end),
            _ => end += 1,
        }
    }
    None
}

/// A value whose beginning of this length is not hidden is not hidden: else a text of nothing but
/// names would be scanned from each of them to its end.
///
/// The mask hides whatever is longer than 256 bytes, so this has to be more.
pub(super) const BEGINNING: usize = 272;

/// Returns the last character boundary up to `at`.
fn floor(scan: &Scan<'_>, at: usize) -> usize {
    let is_boundary = |at: &usize| scan.text.is_char_boundary(*at);
    (0..=at.min(scan.text.len()))
        .rev()
        .find(is_boundary)
        .unwrap_or(0)
}

/// Returns the text in the quotes at `at`, which backslashes may precede, and where the text goes
/// on after them.
pub(super) fn string(scan: &Scan<'_>, at: usize) -> Option<(Range<usize>, usize)> {
    let quote_at = scan.skip(at, |byte| byte == b'\\');
    let depth = quote_at - at;
    let quote = scan.byte(quote_at);
    if quote != b'"' && quote != b'\'' && quote != b'`' {
        return None;
    }
    let is_triple =
        depth == 0 && scan.byte(quote_at + 1) == quote && scan.byte(quote_at + 2) == quote;
    let start = quote_at + if is_triple { 3 } else { 1 };
    let mut backslashes = 0;
    let mut end = start;
    while let Some(&byte) = scan.bytes.get(end) {
        if byte == b'\\' {
            backslashes += 1;
            end += 1;
            continue;
        }
        let is_closed = byte == quote
            && if depth == 0 {
                backslashes % 2 == 0
            } else {
                backslashes <= depth
            };
        if is_closed && is_triple {
            if scan.byte(end + 1) == quote && scan.byte(end + 2) == quote {
                return Some((start..end, end + 3));
            }
        } else if is_closed && quote == b'\'' && scan.byte(end + 1) == quote {
            // Doubled in SQL.
            end += 1;
        } else if is_closed {
            let inside = if depth == 0 { end } else { end - backslashes };
            return Some((start..inside.max(start), end + 1));
        }
        backslashes = 0;
        end += 1;
    }
    let end = scan.text_end().max(start);
    Some((start..end.min(scan.bytes.len()), scan.bytes.len()))
}

/// Returns the text in the brackets of a Debug value at `start`: `Some("…")`, `Secret { … }`, `[1,
/// 2]`, `{"a": 1}`.
///
/// It looks no further than `most` bytes, and then returns the content so far.
fn enclosed(scan: &Scan<'_>, start: usize, most: usize) -> Option<Range<usize>> {
    let first = scan.byte(start);
    let mut open = start;
    if first.is_ascii_uppercase() {
        open = scan.skip(start, |byte| is_letter(byte) || byte == b':');
        open += usize::from(scan.rest(open).starts_with(" {"));
    }
    let close = match scan.byte(open) {
        b'(' => b')',
        b'[' => b']',
        b'{' => b'}',
        _ => return None,
    };
    let inside = scan.skip(open + 1, |byte| byte.is_ascii_whitespace());
    let begins = scan.byte(inside);
    let is_call = scan.part(start..open).contains("::") && close == b')';
    if is_call && (begins.is_ascii_lowercase() || begins == b'&') {
        return None;
    }
    // Brackets of a sentence hold words.
    if open == start && close != b'}' && !(b"\"'\\{[".contains(&begins) || begins.is_ascii_digit())
    {
        return None;
    }
    let opens = scan.byte(open);
    let mut depth = 1;
    let mut end = open + 1;
    while let Some(&byte) = scan.bytes.get(end) {
        if end - open > most {
            return Some(open + 1..end);
        }
        if b"\"\\".contains(&byte)
            && let Some((_, behind)) = string(scan, end)
        {
            end = behind;
            continue;
        }
        if byte == close {
            depth -= 1;
            if depth == 0 {
                return Some(open + 1..end);
            }
        }
        depth += usize::from(byte == opens);
        end += 1;
    }
    Some(open + 1..scan.text_end().max(open + 1))
}

/// Returns the end of a value that nothing encloses, looking no further than `most` bytes.
pub(super) fn bare_end(scan: &Scan<'_>, start: usize, most: usize) -> usize {
    let mut end = start;
    while let Some(&byte) = scan.bytes.get(end) {
        if end - start >= most {
            return end;
        }
        let next = scan.byte(end + 1);
        let is_inside = next.is_ascii_alphanumeric() && end > start;
        let ends = match byte {
            0..=b' ' => true,
            b'"' | b'\'' | b'`' | b')' | b']' | b'}' => !is_inside,
            b'\\' => b"\"'nrt".contains(&next),
            b'<' => next == b'/',
            b',' | b';' | b'&' => !is_inside || begins_pair(scan, end + 1),
            _ => false,
        };
        if ends || (byte >= 0x80 && scan.is_cut(end)) {
            break;
        }
        end += 1;
    }
    let run = scan.part(start..end);
    start + run.trim_end_matches(['.', ',', ';', ':', '!', '?']).len()
}

/// Returns whether `name=` or `name:` begins here.
fn begins_pair(scan: &Scan<'_>, at: usize) -> bool {
    let is_part = |byte: u8| is_letter(byte) || b"-.[]% ".contains(&byte);
    let end = scan.skip_within(at, NAME, is_part);
    end < at + NAME && b"=:".contains(&scan.byte(end))
}

fn is_one_word(name: &str) -> bool {
    !name.contains(['-', '_', '.', ' '])
        && !name
            .get(1..)
            .unwrap_or_default()
            .contains(char::is_uppercase)
}

/// Returns whether the value after a name and a colon is neither a word of a sentence (`token:
/// expected`) nor anything else that is ordinary. The check is stricter if the name is a single
/// word.
pub(super) fn is_telling(scan: &Scan<'_>, start: usize, value: &str, name: &str) -> bool {
    if scan.is_cut(start + value.len()) || value.contains(MASK) {
        return true;
    }
    let first = value.bytes().next().unwrap_or_default();
    let is_ordinary = value.contains("://")
        || value.contains("::")
        || value.contains("()")
        || value.contains("!(")
        || b"/.{<$~(&*".contains(&first)
        || is_date(value.as_bytes());
    if is_ordinary {
        return false;
    }
    // This much of it is enough to tell a word from a credential.
    let count = |is_it: fn(&u8) -> bool| value.bytes().take(NAME).filter(is_it).count();
    let digits = count(u8::is_ascii_digit);
    let letters = count(u8::is_ascii_alphabetic);
    let signs = count(|byte| b"!@#$%^*+=~&/".contains(byte));
    let least = if is_one_word(name) { 10 } else { 6 };
    // The value of a header is no name of a type.
    let has_capitals = || value.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let is_of_header = || name.contains('-') && letters >= 12 && has_capitals();
    match (digits, letters) {
        (_, 0) => digits == value.len().min(NAME) && digits >= 6,
        (0, _) => is_of_header() || (signs > 0 && letters >= least && !value.contains('/')),
        _ => value.len() >= least || (signs > 0 && value.len() >= 6),
    }
}

/// Returns whether a date begins here: `2026-11-28`.
fn is_date(value: &[u8]) -> bool {
    let shape = b"0000-00-00";
    value.len() >= shape.len()
        && value.iter().zip(shape).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            _ => byte == shape,
        })
}

/// Returns the end of the line, which may be one in a Debug text.
pub(super) fn line_end(scan: &Scan<'_>, start: usize) -> usize {
    let mut end = start;
    while let Some(&byte) = scan.bytes.get(end) {
        let is_escape = byte == b'\\' && b"nr".contains(&scan.byte(end + 1));
        if byte == b'\n' || byte == b'\r' || is_escape {
            return end;
        }
        end += 1;
    }
    scan.text_end().max(start)
}
