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
use crate::worker::problems::{LastNoted, Problems};
use crate::worker::routing::CallSite;
use crate::worker::settings::LiveSettings;
use crate::worker::stderr::Stderr;
use crate::worker::turns::{Turns, Want};
use crate::worker::waiters::Waiters;

pub(crate) mod backoff;
mod caught;
pub(crate) mod change;
pub(crate) mod clock;
pub(crate) mod control;
pub(crate) mod dispatch;
mod ending;
#[cfg(feature = "fleet")]
mod fleet;
mod ladder;
pub(crate) mod lane;
mod linger;
mod mentions;
mod moment;
mod mute_list;
pub(crate) mod problems;
mod routing;
pub(crate) mod settings;
mod shared;
pub mod stats;
pub(crate) mod stderr;
#[cfg(feature = "spool")]
mod storing;
mod turns;
#[cfg(feature = "verify")]
mod verification;
mod waiters;

pub use self::clock::Clock;
pub(crate) use self::shared::Shared;

/// How often it goes round before the reactor gets its turn: in a storm there is always more, and
/// sockets and timers must not starve.
const ROUNDS: usize = 32;

/// What the worker owns, and all that its lanes have in common.
#[derive(Debug)]
pub struct Worker<T, C: Clock = SystemClock> {
    pub(crate) shared: Arc<Shared>,
    pub(crate) transport: T,
    /// Whether the configuration was read again, which the transport does not know yet.
    reloaded: Cell<bool>,
    pub(crate) clock: C,
    pub(crate) lanes: Vec<SharedLane>,
    turns: RefCell<Turns>,
    stderr: Stderr,
    settings: RefCell<Arc<LiveSettings>>,
    /// The number of `settings`.
    version: Cell<usize>,
    call_sites: RefCell<HashMap<usize, CallSite, BuildHasherDefault<NumberHasher>>>,
    problems: RefCell<Problems>,
    noted: RefCell<LastNoted>,
    /// What of `mute` was said to stand for several problems.
    ambiguous: RefCell<Vec<Fingerprint>>,
    taken: RefCell<Taken>,
    /// Bytes of the events that lanes keep.
    kept: Rc<Cell<usize>>,
    /// How many events of `taken` have got to the lanes.
    routed: Cell<usize>,
    /// How many events were taken since the wait for more was last thought over.
    took: Cell<usize>,
    notified: Cell<bool>,
    closing: Cell<bool>,
    /// Until when somebody waits until what is pending is sent.
    awaited_until: Cell<Option<Instant>>,
    /// Until when somebody waits for what is counted, too, and not told before its moment.
    all_awaited_until: Cell<Option<Instant>>,
    /// Whether what goes down now does so because of a panic.
    panicked: Cell<bool>,
    /// Where a preview keeps what would be sent.
    previews: Option<RefCell<Vec<MessagePreview>>>,
    /// What is kept on disk, where anything is.
    #[cfg(feature = "spool")]
    storing: Option<storing::Storing<C>>,
    /// The fleet that it is of, if it is of one.
    #[cfg(feature = "fleet")]
    fleet: Option<fleet::Fleet>,
}

impl<T: Transport> Worker<T> {
    pub(crate) fn new(shared: Arc<Shared>, transport: T) -> Self {
        let worker = Self::with_clock(shared, transport, SystemClock);
        #[cfg(feature = "spool")]
        let worker = worker.storing();
        #[cfg(feature = "fleet")]
        let worker = worker.joining();
        worker
    }

    /// One that keeps what it would send.
    #[cfg(feature = "preview")]
    pub(crate) fn previewing(shared: Arc<Shared>, transport: T) -> Self {
        let mut worker = Self::with_clock(shared, transport, SystemClock);
        worker.previews = Some(RefCell::default());
        worker
    }
}

