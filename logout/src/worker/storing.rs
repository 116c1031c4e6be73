//! The worker's spool: keeps on disk what the lanes hold, and restores what an earlier process
//! left.
//!
//! What the lanes hold is compared with what is on disk, and the difference is written: some time
//! after the first change, so that what is sent at once never gets there; at once if somebody
//! waits, or if what is there was sent.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future as _;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Context;
use std::time::{Duration, Instant, SystemTime};

#[cfg(feature = "verify")]
use super::control::Verification;
use super::lane::{EarlierHistory, Group, LaneState};
use super::stats::Reason;
use super::{Clock, Worker};
use crate::spool::history::History;
use crate::spool::process_run::ProcessRun;
use crate::spool::{Health, Sync, Writer};

mod age;
mod changes;
mod health;
mod panic;
mod problems;
mod process_run;
mod restore;

/// How long changes are collected before they are written.
const WRITE_DELAY: Duration = Duration::from_millis(200);

/// How long counts and the times of sightings are collected, which matter less.
const COUNTS_DELAY: Duration = Duration::from_secs(10);

/// How long a request waits until it is noted on disk as in flight.
const NOTE_TIMEOUT: Duration = Duration::from_millis(20);

/// How long the first events wait for the disk to be read.
const OPEN_TIMEOUT: Duration = Duration::from_millis(250);

/// How long the shutdown waits for the disk.
const LAST_WRITE_TIMEOUT: Duration = Duration::from_millis(500);

/// The state of the spool in the worker.
pub(super) struct Storing<C: Clock> {
    writer: Arc<Writer>,
    /// The next free number for a group on disk.
    next_id: Cell<u64>,
    /// Numbers of groups on disk that are done and still to be removed.
    gone: RefCell<Vec<u64>>,
    round: Cell<u64>,
    /// When changes are to be written, and when counts.
    at: Cell<Option<Instant>>,
    counts_at: Cell<Option<Instant>>,
    /// Whether they are to be written now, and how safely.
    now: Cell<Option<Sync>>,
    failures: Cell<u64>,
    was_ready: Cell<bool>,
    /// The last report on the disk, and the batch that ends it.
    said: RefCell<Option<String>>,
    over_at: Cell<Option<u64>>,
    /// Since when the oldest event on disk waits.
    oldest: Cell<Option<Instant>>,
    /// The verifications that wait for a check of the disk, by its number.
    #[cfg(feature = "verify")]
    asked: RefCell<Vec<(u64, Arc<Verification>)>>,
    timer: RefCell<(Option<Instant>, C::Timer)>,
    is_kept: Cell<bool>,
    /// Whether the contents of the disk were restored after a panic of the worker. They are not
    /// restored twice, since they may cause the panic.
    has_restored: Cell<bool>,
    /// The history of problems from earlier processes.
    earlier: RefCell<Rc<EarlierHistory>>,
    /// The history as it is on disk now.
    history: RefCell<History>,
    /// Whether all of that must be written again.
    has_lost_history: Cell<bool>,
    /// The record of this process, if crash notices are on.
    run: RefCell<Option<ProcessRun>>,
    has_lost_run: Cell<bool>,
}

impl<C: Clock> fmt::Debug for Storing<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storing")
            .field("writer", &self.writer)
            .finish_non_exhaustive()
    }
}

impl<C: Clock> Storing<C> {
    fn new(writer: Arc<Writer>, clock: &C) -> Self {
        let earlier = EarlierHistory::new(History::default(), clock.now(), SystemTime::now());
        Self {
            writer,
            next_id: Cell::new(1),
            gone: RefCell::default(),
            round: Cell::new(0),
            at: Cell::new(None),
            counts_at: Cell::new(None),
            now: Cell::new(None),
            failures: Cell::new(0),
            was_ready: Cell::new(false),
            said: RefCell::default(),
            over_at: Cell::new(None),
            oldest: Cell::new(None),
            #[cfg(feature = "verify")]
            asked: RefCell::default(),
            timer: RefCell::new((None, clock.timer(None))),
            is_kept: Cell::new(false),
            has_restored: Cell::new(false),
            earlier: RefCell::new(Rc::new(earlier)),
            history: RefCell::default(),
            has_lost_history: Cell::new(false),
            run: RefCell::default(),
            has_lost_run: Cell::new(false),
        }
    }

