//! Values behind names that are masked: Debug of structs and maps, JSON, TOML, addresses, headers.

use std::ops::Range;

use super::super::mask::Covered;
use super::MASK;
use super::credentials::{Scan, is_letter};

/// How many bytes of a name are looked at.
const NAME: usize = 96;

/// What may be the last word of a name whose words are joined by a space.
const LAST_WORDS: [&str; 4] = ["id", "key", "keys", "string"];

/// Schemes of authorization whose credentials are more than one word; those of one are known
/// wherever they stand.
const SCHEMES: [&str; 9] = [
    "apikey",
    "aws4-hmac-sha256",
    "digest",
    "hawk",
    "negotiate",
    "ntlm",
    "oauth",
    "signature",
    "token",
];

/// Finds the value behind the colon or the equals sign at `at`, if its name is masked.
pub(super) fn find(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let (sign, before, next) = (scan.byte(at), scan.before(at), scan.byte(at + 1));
    let is_path = sign == b':' && (next == b':' || before == b':');
    if is_path || (sign == b'=' && (before == b'=' || before == b':')) {
        return None;
    }
    let behind = at + 1 + usize::from(next == b'=' || (next == b'>' && sign == b'='));
    let start = scan.skip(behind, |byte| byte == b' ' || byte == b'\t');
    if scan.byte(start) <= b' ' || scan.is_cut(behind) {
        return None;
    }
    if sign == b'=' && before == b')' && next == b'(' {
        return key(scan, at);
    }
    let (begin, name) = name_before(scan, at);
    let is_of_path = scan.part(0..begin).ends_with("::");
    let (name, covered) = covered(scan, (begin, name)).or_else(|| joined(scan, (begin, name)))?;
    if is_of_path && LEVELS.contains(&scan.part(start..run(scan, start, NAME))) {
        return None;
    }
    let assigned = sign == b'=' && start == behind && before != b' ';
    value(scan, start, |value, is_enclosed| {
        covered.hides(value) && (is_enclosed || assigned || is_telling(scan, start, value, name))
    })
    .or_else(|| header(scan, name, start))
}

/// What a filter of logs says of a module: `shop::auth=debug`.
const LEVELS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "off"];

/// Names that are credentials' in the parameters of an address or of a connection alone: what Azure
/// signs, and its key of an account.
const JOINED: [&str; 2] = ["sig", "accountkey"];

/// Returns such a name.
fn joined<'t>(scan: &Scan<'t>, (start, name): (usize, &'t str)) -> Option<(&'t str, Covered)> {
    let is_joined = b"?&;".contains(&scan.before(start));
    let is_known = JOINED.iter().any(|known| name.eq_ignore_ascii_case(known));
    (is_joined && is_known).then_some((name, Covered::default()))
}

/// Finds the text of an element, `<password>…</password>`, whose tag ends at `at`.
pub(super) fn element(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let near = scan.bytes.get(at.saturating_sub(NAME)..at)?;
    let open = at - near.len() + near.iter().rposition(|byte| b"<>".contains(byte))?;
    if scan.byte(open) != b'<' || scan.before(at) == b'/' {
        return None;
    }
    let is_part = |byte: u8| is_letter(byte) || b"-.:".contains(&byte);
    let name = scan.part(open + 1..scan.skip(open + 1, is_part));
    let covered = scan.mask.find(name)?;
    let end = scan.skip(at + 1, |byte| byte != b'<');
    let text = scan.part(at + 1..end);
    let is_closed = scan.rest(end).starts_with("</") || end == scan.bytes.len();
    let is_hidden = is_closed && !text.trim().is_empty() && covered.hides(text);
    is_hidden.then_some(at + 1..end.min(scan.end()))
}

/// Finds the value in `Token("value")`, as Debug writes a type that holds nothing else.
pub(super) fn newtype(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let (value, _) = string(scan, at + 1)?;
    let (_, name) = word_before(scan, at);
    if !name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return None;
    }
    let covered = scan.mask.find(name)?;
    let text = scan.part(value.clone());
    let is_hidden = covered.hides(text) && is_telling(scan, value.start, text, name);
    is_hidden.then_some(value)
}

/// Finds the value in `Key (name)=(value) already exists`, as `PostgreSQL` writes it.
fn key(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let (_, name) = word_before(scan, at - 1);
    let covered = scan.mask.find(name)?;
    let start = at + 2;
    let end = scan.skip(start, |byte| byte != b')' && byte != b'\n');
    let is_hidden = end > start && covered.hides(scan.part(start..end));
    is_hidden.then_some(start..end)
}

