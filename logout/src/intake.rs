//! Where the program's threads leave their events for the worker.
//!
//! One mutex over heads and bytes that the worker swaps out whole: the caller pays one lock and
//! one copy, and a queue of separate records would cost it an allocation more.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant, SystemTime};

use tracing::{Level, Metadata};

use crate::event::{Event, EventView};

mod discards;
mod mode;

pub(crate) use self::discards::Discards;
pub(crate) use self::mode::{Mode, Thresholds};

/// How many bytes of events may wait. Twice this is held at the most, since the worker keeps the
/// buffer it swapped out while callers fill the other.
const MAX_BYTES: usize = 2 << 20;

/// A buffer that grew beyond this in a storm is given back to the allocator afterwards.
const KEPT_BYTES: usize = 64 << 10;

/// The events of a program on their way to the worker.
#[derive(Debug)]
pub(crate) struct Intake {
    state: Mutex<State>,
    /// Signalled once per swap, for all who wait.
    swapped: Condvar,
    /// Mirrors `state.batch.heads.len()`, so that a full intake is noticed without the lock.
    waiting: AtomicUsize,
    open: AtomicBool,
    /// The thread of the program on which the worker runs, where it has none of its own.
    home: OnceLock<ThreadId>,
    sync_threshold: AtomicUsize,
    discard_threshold: AtomicUsize,
    sync_timeout: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    batch: Batch,
    panic: Option<Box<Event>>,
    discards: Discards,
    /// Counts the swaps, so that a waiting caller can tell its own.
    swaps: u64,
    /// How many callers wait for the next swap.
    sleepers: usize,
    worker: Option<Waker>,
}

/// Events in the order in which they came: a head each, their text in one buffer.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    heads: Vec<Head>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    metadata: &'static Metadata<'static>,
    time: SystemTime,
    spans_at: usize,
    end: usize,
}

/// What the worker found in the intake.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) batch: Batch,
    pub(crate) discards: Discards,
    pub(crate) panic: Option<Box<Event>>,
}

impl Intake {
    pub(crate) fn new(thresholds: Thresholds) -> Self {
        let intake = Self {
            state: Mutex::default(),
            swapped: Condvar::new(),
            waiting: AtomicUsize::new(0),
            open: AtomicBool::new(true),
            home: OnceLock::new(),
            sync_threshold: AtomicUsize::new(0),
            discard_threshold: AtomicUsize::new(0),
            sync_timeout: AtomicU64::new(0),
        };
        intake.set_thresholds(thresholds);
        intake
    }

    /// Takes effect for the next event.
    pub(crate) fn set_thresholds(&self, thresholds: Thresholds) {
        self.sync_threshold
            .store(thresholds.sync, Ordering::Relaxed);
        self.discard_threshold
            .store(thresholds.discard, Ordering::Relaxed);
        let micros = u64::try_from(thresholds.sync_timeout.as_micros()).unwrap_or(u64::MAX);
        self.sync_timeout.store(micros, Ordering::Relaxed);
    }

    pub(crate) fn thresholds(&self) -> Thresholds {
        Thresholds {
            sync: self.sync_threshold.load(Ordering::Relaxed),
            discard: self.discard_threshold.load(Ordering::Relaxed),
            sync_timeout: Duration::from_micros(self.sync_timeout.load(Ordering::Relaxed)),
        }
    }

    /// How many events wait for the worker.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Asked before anything is formatted: `false` means discarded and already counted.
    #[inline]
    pub(crate) fn admits(&self, metadata: &'static Metadata<'static>) -> bool {
        if self.mode(*metadata.level(), self.waiting()) != Mode::Discard {
            return true;
        }
        self.discard(metadata);
        false
    }

    /// Takes one copy of an encoded event whose span part begins at `spans_at`, and waits for the
    /// worker where the thresholds say so.
    pub(crate) fn push(
        &self,
        metadata: &'static Metadata<'static>,
        time: SystemTime,
        spans_at: usize,
        bytes: &[u8],
    ) {
        let mut state = self.lock();
        let mode = self.mode(*metadata.level(), state.batch.heads.len());
        if mode == Mode::Discard || state.batch.bytes.len() + bytes.len() > MAX_BYTES {
            state.discards.count(metadata);
            wake(state);
            return;
        }
        state.batch.bytes.extend_from_slice(bytes);
        let end = state.batch.bytes.len();
        state.batch.heads.push(Head {
            metadata,
            time,
            spans_at,
            end,
        });
        self.waiting
            .store(state.batch.heads.len(), Ordering::Relaxed);
        if mode == Mode::Async {
            wake(state);
        } else {
            self.wait_for_swap(state);
        }
    }

