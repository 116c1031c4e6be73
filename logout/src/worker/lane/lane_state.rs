//! The state of a lane that the worker and other lanes use too.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
#[cfg(feature = "verify")]
use std::sync::Arc;
use std::time::{Duration, Instant};

#[cfg(feature = "fleet")]
use super::fleet_lane_state::FleetLaneState;
use super::group::{Group, GroupKey, KeptEvent, MemoryUse};
use super::groups::Groups;
use super::known::KnownProblems;
#[cfg(feature = "spool")]
use super::restored::StoredLane;
#[cfg(feature = "preview")]
use crate::adapter::Notice;
use crate::block::memory_budget::MemoryBudget;
use crate::event::EventView;
use crate::message::Losses;
#[cfg(feature = "verify")]
use crate::worker::control::Verification;
use crate::worker::mentions::Mentions;
use crate::worker::reminder_schedule::ReminderState;
use crate::worker::settings::LiveInstance;
use crate::worker::stats::{LaneStats, MessageState, PublishedLane, Reason};

mod losses;

/// The most status notices that wait. They are few, and the first say most.
const MAX_STATUS_NOTICES: usize = 16;

/// One lane, as the worker and the other lanes see it.
#[derive(Debug)]
pub(crate) struct SharedLane {
    pub(crate) state: RefCell<LaneState>,
    notified: Cell<bool>,
}

/// The switch of a lane: whether it takes events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Switch {
    #[default]
    On,
    /// The destination is gone and is tried again then, if ever; pending events are kept.
    Gone { until: Option<Instant> },
    /// The instance is disabled; pending events may still be sent until then.
    Disabled { until: Instant },
}

/// A message that reports no event.
#[derive(Debug)]
pub(crate) enum StatusNotice {
    /// A text of logout itself.
    Text(String),
    /// A start or an end of the program, sent without a notification sound.
    #[cfg(feature = "spool")]
    Run(String),
    /// A notice that is sent unchanged, for a preview.
    #[cfg(feature = "preview")]
    Notice(Box<Notice>),
}

#[derive(Debug, Default)]
pub(crate) struct LaneState {
    /// The groups that are not delivered yet.
    pub(crate) groups: Groups,
    /// The problems that were reported, and their events since.
    pub(crate) known: KnownProblems,
    pub(crate) stats: LaneStats,
    pub(crate) losses: Losses,
    /// When the first of `losses` happened.
    pub(crate) losing_since: Option<Instant>,
    /// When losses were last reported while they went on, so that their end is reported too.
    pub(crate) reported: Option<Instant>,
    /// The reminders of losses, which are those of any problem.
    report_reminders: Option<ReminderState>,
    /// When they were last written to standard error, since the chat could not be reached.
    pub(super) logged_at: Option<Instant>,
    pub(super) status_notices: VecDeque<StatusNotice>,
    /// Verifications that the program asked for and that are not answered yet.
    #[cfg(feature = "verify")]
    pub(crate) verifications: VecDeque<Arc<Verification>>,
    pub(crate) switch: Switch,
    /// Until when nothing can be sent.
    pub(crate) blocked_until: Option<Instant>,
    /// The number of the oldest event in flight, and when it came.
    pub(crate) in_flight: Option<(u64, Instant)>,
    last_delivery_at: Option<Instant>,
    pub(super) next_number: u64,
    pub(super) mentions: Mentions,
    /// Whether the last request failed, so that nobody knows when the next succeeds.
    pub(crate) is_failing: bool,
    /// The groups of the lane on disk.
    #[cfg(feature = "spool")]
    pub(crate) stored: StoredLane,
    /// The lane's state in its fleet, if the block names one.
    #[cfg(feature = "fleet")]
    pub(crate) fleet: Option<Box<FleetLaneState>>,
    /// The problems that the message in flight reports.
    #[cfg(feature = "fleet")]
    pub(super) keys_in_flight: Vec<GroupKey>,
}

impl SharedLane {
    pub(crate) fn new(
        name: &'static str,
        live: &LiveInstance,
        memory: MemoryBudget,
        kept: Rc<Cell<usize>>,
        now: Instant,
    ) -> Self {
        let switch = if live.is_on() {
            Switch::On
        } else {
            Switch::Disabled { until: now }
        };
        Self {
            state: RefCell::new(LaneState {
                groups: Groups::within(memory),
                known: KnownProblems::within(
                    memory.known,
                    live.reminder_schedule(),
                    live.remind.from,
                    kept,
                ),
                stats: LaneStats::new(name),
                losses: Losses::with_site_limit(memory.sites),
                switch,
                ..LaneState::default()
            }),
            notified: Cell::new(false),
        }
    }

