//! The time as the worker sees it.

use std::future::Future;
use std::time::Instant;

use async_io::Timer;

/// The source of the worker's time and timers.
///
/// A type parameter and no global, so that a worker can run faster than time.
pub trait Clock: 'static {
    /// A future that completes at its instant.
    type Timer: Future + Unpin;

    /// Returns the current instant.
    fn now(&self) -> Instant;

    /// Returns a timer that completes at that instant, or never without one.
    fn timer(&self, at: Option<Instant>) -> Self::Timer;
}

/// The machine's monotonic clock, with the timers of smol's reactor.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    type Timer = Timer;

    fn now(&self) -> Instant {
        Instant::now()
    }

    fn timer(&self, at: Option<Instant>) -> Timer {
        at.map_or_else(Timer::never, Timer::at)
    }
}
