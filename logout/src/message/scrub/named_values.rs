//! Values after masked names: Debug of structs and maps, JSON, TOML, addresses, headers.

use std::ops::Range;

use super::super::mask::NameMatch;
use super::credentials::{Scan, is_letter};
use super::encoded_values::{escape_length, without_escape};
use super::value::{BEGINNING, bare_end, is_telling, line_end, string, value};
use crate::block::mask::ambiguous_names::CredentialForm;

/// The bytes of a name that are checked.
pub(super) const NAME: usize = 96;

/// Last words of names that are joined by a space.
const LAST_WORDS: [&str; 4] = ["id", "key", "keys", "string"];

/// Schemes of authorization whose credentials are more than one word; those of one word are
/// recognised anywhere.
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

/// Returns the value after the colon or the equals sign at `at`, if its name is masked.
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
    let (name, covered) = joined(scan, (begin, name))
        .or_else(|| covered(scan, (begin, name)))
        .or_else(|| beside(scan, (begin, name)))?;
    if is_of_path && LEVELS.contains(&scan.part(start..bare_end(scan, start, NAME))) {
        return None;
    }
    let assigned = sign == b'=' && start == behind && before != b' ';
    let is_scheme = assigned
        && ends_with(name, "authorization")
        && scan.byte(bare_end(scan, start, NAME)) == b' ';
    let is_certain = (assigned && !is_scheme) || covered.is_judged();
    // `Password:hunter2`, as Go writes a struct: in sentences a space follows a colon.
    let of = if start == behind { "_" } else { name };
    let header = pairs(scan, name, start).or_else(|| authorization(scan, name, start));
    if header.is_some() {
        return header;
    }
    value(scan, start, |value, is_enclosed| {
        if covered.depends_on_value() && scan.is_last(value) {
            return true;
        }
        covered.hides(value) && (is_enclosed || is_certain || is_telling(scan, start, value, of))
    })
}

/// The values of a log filter's rules: `shop::auth=debug`.
const LEVELS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "off"];

/// Names that are masked in the parameters of an address or of a connection alone: Azure's
/// signatures and account keys; of the others only random values. A `code` there is one of OAuth
/// (RFC 6749), a `key` one of Google's, and neither an error's nor a shop's.
const JOINED: [(&str, Option<CredentialForm>); 4] = [
    ("accountkey", None),
    ("code", Some(CredentialForm::Machine)),
    ("key", Some(CredentialForm::Machine)),
    ("sig", None),
];

/// Returns the name if it is one of [`JOINED`] in parameters.
fn joined<'t>(scan: &Scan<'t>, (start, name): (usize, &'t str)) -> Option<(&'t str, NameMatch)> {
    if !b"?&;".contains(&scan.before(start)) {
        return None;
    }
    let mut known = JOINED.iter();
    let (_, looks) = known.find(|(known, _)| name.eq_ignore_ascii_case(known))?;
    Some((
        name,
        looks.map_or_else(NameMatch::default, NameMatch::judged),
    ))
}

/// Returns the name beside a `value`: `{"name":"DB_PASSWORD","value":"…"}`, as manifests, archives
/// of HTTP and lists of headers have it.
fn beside<'t>(scan: &Scan<'t>, (start, name): (usize, &'t str)) -> Option<(&'t str, NameMatch)> {
    if !name.eq_ignore_ascii_case("value") {
        return None;
    }
    let is_between = |byte| b" \t\r\n,;\"'\\".contains(&byte);
    let end = back(scan, start, NAME, is_between);
    let (begin, name) = word_before(scan, end);
    let sign = back(scan, begin, 8, |byte| b" \"'\\".contains(&byte));
    if !b":=".contains(&scan.before(sign)) {
        return None;
    }
    let (_, of) = name_before(scan, sign - 1);
    let is_name = ["name", "key", "header"]
        .iter()
        .any(|known| of.eq_ignore_ascii_case(known));
    is_name
        .then(|| scan.mask.find(name))
        .flatten()
        .map(|covered| (name, covered))
}

/// Returns the text of an element, `<password>…</password>`, whose tag ends at `at`.
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
    let text = scan.part(at + 1..end.min(scan.text_end()));
    // Usage messages have the same brackets: `--token <TOKEN> is missing`.
    let is_last = end == scan.bytes.len() && !text.contains(' ');
    let is_closed = scan.rest(end).starts_with("</") || is_last;
    let is_hidden = is_closed && !text.trim().is_empty() && covered.hides(text);
    is_hidden.then_some(at + 1..end.min(scan.text_end()))
}

/// Returns the value in `Token("value")`, as Debug writes a type that holds nothing else.
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