    /// Makes the lane look at its state again.
    pub(crate) fn notify(&self) {
        self.notified.set(true);
    }

    pub(crate) fn was_notified(&self) -> bool {
        self.notified.take()
    }
}

impl LaneState {
    /// Returns the size of what is not delivered yet.
    pub(crate) fn bytes(&self) -> MemoryUse {
        let bytes = self.groups.bytes();
        #[cfg(feature = "fleet")]
        if let Some(fleet) = &self.fleet {
            let own = fleet.outbox.bytes();
            return MemoryUse {
                all: bytes.all + own.all,
                beside: bytes.beside + own.beside,
            };
        }
        bytes
    }

    /// Takes an event that the lane's static rules want; `index` counts within the batch.
    pub(crate) fn offer(
        &mut self,
        key: GroupKey,
        event: &EventView<'_>,
        index: usize,
        now: Instant,
        own: impl FnOnce() -> Rc<KeptEvent>,
    ) {
        self.stats.accept(1);
        if let Switch::Disabled { .. } = self.switch {
            return self.lose(Reason::Disabled, event, now);
        }
        let number = self.next_number;
        self.next_number += 1;
        #[cfg(feature = "fleet")]
        if let Some(fleet) = &mut self.fleet {
            fleet.offer(key, number, event, now, own);
            return self.evict_over_budget(now);
        }
        let mut own = Some(own);
        let whole = || own.take().map(|own| own());
        if self.known.offer(key, number, event, index, now, whole) {
            return;
        }
        let Some(own) = own else {
            return;
        };
        if !event.is_panic() && self.groups.has_no_room(key, event.level()) {
            return self.lose(Reason::Evicted, event, now);
        }
        self.groups.offer(key, number, event, now, own);
        self.evict_over_budget(now);
    }

    /// Notes that a group was delivered, and counts its problem's later events for a reminder.
    pub(crate) fn note_told(&mut self, group: &Group, owes_mention: bool, now: Instant) {
        self.groups.mark_delivered(group);
        self.known.note_told(group, owes_mention, now);
        #[cfg(feature = "fleet")]
        self.settle_group(group);
        let is_counted = |later: &Group| self.known.counts_level(later.level);
        let Some(later) = self.groups.take_countable(group, is_counted) else {
            return;
        };
        if self.known.count(&later) {
            #[cfg(feature = "fleet")]
            self.settle_group(&later);
        } else {
            self.groups.requeue([later]);
        }
    }

    /// Counts an event as accepted and lost.
    pub(crate) fn count_as_lost(&mut self, event: &EventView<'_>, reason: Reason, now: Instant) {
        self.stats.accept(1);
        self.lose(reason, event, now);
    }

    /// Applies changed settings. The program disables an instance by a command instead, so that
    /// what was logged before is still sent.
    pub(crate) fn adopt(&mut self, live: &LiveInstance, before: &LiveInstance, now: Instant) {
        if live.remind != before.remind {
            self.known
                .set_schedule(live.reminder_schedule(), live.remind.from, now);
        }
        if live.leads_elsewhere(before) {
            self.known.forget_told(now);
        }
        let is_enabled_anew = live.enables != before.enables;
        self.switch = match self.switch {
            switch @ Switch::Disabled { .. } if !live.is_on() => switch,
            _ if !live.configured => Switch::Disabled { until: now },
            Switch::Disabled { .. } => Switch::On,
            Switch::Gone { until: None } if is_enabled_anew || live.leads_elsewhere(before) => {
                Switch::On
            }
            Switch::Gone { until: Some(_) }
                if is_enabled_anew || live.reloads != before.reloads =>
            {
                Switch::On
            }
            switch => switch,
        };
    }

    #[cfg(feature = "verify")]
    pub(crate) fn cut_verifications_short(&mut self) {
        for verification in self.verifications.drain(..) {
            verification.cut_short();
        }
    }

    /// Requeues groups that could not be sent.
    pub(crate) fn requeue(&mut self, groups: Vec<Group>, now: Instant) {
        for group in groups {
            let unknown = match group.is_news() {
                true => Some(group),
                false => self.known.put_back(group),
            };
            self.groups.requeue(unknown);
        }
        self.evict_over_budget(now);
    }

    /// Discards the groups that are too old.
    pub(super) fn expire(&mut self, now: Instant, max_age: Duration) {
        let reason = self.expiry_reason();
        let mut old = self.groups.expire(now, max_age);
        #[cfg(feature = "fleet")]
        if let Some(fleet) = &mut self.fleet {
            old.append(&mut fleet.outbox.expire(now, max_age));
        }
        old.append(&mut self.known.expire(now, max_age));
        for group in old {
            self.lose_group(&group, reason, now);
        }
    }

