//! Routing of events from the queue to the lanes.

use std::rc::Rc;
use std::task::Waker;
use std::time::Instant;

use super::{Clock, Worker};
use crate::capture::filter::Levels;
use crate::event::{EventView, panic};
use crate::message::{NAMED, is_route};
use crate::queue::{DiscardCount, Discards};
use crate::worker::lane::{GroupKey, KeptEvent, SharedLane};
use crate::worker::mute_list::Muting;
use crate::worker::stats::Reason;

/// The properties that all events of a call site share.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallSite {
    /// The instances that admit its target, as bits.
    targets: u64,
    /// Whether it has a field that names the problem, and one that sets the destination.
    names: bool,
    routes: bool,
}

impl<T, C: Clock> Worker<T, C> {
    /// Takes what waits in the queue and hands it to the lanes. If there was nothing, the next
    /// caller wakes `waker`.
    pub(crate) fn take_from_queue(&self, waker: Option<&Waker>) {
        let mut taken = self.taken.borrow_mut();
        let taken = &mut *taken;
        if !self.shared.queue.take(taken, waker) {
            return;
        }
        self.routed.set(0);
        // A change before an event was logged applies to it.
        self.adopt_settings();
        let now = self.now();
        let took = taken.batch.len() + taken.panics.len();
        self.took.set(self.took.get() + took.max(1));
        for discarded in taken.discards.sites() {
            self.lose_uncaptured(Reason::Threshold, discarded, now);
        }
        for discarded in taken.late.sites() {
            self.lose_uncaptured(Reason::Shutdown, discarded, now);
        }
        taken.discards.clear();
        taken.late.clear();
        for (place, event) in taken.events().enumerate() {
            self.route(&event, place, now);
            self.routed.set(place + 1);
        }
        self.keep_latest(|place| taken.event(place), now);
        #[cfg(feature = "spool")]
        self.note_events(!taken.panics.is_empty(), now);
        self.claim_turns(now);
        self.notify_lanes();
        #[cfg(feature = "fleet")]
        self.notify_fleet();
    }

    /// Counts the events that were taken and had not got to the lanes when the worker panicked.
    pub(super) fn lose_taken(&self, now: Instant) {
        let taken = self.taken.take();
        let mut lost = Discards::default();
        for event in taken.events().skip(self.routed.replace(0)) {
            lost.count_event(&event);
        }
        let unseen = taken.discards.sites().chain(taken.late.sites());
        for discarded in unseen.chain(lost.sites()) {
            self.lose_uncaptured(Reason::WorkerDied, discarded, now);
        }
        // The events counted before have the text of an earlier event.
        self.keep_latest(|_| None, now);
    }

    /// Hands over the queue's events one at a time, and calls `after` for each to poll the lanes;
    /// returns the number of events for which there was no room.
    #[cfg(feature = "preview")]
    pub(crate) fn take_one_by_one(&self, mut after: impl FnMut()) -> u64 {
        let mut taken = crate::queue::Taken::default();
        let mut discarded = 0;
        while self.shared.queue.take(&mut taken, None) {
            for event in taken.events() {
                self.route_alone(&event, self.now());
                self.notify_lanes();
                after();
            }
            let sites = taken.discards.sites();
            discarded += sites.map(|site| site.events).sum::<u64>();
        }
        discarded
    }

    /// Offers a single event.
    #[cfg(any(feature = "preview", feature = "spool"))]
    pub(super) fn route_alone(&self, event: &EventView<'_>, now: Instant) {
        self.route(event, 0, now);
        self.keep_latest(|_| Some(*event), now);
    }