    /// Takes a panic, which has a slot of its own: a full queue cannot keep it out, and its caller
    /// never waits. Tells whether the slot was free.
    pub(crate) fn push_panic(&self, event: Box<Event>) -> bool {
        // The panicking thread may hold the lock itself.
        let Ok(mut state) = self.state.try_lock() else {
            return false;
        };
        let free = state.panic.is_none();
        if free {
            state.panic = Some(event);
        }
        wake(state);
        free
    }

    /// Swaps everything out. `spare` comes back filled; its buffers are what callers fill next.
    ///
    /// With nothing to take, `waker` is kept for whoever comes next.
    pub(crate) fn take(&self, spare: &mut Taken, waker: Option<&Waker>) -> bool {
        spare.batch.clear();
        spare.discards.clear();
        let mut state = self.lock();
        let empty =
            state.batch.heads.is_empty() && state.panic.is_none() && state.discards.is_empty();
        if empty {
            if let Some(waker) = waker {
                state.worker = Some(waker.clone());
            }
            return false;
        }
        std::mem::swap(&mut state.batch, &mut spare.batch);
        std::mem::swap(&mut state.discards, &mut spare.discards);
        spare.panic = state.panic.take();
        self.waiting.store(0, Ordering::Relaxed);
        state.swaps += 1;
        if state.sleepers > 0 {
            self.swapped.notify_all();
        }
        true
    }

    /// Lets nothing in any more.
    pub(crate) fn close(&self) {
        self.open.store(false, Ordering::Release);
        let state = self.lock();
        self.swapped.notify_all();
        drop(state);
    }

    /// Says that the worker runs on this thread of the program.
    pub(crate) fn settle_here(&self) {
        let _settled = self.home.set(thread::current().id());
    }

    /// Whether the worker runs on this thread of the program, so that waiting here for the worker
    /// would keep it from what is waited for.
    pub(crate) fn is_home(&self) -> bool {
        self.home
            .get()
            .is_some_and(|home| *home == thread::current().id())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// One that takes everything and never waits.
    #[cfg(test)]
    pub(crate) fn of_tests() -> Self {
        Self::new(Thresholds {
            sync: usize::MAX,
            discard: usize::MAX,
            sync_timeout: Duration::ZERO,
        })
    }

    /// All that waits.
    #[cfg(test)]
    pub(crate) fn drain(&self) -> Vec<Event> {
        let mut taken = Taken::default();
        self.take(&mut taken, None);
        taken
            .batch
            .events()
            .map(EventView::to_owned_event)
            .collect()
    }

    #[inline]
    fn mode(&self, level: Level, waiting: usize) -> Mode {
        self.thresholds().mode(level, waiting)
    }

    #[cold]
    fn discard(&self, metadata: &'static Metadata<'static>) {
        let mut state = self.lock();
        state.discards.count(metadata);
        wake(state);
    }

    /// One wake serves every caller that waits; none waits longer than `sync_timeout`.
    #[cold]
    fn wait_for_swap<'s>(&'s self, mut state: MutexGuard<'s, State>) {
        let timeout = self.thresholds().sync_timeout;
        if timeout.is_zero() || !self.is_open() || self.is_home() || thread::panicking() {
            return wake(state);
        }
        let swap = state.swaps;
        if let Some(worker) = state.worker.take() {
            // Waking needs no lock, and the worker's first act is to ask for it.
            drop(state);
            worker.wake();
            state = self.lock();
        }
        let deadline = Instant::now() + timeout;
        state.sleepers += 1;
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
        state.sleepers -= 1;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the worker, if it sleeps, after the lock is given back.
fn wake(mut state: MutexGuard<'_, State>) {
    let worker = state.worker.take();
    drop(state);
    if let Some(worker) = worker {
        worker.wake();
    }
}

impl Batch {
    /// The events, oldest first.
    pub(crate) fn events(&self) -> impl Iterator<Item = EventView<'_>> {
        let mut start = 0;
        self.heads.iter().map(move |head| {
            let bytes = self.bytes.get(start..head.end).unwrap_or_default();
            start = head.end;
            EventView::new(head.metadata, head.time, bytes, head.spans_at)
        })
    }

    fn clear(&mut self) {
        self.heads.clear();
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
    }
}