    /// Returns the reason for which events that are too old are lost.
    pub(super) fn expiry_reason(&self) -> Reason {
        match self.switch {
            Switch::Gone { .. } => Reason::SwitchedOff,
            _ => Reason::Expired,
        }
    }

    /// Requeues the groups of a rejected message, as two messages.
    pub(crate) fn requeue_in_halves(&mut self, mut groups: Vec<Group>, now: Instant) {
        let second = groups.split_off(groups.len().div_ceil(2));
        for half in [groups, second] {
            let half = self.groups.mark_half(half);
            self.groups.requeue(half);
            self.evict_over_budget(now);
        }
    }

    pub(super) fn evict_over_budget(&mut self, now: Instant) {
        while let Some(group) = self.groups.evict() {
            self.lose_group(&group, Reason::Evicted, now);
        }
        #[cfg(feature = "fleet")]
        while let Some(group) = self.fleet.as_mut().and_then(|fleet| fleet.outbox.evict()) {
            self.lose_group(&group, Reason::Evicted, now);
        }
    }

    pub(crate) fn announce(&mut self, text: &str) {
        let is_disabled = matches!(self.switch, Switch::Disabled { .. });
        if !is_disabled && self.status_notices.len() < MAX_STATUS_NOTICES {
            self.status_notices
                .push_back(StatusNotice::Text(text.to_owned()));
        }
    }

    /// Returns whether a status notice may be sent. Two destinations that are gone would announce
    /// each other's state for ever.
    pub(crate) fn has_status_notice(&self) -> bool {
        self.switch == Switch::On && !self.status_notices.is_empty()
    }

    pub(crate) fn next_status_notice(&mut self) -> Option<StatusNotice> {
        self.has_status_notice()
            .then(|| self.status_notices.pop_front())
            .flatten()
    }

    /// Queues a notice to be sent unchanged, for a preview.
    #[cfg(feature = "preview")]
    pub(crate) fn queue_preview(&mut self, notice: &Notice) {
        let notice = Box::new(notice.clone());
        self.status_notices.push_back(StatusNotice::Notice(notice));
    }

    /// Returns how many events wait for a destination that is gone, if one of them is numbered
    /// below `mark`.
    pub(crate) fn kept_below(&self, mark: u64) -> u64 {
        match self.switch {
            Switch::Gone { .. } if !self.is_done_below(mark) => self.stats.pending,
            _ => 0,
        }
    }

    /// Returns whether all events numbered below `mark` are delivered, discarded, or counted for a
    /// reminder.
    pub(crate) fn is_told_below(&self, mark: u64) -> bool {
        self.oldest().is_none_or(|(number, _)| number >= mark)
    }

    /// Returns whether all events numbered below `mark` are delivered or discarded.
    pub(crate) fn is_done_below(&self, mark: u64) -> bool {
        let counted = self.known.oldest_number();
        counted.is_none_or(|counted| counted >= mark) && self.is_told_below(mark)
    }

    /// Returns the number of the oldest event that is not delivered, discarded or counted, and when
    /// it came.
    fn oldest(&self) -> Option<(u64, Instant)> {
        let oldest = self.groups.oldest().into_iter().chain(self.in_flight);
        #[cfg(feature = "fleet")]
        let oldest = oldest.chain(self.fleet.as_ref().and_then(|fleet| fleet.oldest()));
        oldest.min()
    }

    /// Counts a delivered message.
    pub(crate) fn note_message(&mut self, state: MessageState, mentions: bool, now: Instant) {
        self.stats.note_message(state, mentions);
        self.last_delivery_at = Some(now);
    }

    /// Returns the lane's published statistics.
    pub(crate) fn published(&self, now: Instant) -> PublishedLane {
        let mut stats = self.stats.clone();
        stats.counted = self.known.counted();
        #[cfg(feature = "fleet")]
        {
            stats.fleet = self.fleet.as_ref().map(|fleet| fleet.state(now));
        }
        stats.switched_off = matches!(self.switch, Switch::Gone { .. });
        let due = self.known.next_due().filter(|due| *due <= now);
        let oldest = self.oldest().map(|(_, since)| since);
        PublishedLane {
            stats,
            oldest_since: oldest.into_iter().chain(due).min(),
            last_delivery_at: self.last_delivery_at,
            reminds_at: self
                .known
                .next_reminder_at()
                .filter(|_| self.known.counted() > 0),
        }
    }

    /// Returns the number of the next event.
    pub(crate) fn mark(&self) -> u64 {
        self.next_number
    }
}
