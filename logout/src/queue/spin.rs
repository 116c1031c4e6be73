//! A short wait that keeps the processor.

use std::hint::spin_loop;
use std::time::{Duration, Instant};

/// How often it is not tried after it was in vain: where the other thread shares a core with this
/// one, it gets on only while this one sleeps.
const SKIPPED: u8 = 31;

/// Whether to spin, by how the last time went.
///
/// To go to sleep and be woken takes a system call on each side and longer than twenty events take;
/// spinning in vain costs the other thread its processor. Without it a storm at the default
/// thresholds takes several times as long (`table.rs`).
#[derive(Debug, Default)]
pub(crate) struct Spin {
    skip: u8,
}

impl Spin {
    /// Whether to spin now. Until [noted](Self::note) otherwise it is taken to be in vain, so that
    /// of many threads one does.
    pub(crate) fn is_worthwhile(&mut self) -> bool {
        let skip = self.skip.checked_sub(1);
        self.skip = skip.unwrap_or(SKIPPED);
        skip.is_none()
    }

    /// Notes whether what was waited for came.
    pub(crate) fn note(&mut self, came: bool) {
        if came {
            self.skip = 0;
        }
    }
}

/// Spins until it is so, for this long at most; returns whether it is.
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
