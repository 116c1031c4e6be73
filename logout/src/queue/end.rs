//! The end of a queue's worker, or its absence in a fork, and what then becomes of an event.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{MutexGuard, TryLockError};

use super::missed::allocating;
use super::{Discards, Queue, QueueState};
use crate::event::{Event, panic};
use crate::text::stderr;

/// The phase of the worker. Phases only advance, and some may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Events are taken.
    Open,
    /// The worker is ending, and counts what still comes.
    Closing,
    /// The worker has ended.
    Ended,
    /// The worker has died.
    Died,
    /// The worker runs in the process that this one was forked from.
    Forked,
}

impl Phase {
    pub(super) const ALL: [Self; 5] = [
        Self::Open,
        Self::Closing,
        Self::Ended,
        Self::Died,
        Self::Forked,
    ];
}

/// Whether this process was found to be a fork of one that had started logout. Signal handlers read
/// it, since no thread answers them in a fork.
pub(crate) static IS_FORK: AtomicBool = AtomicBool::new(false);

/// The process that created the queue; only its worker takes events.
#[derive(Debug)]
pub(super) struct Process(#[cfg(unix)] u32);

impl Default for Process {
    /// Returns the process that calls.
    fn default() -> Self {
        Self(
            #[cfg(unix)]
            std::process::id(),
        )
    }
}

impl Process {
    /// Returns whether this is another process, that is, a fork. Costs a system call.
    #[cfg(unix)]
    pub(super) fn has_changed(&self) -> bool {
        std::process::id() != self.0
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "on Unix it is asked")]
    pub(super) fn has_changed(&self) -> bool {
        false
    }
}

impl Queue {
    /// Closes the queue; later events are counted separately.
    pub(crate) fn close(&self) {
        let state = self.lock();
        self.limits.advance(Phase::Closing);
        self.swapped.notify_all();
        drop(state);
    }

    /// Ends the queue. Events that still wait are counted as late ones.
    pub(crate) fn end(&self, phase: Phase) {
        let mut state = self.lock();
        self.limits.advance(phase);
        self.abandon(&mut state);
        self.swapped.notify_all();
    }

    pub(crate) fn phase(&self) -> Phase {
        self.limits.phase()
    }

    /// Moves the counts of late events into `late`, and returns how many events were counted
    /// without their call site. In a fork whose lock is held for ever nothing is moved.
    pub(crate) fn take_late(&self, late: &mut Discards) -> u64 {
        late.clear();
        if self.is_forked() {
            if let Some(mut state) = self.lock_unless_held() {
                std::mem::swap(&mut state.late, late);
            }
        } else {
            std::mem::swap(&mut self.lock().late, late);
            for (metadata, events) in self.missed.take() {
                late.add(metadata, events);
            }
        }
        self.counted_in_fork.swap(0, Ordering::Relaxed) as u64
    }

    /// Returns whether this process is a fork, in which nothing may wait for the worker. The first
    /// call that finds out says so on standard error.
    pub(crate) fn notices_fork(&self) -> bool {
        let forked = self.is_forked();
        if forked && self.phase() != Phase::Forked {
            self.note_fork(self.lock_unless_held());
        }
        forked
    }

    pub(super) fn lock_unless_held(&self) -> Option<MutexGuard<'_, QueueState>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    pub(super) fn is_forked(&self) -> bool {
        self.process.has_changed()
    }

    /// Notes the fork while the lock is held, and releases it.
    #[cold]
    pub(super) fn note_fork_and_unlock(&self, state: MutexGuard<'_, QueueState>) {
        self.note_fork(Some(state));
    }

    fn note_fork(&self, state: Option<MutexGuard<'_, QueueState>>) {
        IS_FORK.store(true, Ordering::Relaxed);
        let is_news = self.limits.advance(Phase::Forked);
        if let Some(mut state) = state {
            self.abandon(&mut state);
        }
        if is_news {
            stderr::write(
                "this process was forked after logout was started; start it in the child",
            );
        }
    }

    /// Counts everything that waits as late events.
    fn abandon(&self, state: &mut QueueState) {
        let late = &mut state.late;
        allocating(|| {
            let panics = state.panics.iter().map(Event::view);
            let waiting = panics.chain(state.batch.events());
            waiting.for_each(|event| late.count_event(&event));
            for discarded in state.discards.sites() {
                late.add(discarded.metadata, discarded.events);
            }
        });
        state.batch.clear();
        state.panics.clear();
        state.discards.clear();
        state.worker = None;
        self.waiting.store(0, Ordering::Release);
        self.panics.store(0, Ordering::Release);
        self.in_hand.store(0, Ordering::Release);
    }

    /// Writes once to standard error that events come after the end.
    pub(super) fn report_late(&self) {
        if self.phase() == Phase::Ended && !self.has_reported_late.swap(true, Ordering::Relaxed) {
            stderr::write(
                "an event came after logout's end, so nobody is told; keep the guard until the end of `main`: `let (alerts, guard) = …`",
            );
        }
    }

    /// Counts a panic that is not taken, because the lock was not free in time or the queue has
    /// ended.
    pub(crate) fn count_missed_panic(&self) {
        if self.is_forked() {
            self.count_in_fork();
        } else {
            self.missed.count(panic::metadata());
        }
    }

    /// Counts an event of a fork without any lock.
    pub(super) fn count_in_fork(&self) {
        self.counted_in_fork.fetch_add(1, Ordering::Relaxed);
    }
}
