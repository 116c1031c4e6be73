//! The thread that sends: it takes events out of the queue, hands them to the lanes, and keeps the
//! lanes going.
//!
//! It is one future on one thread: the lanes are polled inside it, so nothing between them needs a
//! lock, and a lane that waits for its destination delays none of the others.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::poll_fn;
use std::hash::BuildHasherDefault;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::adapter::preview::MessagePreview;
use crate::event::encoding::catch_panics;
use crate::event::{Fingerprint, ReentryGuard};
use crate::queue::{NumberHasher, Taken};
use crate::transport::Transport;
use crate::worker::clock::SystemClock;
use crate::worker::dispatch::Dispatch;
use crate::worker::lane::{LaneState, SharedLane, Switch};
use crate::worker::linger::Linger;
use crate::worker::problems::{Problems, RecentFingerprints};
use crate::worker::routing::CallSite;
use crate::worker::settings::LiveSettings;
use crate::worker::stderr::Stderr;
use crate::worker::turns::{Claim, Turns};
use crate::worker::waiters::Waiters;

pub(crate) mod backoff;
mod block_state;
mod caught_future;
pub(crate) mod change;
pub(crate) mod clock;
mod compact_time;
pub(crate) mod control;
pub(crate) mod dispatch;
mod ending;
#[cfg(feature = "fleet")]
mod fleet;
pub(crate) mod lane;
mod linger;
mod mentions;
mod mute_list;
pub(crate) mod problems;
mod reminder_schedule;
mod routing;
pub(crate) mod settings;
pub mod stats;
pub(crate) mod stderr;
#[cfg(feature = "spool")]
mod storing;
mod turns;
#[cfg(feature = "verify")]
mod verification;
mod waiters;

pub(crate) use self::block_state::BlockState;
pub use self::clock::Clock;

/// How often it goes round before the reactor gets its turn: under load there are always more
/// events, and sockets and timers must not starve.
const ROUNDS: usize = 32;

/// The worker: what it owns, and what its lanes share.
#[derive(Debug)]
pub struct Worker<T, C: Clock = SystemClock> {
    pub(crate) shared: Arc<BlockState>,
    pub(crate) transport: T,
    /// Whether the configuration was read again and the transport is still to reload.
    reloaded: Cell<bool>,
    pub(crate) clock: C,
    pub(crate) lanes: Vec<SharedLane>,
    turns: RefCell<Turns>,
    stderr: Stderr,
    settings: RefCell<Arc<LiveSettings>>,
    /// The version of `settings`.
    version: Cell<usize>,
    call_sites: RefCell<HashMap<usize, CallSite, BuildHasherDefault<NumberHasher>>>,
    problems: RefCell<Problems>,
    noted: RefCell<RecentFingerprints>,
    /// The entries of `mute` that were reported as ambiguous.
    ambiguous: RefCell<Vec<Fingerprint>>,
    taken: RefCell<Taken>,
    /// Bytes of the events that lanes keep.
    kept: Rc<Cell<usize>>,
    /// How many events of `taken` were handed to the lanes.
    routed: Cell<usize>,
    /// How many events were taken since [`Linger`] last decided how to wait.
    took: Cell<usize>,
    notified: Cell<bool>,
    closing: Cell<bool>,
    /// Until when somebody waits for the pending events to be sent.
    awaited_until: Cell<Option<Instant>>,
    /// Until when somebody also waits for the counted events, which are then sent early.
    all_awaited_until: Cell<Option<Instant>>,
    /// Whether lanes that are dropped now are dropped because of a panic.
    panicked: Cell<bool>,
    /// The messages of a preview, which are kept instead of sent.
    previews: Option<RefCell<Vec<MessagePreview>>>,
    /// The state of the spool, if there is one.
    #[cfg(feature = "spool")]
    storing: Option<storing::Storing<C>>,
    /// The fleet, if there is one.
    #[cfg(feature = "fleet")]
    fleet: Option<fleet::WorkerFleet>,
}

impl<T: Transport> Worker<T> {
    pub(crate) fn new(shared: Arc<BlockState>, transport: T) -> Self {
        let worker = Self::with_clock(shared, transport, SystemClock);
        #[cfg(feature = "spool")]
        let worker = worker.storing();
        #[cfg(feature = "fleet")]
        let worker = worker.with_fleet();
        worker
    }

    /// Creates a worker that keeps its messages instead of sending them.
    #[cfg(feature = "preview")]
    pub(crate) fn previewing(shared: Arc<BlockState>, transport: T) -> Self {
        let mut worker = Self::with_clock(shared, transport, SystemClock);
        worker.previews = Some(RefCell::default());
        worker
    }
}

