//! Spans of time as they are written in a configuration: `30s`, `2m 30s`, `100ms`, `45`.

use std::time::Duration;

use crate::text::human::number as read;

/// What [`parse`] reads, in the words of an error.
pub(super) const EXPECTED: &str =
    "a span of time such as `30s`, `2m 30s` or `100ms` (a bare number is seconds)";

/// Numbers, each with its unit and adding up; a single one without is seconds.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let mut sum: Option<Duration> = None;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && c != '.')?);
        let after = after.trim_start();
        let end = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let seconds = read(number)? * seconds_of(unit)?;
        let part = Duration::try_from_secs_f64(seconds).ok()?;
        sum = Some(sum.unwrap_or_default().checked_add(part)?);
        rest = after.trim_start();
    }
    sum
}

/// `span` as [`parse`] reads it, if there is a way to write it exactly.
pub(crate) fn text(span: Duration) -> Option<String> {
    let text = match span.subsec_nanos() {
        0 => format!("{}s", span.as_secs()),
        nanos if nanos.is_multiple_of(1_000_000) => format!("{}ms", span.as_millis()),
        _ => format!("{}s", span.as_secs_f64()),
    };
    (parse(&text) == Some(span)).then_some(text)
}

fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, text};

    #[test]
    fn spans_are_read_with_their_units_and_bare_numbers_as_seconds() {
        for (text, milliseconds) in [
            ("30s", Some(30_000)),
            ("100ms", Some(100)),
            ("0", Some(0)),
            ("45", Some(45_000)),
            ("2m 30s", Some(150_000)),
            ("2m30s", Some(150_000)),
            ("1.5 h", Some(5_400_000)),
            ("1 d", Some(86_400_000)),
            ("", None),
            ("-1s", None),
            ("s", None),
            ("1.5", None),
            ("3 fortnights", None),
            ("1..5s", None),
            ("99999999999999999999999999 d", None),
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
            (1_500, "1500ms"),
            (30_000, "30s"),
        ] {
            let span = Duration::from_millis(milliseconds);
            assert_eq!(text(span).as_deref(), Some(written));
        }
        assert_eq!(text(Duration::MAX), None);
    }
}
