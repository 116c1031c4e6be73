//! Durations and sizes as text, with the syntax that `logout` has in files and variables.

use std::time::Duration;

use syn::LitStr;

use super::Key;
use crate::errors::Errors;
use crate::names::nearest;

/// The units of time for the help; humantime knows longer names too.
const TIME_UNITS: &str = "`ms`, `s`, `m`, `h`, `d` and `w`";

/// The units of size in lower case, their usual form, and their bytes.
const SIZE_UNITS: [(&str, &str, u64); 8] = [
    ("", "", 1),
    ("b", "B", 1),
    ("kib", "KiB", 1 << 10),
    ("mib", "MiB", 1 << 20),
    ("gib", "GiB", 1 << 30),
    ("kb", "kB", 1_000),
    ("mb", "MB", 1_000_000),
    ("gb", "GB", 1_000_000_000),
];

/// The probable meaning of a unit without its second letter.
const SHORT_UNITS: [(&str, &str); 3] = [("k", "KiB"), ("m", "MiB"), ("g", "GiB")];

/// The same limit as in `logout`.
const MAX_BYTES: usize = 64;
const MAX_DIGITS: usize = 9;

/// Parses a duration; a bare number is seconds.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let mut numbers = text.split(|letter: char| !letter.is_ascii_digit());
    if text.len() > MAX_BYTES || numbers.any(|digits| digits.len() > MAX_DIGITS) {
        return None;
    }
    // humantime takes `M` for months, and whoever writes `15M` means minutes.
    if text.contains('M') {
        return None;
    }
    humantime::parse_duration(text).ok()
}

/// Parses a size in bytes.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text);
    let unit = unit.to_ascii_lowercase();
    let (_, _, bytes) = SIZE_UNITS.iter().find(|(known, ..)| *known == unit)?;
    number.parse::<u64>().ok()?.checked_mul(*bytes)
}

/// Returns the size that was probably meant by `text`, which is not a valid one.
pub(super) fn suggest_size(text: &str) -> Option<String> {
    let (number, unit) = split_number(text);
    let unit = unit.to_ascii_lowercase();
    let short = SHORT_UNITS.iter().find(|(known, _)| *known == unit);
    let unit = match short {
        Some((_, meant)) => *meant,
        None => {
            let known = SIZE_UNITS.iter().map(|(known, ..)| *known).skip(1);
            let known = nearest(&unit, known)?;
            SIZE_UNITS.iter().find(|(other, ..)| *other == known)?.1
        }
    };
    let number: u64 = number.parse().ok()?;
    Some(format!("{number} {unit}"))
}

/// Parses a duration in quotes, or reports that it is none.
pub(super) fn parse_duration_literal(
    literal: &LitStr,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<Duration> {
    let span = parse_duration(&literal.value());
    if span.is_none() {
        let help = format!(
            "write a number with one of {TIME_UNITS}: `{key}: {}`",
            key.example
        );
        errors.push(literal, "this is not a duration", help);
    }
    span
}

/// Parses a size in quotes, or reports that it is none.
pub(super) fn parse_size_literal(
    literal: &LitStr,
    key: Key<'_>,
    errors: &mut Errors,
) -> Option<u64> {
    let text = literal.value();
    let size = parse_size(&text);
    if size.is_none() {
        let example = suggest_size(&text);
        let example = example.map_or(key.example.to_owned(), |meant| format!("{meant:?}"));
        let units: Vec<_> = SIZE_UNITS
            .iter()
            .map(|(_, unit, _)| *unit)
            .skip(1)
            .collect();
        let units = units.join("`, `");
        let help =
            format!("write a whole number with one of `{units}`, or none: `{key}: {example}`");
        errors.push(literal, "this is not a size", help);
    }
    size
}

/// Splits `text` after its leading digits.
fn split_number(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    (number, unit.trim_start())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse_duration, parse_size, suggest_size};

    #[test]
    fn spans_and_sizes_are_read_with_their_units() {
        assert_eq!(parse_duration("1h30m"), Some(Duration::from_secs(5_400)));
        assert_eq!(parse_duration("45"), Some(Duration::from_secs(45)));
        assert_eq!(parse_duration("5 parsecs"), None);
        assert_eq!(parse_duration("15M"), None);
        assert_eq!(parse_size("16 MiB"), Some(16 << 20));
        assert_eq!(parse_size("8kb"), Some(8_000));
        assert_eq!(parse_size("8192"), Some(8_192));
        assert_eq!(parse_size("8 K"), None);
    }

    #[test]
    fn a_unit_that_is_none_finds_the_one_meant() {
        assert_eq!(suggest_size("8 K").as_deref(), Some("8 KiB"));
        assert_eq!(suggest_size("8 mibb").as_deref(), Some("8 MiB"));
        assert_eq!(suggest_size("8 parsecs"), None);
    }
}