impl<T: Transport, C: Clock> Worker<T, C> {
    pub(crate) fn with_clock(shared: Arc<BlockState>, transport: T, clock: C) -> Self {
        let now = clock.now();
        let version = Cell::new(shared.version());
        let settings = shared.settings();
        let instances = shared.block.instances.iter().zip(&settings.instances);
        let kept = Rc::default();
        let lanes = instances.map(|(declared, live)| {
            SharedLane::new(declared.name, live, shared.memory, Rc::clone(&kept), now)
        });
        Self {
            transport,
            reloaded: Cell::new(false),
            lanes: lanes.collect(),
            kept,
            turns: RefCell::new(Turns::new(shared.block.instances.len())),
            stderr: Stderr::new(now),
            settings: RefCell::new(settings),
            version,
            call_sites: RefCell::default(),
            problems: RefCell::new(Problems::with_limit(shared.memory.problems)),
            noted: RefCell::default(),
            ambiguous: RefCell::default(),
            taken: RefCell::default(),
            routed: Cell::new(0),
            took: Cell::new(0),
            notified: Cell::new(false),
            closing: Cell::new(false),
            awaited_until: Cell::new(None),
            all_awaited_until: Cell::new(None),
            panicked: Cell::new(false),
            previews: None,
            #[cfg(feature = "spool")]
            storing: None,
            #[cfg(feature = "fleet")]
            fleet: None,
            clock,
            shared,
        }
    }

    /// Runs until it is shut down. Never panics.
    pub(crate) async fn run<D: Dispatch>(&self, dispatch: &D) {
        let mut running = pin!(self.run_again_and_again(dispatch));
        if !poll_fn(|cx| poll_caught(running.as_mut(), cx)).await {
            self.give_up();
        }
    }

    /// Runs the worker, and restarts it with a report if it panics.
    async fn run_again_and_again<D: Dispatch>(&self, dispatch: &D) {
        for panics in 0.. {
            if self.run_until_panic(dispatch).await {
                return;
            }
            self.recover();
            if !self.shared.queue.is_open() {
                // It panicked while shutting down, so there is nothing to restart it for.
                return;
            }
            self.announce(
                "logout's worker panicked and was restarted; what it held is counted as lost",
                None,
            );
            if panics > 0 {
                let delay = backoff::delay(panics, fastrand::f64());
                self.clock.timer(Some(self.clock.now() + delay)).await;
            }
        }
    }

    /// Runs the worker; returns whether it ended without a panic.
    async fn run_until_panic<D: Dispatch>(&self, dispatch: &D) -> bool {
        let mut work = pin!(self.run_lanes(dispatch));
        poll_fn(|cx| {
            let polled = poll_caught(work.as_mut(), cx);
            // Lanes dropped because of the panic count their events as lost to it.
            self.panicked.set(polled == Poll::Ready(false));
            polled
        })
        .await
    }

