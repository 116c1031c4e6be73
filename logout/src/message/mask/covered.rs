//! What a field's name says about its value, where a name of the list stands in it.

use crate::text::human::parse_number;

/// What no value gives away.
const NOTHING: [&str; 13] = [
    "",
    "None",
    "none",
    "null",
    "nil",
    "true",
    "false",
    "on",
    "off",
    "yes",
    "no",
    "undefined",
    "[]",
];

/// The longest short word, in bytes: `client_secret_post`, `authorization_code`.
const WORD: usize = 24;

/// Where a name of the list stands in the name of a field.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Covered {
    /// Whether nothing follows.
    pub(super) last: bool,
    /// Whether it is one of many.
    pub(super) plural: bool,
    /// Whether the last word says that this is something about it, or where it is.
    pub(super) about: bool,
    pub(super) place: bool,
    /// Whether the last word says that this refers to it.
    pub(super) reference: bool,
    /// Whether it is `pass`, by itself.
    pub(super) pass: bool,
    /// Whether it is `pwd`, which is a directory too.
    pub(super) directory: bool,
}

impl Covered {
    /// Returns whether nothing follows the name of the list.
    pub(crate) fn is_last(&self) -> bool {
        self.last
    }

    /// Returns whether this value of the field is hidden.
    pub(crate) fn hides(self, value: &str) -> bool {
        let value = value.trim();
        if NOTHING.contains(&value) || is_placeholder(value) {
            return false;
        }
        let is_number = || parse_number(value).is_some();
        let is_about = !self.last
            && (self.reference
                || (self.about && (is_number() || is_measure(value) || is_short_word(value)))
                || (self.place && is_place(value)));
        // How many there are, and which of a compiler's passes it is.
        let is_count = (self.plural || self.pass) && is_number();
        let is_directory = self.directory && is_path(value);
        !(is_about || is_count || is_directory)
    }
}

/// Returns whether it is a word such as `oauth2`, `client_credentials` or `argon2id`: letters, with
/// digits in one place at most.
fn is_short_word(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let mut bytes = value.bytes();
    let begins = bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic());
    let numbers = value.split(|c: char| !c.is_ascii_digit());
    let mut numbers = numbers.filter(|number| !number.is_empty());
    let has_few_digits = numbers.next().is_none_or(|number| number.len() <= 3);
    begins
        && value.len() <= WORD
        && bytes.all(is_part)
        && has_few_digits
        && numbers.next().is_none()
}

/// Returns whether it is a span of time, a size, a date or a version: `3600s`, `2026-11-28T12:04:31Z`.
fn is_measure(value: &str) -> bool {
    let numbers = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_part = |byte: u8| byte.is_ascii_digit() || b"-:.+T".contains(&byte);
    value.len() <= WORD + 8
        && value.len() - numbers.len() <= 3
        && numbers.starts_with(|c: char| c.is_ascii_digit())
        && numbers.bytes().all(is_part)
}

/// Returns whether it is a file or an address.
fn is_place(value: &str) -> bool {
    is_path(value) || value.contains("://") || value.starts_with("arn:") || is_short_word(value)
}

/// Returns whether something else is put in its place, or was: `***`, `<redacted>`, `${PASSWORD}`,
/// `{{ .Values.password }}`.
fn is_placeholder(value: &str) -> bool {
    let is_enclosed = |open, close| value.starts_with(open) && value.ends_with(close);
    let inside = value.trim_start_matches(['{', ' ']);
    is_enclosed("<", ">")
        || is_enclosed("${", "}")
        || (inside.len() < value.len() && inside.starts_with(['.', '$']))
        || value.bytes().all(|byte| byte == b'*' || byte == b'.')
}

fn is_path(value: &str) -> bool {
    let mut bytes = value.bytes();
    let first = bytes.next();
    matches!(first, Some(b'/' | b'\\' | b'~' | b'.'))
        || (first.is_some_and(|first| first.is_ascii_alphabetic())
            && bytes.next() == Some(b':')
            && matches!(bytes.next(), Some(b'/' | b'\\')))
}
