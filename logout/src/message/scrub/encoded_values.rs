//! Values with escaped characters: in an address, in HTML, in JSON as .NET writes it.

use std::ops::Range;

use super::credentials::Scan;
use super::named_values::name_before;

/// The escapes of quotes.
const QUOTES: [&str; 7] = [
    "%22", "%27", "\\u0022", "\\u0027", "&quot;", "&#34;", "&#39;",
];

/// The escapes that end an encoded value, beside the ends of an address.
const ENDS: [&[u8]; 6] = [b"%20", b"%22", b"%26", b"%27", b"%2C", b"%7D"];

/// Returns the value after the colon or the equals sign that is encoded at `at`:
/// `access_token%3D…`, `%22password%22%3A%22…`, `https%3A%2F%2Fuser%3A…%40`.
pub(super) fn find(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let is_colon = is(scan, at, b"%3A");
    if !is_colon && !is(scan, at, b"%3D") {
        return None;
    }
    if is_colon && is(scan, at + 3, b"%2F") && is(scan, at + 6, b"%2F") {
        return user_info(scan, at + 9);
    }
    let (_, name) = name_before(scan, at);
    let covered = scan.mask.find(name)?;
    let start = at + 3;
    let quoted = string(scan, start);
    if is_colon && quoted.is_none() {
        return None;
    }
    let value = quoted.unwrap_or_else(|| start..end(scan, start));
    let is_hidden = !value.is_empty() && covered.hides(scan.part(value.clone()));
    is_hidden.then_some(value)
}

/// Returns the user and the password of an encoded address, which begin at `start`.
fn user_info(scan: &Scan<'_>, start: usize) -> Option<Range<usize>> {
    let mut end = start;
    let mut has_password = false;
    while scan.byte(end).is_ascii_alphanumeric() || b"%-._~+:".contains(&scan.byte(end)) {
        has_password |= is(scan, end, b"%3A") || scan.byte(end) == b':';
        if is(scan, end, b"%40") {
            return has_password.then_some(start..end);
        }
        if is(scan, end, b"%2F") {
            return None;
        }
        end += 1;
    }
    (has_password && scan.is_cut(end)).then_some(start..end)
}

/// Returns the text in the escaped quotes at `at`, up to the end of the text if they are not
/// closed.
pub(super) fn string(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    if !b"%\\&".contains(&scan.byte(at)) {
        return None;
    }
    let rest = scan.rest(at);
    let quote = QUOTES.iter().find(|quote| rest.starts_with(**quote))?;
    let start = at + quote.len();
    let length = scan.rest(start).find(quote);
    Some(start..length.map_or(scan.text_end().max(start), |length| start + length))
}

/// Returns the end of an encoded value.
fn end(scan: &Scan<'_>, start: usize) -> usize {
    let mut end = start;
    while scan.byte(end) > b' ' && !b"&\"'`<>)".contains(&scan.byte(end)) {
        let is_end = ENDS.iter().any(|known| is(scan, end, known));
        if is_end || scan.is_cut(end) {
            break;
        }
        end += 1;
    }
    end
}

/// Returns whether this escape is at `at`, in upper or lower case.
fn is(scan: &Scan<'_>, at: usize, escape: &[u8]) -> bool {
    scan.byte(at) == b'%'
        && scan
            .bytes
            .get(at..at + 3)
            .is_some_and(|three| three.eq_ignore_ascii_case(escape))
}

/// Returns the end of a name without an escaped quote or bracket after it.
pub(super) fn without_escape(scan: &Scan<'_>, end: usize) -> usize {
    if !b"27;Dd".contains(&scan.before(end)) {
        return end;
    }
    if end >= 3 && is(scan, end - 3, b"%5D") {
        return end - 3;
    }
    let before = scan.bytes.get(..end).unwrap_or_default();
    let quote = QUOTES
        .iter()
        .find(|quote| before.ends_with(quote.as_bytes()));
    end - quote.map_or(0, |quote| quote.len())
}

/// Returns the number of letters of an escape that begins before `start`: `%5B`, `\\n`, `\\u0022`.
pub(super) fn escape_length(scan: &Scan<'_>, start: usize) -> usize {
    match (scan.before(start), scan.byte(start)) {
        (b'%', first) if first.is_ascii_digit() => 2,
        (b'\\', b'u') if scan.byte(start + 1) == b'0' => 5,
        (b'\\', b'n' | b'r' | b't') => 1,
        _ => 0,
    }
}
