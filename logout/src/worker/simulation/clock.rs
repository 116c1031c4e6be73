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

/// A worker that asks for the time so often in one poll never comes back from it.
const MOST_ASKED: u32 = 100_000;

/// Time as the worker, its destinations and the program of one simulation have it.
#[derive(Clone, Debug)]
pub(super) struct SimulatedClock(Rc<State>);

#[derive(Debug)]
struct State {
    start: Instant,
    elapsed: Cell<Duration>,
    timers: RefCell<BTreeMap<(Instant, u64), Waker>>,
    next_id: Cell<u64>,
    /// How often it was asked for the time since the worker was last polled.
    asked: Cell<u32>,
    /// Whether it is the worker that asks.
    is_polling: Cell<bool>,
    /// How often the worker may still ask before it panics, where it is to.
    panics_after: Cell<Option<u32>>,
}

impl SimulatedClock {
    pub(super) fn new() -> Self {
        Self(Rc::new(State {
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

    /// Notes that the worker is polled.
    pub(super) fn begin_poll(&self) {
        self.0.asked.set(0);
        self.0.is_polling.set(true);
    }

    pub(super) fn end_poll(&self) {
        self.0.is_polling.set(false);
    }

    /// Makes the worker panic once it has asked for the time so often, wherever it is then.
    pub(super) fn panic_after(&self, asked: u32) {
        self.0.panics_after.set(Some(asked));
    }

    /// Whether the worker has panicked as it was to, or is not to.
    pub(super) fn is_calm(&self) -> bool {
        self.0.panics_after.get().is_none()
    }

    /// Whether the worker went round without end when it was last polled.
    pub(super) fn is_stuck(&self) -> bool {
        self.0.asked.get() >= MOST_ASKED
    }

    /// Returns when the next timer completes that somebody waits for.
    pub(super) fn next_timer(&self) -> Option<Instant> {
        let timers = self.0.timers.borrow();
        timers.keys().next().map(|(at, _)| *at)
    }

    /// Sets it forward, and wakes those whose moment has come.
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
    type Timer = Timer;

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

    fn timer(&self, at: Option<Instant>) -> Timer {
        let id = self.0.next_id.get();
        self.0.next_id.set(id + 1);
        let clock = self.clone();
        Timer { clock, at, id }
    }
}

/// Completes when the clock is set to its moment.
#[derive(Debug)]
pub(super) struct Timer {
    clock: SimulatedClock,
    at: Option<Instant>,
    id: u64,
}

impl Future for Timer {
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

impl Drop for Timer {
    /// Wakes nobody any more: a worker that forgot to ask for the time would else be woken by
    /// chance.
    fn drop(&mut self) {
        if let Some(at) = self.at {
            self.clock.0.timers.borrow_mut().remove(&(at, self.id));
        }
    }
}