    /// Keeps the latest text of known problems, once for all events that were offered together.
    fn keep_latest<'e>(&self, event: impl Fn(usize) -> Option<EventView<'e>>, now: Instant) {
        for lane in &self.lanes {
            lane.state.borrow_mut().known.keep_latest(&event);
        }
        self.evict_over_budget(now);
    }

    /// Offers an event to every lane that wants its level and target. `place` is its position among
    /// the events offered together.
    fn route(&self, event: &EventView<'_>, place: usize, now: Instant) {
        // An instance that filters by level, target or field still wants to know of a panic.
        let levels = &self.shared.levels;
        let site = self.call_site(event);
        let mut wanting = if event.is_panic() {
            levels.on()
        } else {
            levels.wanting_now(event.level()) & site.targets
        };
        if wanting == 0 {
            return;
        }
        let is_named = site.names || event.has_field_of_span(|name| name == NAMED);
        let is_routed = site.routes || event.has_field_of_span(is_route);
        let problem = self.problems.borrow_mut().identify(event, is_named, now);
        let fingerprint = problem.fingerprint;
        self.note(fingerprint);
        let key = GroupKey::of(problem, event, is_routed);
        let muted = self.muting(fingerprint, now);
        let mut owned: Option<Rc<KeptEvent>> = None;
        while wanting != 0 {
            let index = wanting.trailing_zeros() as usize;
            wanting &= wanting - 1;
            let instance = self.shared.block.instances.get(index);
            let Some((lane, instance)) = self.lanes.get(index).zip(instance) else {
                continue;
            };
            let mut state = lane.state.borrow_mut();
            #[cfg(feature = "fleet")]
            let muted = state.muting_here(muted, now);
            if !self.shared.admits(instance, event, fingerprint) {
                state.count_as_lost(event, Reason::Filtered, now);
            } else if muted != Muting::Not {
                state.count_as_lost(event, Reason::Muted, now);
            } else {
                let keep = || Rc::new(KeptEvent::new(event.to_owned_event(), &self.kept));
                let own = || Rc::clone(owned.get_or_insert_with(keep));
                state.offer(key, event, place, now, own);
            }
        }
        self.evict_over_budget(now);
    }

    /// Evicts events while all lanes together keep too much, from the lane that keeps most. An
    /// event that several lanes keep counts once; a lane that keeps nothing needs no room.
    pub(super) fn evict_over_budget(&self, now: Instant) {
        let bytes = |lane: &SharedLane| lane.state.borrow().bytes();
        loop {
            let beside: usize = self.lanes.iter().map(|lane| bytes(lane).beside).sum();
            if self.kept.get() + beside <= self.shared.memory.pending {
                return;
            }
            let most = self.lanes.iter().max_by_key(|lane| bytes(lane).all);
            // Otherwise all of it is in flight.
            let Some(lane) = most.filter(|lane| bytes(lane).all > 0) else {
                return;
            };
            lane.state.borrow_mut().evict_least(now);
        }
    }

    /// Returns the properties of the event's call site, from a cache.
    fn call_site(&self, event: &EventView<'_>) -> CallSite {
        let find = || CallSite {
            targets: self.shared.levels.targets(event.target()),
            names: event.has_own_field(|name| name == NAMED),
            routes: event.has_own_field(is_route),
        };
        if event.carries_its_place() {
            // All such events share one call site.
            return find();
        }
        let address = std::ptr::from_ref(event.metadata()).addr();
        let mut sites = self.call_sites.borrow_mut();
        *sites.entry(address).or_insert_with(find)
    }

    /// Adds a fingerprint to the known ones, once.
    pub(super) fn note(&self, fingerprint: u64) {
        let fingerprints = &self.shared.fingerprints;
        let mut noted = self.noted.borrow_mut();
        noted.note(fingerprint, |fingerprint| fingerprints.note(fingerprint));
    }

    /// Returns whether events of this fingerprint are muted. An entry that fits several problems
    /// mutes none of them, and is reported once.
    pub(super) fn muting(&self, fingerprint: u64, now: Instant) -> Muting {
        let settings = self.settings.borrow();
        let mut mutes = Muting::Not;
        for (written, muting) in settings.mutes.muting(fingerprint, now) {
            let Some(problems) = self.shared.fingerprints.ambiguity(written) else {
                mutes = mutes.max(muting);
                continue;
            };
            if !self.ambiguous.borrow().contains(&written) {
                self.ambiguous.borrow_mut().push(written);
                self.announce(
                    &format!("`{written}` is muted and could be several problems by now, so none of them is muted: write {problems}"),
                    None,
                );
            }
        }
        mutes
    }

    /// Counts events that were discarded before anything of them was captured.
    fn lose_uncaptured(&self, reason: Reason, discarded: DiscardCount<'_>, now: Instant) {
        let wanting = wanting(&self.shared.levels, discarded);
        for (index, lane) in self.lanes.iter().enumerate() {
            if wanting >> index & 1 == 1 {
                let mut state = lane.state.borrow_mut();
                state.lose_uncaptured(reason, discarded, now);
            }
        }
    }
}

/// Returns, as bits, the instances that want a discarded event of which nothing was captured.
pub(super) fn wanting(levels: &Levels, discarded: DiscardCount<'_>) -> u64 {
    let metadata = discarded.metadata;
    if panic::is_panic(metadata) {
        return levels.on();
    }
    let site = discarded.site.map(|site| site.target.as_str());
    levels.mask(*metadata.level(), site.unwrap_or(metadata.target()))
}
