//! A clock that stands still until the simulation moves it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::worker::Clock;

/// The number of calls of `now` in one poll after which the worker counts as stuck.
const MOST_ASKED: u32 = 100_000;

/// The time of the worker, its destinations and the program in one simulation.
#[derive(Clone, Debug)]
pub(super) struct SimulatedClock(Rc<ClockState>);

#[derive(Debug)]
struct ClockState {
    start: Instant,
    elapsed: Cell<Duration>,
    timers: RefCell<BTreeMap<(Instant, u64), Waker>>,
    next_id: Cell<u64>,
    /// The calls of `now` since the worker was last polled.
    asked: Cell<u32>,
    /// Whether it is the worker that asks.
    is_polling: Cell<bool>,
    /// The calls that the worker may still make before it panics, if it is to.
    panics_after: Cell<Option<u32>>,
}

impl SimulatedClock {
    pub(super) fn new() -> Self {
        Self(Rc::new(ClockState {
            start: Instant::now(),
            elapsed: Cell::new(Duration::ZERO),
            timers: RefCell::default(),
            next_id: Cell::new(0),
            asked: Cell::new(0),
            is_polling: Cell::new(false),
            panics_after: Cell::new(None),
        }))
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.0.elapsed.get()
    }

    /// Notes that a poll of the worker begins.
    pub(super) fn begin_poll(&self) {
        self.0.asked.set(0);
        self.0.is_polling.set(true);
    }

    pub(super) fn end_poll(&self) {
        self.0.is_polling.set(false);
    }

    /// Makes the worker panic after this many calls of `now`.
    pub(super) fn panic_after(&self, asked: u32) {
        self.0.panics_after.set(Some(asked));
    }

    /// Returns whether no panic of the worker is still to come.
    pub(super) fn is_past_panic(&self) -> bool {
        self.0.panics_after.get().is_none()
    }

    /// Returns whether the last poll of the worker did not end.
    pub(super) fn is_stuck(&self) -> bool {
        self.0.asked.get() >= MOST_ASKED
    }

    /// Returns when the next awaited timer completes.
    pub(super) fn next_timer(&self) -> Option<Instant> {
        let timers = self.0.timers.borrow();
        timers.keys().next().map(|(at, _)| *at)
    }

    /// Advances the clock, and wakes the timers that are due.
    pub(super) fn advance_to(&self, at: Instant) {
        let elapsed = at.saturating_duration_since(self.0.start);
        self.0.elapsed.set(elapsed.max(self.elapsed()));
        loop {
            let mut timers = self.0.timers.borrow_mut();
            let first = timers.first_entry();
            let Some(due) = first.filter(|timer| timer.key().0 <= at) else {
                return;
            };
            let waker = due.remove();
            drop(timers);
            waker.wake();
        }
    }
}

impl Clock for SimulatedClock {
    type Timer = SimulatedTimer;

    fn now(&self) -> Instant {
        self.0.asked.set(self.0.asked.get() + 1);
        assert!(!self.is_stuck(), "the worker goes round and round");
        if self.0.is_polling.get()
            && let Some(left) = self.0.panics_after.get()
        {
            self.0.panics_after.set(left.checked_sub(1));
            if left == 0 {
                // Past the hook, which would print where it happened.
                resume_unwind(Box::new("as asked for"));
            }
        }
        self.0.start + self.0.elapsed.get()
    }

    fn timer(&self, at: Option<Instant>) -> SimulatedTimer {
        let id = self.0.next_id.get();
        self.0.next_id.set(id + 1);
        let clock = self.clone();
        SimulatedTimer { clock, at, id }
    }
}

/// A future that completes when the clock reaches its instant.
#[derive(Debug)]
pub(super) struct SimulatedTimer {
    clock: SimulatedClock,
    at: Option<Instant>,
    id: u64,
}

impl Future for SimulatedTimer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else {
            return Poll::Pending;
        };
        if at <= self.clock.now() {
            return Poll::Ready(());
        }
        let mut timers = self.clock.0.timers.borrow_mut();
        timers.insert((at, self.id), cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for SimulatedTimer {
    /// Removes the timer, so that a worker that forgot to ask for the time is not woken by chance.
    fn drop(&mut self) {
        if let Some(at) = self.at {
            self.clock.0.timers.borrow_mut().remove(&(at, self.id));
        }
    }
}
