//! The time as the worker sees it.

use std::future::Future;
use std::time::Instant;

use async_io::Timer;

/// Where the worker takes now and its timers from.
///
/// It is a type parameter and no global, so that whoever runs a worker may run it faster than time.
pub trait Clock: 'static {
    /// Completes at its moment.
    type Timer: Future + Unpin;

    /// The moment it is.
    fn now(&self) -> Instant;

    /// Completes at that moment; without one it never does.
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
