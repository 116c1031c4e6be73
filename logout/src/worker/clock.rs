//! The time as the worker sees it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Instant;

use async_io::Timer;

use super::Worker;

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

impl<T, C: Clock> Worker<T, C> {
    /// Polls until `at` at most; returns `None` if nothing was ready by then.
    pub(super) async fn poll_until<R>(
        &self,
        at: Option<Instant>,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<R>,
    ) -> Option<R> {
        let mut timer = self.clock.timer(at);
        poll_fn(|cx| match poll(cx) {
            Poll::Ready(result) => Poll::Ready(Some(result)),
            Poll::Pending => pin!(&mut timer).poll(cx).map(|_| None),
        })
        .await
    }

    /// Waits until `is_done` returns true, which is asked on every wake-up, but until `at` at most.
    pub(super) async fn wait_until(
        &self,
        at: Option<Instant>,
        mut is_done: impl FnMut(&mut Context<'_>) -> bool,
    ) {
        let poll = |cx: &mut Context<'_>| match is_done(cx) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        };
        self.poll_until(at, poll).await;
    }
}
