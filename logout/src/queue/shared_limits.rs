//! The limits that every caller reads before it takes the lock.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use super::{Phase, Thresholds};

/// Limits that every caller reads and that rarely change.
///
/// It has a cache line of its own: otherwise two threads that log at once would contend for it at
/// each event, which cost them a third of their time.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct SharedLimits {
    /// A [`Phase`], of which 0 is open.
    phase: AtomicU8,
    /// Whether the worker polls, so that nobody has to wake it.
    polled: AtomicBool,
    /// Whether the next event may have to wait or to be discarded.
    exceeded: AtomicBool,
    /// The number of waiting events at which `exceeded` is set.
    async_limit: AtomicUsize,
    sync_threshold: AtomicUsize,
    discard_threshold: AtomicUsize,
    /// In microseconds: on 32-bit targets this allows at most 71 minutes.
    sync_timeout: AtomicUsize,
}

impl SharedLimits {
    pub(super) fn set_thresholds(&self, thresholds: Thresholds) {
        let micros = usize::try_from(thresholds.sync_timeout.as_micros()).unwrap_or(usize::MAX);
        self.sync_threshold
            .store(thresholds.sync, Ordering::Relaxed);
        self.discard_threshold
            .store(thresholds.discard, Ordering::Relaxed);
        self.sync_timeout.store(micros, Ordering::Relaxed);
        let async_limit = if self.is_open() {
            thresholds.async_limit()
        } else {
            0
        };
        self.async_limit.store(async_limit, Ordering::Relaxed);
        // The next call finds out whether it is exceeded.
        self.note_exceeded();
    }

    #[inline]
    pub(super) fn thresholds(&self) -> Thresholds {
        Thresholds {
            sync: self.sync_threshold.load(Ordering::Relaxed),
            discard: self.discard_threshold.load(Ordering::Relaxed),
            sync_timeout: Duration::from_micros(self.sync_timeout.load(Ordering::Relaxed) as u64),
        }
    }

    #[inline]
    pub(super) fn async_limit(&self) -> usize {
        self.async_limit.load(Ordering::Relaxed)
    }

    #[inline]
    pub(super) fn may_exceed_limit(&self) -> bool {
        self.exceeded.load(Ordering::Relaxed)
    }

    pub(super) fn note_exceeded(&self) {
        self.exceeded.store(true, Ordering::Relaxed);
    }

    /// Resets `exceeded` after a swap, unless the queue is closed.
    pub(super) fn reset_exceeded(&self) {
        if self.may_exceed_limit() && self.is_open() {
            self.exceeded.store(false, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(super) fn is_polled(&self) -> bool {
        self.polled.load(Ordering::Relaxed)
    }

    pub(super) fn set_polled(&self, polled: bool) {
        self.polled.store(polled, Ordering::Relaxed);
    }

    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.phase.load(Ordering::Acquire) == Phase::Open as u8
    }

    pub(super) fn phase(&self) -> Phase {
        let phase = self.phase.load(Ordering::Acquire);
        let mut all = Phase::ALL.into_iter();
        all.find(|known| *known as u8 == phase)
            .unwrap_or(Phase::Ended)
    }

    /// Advances to a later phase; returns whether it was not reached before.
    pub(super) fn advance(&self, phase: Phase) -> bool {
        let before = self.phase.fetch_max(phase as u8, Ordering::AcqRel);
        self.async_limit.store(0, Ordering::Relaxed);
        self.note_exceeded();
        before < phase as u8
    }
}
