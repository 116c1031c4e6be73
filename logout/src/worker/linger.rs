//! When the worker looks for events by itself, so that nobody has to wake it.
//!
//! Waking a thread that sleeps costs whoever does it a system call: 6.9 µs where capturing the
//! event costs a tenth of one. So it is paid once: for a second after the last event the worker
//! comes by every half a millisecond and callers leave it alone. After that second it sleeps until
//! somebody wakes it, and an idle program has no wake-ups at all.
//!
//! A storm that waits at the thresholds is another matter: there that is long. While
//! the worker finds the queue half full of what it takes without making callers wait, it stays
//! for the next half, which serves a storm without a system call per swap.
//!
//! `cargo bench -p logout --features sandbox --bench table` measures both, and the wake-ups.

use std::future::Future;
use std::hint::spin_loop;
use std::mem;
use std::pin::Pin;
use std::task::Context;
use std::time::{Duration, Instant};

use async_io::Timer;

use crate::queue::Queue;

/// How often it comes by, and so the longest an event waits for it: half of what an event may take
/// to its request on the same machine.
const TICK: Duration = Duration::from_micros(500);

/// How long after the last event it does so.
const WATCH: Duration = Duration::from_secs(1);

/// How long it stays for the next half of a storm.
const LINGER: Duration = Duration::from_micros(30);

/// How often it does not stay after it did in vain.
const HURRY: u8 = 31;

/// The worker's watch over the queue.
#[derive(Debug)]
pub(super) struct Linger {
    until: Option<Instant>,
    tick: Timer,
    pressed: bool,
    /// How often not to stay, having stayed in vain: where the threads that log share a core with
    /// the worker, they get on only while it does not.
    hurried: u8,
}

impl Linger {
    pub(super) fn new(queue: &Queue) -> Self {
        // A worker before this one may have died on its watch.
        queue.watch(false);
        Self {
            until: None,
            tick: Timer::never(),
            pressed: false,
            hurried: 0,
        }
    }

    /// Notes, right before a look, how full the queue is.
    pub(super) fn note(&mut self, queue: &Queue) {
        self.pressed |= queue.is_near_sync_threshold();
    }

    /// Whether the worker takes another look now, `took` telling whether something was found since
    /// this was last asked; otherwise the context is woken in time.
    pub(super) fn looks_again(&mut self, took: bool, queue: &Queue, cx: &mut Context<'_>) -> bool {
        let now = Instant::now();
        if took {
            if self.until.replace(now + WATCH).is_none() {
                self.tick.set_after(TICK);
                queue.watch(true);
            }
            if mem::take(&mut self.pressed) {
                self.hurried = match self.hurried.checked_sub(1) {
                    Some(hurried) => hurried,
                    None if linger(queue, now + LINGER) => 0,
                    None => HURRY,
                };
            }
            // The look that finds nothing leaves the waker behind for those who wait.
            return true;
        }
        match self.until {
            None => false,
            Some(until) if now < until => {
                while Pin::new(&mut self.tick).poll(cx).is_ready() {
                    self.tick.set_after(TICK);
                }
                false
            }
            Some(_) => {
                self.until = None;
                self.tick.clear();
                queue.watch(false);
                // Somebody may have counted on it until now.
                true
            }
        }
    }
}

/// Stays until the queue is half full again, for a moment at the most; tells whether it is.
fn linger(queue: &Queue, until: Instant) -> bool {
    while !queue.is_near_sync_threshold() {
        if Instant::now() >= until {
            return false;
        }
        spin_loop();
    }
    true
}