/// Returns the value in `Key (name)=(value) already exists`, as `PostgreSQL` writes it.
fn key(scan: &Scan<'_>, at: usize) -> Option<Range<usize>> {
    let (_, name) = word_before(scan, at - 1);
    let covered = scan.mask.find(name)?;
    let start = at + 2;
    let end = scan.skip(start, |byte| byte != b')' && byte != b'\n');
    let is_hidden = end > start && covered.hides(scan.part(start..end));
    is_hidden.then_some(start..end)
}

/// Returns the value in `("name", "value")`, as maps and headers are written.
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

/// Returns the name before the character at `at`, and where it begins.
pub(super) fn name_before<'t>(scan: &Scan<'t>, at: usize) -> (usize, &'t str) {
    let end = back(scan, at, 3, |byte| byte == b' ' || byte == b'!');
    let end = without_escape(scan, end);
    let end = back(scan, end, 1, |byte| byte == b']');
    let end = back(scan, end, 1, |byte| b"\"'`".contains(&byte));
    let end = back(scan, end, 15, |byte| byte == b'\\');
    word_before(scan, end)
}

/// Returns the start of the bytes before `end` that `is_it` accepts, at most `most`.
fn back(scan: &Scan<'_>, end: usize, most: usize, is_it: impl Fn(u8) -> bool) -> usize {
    let near = scan.bytes.get(end.saturating_sub(most)..end);
    let passed = near.unwrap_or_default().iter().rev();
    end - passed.take_while(|byte| is_it(**byte)).count()
}

pub(super) fn word_before<'t>(scan: &Scan<'t>, end: usize) -> (usize, &'t str) {
    let least = end.saturating_sub(NAME);
    let near = scan.bytes.get(least..end).unwrap_or_default();
    let is_part = |byte: &u8| is_letter(*byte) || b"-.".contains(byte);
    let outside = near.iter().rposition(|byte| !is_part(byte));
    let mut start = least + outside.map_or(0, |outside| outside + 1);
    while !scan.text.is_char_boundary(start) {
        start += 1;
    }
    // The letters of an escape before it are not part of the name.
    start = (start + escape_length(scan, start)).min(end);
    (start, scan.part(start..end))
}

/// Returns the name if it is masked, with the word before it if the two are one name: `API key`.
pub(super) fn covered<'t>(
    scan: &Scan<'t>,
    (start, name): (usize, &'t str),
) -> Option<(&'t str, NameMatch)> {
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
    let covered = scan.mask.find(name).filter(NameMatch::is_last)?;
    Some((name, covered))
}

/// Returns the value of a header whose credentials are pairs: `Cookie: a=b; c=d`,
/// `Stripe-Signature: t=1,v1=…`.
fn pairs(scan: &Scan<'_>, name: &str, start: usize) -> Option<Range<usize>> {
    let is_pairs = ends_with(name, "cookie") || ends_with(name, "-signature");
    let word = start..scan.skip_within(start, BEGINNING, |byte| byte > b' ');
    (is_pairs && scan.part(word).contains('=')).then(|| start..line_end(scan, start))
}

/// Returns whether a name ends with `suffix`, in upper or lower case.
fn ends_with(name: &str, suffix: &str) -> bool {
    let at = name.len().checked_sub(suffix.len());
    at.and_then(|at| name.get(at..))
        .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

/// Returns the credentials after a scheme: `Authorization: Digest username="ada", …`.
fn authorization(scan: &Scan<'_>, name: &str, start: usize) -> Option<Range<usize>> {
    if !ends_with(name, "authorization") {
        return None;
    }
    let end = scan.skip_within(start, BEGINNING, |byte| byte > b' ');
    if scan.byte(end) != b' ' || scan.is_cut(end) {
        return None;
    }
    let is_scheme = |known: &&str| scan.part(start..end).eq_ignore_ascii_case(known);
    if SCHEMES.iter().any(is_scheme) {
        return Some(end + 1..line_end(scan, end + 1));
    }
    credentials(scan, start..end)
}

/// Returns the credentials after a scheme that no standard defines, `Bot`, `GenieKey`: one word at
/// the end of the line or of the string. Sentences go on.
fn credentials(scan: &Scan<'_>, scheme: Range<usize>) -> Option<Range<usize>> {
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let start = scheme.end + 1;
    let end = scan.skip_within(start, BEGINNING, |byte| {
        byte > b' ' && !b"\"'`\\,".contains(&byte)
    });
    let end = scan
        .part(start..end)
        .find('…')
        .map_or(end, |cut| start + cut);
    let text = scan.part(start..end);
    let has = |is_it: fn(&u8) -> bool| text.bytes().any(|byte| is_it(&byte));
    let is_opaque = text.len() >= 12 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let is_last = scan.is_cut(end) || (is_opaque && scan.byte(end) != b' ');
    let is_found = is_last && scan.part(scheme).bytes().all(is_of_scheme);
    is_found.then_some(start..end)
}
