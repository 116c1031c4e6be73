//! The state of a lane that others than the lane itself touch.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use super::groups::{Group, Groups, Key};
use super::losses::{Losses, Site};
use crate::event::{Event, EventView};
use crate::stats::{LaneStats, Reason};

/// How many announcements wait for a lane; they are few, and the first tell most.
const MAX_ANNOUNCEMENTS: usize = 16;

/// One lane, as the worker and the other lanes see it.
#[derive(Debug)]
pub(crate) struct LaneCell {
    pub(crate) state: RefCell<State>,
    rung: Cell<bool>,
}

/// Whether a lane takes events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    /// The destination is gone, and is tried again then, if ever.
    Gone {
        until: Option<Instant>,
    },
    /// The instance is disabled; what is pending may still be sent until then.
    Disabled {
        until: Instant,
    },
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) groups: Groups,
    pub(crate) stats: LaneStats,
    pub(crate) losses: Losses,
    /// When the first of `losses` happened.
    pub(crate) losing_since: Option<Instant>,
    /// When losses were last reported without being over, so that their end is worth a line.
    pub(crate) reported: Option<Instant>,
    pub(crate) announcements: VecDeque<String>,
    pub(crate) switch: Switch,
    /// The number of the oldest event in the message under way.
    pub(crate) under_way: Option<u64>,
    next_number: u64,
}

impl LaneCell {
    pub(crate) fn new(name: &'static str, enabled: bool, now: Instant) -> Self {
        let switch = if enabled {
            Switch::On
        } else {
            Switch::Disabled { until: now }
        };
        Self {
            state: RefCell::new(State {
                groups: Groups::default(),
                stats: LaneStats::new(name),
                losses: Losses::default(),
                losing_since: None,
                reported: None,
                announcements: VecDeque::new(),
                switch,
                under_way: None,
                next_number: 0,
            }),
            rung: Cell::new(false),
        }
    }

    /// Makes the lane look at its state again.
    pub(crate) fn ring(&self) {
        self.rung.set(true);
    }

    pub(crate) fn was_rung(&self) -> bool {
        self.rung.take()
    }
}

impl State {
    /// Takes an event that the lane's static rules want.
    pub(crate) fn offer(
        &mut self,
        key: Key,
        event: &EventView<'_>,
        now: Instant,
        own: impl FnOnce() -> Rc<Event>,
    ) {
        self.stats.accept(1);
        let reason = match self.switch {
            Switch::On => None,
            Switch::Gone { .. } => Some(Reason::SwitchedOff),
            Switch::Disabled { .. } => Some(Reason::Disabled),
        };
        if let Some(reason) = reason {
            return self.lose(reason, event, 1, now);
        }
        self.groups.offer(key, self.next_number, event, now, own);
        self.next_number += 1;
        while let Some(group) = self.groups.evict() {
            self.lose_group(&group, Reason::Evicted, now);
        }
    }

    /// Accepts an event and gives it up at once.
    pub(crate) fn decline(&mut self, event: &EventView<'_>, reason: Reason, now: Instant) {
        self.stats.accept(1);
        self.lose(reason, event, 1, now);
    }

    pub(crate) fn lose_group(&mut self, group: &Group, reason: Reason, now: Instant) {
        self.lose(reason, &group.first.view(), group.events, now);
    }

    /// Gives up all that is pending, but for what is under way.
    pub(crate) fn lose_pending(&mut self, reason: Reason, now: Instant) {
        for group in self.groups.drain() {
            self.lose_group(&group, reason, now);
        }
    }

    fn lose(&mut self, reason: Reason, event: &EventView<'_>, events: u64, now: Instant) {
        self.stats.discard(reason, events);
        self.note_loss(
            reason,
            *event.metadata().level(),
            Site::of(event),
            events,
            now,
        );
    }

    /// Counts events that were discarded before they were captured.
    pub(crate) fn discarded_unseen(
        &mut self,
        metadata: &'static tracing::Metadata<'static>,
        events: u64,
        now: Instant,
    ) {
        self.stats.accept(events);
        self.stats.discard(Reason::Threshold, events);
        self.note_loss(
            Reason::Threshold,
            *metadata.level(),
            Site::of_metadata(metadata),
            events,
            now,
        );
    }

    /// Keeps a loss for the next report. What somebody chose not to see is no news.
    fn note_loss(
        &mut self,
        reason: Reason,
        level: tracing::Level,
        site: Site,
        events: u64,
        now: Instant,
    ) {
        if matches!(reason, Reason::Filtered | Reason::Disabled) {
            return;
        }
        self.losses.add(reason, level, site, events);
        if reason != Reason::Muted {
            self.losing_since.get_or_insert(now);
        }
    }

    pub(crate) fn announce(&mut self, text: &str) {
        if self.announcements.len() < MAX_ANNOUNCEMENTS {
            self.announcements.push_back(text.to_owned());
        }
    }

    /// Whether everything numbered below `mark` has been delivered or given up.
    pub(crate) fn is_done_below(&self, mark: u64) -> bool {
        let pending = self
            .groups
            .oldest_number()
            .into_iter()
            .chain(self.under_way);
        pending.min().is_none_or(|oldest| oldest >= mark)
    }

    /// The number the next event gets.
    pub(crate) fn mark(&self) -> u64 {
        self.next_number
    }
}
