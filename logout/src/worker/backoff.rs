//! The delay before a failed request is sent again.
//!
//! Neither clock nor socket is used, and the chance is an argument.

use std::time::Duration;

/// The first wait, before it doubles.
const FIRST: Duration = Duration::from_secs(1);

/// No wait is longer: an outage is noticed to be over within a minute.
const LONGEST: Duration = Duration::from_secs(60);

/// Returns the wait after the `tries`th failure in a row (1 is the first), with `chance` from 0 to
/// 1.
///
/// It doubles from one second to a minute. The upper half is random, so that many programs that
/// lost the same server do not retry in step.
pub(crate) fn delay(tries: u32, chance: f64) -> Duration {
    let doubled = FIRST
        .saturating_mul(1 << tries.saturating_sub(1).min(16))
        .min(LONGEST);
    doubled.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{LONGEST, delay};

    #[test]
    fn the_wait_doubles_up_to_a_minute() {
        let waits: Vec<_> = (1..=8).map(|tries| delay(tries, 1.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    proptest! {
        #[test]
        fn every_wait_lies_in_the_upper_half_and_below_the_cap(tries in 1u32.., chance in 0.0f64..=1.0) {
            let wait = delay(tries, chance);
            prop_assert!(wait <= LONGEST && wait >= Duration::from_millis(500));
            prop_assert!(wait * 2 >= delay(tries, 1.0));
        }
    }
}
