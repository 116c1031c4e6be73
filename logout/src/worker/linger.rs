//! The worker's wait for events, and when it has to be woken.
//!
//! Waking a sleeping thread costs the caller a system call of 6.9 µs; capturing the event costs a
//! tenth of that. So it is paid once per sleep, and while events come close together the worker
//! does not sleep: it polls each [`TICK`] until there was no event for [`CLOSE`], and callers need
//! not wake it. After a single event it sleeps at once.
//!
//! In a burst that makes callers wait, a tick is long. Then the worker [spins](Spin) until the
//! queue is half full of what it takes without making callers wait, and a caller that has to wait
//! spins for the swap.
//!
//! `cargo bench -p logout --features sandbox --bench table` measures all of it, with the limits.

use std::cell::Cell;
use std::future::Future as _;
use std::mem;
use std::pin::pin;
use std::task::Context;
use std::time::{Duration, Instant};

use super::clock::Clock;
use crate::queue::{Queue, Spin, spin_until};

/// The polling interval, and so the longest an event waits for the worker: half of the time an
/// event may take to its request on the same machine.
const TICK: Duration = Duration::from_micros(500);

/// Events at most this far apart are close together: twenty ticks.
const CLOSE: Duration = Duration::from_millis(10);

/// How long the worker spins for the next half of a burst.
const STAY: Duration = Duration::from_micros(30);

/// The worker's wait for events.
pub(super) struct Linger<'w, C: Clock> {
    queue: &'w Queue,
    clock: &'w C,
    /// When events were last taken.
    last: Option<Instant>,
    /// The next tick, while the worker polls.
    tick: Option<C::Timer>,
    was_near_threshold: bool,
    spin: Spin,
}

impl<'w, C: Clock> Linger<'w, C> {
    pub(super) fn new(queue: &'w Queue, clock: &'w C) -> Self {
        // A worker before this one may have panicked while it polled.
        queue.set_polled(false);
        Self {
            queue,
            clock,
            last: None,
            tick: None,
            was_near_threshold: false,
            spin: Spin::default(),
        }
    }

    /// Notes how full the queue is, right before events are taken.
    pub(super) fn note_fill(&mut self) {
        self.was_near_threshold |= self.queue.is_near_sync_threshold();
    }

    /// Returns whether the worker polls again now, `took` events having been taken since the last
    /// call; otherwise the context is woken in time.
    pub(super) fn polls_again(&mut self, took: &Cell<usize>, cx: &mut Context<'_>) -> bool {
        let took = took.take();
        if took > 0 {
            let now = self.clock.now();
            let before = self.last.replace(now);
            let close = took > 1 || before.is_some_and(|before| now - before < CLOSE);
            if close && self.tick.is_none() {
                self.queue.set_polled(true);
                self.tick = Some(self.clock.timer(Some(now + TICK)));
            }
            if mem::take(&mut self.was_near_threshold) && self.spin.is_worthwhile() {
                let queue = self.queue;
                self.spin
                    .note(spin_until(STAY, || queue.is_near_sync_threshold()));
            }
            // The poll that finds nothing leaves the waker for the callers.
            return true;
        }
        let Some(tick) = &mut self.tick else {
            return false;
        };
        if pin!(tick).poll(cx).is_pending() {
            return false;
        }
        let now = self.clock.now();
        if self.last.is_some_and(|last| now - last < CLOSE) {
            let mut tick = self.clock.timer(Some(now + TICK));
            let is_over = pin!(&mut tick).poll(cx).is_ready();
            self.tick = Some(tick);
            return is_over;
        }
        self.tick = None;
        self.queue.set_polled(false);
        // A caller may have relied on the polling until now.
        true
    }
}