/// Finds the value in `("name", "value")`, as maps and headers are written.
pub(super) fn pair(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let (name, behind) = string(scan, at + 1)?;
    if name.len() > NAME {
        return None;
    }
    let covered = scan.mask.find(scan.part(name))?;
    let rest = scan.rest(behind).strip_prefix(',')?;
    let start = scan.bytes.len() - rest.trim_start_matches(' ').len();
    let (found, _) = string(scan, start)?;
    let is_hidden = !found.is_empty() && covered.hides(scan.part(found.clone()));
    is_hidden.then_some(found)
}

/// Finds the value in `--name value`.
pub(super) fn argument(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let is_first = matches!(
        scan.before(at),
        0 | b' ' | b'\n' | b'"' | b'\'' | b'`' | b'['
    );
    if !is_first || scan.byte(at + 1) != b'-' || !scan.byte(at + 2).is_ascii_alphabetic() {
        return None;
    }
    let end = scan.skip(at + 2, |byte| is_letter(byte) || byte == b'-');
    let start = scan.skip(end, |byte| byte == b' ');
    if start == end || b"-=".contains(&scan.byte(start)) || scan.is_cut(end) {
        return None;
    }
    let covered = scan.mask.find(scan.part(at + 2..end))?;
    value(scan, start, |value, is_enclosed| {
        covered.hides(value) && (is_enclosed || is_telling(scan, start, value, "-"))
    })
}

/// Returns what stands in the quotes at `at`; up to the end where they are not closed.
pub(super) fn quoted(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    string(scan, at)
        .map(|(range, _)| range)
        .filter(|range| !range.is_empty())
}

/// Returns the name before the sign at `at`, with where it begins.
fn name_before<'t>(scan: &Scan<'t>, at: usize) -> (usize, &'t str) {
    let end = back(scan, at, 3, |byte| byte == b' ' || byte == b'!');
    let end = back(scan, end, 1, |byte| byte == b']');
    let end = back(scan, end, 1, |byte| b"\"'`".contains(&byte));
    let end = back(scan, end, 15, |byte| byte == b'\\');
    word_before(scan, end)
}

/// Passes over this many bytes before `end` at most that `is_it`.
fn back(scan: &Scan<'_>, end: usize, most: usize, is_it: impl Fn(u8) -> bool) -> usize {
    let near = scan.bytes.get(end.saturating_sub(most)..end);
    let passed = near.unwrap_or_default().iter().rev();
    end - passed.take_while(|byte| is_it(**byte)).count()
}

fn word_before<'t>(scan: &Scan<'t>, end: usize) -> (usize, &'t str) {
    let least = end.saturating_sub(NAME);
    let near = scan.bytes.get(least..end).unwrap_or_default();
    let is_part = |byte: &u8| is_letter(*byte) || b"-.".contains(byte);
    let outside = near.iter().rposition(|byte| !is_part(byte));
    let mut start = least + outside.map_or(0, |outside| outside + 1);
    while !scan.text.is_char_boundary(start) {
        start += 1;
    }
    (start, scan.part(start..end))
}

/// Returns the name if it is masked, with the word before it where they are one: `API key`.
fn covered<'t>(scan: &Scan<'t>, (start, name): (usize, &'t str)) -> Option<(&'t str, Covered)> {
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Some(covered) = scan.mask.find(name) {
        return Some((name, covered));
    }
    let is_last = LAST_WORDS
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word));
    if !is_last || scan.before(start) != b' ' {
        return None;
    }
    let (start, word) = word_before(scan, start - 1);
    let name = scan.part(start..start + word.len() + 1 + name.len());
    let covered = scan.mask.find(name).filter(Covered::is_last)?;
    Some((name, covered))
}

/// Finds the value at `start`: in quotes, in brackets or as it stands, if it `is_hidden`, which is
/// also told whether something encloses it.
fn value(
    scan: &Scan<'_>,
    start: usize,
    is_hidden: impl Fn(&str, bool) -> bool,
) -> Option<Range<usize>> {
    // A string of bytes, a raw one, or what SQL knows.
    let prefix = scan.skip(start, |byte| b"brcuEN#".contains(&byte));
    let prefix = if prefix <= start + 3 { prefix } else { start };
    if let Some((inside, _)) = string(scan, prefix).or_else(|| string(scan, start)) {
        let is_found = !inside.is_empty() && is_hidden(scan.part(inside.clone()), true);
        return is_found.then_some(inside);
    }
    if let Some(inside) = enclosed(scan, start, BEGINNING) {
        let text = scan.part(inside.start..floor(scan, inside.end));
        let text = text.trim().trim_matches(['"', '\\']);
        let is_found = !text.is_empty() && is_hidden(text, true);
        return is_found
            .then(|| enclosed(scan, start, usize::MAX))
            .flatten();
    }
    let end = floor(scan, run(scan, start, BEGINNING));
    let is_found = end > start && is_hidden(scan.part(start..end), false);
    is_found.then(|| start..run(scan, start, usize::MAX))
}

