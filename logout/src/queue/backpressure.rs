//! The waits of callers: for the swap when the queue is full, for the lock when they panic.

use std::sync::{MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use tracing::Metadata;

use super::missed::is_allocating;
use super::{Queue, QueueState, spin_until};
use crate::event::ReentryGuard;

/// How long a panicking thread tries for the lock, which it may hold itself. Whoever else holds it
/// copies an event, which takes microseconds.
const PANIC_WAIT: Duration = Duration::from_millis(20);

/// How long a caller that has to wait spins for the swap: under load the worker is about to come.
const SPIN: Duration = Duration::from_micros(10);

impl Queue {
    /// Waits until the worker has swapped the queue, at most `sync_timeout`. One wake serves all
    /// callers.
    #[cold]
    pub(super) fn wait_for_swap<'s>(&'s self, mut state: MutexGuard<'s, QueueState>) {
        if self.is_forked() {
            return self.note_fork_and_unlock(state);
        }
        let timeout = self.limits.thresholds().sync_timeout;
        // A thread of logout's own would wait for itself, and one that panics may hold what the
        // worker needs.
        if timeout.is_zero()
            || thread::panicking()
            || ReentryGuard::is_active()
            || self.is_worker_thread()
        {
            return self.wake(state);
        }
        let (swap, place) = (state.swaps, state.batch.len());
        let spins = state.spin.is_worthwhile();
        let worker = state.worker.take();
        // Waking needs no lock, and the worker's first act is to ask for it.
        drop(state);
        if let Some(worker) = worker {
            worker.wake();
        }
        // Once its event is swapped out fewer wait than did with it.
        let swapped = spins && spin_until(SPIN, || self.waiting() < place);
        state = self.lock();
        if swapped {
            return state.spin.note(true);
        }
        let mut since = Instant::now();
        if self.worker_thread.get().is_some() && state.swaps == swap {
            // The program's executor may be busy for long: all who wait for it share one time.
            since = *state.waiting_since.get_or_insert(since);
        }
        let deadline = since + timeout;
        state.waiters += 1;
        while state.swaps == swap && self.is_open() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let woken = self.swapped.wait_timeout(state, left);
            state = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.waiters -= 1;
    }

    /// Returns the lock for a thread that panics, or `None` if it stays taken for [`PANIC_WAIT`].
    pub(super) fn lock_while_panicking(&self) -> Option<MutexGuard<'_, QueueState>> {
        if self.notices_fork() {
            return None;
        }
        let until = Instant::now() + PANIC_WAIT;
        loop {
            let state = self.lock_unless_held();
            if state.is_some() || Instant::now() >= until {
                return state;
            }
            thread::yield_now();
        }
    }

    /// Returns the lock for a caller that adds an event. If this thread holds it, because its
    /// allocator logs, or a thread of the parent process holds it for ever, the event is counted
    /// and `None` returned.
    #[inline]
    pub(super) fn lock_to_add(
        &self,
        metadata: &'static Metadata<'static>,
    ) -> Option<MutexGuard<'_, QueueState>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => self.lock_held_to_add(metadata),
        }
    }

    #[cold]
    fn lock_held_to_add(
        &self,
        metadata: &'static Metadata<'static>,
    ) -> Option<MutexGuard<'_, QueueState>> {
        if is_allocating() {
            self.missed.count(metadata);
            return None;
        }
        if self.notices_fork() {
            self.count_in_fork();
            return None;
        }
        Some(self.lock())
    }
}
