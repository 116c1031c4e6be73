//! The queue in which the program's threads leave events for the worker.
//!
//! One mutex over heads and bytes that the worker swaps out whole: the caller pays one lock and
//! one copy, and a queue of separate records would cost it an allocation more.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;
use std::thread::{self, ThreadId};
use std::time::{Duration, SystemTime};

use tracing::{Level, Metadata};

use crate::block::memory_budget::MemoryBudget;
use crate::event::{Event, EventView, Site};

mod backpressure;
mod batch;
mod discards;
mod end;
mod missed;
mod mode;
mod shared_limits;
mod spin;
mod state;

pub(crate) use self::batch::EventBatch;
pub(crate) use self::discards::{DiscardCount, Discards, NumberHasher};
#[cfg(all(feature = "signals", unix))]
pub(crate) use self::end::IS_FORK;
pub(crate) use self::end::Phase;
use self::end::Process;
use self::missed::{Missed, allocating};
pub(crate) use self::mode::{Mode, Thresholds};
use self::shared_limits::SharedLimits;
pub(crate) use self::spin::{Spin, spin_until};
use self::state::QueueState;
pub(crate) use self::state::Taken;

/// Age of the oldest event above which a caller checks whether there is still a worker; one that
/// polls comes a thousand times as often.
const FORK_CHECK_AGE: Duration = Duration::from_secs(1);

/// The number of events at the start of each batch for which a caller checks whether this is a
/// fork.
const FORK_CHECK_EVENTS: usize = 2;

/// The events of a program on their way to the worker.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<QueueState>,
    /// Signalled at each swap, for all callers that wait.
    swapped: Condvar,
    /// Mirrors `state.batch.len()`, for whoever asks without the lock.
    waiting: AtomicUsize,
    /// Mirrors `state.panics.len()`.
    panics: AtomicUsize,
    /// Events that did not get the lock in time (panics, and what an allocator logs), and panics
    /// after the end.
    missed: Missed,
    /// Events of a fork that were not counted by call site, because another thread of the parent
    /// holds the lock for ever.
    counted_in_fork: AtomicUsize,
    /// The number of events swapped out that the statistics do not show yet.
    in_hand: AtomicUsize,
    /// Whether an event after the end was reported on standard error.
    has_reported_late: AtomicBool,
    process: Process,
    limits: SharedLimits,
    /// Bytes of events that may wait.
    most: usize,
    /// The program's thread on which the worker runs, if it has no thread of its own.
    worker_thread: OnceLock<ThreadId>,
}

impl Queue {
    pub(crate) fn new(thresholds: Thresholds) -> Self {
        let queue = Self {
            most: MemoryBudget::default().queue,
            ..Self::default()
        };
        queue.set_thresholds(thresholds);
        queue
    }

