//! A short busy wait.

use std::hint::spin_loop;
use std::time::{Duration, Instant};

/// The number of attempts that are skipped after a futile one: if the other thread shares this
/// core, it advances only while this one sleeps.
const SKIPPED: u8 = 31;

/// A decision whether to spin before sleeping, based on whether the last attempt succeeded.
///
/// Sleeping and waking take a system call on each side, longer than twenty events; futile spinning
/// keeps the processor from the other thread. Without spinning a burst at the default thresholds
/// takes several times as long (`table.rs`).
#[derive(Debug, Default)]
pub(crate) struct Spin {
    skip: u8,
}

impl Spin {
    /// Returns whether to spin now. The attempt counts as futile until [noted](Self::note)
    /// otherwise, so that only one of many threads spins.
    pub(crate) fn is_worthwhile(&mut self) -> bool {
        let skip = self.skip.checked_sub(1);
        self.skip = skip.unwrap_or(SKIPPED);
        skip.is_none()
    }

    /// Notes whether the attempt succeeded.
    pub(crate) fn note(&mut self, came: bool) {
        if came {
            self.skip = 0;
        }
    }
}

/// Spins until `is_so` returns true, at most for `limit`; returns whether it did.
pub(crate) fn spin_until(limit: Duration, is_so: impl Fn() -> bool) -> bool {
    let until = Instant::now() + limit;
    while !is_so() {
        if Instant::now() >= until {
            return false;
        }
        spin_loop();
    }
    true
}
