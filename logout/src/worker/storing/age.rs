//! How long what another process left has waited.
//!
//! Pure: the time is an argument.

use std::time::{Duration, SystemTime};

use crate::spool::record::{StoredGroup, from_wall};

/// A clock that stands before this was never set: 2026-01-01, before anything was released.
const FIRST_RELEASE: u64 = 1_767_225_600;

/// What is longer is no time that a program was off, but a clock that was set.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Whether a clock that shows this was ever set.
pub(super) fn is_set(time: SystemTime) -> bool {
    time >= SystemTime::UNIX_EPOCH + Duration::from_secs(FIRST_RELEASE)
}

/// How long the oldest and the newest event of a group have waited by now.
///
/// The time between is told by clocks on the wall, which nobody can trust: where one was never set, or
/// runs back, or leaps, it does not count.
pub(super) fn ages(stored: &StoredGroup, now: SystemTime) -> (Duration, Duration) {
    let written = from_wall(stored.written);
    let between = now.duration_since(written).unwrap_or_default();
    let is_known = is_set(written) && is_set(now) && between <= LONGEST;
    let between = if is_known { between } else { Duration::ZERO };
    let age = |millis: u64| Duration::from_millis(millis).min(LONGEST) + between;
    (age(stored.oldest_age), age(stored.newest_age))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::record::to_wall;

    fn aged(written: u64, now: u64) -> u64 {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let stored = StoredGroup {
            written: to_wall(at(written)),
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