    /// Sets the bytes of events that the queue may hold.
    pub(crate) fn with_byte_limit(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Sets the thresholds for the next event on.
    pub(crate) fn set_thresholds(&self, thresholds: Thresholds) {
        let state = self.lock();
        self.limits.set_thresholds(thresholds);
        drop(state);
    }

    /// Returns the number of events that wait for the worker.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Returns the number of events that the statistics do not show yet. Read the statistics after
    /// this: then none is missing, whatever the worker does meanwhile.
    pub(crate) fn unaccounted(&self) -> usize {
        self.waiting.load(Ordering::Acquire)
            + self.panics.load(Ordering::Acquire)
            + self.in_hand.load(Ordering::Acquire)
    }

    /// Notes that the statistics show all that was swapped out.
    pub(crate) fn note_accounted(&self) {
        self.in_hand.store(0, Ordering::Release);
    }

    /// Returns whether the queue is so full that soon callers have to wait for the worker.
    pub(crate) fn is_near_sync_threshold(&self) -> bool {
        self.waiting() >= self.limits.async_limit().div_ceil(2).max(1)
    }

    /// Sets whether the worker polls, so that callers need not wake it.
    ///
    /// Unset it before [`take`](Self::take), whose lock makes the change visible to callers.
    pub(crate) fn set_polled(&self, polled: bool) {
        self.limits.set_polled(polled);
    }

    /// Returns whether to capture an event. `false` means that it was discarded and counted, at
    /// `site` if that is not the call site.
    #[inline]
    pub(crate) fn admits(
        &self,
        metadata: &'static Metadata<'static>,
        site: impl FnOnce() -> Option<Site>,
    ) -> bool {
        !self.limits.may_exceed_limit() || self.admits_past_limit(metadata, site)
    }

    #[cold]
    #[inline(never)]
    fn admits_past_limit(
        &self,
        metadata: &'static Metadata<'static>,
        site: impl FnOnce() -> Option<Site>,
    ) -> bool {
        if self.is_open() && self.mode(*metadata.level(), self.waiting()) != Mode::Discard {
            return true;
        }
        let site = site();
        if let Some(state) = self.lock_to_add(metadata) {
            self.discard(state, |discards| match site {
                Some(site) => discards.count_carried(metadata, site),
                None => discards.count(metadata),
            });
        }
        false
    }

    /// Adds a copy of an encoded event whose spans begin at `spans_at`, and waits for the worker if
    /// the thresholds require it.
    pub(crate) fn push(
        &self,
        metadata: &'static Metadata<'static>,
        time: SystemTime,
        spans_at: usize,
        bytes: &[u8],
    ) {
        let Some(mut state) = self.lock_to_add(metadata) else {
            return;
        };
        let waiting = state.batch.len();
        if self.may_be_forked(&state, waiting, time) && self.is_forked() {
            self.drop_event(&EventView::new(metadata, time, bytes, spans_at), state);
            self.notices_fork();
            return;
        }
        let mode = if waiting + 1 < self.limits.async_limit() {
            Mode::Async
        } else {
            self.mode_past_limit(*metadata.level(), waiting)
        };
        if mode == Mode::Discard || !state.batch.has_room(bytes.len(), self.most) {
            return self.drop_event(&EventView::new(metadata, time, bytes, spans_at), state);
        }
        state.batch.push(self.most, metadata, time, spans_at, bytes);
        self.waiting.store(waiting + 1, Ordering::Relaxed);
        if mode == Mode::Async {
            self.wake(state);
        } else {
            self.wait_for_swap(state);
        }
    }

    /// Returns whether to spend a system call on finding out whether this process is a fork. An
    /// event in a fork is among the first ones, whatever the worker was doing at the time;
    /// comparing two times at each event would add a tenth to the cost of its capture.
    #[inline]
    fn may_be_forked(&self, state: &QueueState, waiting: usize, time: SystemTime) -> bool {
        waiting < FORK_CHECK_EVENTS
            || waiting.is_power_of_two() && state.batch.has_waited(FORK_CHECK_AGE, time)
    }

    /// Adds a panic, which has room of its own even in a full queue and never makes its caller
    /// wait.
    pub(crate) fn push_panic(&self, event: Event) {
        let Some(mut state) = self.lock_while_panicking() else {
            return self.count_missed_panic();
        };
        if !self.is_open() || !state.has_room_for(&event, self.most) {
            return self.drop_event(&event.view(), state);
        }
        allocating(|| state.panics.push(event));
        self.panics.store(state.panics.len(), Ordering::Relaxed);
        self.wake(state);
    }

    /// Swaps the contents of the queue into `spare`, whose buffers callers fill next. Returns
    /// whether there was anything.
    ///
    /// If there was nothing, the next caller wakes `waker`.
    pub(crate) fn take(&self, spare: &mut Taken, waker: Option<&Waker>) -> bool {
        spare.batch.clear();
        spare.discards.clear();
        spare.late.clear();
        spare.panics.clear();
        let mut state = self.lock();
        self.limits.reset_exceeded();
        let missed_by = if self.is_open() {
            &mut state.discards
        } else {
            &mut state.late
        };
        for (metadata, events) in self.missed.take() {
            missed_by.add(metadata, events);
        }
        if state.is_empty() {
            if let Some(waker) = waker {
                let known = state.worker.as_ref();
                if known.is_none_or(|known| !known.will_wake(waker)) {
                    state.worker = Some(waker.clone());
                }
            }
            return false;
        }
        std::mem::swap(&mut state.batch, &mut spare.batch);
        std::mem::swap(&mut state.discards, &mut spare.discards);
        std::mem::swap(&mut state.late, &mut spare.late);
        std::mem::swap(&mut state.panics, &mut spare.panics);
        let taken = spare.batch.len() + spare.panics.len();
        let in_hand = self.in_hand.load(Ordering::Relaxed) + taken;
        self.in_hand.store(in_hand, Ordering::Release);
        self.waiting.store(0, Ordering::Release);
        self.panics.store(0, Ordering::Release);
        state.swaps += 1;
        state.waiting_since = None;
        if state.waiters > 0 {
            self.swapped.notify_all();
        }
        true
    }

    /// Notes that the worker runs on this thread of the program.
    pub(crate) fn set_worker_thread(&self) {
        let _once = self.worker_thread.set(thread::current().id());
    }

    /// Returns whether the worker runs on this thread of the program, where waiting for it would
    /// never end.
    pub(crate) fn is_worker_thread(&self) -> bool {
        self.worker_thread
            .get()
            .is_some_and(|worker| *worker == thread::current().id())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.limits.is_open()
    }

    #[inline]
    fn mode(&self, level: Level, waiting: usize) -> Mode {
        self.limits.thresholds().mode(level, waiting)
    }

    /// Returns the mode above the asynchronous limit, and notes that callers have to check it from
    /// now on.
    #[cold]
    fn mode_past_limit(&self, level: Level, waiting: usize) -> Mode {
        self.limits.note_exceeded();
        if self.is_open() {
            self.mode(level, waiting)
        } else {
            Mode::Discard
        }
    }

    /// Counts a captured event for which there is no room any more.
    #[cold]
    #[inline(never)]
    fn drop_event(&self, event: &EventView<'_>, state: MutexGuard<'_, QueueState>) {
        self.discard(state, |discards| discards.count_event(event));
    }

    /// Counts an event that is not taken, separately after the end.
    #[inline]
    fn discard(&self, mut state: MutexGuard<'_, QueueState>, count: impl FnOnce(&mut Discards)) {
        let discards = if self.is_open() {
            &mut state.discards
        } else {
            &mut state.late
        };
        count(discards);
        self.wake(state);
        self.report_late();
    }

    /// Releases the lock and wakes the worker, unless it polls.
    #[inline]
    fn wake(&self, state: MutexGuard<'_, QueueState>) {
        if !self.limits.is_polled() {
            self.wake_worker(state);
        }
    }

    #[cold]
    fn wake_worker(&self, mut state: MutexGuard<'_, QueueState>) {
        let Some(worker) = state.worker.take() else {
            return;
        };
        if self.is_forked() {
            return self.note_fork_and_unlock(state);
        }
        drop(state);
        worker.wake();
    }

    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
