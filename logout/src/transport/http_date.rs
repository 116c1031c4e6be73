//! Dates in HTTP headers (RFC 9110, 5.6.7).

use std::time::{Duration, SystemTime};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Reads a date in any of HTTP's three forms. All three have day, month, time and year, and the day
/// before the year; the day of the week and `GMT` are redundant.
///
/// Written by hand, because httpdate is five kilobytes of code on a small device for this one
/// header.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (mut numbers, mut month, mut time) = ([None; 2], None, None);
    for word in text.split([' ', ',', '-']) {
        if word.contains(':') {
            time = Some(seconds_of_day(word)?);
        } else if let Some(number) = number(word) {
            *numbers.iter_mut().find(|known| known.is_none())? = Some(number);
        } else if let Some(index) = MONTHS.iter().position(|name| *name == word) {
            month = Some(index as u64);
        }
    }
    let [Some(day @ 1..=31), Some(year @ ..=9_999)] = numbers else {
        return None;
    };
    let year = match year {
        // Two digits, of a form that was obsolete before this century.
        ..70 => year + 2_000,
        70..100 => year + 1_900,
        _ => year,
    };
    let days = days_since_1970(year, month?, day)?;
    let seconds = days * 86_400 + time?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Reads digits and nothing else.
fn number(word: &str) -> Option<u64> {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| word.parse().ok()).flatten()
}

/// Reads `08:49:37`, with a leap second at most.
fn seconds_of_day(time: &str) -> Option<u64> {
    let mut parts = time.split(':').map(number);
    match [parts.next()??, parts.next()??, parts.next()??] {
        [hours @ ..24, minutes @ ..60, seconds @ ..=60] if parts.next().is_none() => {
            Some((hours * 60 + minutes) * 60 + seconds)
        }
        _ => None,
    }
}

/// Counts the days from 1970-01-01 to a date of the Gregorian calendar, whose months begin with 0.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    // Years that begin in March have their leap day at the end, and months of 153 days in five.
    let (years, months) = match month {
        ..2 => (year.checked_sub(1)?, month + 10),
        _ => (year, month - 2),
    };
    let leap_days = years / 4 - years / 100 + years / 400;
    let days = years * 365 + leap_days + (months * 153 + 2) / 5 + day - 1;
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use proptest::prelude::*;

    use super::parse;

    #[test]
    fn one_moment_is_the_same_in_every_form() {
        let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "Sun, 06 Nov 1994 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 00 Nov 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Sun, 06 Nov 1994 08:49:61 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Sun, 06 Nov 1994 7 08:49:37 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_date_is_read_as_httpdate_writes_it(seconds in 0..253_402_300_800_u64) {
            let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            prop_assert_eq!(parse(&httpdate::fmt_http_date(moment)), Some(moment));
        }

        #[test]
        fn no_text_panics(text in "[A-Za-z]{0,3},? ?[0-9]{0,21}[ -][A-Z][a-z]{2}[ -][0-9]{0,21} [0-9:]{0,24}") {
            let _date = parse(&text);
        }
    }
}
