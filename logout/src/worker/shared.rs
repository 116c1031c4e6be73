//! What the worker and its lanes have in common.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::live_settings::{LiveSettings, NewSettings, TimeLimits};
use crate::adapter::preview::MessagePreview;
use crate::block::Block;
use crate::block::memory_budget::MemoryBudget;
use crate::capture::filter::Levels;
use crate::event::Fingerprint;
use crate::message::clean;
use crate::queue::{AddressHasher, Queue, Taken};
use crate::worker::control::Verification;
use crate::worker::lane::{LaneCell, Switch};
use crate::worker::pace::Paces;
use crate::worker::stats::{Reason, SharedStats};
use crate::worker::stderr::Stderr;

mod routing;

use self::routing::Site;

/// What a worker is made of, before it is on its own thread.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) block: &'static Block,
    pub(crate) intake: Arc<Queue>,
    pub(crate) levels: Arc<Levels>,
    pub(crate) board: Arc<SharedStats>,
    pub(crate) live: LiveSettings,
    /// For each instance, whether it starts enabled.
    pub(crate) enabled: Vec<bool>,
    pub(crate) bounds: MemoryBudget,
    pub(crate) muted: Vec<Fingerprint>,
    /// Where a preview keeps what would be sent.
    pub(crate) kept: Option<RefCell<Vec<MessagePreview>>>,
}

/// The state of a running block.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) lanes: Vec<LaneCell>,
    pub(crate) intake: Arc<Queue>,
    pub(crate) paces: RefCell<Paces>,
    pub(crate) stderr: Stderr,
    pub(crate) block: &'static Block,
    levels: Arc<Levels>,
    board: Arc<SharedStats>,
    live: RefCell<Rc<LiveSettings>>,
    muted: RefCell<HashMap<Fingerprint, Option<Instant>>>,
    /// What was found out once about each call site.
    sites: RefCell<HashMap<usize, Site, BuildHasherDefault<AddressHasher>>>,
    taken: RefCell<Taken>,
    first_target: RefCell<Option<String>>,
    notified: Cell<bool>,
    closing: Cell<bool>,
    kept: Option<RefCell<Vec<MessagePreview>>>,
}

impl Shared {
    pub(crate) fn new(parts: Parts) -> Self {
        let now = Instant::now();
        let lanes = parts
            .block
            .instances
            .iter()
            .enumerate()
            .map(|(index, instance)| {
                LaneCell::new(
                    instance.name,
                    parts.enabled.get(index).copied().unwrap_or(true),
                    parts.bounds,
                    now,
                )
            });
        Self {
            lanes: lanes.collect(),
            intake: parts.intake,
            paces: RefCell::default(),
            stderr: Stderr::new(),
            block: parts.block,
            levels: parts.levels,
            board: parts.board,
            live: RefCell::new(Rc::new(parts.live)),
            muted: RefCell::new(
                parts
                    .muted
                    .into_iter()
                    .map(|fingerprint| (fingerprint, None))
                    .collect(),
            ),
            sites: RefCell::default(),
            taken: RefCell::default(),
            first_target: RefCell::default(),
            notified: Cell::new(false),
            closing: Cell::new(false),
            kept: parts.kept,
        }
    }

    /// After the worker has died: what was pending went down with it, and is counted.
    pub(crate) fn recover(&self) {
        let now = Instant::now();
        self.taken.take();
        // The next one has to be woken until it keeps watch itself.
        self.intake.watch(false);
        for lane in &self.lanes {
            lane.state.borrow_mut().lose_all(Reason::Shutdown, now);
        }
        self.publish();
    }

    pub(crate) fn limits(&self) -> TimeLimits {
        self.live.borrow().limits.clamped()
    }

    /// What the messages of now say.
    pub(crate) fn live(&self) -> Rc<LiveSettings> {
        Rc::clone(&self.live.borrow())
    }