    /// Schedules a write of the changes so far.
    fn schedule_write(&self, now: Instant) {
        self.at
            .set(Some(self.at.get().unwrap_or(now + WRITE_DELAY)));
        let counts_at = self.counts_at.get().unwrap_or(now + COUNTS_DELAY);
        self.counts_at.set(Some(counts_at));
    }

    fn write_now(&self, sync: Sync) {
        self.now
            .set(Some(self.now.get().unwrap_or_default().max(sync)));
    }

    /// Returns whether the disk was read and can be written.
    fn is_ready(&self) -> bool {
        self.was_ready.get() && self.writer.health() == Health::Ready
    }
}

impl<T, C: Clock> Worker<T, C> {
    /// Starts the spool, if the block has one.
    pub(super) fn storing(mut self) -> Self {
        let most = self.shared.memory.pending;
        let directory = self.shared.spool.clone();
        self.storing = directory
            .map(|directory| Writer::start(directory, most))
            .map(|writer| self.storing_with(writer));
        self
    }

    pub(super) fn storing_with(&self, writer: Writer) -> Storing<C> {
        let writer = Arc::new(writer);
        // There is one worker.
        let _is_first = self.shared.writer.set(Arc::downgrade(&writer));
        Storing::new(writer, &self.clock)
    }

    /// Returns whether counted events can wait for their reminder in the next process.
    pub(super) fn keeps_counted(&self) -> bool {
        self.storing.as_ref().is_some_and(Storing::is_ready)
    }

    /// Schedules a write for events that came in.
    pub(super) fn note_events(&self, are_urgent: bool, now: Instant) {
        if let Some(storing) = &self.storing {
            storing.schedule_write(now);
            if are_urgent {
                storing.write_now(Sync::Now);
            }
        }
    }

    /// Requests that what the lanes hold is written at once, since somebody waits.
    pub(super) fn store_now(&self) {
        if let Some(storing) = &self.storing {
            storing.write_now(Sync::Now);
        }
    }

    /// Notes the groups that a lane sends now.
    pub(super) fn note_sending(&self, state: &mut LaneState, groups: &[Group]) {
        let Some(storing) = &self.storing else {
            return;
        };
        let in_flight = &mut state.stored.in_flight;
        in_flight.clear();
        in_flight.extend_from_slice(groups);
        if state.stored.units.is_empty() {
            storing.schedule_write(self.now());
        } else {
            storing.write_now(Sync::Never);
        }
    }