/// What is not hidden by so much of its beginning is not hidden: a text of nothing but names would be
/// gone through from each of them to its end.
///
/// The mask hides whatever is longer than 256 bytes, so this has to be more.
const BEGINNING: usize = 272;

/// Returns the last boundary of a character up to `at`.
fn floor(scan: &Scan<'_>, at: usize) -> usize {
    let is_boundary = |at: &usize| scan.text.is_char_boundary(*at);
    (0..=at.min(scan.text.len()))
        .rev()
        .find(is_boundary)
        .unwrap_or(0)
}

/// Returns what stands in the quotes at `at`, which backslashes may precede, and where the text
/// goes on behind them.
fn string(scan: &Scan<'_>, at: usize) -> Option<(Range<usize>, usize)> {
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
    let end = scan.end().max(start);
    Some((start..end.min(scan.bytes.len()), scan.bytes.len()))
}

/// Returns what stands in the brackets of a Debug value at `start`: `Some("…")`, `Secret { … }`,
/// `[1, 2]`, `{"a": 1}`.
///
/// It looks no further than `most` bytes, and then returns what is inside so far.
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
    Some(open + 1..scan.end().max(open + 1))
}

/// Returns where a value ends that nothing encloses, looking no further than `most` bytes.
fn run(scan: &Scan<'_>, start: usize, most: usize) -> usize {
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

/// Returns whether `name=` or `name:` stands here.
fn begins_pair(scan: &Scan<'_>, at: usize) -> bool {
    let near = scan.bytes.get(at..scan.bytes.len().min(at + NAME));
    let near = near.unwrap_or_default();
    let end = near
        .iter()
        .position(|byte| !(is_letter(*byte) || b"-.[]% ".contains(byte)));
    end.and_then(|end| near.get(end))
        .is_some_and(|sign| b"=:".contains(sign))
}

fn is_one_word(name: &str) -> bool {
    !name.contains(['-', '_', '.', ' '])
        && !name
            .get(1..)
            .unwrap_or_default()
            .contains(char::is_uppercase)
}

/// Returns whether what follows a name and a colon is no word of a sentence (`token: expected`) and
/// nothing else that is ordinary. More is asked of it where the name is a single word.
fn is_telling(scan: &Scan<'_>, start: usize, value: &str, name: &str) -> bool {
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
    // So much of it is enough to tell a word from a credential.
    let count = |is_it: fn(&u8) -> bool| value.bytes().take(NAME).filter(is_it).count();
    let digits = count(u8::is_ascii_digit);
    let letters = count(u8::is_ascii_alphabetic);
    let signs = count(|byte| b"!@#$%^*+=~&/".contains(byte));
    let least = if is_one_word(name) { 10 } else { 6 };
    // No name of a type stands behind that of a header.
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

/// Finds what a header of credentials holds that are more than one word: `Cookie: a=b; c=d`.
fn header(scan: &Scan<'_>, name: &str, start: usize) -> Option<Range<usize>> {
    let is = |suffix: &str| {
        let at = name.len().checked_sub(suffix.len());
        at.and_then(|at| name.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    };
    let near = scan.bytes.get(start..).unwrap_or_default();
    let word = near.iter().take(BEGINNING).take_while(|byte| **byte > b' ');
    if is("cookie") && word.clone().any(|byte| *byte == b'=') {
        return Some(start..line_end(scan, start));
    }
    let end = start + word.count();
    let is_scheme = |known: &&str| scan.part(start..end).eq_ignore_ascii_case(known);
    if !is("authorization") || scan.byte(end) != b' ' || !SCHEMES.iter().any(is_scheme) {
        return None;
    }
    Some(end + 1..line_end(scan, end + 1))
}

/// Returns where the line ends, which may be one in a Debug text.
fn line_end(scan: &Scan<'_>, start: usize) -> usize {
    let mut end = start;
    while let Some(&byte) = scan.bytes.get(end) {
        let is_escape = byte == b'\\' && b"nr".contains(&scan.byte(end + 1));
        if byte == b'\n' || byte == b'\r' || is_escape {
            return end;
        }
        end += 1;
    }
    scan.end().max(start)
}
