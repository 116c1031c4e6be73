//! Values in SQL, where words join a name and its value.

use std::ops::Range;

use super::credentials::{Scan, is_letter};
use super::value;

/// The bytes before a value that are searched.
const NEAR: usize = 96;

/// Returns the string in SQL that begins with the quote at `at`, if it is a credential.
pub(super) fn find(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    if is_letter(scan.before(at)) {
        return None;
    }
    let before = text_before(scan, at).trim_end();
    let in_list = before.strip_suffix('(');
    let before = in_list.unwrap_or(before).trim_end();
    let is_secret = match last_word(before) {
        (rest, word) if word.eq_ignore_ascii_case("by") => {
            let (_, word) = last_word(rest);
            word.eq_ignore_ascii_case("identified")
                || (word.is_empty() || rest.to_ascii_lowercase().contains("identified with"))
        }
        (_, word) if word.eq_ignore_ascii_case("password") => true,
        (rest, word)
            if ["in", "like", "ilike"]
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known)) =>
        {
            let (_, name) = last_word(rest);
            scan.mask.covers(name)
        }
        _ => before.ends_with('=') && before.to_ascii_lowercase().contains("set password"),
    };
    if !is_secret {
        return None;
    }
    if in_list.is_some() {
        return Some(at..list_end(scan, at));
    }
    value::quoted(scan, at)
}

/// Returns the values of an `INSERT` whose columns begin at `at` and hold a name of the list.
pub(super) fn inserted(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let before = text_before(scan, at).to_ascii_lowercase();
    if !before.contains("insert into") && !before.contains("replace into") {
        return None;
    }
    let columns = scan.rest(at + 1);
    let end = columns.find([')', ';', '(']).filter(|end| *end < 4_096)?;
    let columns = columns.get(..end)?;
    if !columns.split(',').any(|column| scan.mask.covers(column)) {
        return None;
    }
    let values = scan.skip(at + 1 + end + 1, |byte| byte.is_ascii_whitespace());
    let word = scan.bytes.get(values..values + 6)?;
    if !word.eq_ignore_ascii_case(b"values") {
        return None;
    }
    let start = scan.skip(values + 6, |byte| byte.is_ascii_whitespace());
    let mut end = start;
    // Further rows.
    while scan.byte(end) == b'(' {
        end = list_end(scan, end + 1);
        let next = scan.skip(end + 1, |byte| byte.is_ascii_whitespace() || byte == b',');
        if scan.byte(next) != b'(' {
            break;
        }
        end = next;
    }
    (end > start + 1).then_some(start + 1..end)
}

/// Returns the end of the list that contains `at`; strings in it are skipped.
fn list_end(scan: &Scan<'_>, at: usize) -> usize {
    let mut end = at;
    loop {
        match scan.byte(end) {
            0 if end >= scan.bytes.len() => return scan.text_end().max(at),
            b')' => return end,
            b'\'' => {
                let string = value::quoted(scan, end);
                end = string.map_or(end + 1, |string| string.end + 1).max(end + 1);
            }
            _ => end += 1,
        }
    }
}

pub(super) fn text_before<'t>(scan: &Scan<'t>, at: usize) -> &'t str {
    let mut start = at.saturating_sub(NEAR);
    while !scan.text.is_char_boundary(start) {
        start += 1;
    }
    scan.part(start..at)
}

/// Returns the text before the last word, and that word.
fn last_word(text: &str) -> (&str, &str) {
    let text = text.trim_end();
    let start = text
        .bytes()
        .rposition(|byte| !(is_letter(byte) || byte == b'.' || byte == b'"' || byte == b'`'));
    text.split_at_checked(start.map_or(0, |before| before + 1))
        .unwrap_or(("", text))
}