    /// Runs the lanes of a block until they are shut down.
    async fn run_lanes<D: Dispatch>(&self, dispatch: &D) {
        let mut lanes = pin!(Some(dispatch.run(self)));
        #[cfg(feature = "fleet")]
        let mut fleet = pin!(dispatch.speak(self));
        let mut waiters = Waiters::new(self);
        let mut linger = Linger::new(&self.shared.queue, &self.clock);
        #[cfg(feature = "spool")]
        self.open_store().await;
        #[cfg(feature = "spool")]
        self.send_run_notice(crate::block::NoticeOf::Started);
        poll_fn(|cx| {
            for _ in 0..ROUNDS {
                waiters.handle_commands(cx);
                self.adopt_settings();
                linger.note_fill();
                self.take_from_queue(Some(cx.waker()));
                if self.reloaded.take() && catch_panics(|| self.transport.reload()).is_none() {
                    self.say("the transport panicked while reading its files again");
                }
                // Every lane checks for news right below.
                self.notified.set(false);
                #[cfg(feature = "fleet")]
                let _goes_on = fleet.as_mut().poll(cx);
                let running = lanes.as_mut().as_pin_mut();
                let open = running.is_some_and(|lanes| lanes.poll(cx).is_pending());
                if !open {
                    lanes.set(None);
                }
                #[cfg(feature = "spool")]
                self.store(cx);
                waiters.answer();
                if waiters.is_done(open) {
                    #[cfg(feature = "spool")]
                    self.write_for_next_start();
                    // Dropped lanes count what they had in flight.
                    lanes.set(None);
                    self.close();
                    return Poll::Ready(());
                }
                // A lane also takes events before it renders, and a notice of one lane must be sent
                // by the others.
                let more = self.notified.take()
                    || linger.polls_again(&self.took, cx)
                    || waiters.is_due(cx);
                if !more {
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

impl<T, C: Clock> Worker<T, C> {
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Returns the settings for messages of now.
    pub(crate) fn settings(&self) -> Arc<LiveSettings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Applies the changes of settings since the last call.
    fn adopt_settings(&self) {
        let version = self.shared.version();
        if self.version.replace(version) == version {
            return;
        }
        let before = self.settings.replace(self.shared.settings());
        let settings = self.settings();
        let instances = settings.instances.iter().zip(&before.instances);
        for (lane, (instance, before)) in self.lanes.iter().zip(instances) {
            let mut state = lane.state.borrow_mut();
            state.adopt(instance, before, self.now());
            if instance.reloads != before.reloads {
                self.reloaded.set(true);
            }
        }
        self.notify_lanes();
        #[cfg(feature = "fleet")]
        self.notify_fleet();
    }

    /// Returns log text, or a platform's error text, without secrets.
    pub(crate) fn shown(&self, text: &str) -> String {
        let settings = self.settings();
        settings.scrubber.shown(text, &settings.mask)
    }

    /// Writes a line to standard error, without secrets.
    pub(crate) fn say(&self, text: &str) {
        self.stderr.say(&self.shown(text), self.now());
    }

    /// Sends a notice through every lane but one, and writes it to standard error.
    pub(crate) fn announce(&self, text: &str, but: Option<usize>) {
        self.say(text);
        for (index, lane) in self.lanes.iter().enumerate() {
            if Some(index) != but {
                lane.state.borrow_mut().announce(text);
                lane.notify();
            }
        }
        self.notified.set(true);
    }

    /// Makes every lane look at its state again, in this very round.
    pub(crate) fn notify_lanes(&self) {
        self.lanes.iter().for_each(SharedLane::notify);
        self.notified.set(true);
    }

    /// Returns whether somebody waits for the pending events to be sent.
    pub(crate) fn is_awaited(&self) -> bool {
        self.is_closing() || self.awaited_until.get() > Some(self.now())
    }

    /// Returns whether somebody also waits for the counted events.
    pub(crate) fn is_all_awaited(&self) -> bool {
        let is_closing = self.is_closing();
        #[cfg(feature = "spool")]
        let is_closing = is_closing && !self.keeps_counted();
        #[cfg(feature = "fleet")]
        let is_closing = is_closing && self.fleet.is_none();
        is_closing || self.all_awaited_until.get() > Some(self.now())
    }

    /// Claims a turn for each lane in which something waits, so that the order of polling does not
    /// let a lane overtake a more severe one.
    fn claim_turns(&self, now: Instant) {
        if self.lanes.len() < 2 {
            return;
        }
        let mut turns = self.turns.borrow_mut();
        for (index, lane) in self.lanes.iter().enumerate() {
            let state = lane.state.borrow();
            if state.switch == Switch::On
                && let Some(priority) = state.groups.highest_priority()
            {
                turns.claim(index, Claim::new_message(priority, self.is_awaited()), now);
            }
        }
    }

    fn with_lane(&self, lane: usize, change: impl FnOnce(&mut LaneState)) {
        if let Some(lane) = self.lanes.get(lane) {
            change(&mut lane.state.borrow_mut());
            lane.notify();
        }
    }

    fn publish(&self) {
        let lanes = self.lanes.iter().map(|lane| lane.state.borrow());
        let accounts = lanes.map(|state| state.published(self.now()));
        self.shared.stats.publish(accounts);
        self.shared.queue.note_accounted();
    }

    /// Returns whether this is a preview, which waits for nothing.
    pub(crate) fn is_preview(&self) -> bool {
        self.previews.is_some()
    }

    /// Shows what the chat would have got.
    pub(crate) fn show(&self, preview: MessagePreview) {
        match &self.previews {
            Some(previews) => previews.borrow_mut().push(preview),
            None => stderr::show(&preview),
        }
    }

    /// Takes the messages of a preview.
    #[cfg(feature = "preview")]
    pub(crate) fn take_previews(&self) -> Vec<MessagePreview> {
        let previews = self.previews.as_ref();
        previews.map(RefCell::take).unwrap_or_default()
    }
}

/// Polls it; ready is whether it has come to its end, and not to grief.
fn poll_caught(future: Pin<&mut impl Future<Output = ()>>, cx: &mut Context<'_>) -> Poll<bool> {
    // Between two polls the thread may be the program's, and its events must be captured.
    let _silence = ReentryGuard::enter();
    let polled = catch_panics(|| future.poll(cx));
    polled.map_or(Poll::Ready(false), |poll| poll.map(|()| true))
}

impl<T, C: Clock> Drop for Worker<T, C> {
    /// Gives up and counts what waits, and answers those who wait: an executor may be dropped with
    /// the worker on it.
    fn drop(&mut self) {
        let is_over = self.is_preview()
            || self.shared.queue.notices_fork()
            || self.shared.control.has_ended();
        if !is_over {
            let _silence = ReentryGuard::enter();
            self.shared.queue.close();
            // During a panic a second one would abort the process.
            if catch_panics(|| self.close()).is_none() {
                self.give_up();
            }
        }
    }
}

// Whole workers, for which Miri is too slow.
#[cfg(test)]
#[cfg(not(miri))]
mod simulation;
#[cfg(test)]
#[cfg(not(miri))]
mod tests;
