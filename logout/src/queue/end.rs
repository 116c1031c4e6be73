//! The end of a queue's worker, and a process that has none: what becomes of an event then.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{MutexGuard, TryLockError};

use super::missed::allocating;
use super::{Discards, Queue, State};
use crate::event::{Event, panic};
use crate::text::stderr;

/// How far the worker has come; one follows on the other, some left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// Events are taken.
    Open,
    /// The worker is ending, and counts what still comes.
    Closing,
    /// There is no worker any more.
    Ended,
    /// There is none because it died.
    Died,
    /// It is in the process that this one was forked from.
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

/// Whether this process was found to be a fork of one that had started logout; for the handlers of
/// signals, which no thread answers there.
pub(crate) static IS_FORK: AtomicBool = AtomicBool::new(false);

/// The process that a queue was made in, whose worker is the only one that takes from it.
#[derive(Debug)]
pub(super) struct Process(#[cfg(unix)] u32);

impl Default for Process {
    /// This one.
    fn default() -> Self {
        Self(
            #[cfg(unix)]
            std::process::id(),
        )
    }
}

impl Process {
    /// Whether this is another, which a fork alone can bring about. It is a system call.
    #[cfg(unix)]
    pub(super) fn is_left(&self) -> bool {
        std::process::id() != self.0
    }

    #[cfg(not(unix))]
    #[expect(clippy::unused_self, reason = "on Unix it is asked")]
    pub(super) fn is_left(&self) -> bool {
        false
    }
}

impl Queue {
    /// Lets nothing in any more; what still comes is counted apart.
    pub(crate) fn close(&self) {
        let state = self.lock();
        self.limits.advance(Phase::Closing);
        self.swapped.notify_all();
        drop(state);
    }

    /// Notes that there is no worker any more: what lies there is counted as what comes later.
    pub(crate) fn end(&self, phase: Phase) {
        let mut state = self.lock();
        self.limits.advance(phase);
        self.abandon(&mut state);
        self.swapped.notify_all();
    }

    pub(crate) fn phase(&self) -> Phase {
        self.limits.phase()
    }

    /// Takes out what came after the end, by call site, and how many events were not even counted
    /// so. In a fork nothing where the lock is held for ever.
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
        self.lost_in_fork.swap(0, Ordering::Relaxed) as u64
    }

    /// Whether the worker is in the process that this one was forked from: then nothing here may
    /// wait for it. The first to notice says so on standard error.
    pub(crate) fn notices_fork(&self) -> bool {
        let forked = self.is_forked();
        if forked && self.phase() != Phase::Forked {
            self.leave_to_parent(self.lock_unless_held());
        }
        forked
    }

    pub(super) fn lock_unless_held(&self) -> Option<MutexGuard<'_, State>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    pub(super) fn is_forked(&self) -> bool {
        self.process.is_left()
    }

    /// The same where the lock is held, which is given back.
    #[cold]
    pub(super) fn leave(&self, state: MutexGuard<'_, State>) {
        self.leave_to_parent(Some(state));
    }

    fn leave_to_parent(&self, state: Option<MutexGuard<'_, State>>) {
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

    /// Counts what lies there as what came after the end.
    fn abandon(&self, state: &mut State) {
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

    /// Says once on standard error that events come after the end.
    pub(super) fn tell_late(&self) {
        if self.phase() == Phase::Ended && !self.told_late.swap(true, Ordering::Relaxed) {
            stderr::write(
                "an event came after logout's end, so nobody is told; keep the guard until the end of `main`: `let (alerts, guard) = …`",
            );
        }
    }

    /// Counts a panic that is not taken, for lack of time or because it comes after the end.
    pub(crate) fn miss_panic(&self) {
        if self.is_forked() {
            self.lose_in_fork();
        } else {
            self.missed.count(panic::metadata());
        }
    }

    /// Counts an event of a fork by no lock at all.
    pub(super) fn lose_in_fork(&self) {
        self.lost_in_fork.fetch_add(1, Ordering::Relaxed);
    }
}
