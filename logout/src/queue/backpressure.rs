//! How callers wait: for the swap when the queue is full, for the lock when they panic.

use std::hint::spin_loop;
use std::sync::{MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use super::{Queue, State};
use crate::event::ReentryGuard;

/// How long a panicking thread tries for the lock, which it may hold itself. Whoever else holds it
/// copies an event, which takes microseconds.
const PANIC_PATIENCE: Duration = Duration::from_millis(20);

/// How long a caller that has to wait looks for the swap itself. In a storm the worker is about to
/// come, and to go to sleep and be woken takes longer than twenty events.
const PATIENCE: Duration = Duration::from_micros(10);

/// How many callers do not, after one did in vain: the worker may be waiting for the same core.
const HURRY: u8 = 31;

impl Queue {
    /// One wake serves every caller that waits; none waits longer than `sync_timeout`.
    #[cold]
    pub(super) fn wait_for_swap<'s>(&'s self, mut state: MutexGuard<'s, State>) {
        let timeout = self.thresholds().sync_timeout;
        // A thread of logout's own would wait for itself, and one that panics may hold what the
        // worker needs.
        if timeout.is_zero() || thread::panicking() || ReentryGuard::is_active() || self.is_home() {
            return self.wake(state);
        }
        let (swap, place) = (state.swaps, state.batch.len());
        let hurried = state.hurried.checked_sub(1);
        state.hurried = hurried.unwrap_or(HURRY);
        let worker = state.worker.take();
        // Waking needs no lock, and the worker's first act is to ask for it.
        drop(state);
        if let Some(worker) = worker {
            worker.wake();
        }
        let swapped = hurried.is_none() && self.is_swapped_soon(place);
        state = self.lock();
        if swapped {
            state.hurried = 0;
            return;
        }
        let deadline = Instant::now() + timeout;
        state.waiters += 1;
        while state.swaps == swap && self.is_open() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self
                .swapped
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.waiters -= 1;
    }

    /// Looks for a moment whether the events up to this place are swapped out: then fewer wait.
    fn is_swapped_soon(&self, place: usize) -> bool {
        let until = Instant::now() + PATIENCE;
        while self.waiting() >= place {
            if Instant::now() >= until {
                return false;
            }
            spin_loop();
        }
        true
    }

    /// The lock, for a thread that panics.
    pub(super) fn lock_patiently(&self) -> Option<MutexGuard<'_, State>> {
        let until = Instant::now() + PANIC_PATIENCE;
        loop {
            match self.state.try_lock() {
                Ok(state) => return Some(state),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => return None,
                Err(TryLockError::WouldBlock) => thread::yield_now(),
            }
        }
    }
}
