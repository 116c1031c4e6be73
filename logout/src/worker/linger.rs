//! How the worker waits for events, and when it has to be woken.
//!
//! Waking a thread that sleeps costs whoever does it a system call: 6.9 µs where capturing the
//! event costs a tenth of one. So it is paid once per sleep, and the worker does not go back to
//! sleep between events that come close together: it comes by each [`TICK`] until there was none
//! for [`CLOSE`], and callers leave it alone. After a lone event it sleeps at once.
//!
//! In a storm that waits at the thresholds a tick is long. There the worker [spins](Spin) until the
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

/// How often it comes by, and so the longest an event waits for it: half of what an event may take
/// to its request on the same machine.
const TICK: Duration = Duration::from_micros(500);

/// Events that come no further apart are close together: twenty ticks.
const CLOSE: Duration = Duration::from_millis(10);

/// How long it stays for the next half of a storm.
const STAY: Duration = Duration::from_micros(30);

/// The worker's wait for events.
pub(super) struct Linger<'w, C: Clock> {
    queue: &'w Queue,
    clock: &'w C,
    /// When events were last taken.
    last: Option<Instant>,
    /// While it comes by itself, its next tick.
    tick: Option<C::Timer>,
    was_near_threshold: bool,
    spin: Spin,
}

impl<'w, C: Clock> Linger<'w, C> {
    pub(super) fn new(queue: &'w Queue, clock: &'w C) -> Self {
        // A worker before this one may have panicked while it came by itself.
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

    /// Notes, right before events are taken, how full the queue is.
    pub(super) fn note_fill(&mut self) {
        self.was_near_threshold |= self.queue.is_near_sync_threshold();
    }

    /// Whether the worker takes another look now, having taken this many since this was last asked;
    /// otherwise the context is woken in time.
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
            // The look that finds nothing leaves the waker behind for those who wait.
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
        // Somebody may have counted on it until now.
        true
    }
}