    /// Takes over what was read or changed while the program runs.
    pub(crate) fn adopt(&self, adopted: NewSettings) {
        match adopted {
            NewSettings::LiveSettings {
                live,
                muted,
                enabled,
            } => {
                for (lane, enabled) in self.lanes.iter().zip(enabled) {
                    let mut state = lane.state.borrow_mut();
                    state.reconfigure(enabled, Instant::now());
                }
                let mut live = *live;
                // What waits may quote a secret that was replaced.
                live.scrubber = live.scrubber.succeeding(&self.live().scrubber);
                *self.live.borrow_mut() = Rc::new(live);
                let mut known = self.muted.borrow_mut();
                known.retain(|_, until| until.is_some());
                known.extend(muted.into_iter().map(|fingerprint| (fingerprint, None)));
            }
            NewSettings::Change { lane, change } => {
                let mut live = LiveSettings::clone(&self.live());
                live.change(lane, &change);
                *self.live.borrow_mut() = Rc::new(live);
            }
        }
        self.ring_all();
    }

    /// Whether this is a preview, which waits for nobody.
    pub(crate) fn is_preview(&self) -> bool {
        self.kept.is_some()
    }

    /// Shows what a chat would have got.
    pub(crate) fn show(&self, preview: MessagePreview) {
        match &self.kept {
            Some(kept) => kept.borrow_mut().push(preview),
            None => crate::worker::stderr::show(&preview),
        }
    }

    /// What a preview would have sent, once.
    #[cfg(feature = "preview")]
    pub(crate) fn take_kept(&self) -> Vec<MessagePreview> {
        self.kept.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// Log text, or an answer's, as it may be shown.
    pub(crate) fn shown(&self, text: &str) -> String {
        clean(&self.live().scrubber.scrub(text)).into_owned()
    }

    /// Has every lane ask its destination.
    pub(crate) fn verify(&self, verification: &Arc<Verification>) {
        if !cfg!(feature = "verify") || self.is_closing() {
            return verification.cut_short();
        }
        for lane in &self.lanes {
            let mut state = lane.state.borrow_mut();
            state.verifications.push_back(Arc::clone(verification));
            drop(state);
            lane.notify();
        }
    }

    /// The target of the first event that came in.
    pub(crate) fn first_target(&self) -> Option<String> {
        self.first_target.borrow().clone()
    }

    /// Mutes a fingerprint until then, or lifts what mutes it. What the configuration mutes is not
    /// muted for a shorter time by this.
    pub(crate) fn mute(&self, fingerprint: Fingerprint, until: Option<Instant>) {
        let mut muted = self.muted.borrow_mut();
        if until.is_none() {
            muted.remove(&fingerprint);
        } else if muted.get(&fingerprint) != Some(&None) {
            muted.insert(fingerprint, until);
        }
    }

    pub(crate) fn switch(&self, lane: usize, switch: Switch) {
        if let Some(lane) = self.lanes.get(lane) {
            lane.state.borrow_mut().switch = switch;
            lane.notify();
        }
    }

    pub(crate) fn lose_pending(&self, lane: usize, reason: Reason, now: Instant) {
        if let Some(lane) = self.lanes.get(lane) {
            lane.state.borrow_mut().lose_pending(reason, now);
        }
    }

    /// Tells whoever reads standard error, without a secret.
    pub(crate) fn say(&self, text: &str) {
        self.stderr.say(&self.shown(text));
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

    pub(crate) fn ring_all(&self) {
        self.lanes.iter().for_each(LaneCell::notify);
    }

    /// Whether there is news for lanes since this was last asked: the lane that brought it may have
    /// been polled after the one it is for.
    pub(crate) fn was_notified(&self) -> bool {
        self.notified.take()
    }

    pub(crate) fn start_closing(&self) {
        self.closing.set(true);
        self.ring_all();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get()
    }

    /// For each lane, the number the next event gets.
    pub(crate) fn marks(&self) -> Vec<u64> {
        self.lanes
            .iter()
            .map(|lane| lane.state.borrow().mark())
            .collect()
    }

    pub(crate) fn are_done_below(&self, marks: &[u64]) -> bool {
        self.lanes.iter().zip(marks).all(|(lane, mark)| {
            let state = lane.state.borrow();
            state.is_done_below(*mark) || state.kept_below(*mark) > 0
        })
    }

    /// Returns how many events are kept for destinations that are gone, for which nobody waits.
    pub(crate) fn kept_below(&self, marks: &[u64]) -> u64 {
        let lanes = self.lanes.iter().zip(marks);
        lanes
            .map(|(lane, mark)| lane.state.borrow().kept_below(*mark))
            .sum()
    }

    pub(crate) fn publish(&self) {
        self.board.publish(
            self.lanes
                .iter()
                .map(|lane| lane.state.borrow().stats.clone()),
        );
        self.intake.note_accounted();
    }
}