impl<T: Transport, C: Clock> Worker<T, C> {
    pub(crate) fn with_clock(shared: Arc<Shared>, transport: T, clock: C) -> Self {
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
            problems: RefCell::new(Problems::within(shared.memory.problems)),
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

    /// Runs. Should it ever panic, it begins anew and says so.
    async fn run_again_and_again<D: Dispatch>(&self, dispatch: &D) {
        for panics in 0.. {
            if self.run_until_panic(dispatch).await {
                return;
            }
            self.recover();
            if !self.shared.queue.is_open() {
                // It panicked while it was ending, and there is nothing to start it for.
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

    /// Returns whether it has come to its end, and not to grief.
    async fn run_until_panic<D: Dispatch>(&self, dispatch: &D) -> bool {
        let mut work = pin!(self.run_lanes(dispatch));
        poll_fn(|cx| {
            let polled = poll_caught(work.as_mut(), cx);
            // What goes down with it is counted for that.
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
        self.tell_life(crate::block::NoticeOf::Started);
        poll_fn(|cx| {
            for _ in 0..ROUNDS {
                waiters.handle_commands(cx);
                self.adopt_settings();
                linger.note_fill();
                self.take_from_queue(Some(cx.waker()));
                if self.reloaded.take() && catch_panics(|| self.transport.reload()).is_none() {
                    self.say("the transport panicked while reading its files again");
                }
                // Every lane looks at the news in a moment.
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
                    self.keep_what_is_stored();
                    // Lanes that go down count what they had under way.
                    lanes.set(None);
                    self.close();
                    return Poll::Ready(());
                }
                // A lane takes, too, before it renders, and what one announces another is to tell.
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

    /// What holds for the messages of now.
    pub(crate) fn settings(&self) -> Arc<LiveSettings> {
        Arc::clone(&self.settings.borrow())
    }

    /// Takes over what was changed since it last looked.
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
        self.stir_fleet();
    }

    /// Log text, or an answer's, as it may be shown.
    pub(crate) fn shown(&self, text: &str) -> String {
        let settings = self.settings();
        settings.scrubber.shown(text, &settings.mask)
    }

    /// Tells whoever reads standard error, without a secret.
    pub(crate) fn say(&self, text: &str) {
        self.stderr.say(&self.shown(text), self.now());
    }

    /// Tells people, through every lane but one, and whoever reads standard error.
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

    /// Whether somebody waits until what is pending is sent.
    pub(crate) fn is_awaited(&self) -> bool {
        self.is_closing() || self.awaited_until.get() > Some(self.now())
    }

    /// Whether somebody waits until what is counted is told, too.
    pub(crate) fn is_all_awaited(&self) -> bool {
        let is_closing = self.is_closing();
        #[cfg(feature = "spool")]
        let is_closing = is_closing && !self.keeps_counted();
        #[cfg(feature = "fleet")]
        let is_closing = is_closing && self.fleet.is_none();
        is_closing || self.all_awaited_until.get() > Some(self.now())
    }

    /// Claims a turn for each lane in which something waits, so that no lane goes before a more
    /// severe one for being looked at first.
    fn claim_turns(&self, now: Instant) {
        if self.lanes.len() < 2 {
            return;
        }
        let mut turns = self.turns.borrow_mut();
        for (index, lane) in self.lanes.iter().enumerate() {
            let state = lane.state.borrow();
            if state.switch == Switch::On
                && let Some(gravity) = state.groups.gravest()
            {
                turns.claim(index, Want::new_message(gravity, self.is_awaited()), now);
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

    /// Whether this is a preview, which waits for nobody.
    pub(crate) fn is_preview(&self) -> bool {
        self.previews.is_some()
    }

    /// Shows what a chat would have got.
    pub(crate) fn show(&self, preview: MessagePreview) {
        match &self.previews {
            Some(previews) => previews.borrow_mut().push(preview),
            None => stderr::show(&preview),
        }
    }

    /// What a preview would have sent, once.
    #[cfg(feature = "preview")]
    pub(crate) fn take_previews(&self) -> Vec<MessagePreview> {
        let previews = self.previews.as_ref();
        previews.map(RefCell::take).unwrap_or_default()
    }
}

/// Polls it; ready is whether it has come to its end, and not to grief.
fn poll_caught(future: Pin<&mut impl Future<Output = ()>>, cx: &mut Context<'_>) -> Poll<bool> {
    // Between two polls the thread may be the program's, and what it emits is to be heard.
    let _silence = ReentryGuard::enter();
    let polled = catch_panics(|| future.poll(cx));
    polled.map_or(Poll::Ready(false), |poll| poll.map(|()| true))
}

impl<T, C: Clock> Drop for Worker<T, C> {
    /// An executor may be dropped with the worker on it: what waits is given up and counted, and
    /// nobody waits for it in vain.
    fn drop(&mut self) {
        let is_over = self.is_preview()
            || self.shared.queue.notices_fork()
            || self.shared.control.has_ended();
        if !is_over {
            let _silence = ReentryGuard::enter();
            self.shared.queue.close();
            // Amid a panic a second one would end the process.
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
