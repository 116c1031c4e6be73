//! The age of events that an earlier process left.
//!
//! The time is an argument.

use std::time::{Duration, SystemTime};

use crate::spool::record::{StoredGroup, from_nanoseconds};

/// A clock before this was never set: 2026-01-01, before the first release.
const FIRST_RELEASE: u64 = 1_767_225_600;

/// A longer interval means that a clock was set, not that the program was off.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Returns whether a clock that shows this time was ever set.
pub(super) fn is_set(time: SystemTime) -> bool {
    time >= SystemTime::UNIX_EPOCH + Duration::from_secs(FIRST_RELEASE)
}

/// Returns how long the oldest and the newest event of a group have waited by now.
///
/// The time between the processes is measured by system clocks, which cannot be trusted: it does
/// not count if one was never set, went back or leapt.
pub(super) fn ages(stored: &StoredGroup, now: SystemTime) -> (Duration, Duration) {
    let written = from_nanoseconds(stored.written);
    let between = now.duration_since(written).unwrap_or_default();
    let is_known = is_set(written) && is_set(now) && between <= LONGEST;
    let between = if is_known { between } else { Duration::ZERO };
    let age = |millis: u64| Duration::from_millis(millis).min(LONGEST) + between;
    (age(stored.oldest_age), age(stored.newest_age))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::record::to_nanoseconds;

    fn aged(written: u64, now: u64) -> u64 {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let stored = StoredGroup {
            written: to_nanoseconds(at(written)),
            oldest_age: 5_000,
            newest_age: 1_000,
            ..StoredGroup::default()
        };
        let (oldest, newest) = ages(&stored, at(now));
        assert_eq!(oldest, newest + Duration::from_secs(4));
        newest.as_secs()
    }

    #[test]
    fn what_was_off_in_between_counts_where_both_clocks_are_set() {
        let now = FIRST_RELEASE + 1_000_000;
        assert_eq!(aged(now - 7_200, now), 7_201);
        for (written, now) in [
            (now, now - 60),                // it was set back
            (now, now + 31 * 24 * 60 * 60), // it leapt
            (12, now),                      // it was not set when that was written
            (now, 12),                      // it is not set yet
            (12, 90),                       // it never is
        ] {
            assert_eq!(aged(written, now), 1, "{written} {now}");
        }
    }
}
