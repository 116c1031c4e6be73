//! From the queue to the lanes.

use std::rc::Rc;
use std::task::Waker;
use std::time::Instant;

use super::Shared;
use crate::capture::filter::passes;
use crate::event::{Event, EventView, Fingerprint, panic};
use crate::queue::Discarded;
use crate::worker::lane::Key;
use crate::worker::stats::Reason;

/// What is the same of all events of a call site: working it out anew took as long as all the rest
/// of an event's way to its group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    /// Which instances want its target.
    targets: u64,
    /// The key of an event without fields that say otherwise.
    key: Key,
}

impl Shared {
    /// Takes what waits in the queue and hands it to the lanes; tells whether there was any.
    /// When there was none, `waker` is woken for the next.
    pub(crate) fn take_from_queue(&self, waker: Option<&Waker>) -> bool {
        let mut taken = self.taken.borrow_mut();
        let taken = &mut *taken;
        if !self.queue.take(taken, waker) {
            return false;
        }
        let now = Instant::now();
        for discarded in taken.discards.sites() {
            self.count_unseen(Reason::Threshold, discarded, now);
        }
        for discarded in taken.late.sites() {
            self.count_unseen(Reason::Shutdown, discarded, now);
        }
        for panic in &taken.panics {
            self.route(&panic.view(), now);
        }
        for event in taken.batch.events() {
            if self.first_target.borrow().is_none() {
                self.first_target.replace(Some(event.target().to_owned()));
            }
            self.route(&event, now);
        }
        self.ring_all();
        self.notified.set(true);
        true
    }

    /// Hands over what waits in the queue one event at a time, `after` each of which the lanes are
    /// polled.
    #[cfg(feature = "preview")]
    pub(crate) fn take_in_each(&self, mut after: impl FnMut()) {
        let mut taken = crate::queue::Taken::default();
        while self.queue.take(&mut taken, None) {
            let panics = taken.panics.iter().map(Event::view);
            for event in panics.chain(taken.batch.events()) {
                self.route(&event, Instant::now());
                self.ring_all();
                after();
            }
        }
    }

    /// Offers an event to every lane that wants its level and target.
    fn route(&self, event: &EventView<'_>, now: Instant) {
        let site = self.site(event);
        let mut wanting = self.levels.wanting_now(event.level());
        // Whoever filters by target still wants to know that the program panicked.
        if !event.is_panic() {
            wanting &= site.targets;
        }
        if wanting == 0 {
            return;
        }
        let key = if Key::is_of_call_site(event) {
            site.key
        } else {
            Key::of(event)
        };
        let muted = self.is_muted(event, now);
        let mut owned: Option<Rc<Event>> = None;
        while wanting != 0 {
            let index = wanting.trailing_zeros() as usize;
            wanting &= wanting - 1;
            let (Some(lane), Some(instance)) =
                (self.lanes.get(index), self.block.instances.get(index))
            else {
                continue;
            };
            let mut state = lane.state.borrow_mut();
            let wanted = passes(self.block.metadata_filter, self.block.ignore, event)
                && passes(instance.metadata_filter, instance.ignore, event);
            if !wanted {
                state.decline(event, Reason::Filtered, now);
            } else if muted {
                state.decline(event, Reason::Muted, now);
            } else {
                let own =
                    || Rc::clone(owned.get_or_insert_with(|| Rc::new(event.to_owned_event())));
                state.offer(key, event, now, own);
            }
        }
    }

    fn site(&self, event: &EventView<'_>) -> Site {
        let find = || Site {
            targets: self.levels.targets(event.target()),
            key: Key::of(event),
        };
        if event.carries_its_place() {
            // One call site stands for all of them.
            return find();
        }
        let site = std::ptr::from_ref(event.metadata()).addr();
        let mut sites = self.sites.borrow_mut();
        match sites.get(&site) {
            Some(site) => *site,
            None if Key::is_of_call_site(event) => *sites.entry(site).or_insert_with(find),
            None => find(),
        }
    }

    /// Counts events that were turned away before anything of them was captured.
    fn count_unseen(&self, reason: Reason, discarded: Discarded<'_>, now: Instant) {
        let metadata = discarded.metadata;
        let level = *metadata.level();
        let wanting = if panic::is_panic(metadata) {
            self.levels.wanting_now(level)
        } else {
            let site = discarded.site.map(|site| site.target.as_str());
            self.levels.mask(level, site.unwrap_or(metadata.target()))
        };
        for (index, lane) in self.lanes.iter().enumerate() {
            if wanting >> index & 1 == 1 {
                let mut state = lane.state.borrow_mut();
                state.turned_away(reason, discarded, now);
            }
        }
    }

    fn is_muted(&self, event: &EventView<'_>, now: Instant) -> bool {
        let mut muted = self.muted.borrow_mut();
        if muted.is_empty() {
            return false;
        }
        muted.retain(|_, until| until.is_none_or(|until| until > now));
        muted.contains_key(&Fingerprint::of(event))
    }
}