    /// Restores what is on disk before the first event. A disk that hangs delays this only briefly,
    /// and never blocks the thread, which may be the program's.
    pub(super) async fn open_store(&self) {
        let Some(storing) = &self.storing else {
            return;
        };
        let is_open = |cx: &mut Context<'_>| {
            storing.writer.set_waker(cx);
            storing.writer.health() != Health::Opening
        };
        self.wait_until(Some(self.now() + OPEN_TIMEOUT), is_open)
            .await;
        self.check_disk(storing);
    }

    /// Writes what is due, and reports the state of the disk.
    pub(super) fn store(&self, cx: &mut Context<'_>) {
        let Some(storing) = &self.storing else {
            return;
        };
        storing.writer.set_waker(cx);
        self.check_disk(storing);
        let now = self.now();
        for lane in &self.lanes {
            if std::mem::take(&mut lane.state.borrow_mut().stored.has_lost) {
                storing.schedule_write(now);
            }
        }
        let is_due = |at: &Cell<Option<Instant>>| at.get().is_some_and(|at| at <= now);
        let accepts_records = storing.is_ready() && storing.writer.accepts_records();
        let is_any_due =
            storing.now.get().is_some() || is_due(&storing.at) || is_due(&storing.counts_at);
        if accepts_records && is_any_due {
            let sync = storing.now.take().unwrap_or(Sync::Soon);
            self.write_changes(storing, sync, now);
        }
        // Otherwise the writer wakes the worker when it can take more.
        let at = storing.at.get().into_iter().chain(storing.counts_at.get());
        let at = at.min().filter(|_| accepts_records);
        let mut timer = storing.timer.borrow_mut();
        if timer.0 != at {
            *timer = (at, self.clock.timer(at));
        }
        if at.is_some() && pin!(&mut timer.1).poll(cx).is_ready() {
            timer.0 = None;
            cx.waker().wake_by_ref();
        }
    }

    /// Notes on disk that groups are in flight, before their request. A disk that hangs delays it
    /// only briefly.
    pub(super) async fn store_before_request(&self, lane: usize) {
        let (Some(storing), Some(lane)) = (&self.storing, self.lanes.get(lane)) else {
            return;
        };
        let is_to_be_noted = |state: &LaneState| {
            let mut groups = state.stored.in_flight.iter();
            groups.any(|group| {
                let unit = state.stored.units.get(&group.number);
                unit.is_some_and(|unit| unit.batch.is_some() && !unit.in_flight)
            })
        };
        if !storing.writer.accepts_records() || !is_to_be_noted(&lane.state.borrow()) {
            return;
        }
        let Some(batch) = self.write_changes(storing, Sync::Never, self.now()) else {
            return;
        };
        let is_over = |cx: &mut Context<'_>| {
            storing.writer.set_waker(cx);
            storing.writer.written() >= batch || !storing.is_ready()
        };
        self.wait_until(Some(self.now() + NOTE_TIMEOUT), is_over)
            .await;
    }

    /// Writes what waits, at the end, and notes which events the next start sends.
    pub(super) fn write_for_next_start(&self) {
        let Some(storing) = self.storing.as_ref() else {
            return;
        };
        let is_panic = self.reason_of_end() == Reason::WorkerDied;
        let is_given_up = is_panic && storing.has_restored.get();
        if is_given_up || storing.is_kept.replace(true) {
            return;
        }
        self.check_disk(storing);
        self.write_changes(storing, Sync::Now, self.now());
        self.end_run(storing);
        let deadline = Instant::now() + LAST_WRITE_TIMEOUT;
        if !storing.writer.wait(self.shared.spool_sync, deadline) {
            return;
        }
        for lane in &self.lanes {
            let mut state = lane.state.borrow_mut();
            let units = state.stored.units.iter();
            let kept = units.filter(|(_, unit)| unit.batch.is_some());
            let kept = kept.map(|(number, unit)| (*number, unit.events));
            state.stored.kept = kept.collect();
        }
    }

    /// Restores from the disk, once, what the worker held when it panicked.
    pub(super) fn restore_after_panic(&self) {
        let Some(storing) = self.storing.as_ref().filter(|one| one.is_kept.take()) else {
            return;
        };
        storing.has_restored.set(true);
        for lane in &self.lanes {
            let stored = &mut lane.state.borrow_mut().stored;
            stored.units.clear();
            stored.in_flight.clear();
            stored.kept.clear();
        }
        if let Some(run) = &mut *storing.run.borrow_mut() {
            run.has_ended = false;
        }
        storing.has_lost_run.set(true);
        storing.writer.read_again();
    }

    /// Ends the writer.
    pub(super) fn close_store(&self) {
        if let Some(storing) = &self.storing {
            storing.writer.end(Instant::now() + LAST_WRITE_TIMEOUT);
        }
    }
}
