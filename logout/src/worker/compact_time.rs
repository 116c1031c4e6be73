//! Instants and times in half of the standard library's bytes, since many problems are kept.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// An instant of the monotonic clock, within 292 years of the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CompactInstant(i64);

impl CompactInstant {
    pub(crate) fn instant(self) -> Instant {
        let first = first();
        let apart = Duration::from_nanos(self.0.unsigned_abs());
        let instant = match self.0 < 0 {
            true => first.checked_sub(apart),
            false => first.checked_add(apart),
        };
        instant.unwrap_or(first)
    }
}

impl From<Instant> for CompactInstant {
    fn from(instant: Instant) -> Self {
        let first = first();
        Self(match instant.checked_duration_since(first) {
            Some(after) => nanoseconds(after),
            None => -nanoseconds(first.saturating_duration_since(instant)),
        })
    }
}

/// Returns the instant from which others are counted.
fn first() -> Instant {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    *FIRST.get_or_init(Instant::now)
}

/// A time of the system clock, between 1678 and 2262.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct WallTime(i64);

impl From<WallTime> for SystemTime {
    fn from(time: WallTime) -> Self {
        let apart = Duration::from_nanos(time.0.unsigned_abs());
        let time = match time.0 < 0 {
            true => UNIX_EPOCH.checked_sub(apart),
            false => UNIX_EPOCH.checked_add(apart),
        };
        time.unwrap_or(UNIX_EPOCH)
    }
}

impl From<SystemTime> for WallTime {
    fn from(time: SystemTime) -> Self {
        Self(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => nanoseconds(after),
            Err(before) => -nanoseconds(before.duration()),
        })
    }
}

fn nanoseconds(span: Duration) -> i64 {
    i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

    use proptest::prelude::*;

    use super::{CompactInstant, WallTime};

    proptest! {
        #[test]
        fn a_moment_is_read_as_it_was(seconds in 0..4_000_000_000_u64, nanos in 0..1_000_000_000_u32) {
            let span = Duration::new(seconds, nanos / 100 * 100);
            let now = Instant::now();
            for instant in [now.checked_add(span), now.checked_sub(span)].into_iter().flatten() {
                prop_assert_eq!(CompactInstant::from(instant).instant(), instant);
            }
            for time in [UNIX_EPOCH + span, UNIX_EPOCH - span] {
                prop_assert_eq!(SystemTime::from(WallTime::from(time)), time);
            }
        }
    }
}
