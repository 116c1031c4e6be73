//! Numbers and spans of time as a person says them.

use std::time::Duration;

/// Returns a span of time rounded to its largest sensible unit: `350 ms`, `34 s`, `6 min`, `3 h`,
/// `2 d`. humantime writes every span exactly, `5m 41s 207ms 13us`, which nobody reads at a glance.
pub(crate) fn format_duration(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => format!("{} ms", span.as_millis()),
        1..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", (seconds + 30) / 60),
        5_400..172_800 => format!("{} h", (seconds + 1_800) / 3_600),
        _ => format!("{} d", (seconds + 43_200) / 86_400),
    }
}

/// Writes a count with thousands separators: `1,243`.
pub(crate) fn format_count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a count of events with the verb: `1,204 events were`, `1 event was`.
pub(crate) fn events_were(events: u64) -> String {
    match events {
        1 => "1 event was".to_owned(),
        events => format!("{} events were", format_count(events)),
    }
}

/// Writes a count of events with the verb: `1,204 events follow that`, `1 event follows that`.
#[cfg(feature = "spool")]
pub(crate) fn events_that_follow(events: u64) -> String {
    match events {
        1 => "1 event follows that".to_owned(),
        events => format!("{} events follow that", format_count(events)),
    }
}

/// Reads a number. JSON's reader is in every program that sends, and the standard library's would be
/// another sixteen kilobytes on a small device.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    let is_number = |first: char| first == '-' || first.is_ascii_digit();
    if !text.trim_start().starts_with(is_number) {
        return None;
    }
    // The reader of answers is there anyway: one of numbers alone brings more code.
    serde_json::from_slice::<serde_json::Value>(text.as_bytes())
        .ok()?
        .as_f64()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn a_span_of_time_is_said_in_one_unit() {
        for (seconds, said) in [
            (0, "0 ms"),
            (1, "1 s"),
            (89, "89 s"),
            (360, "6 min"),
            (5_399, "90 min"),
            (7_200, "2 h"),
            (200_000, "2 d"),
        ] {
            assert_eq!(super::format_duration(Duration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn thousands_are_separated() {
        for (number, said) in [
            (0, "0"),
            (999, "999"),
            (1_243, "1,243"),
            (1_000_000, "1,000,000"),
        ] {
            assert_eq!(super::format_count(number), said);
        }
    }
}
