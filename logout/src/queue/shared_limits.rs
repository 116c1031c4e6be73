//! What every caller asks before it takes the lock.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use super::{Phase, Thresholds};

/// What every caller reads and hardly anybody writes.
///
/// It lies apart from what every caller writes: two threads that log at once would otherwise take
/// a cache line from each other once more for each event, which cost them a third of their time.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(super) struct SharedLimits {
    /// A [`Phase`], of which 0 is open.
    phase: AtomicU8,
    /// Whether the worker comes by itself, so that nobody has to wake it.
    polled: AtomicBool,
    /// Whether the next event may have to wait or to be discarded.
    exceeded: AtomicBool,
    /// How many may wait before that is so.
    async_limit: AtomicUsize,
    sync_threshold: AtomicUsize,
    discard_threshold: AtomicUsize,
    /// In microseconds: where a word has 32 bits nobody waits for longer than 71 minutes.
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
        // The next look will find out whether it is.
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

    /// There is room again, unless there will never be any.
    pub(super) fn relax(&self) {
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

    /// Goes on to a later phase; returns whether it was not there yet.
    pub(super) fn advance(&self, phase: Phase) -> bool {
        let before = self.phase.fetch_max(phase as u8, Ordering::AcqRel);
        self.async_limit.store(0, Ordering::Relaxed);
        self.note_exceeded();
        before < phase as u8
    }
}
