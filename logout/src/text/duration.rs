//! Spans of time as a person writes them: `30s`, `2m 30s`, `100ms`.

use std::time::Duration;

/// The syntax of [`parse`], as error messages say it.
pub(crate) const EXPECTED: &str = "a duration such as `30s`, `2m 30s` or `100ms`, with the units \
`ms`, `s`, `m`, `h`, `d` and `w` (a bare number is seconds)";

/// Nobody writes a longer span. humantime panics where the sum overflows, which takes longer
/// numbers or more of them.
const MAX_BYTES: usize = 64;
const MAX_DIGITS: usize = 9;

/// Reads a span of time: numbers, each with its unit and adding up; a single one without is seconds.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let mut numbers = text.split(|letter: char| !letter.is_ascii_digit());
    if text.len() > MAX_BYTES || numbers.any(|digits| digits.len() > MAX_DIGITS) {
        return None;
    }
    // humantime reads it as months; whoever writes `15M` means minutes.
    if text.contains('M') {
        return None;
    }
    humantime::parse_duration(text).ok()
}

/// Returns `span` as [`parse`] reads it, if there is a way to write it exactly.
pub(crate) fn format(span: Duration) -> Option<String> {
    let text = humantime::format_duration(span).to_string();
    (parse(&text) == Some(span)).then_some(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{format, parse};

    #[test]
    fn spans_are_read_with_their_units_and_bare_numbers_as_seconds() {
        for (text, milliseconds) in [
            ("30s", Some(30_000)),
            ("100ms", Some(100)),
            ("0", Some(0)),
            ("45", Some(45_000)),
            ("2m 30s", Some(150_000)),
            ("2m30s", Some(150_000)),
            ("1h30m", Some(5_400_000)),
            ("1.5 h", Some(5_400_000)),
            ("1 d", Some(86_400_000)),
            (" 1w ", Some(604_800_000)),
            ("", None),
            ("-1s", None),
            ("1s -1s", None),
            ("1.5", None),
            ("5 parsecs", None),
            ("15M", None),
            ("s", None),
            ("infinity", None),
            ("1e9h", None),
            ("1000000000000000000000000h", None),
            ("18446744073709551615s 1000000000ns", None),
        ] {
            assert_eq!(
                parse(text),
                milliseconds.map(Duration::from_millis),
                "{text}"
            );
        }
    }

    #[test]
    fn a_span_is_written_as_it_is_read() {
        for (milliseconds, written) in [
            (0, "0s"),
            (100, "100ms"),
            (1_500, "1s 500ms"),
            (30_000, "30s"),
            (3_600_000, "1h"),
        ] {
            let span = Duration::from_millis(milliseconds);
            assert_eq!(format(span).as_deref(), Some(written));
        }
        assert_eq!(format(Duration::MAX), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[0-9]{0,20}[ .]?[a-zA-Zµ]{0,7} ?[0-9]{0,20}(ns|s|d|y)?") {
            let _span = parse(&text);
        }

        #[test]
        fn every_span_of_a_life_is_read_as_it_was_written(milliseconds in 0..3_000_000_000_000_u64) {
            let span = Duration::from_millis(milliseconds);
            prop_assert_eq!(format(span).and_then(|text| parse(&text)), Some(span));
        }
    }
}
