//! The state of a lane that others than the lane itself touch.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
#[cfg(feature = "verify")]
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::Level;

use super::group::{Group, Kept, Key};
use super::groups::Groups;
use super::known::{KnownProblems, Offered};
#[cfg(feature = "preview")]
use crate::adapter::Notice;
use crate::block::memory_budget::MemoryBudget;
use crate::event::{EventView, Site};
use crate::message::Losses;
use crate::queue::Discarded;
#[cfg(feature = "verify")]
use crate::worker::control::Verification;
use crate::worker::ladder::Life;
use crate::worker::mentions::Mentions;
use crate::worker::settings::LiveInstance;
use crate::worker::stats::{LaneStats, MessageState, PublishedLane, Reason};
use crate::worker::stderr::Stderr;

/// How many announcements wait for a lane; they are few, and the first tell most.
const MAX_ANNOUNCEMENTS: usize = 16;

/// One lane, as the worker and the other lanes see it.
#[derive(Debug)]
pub(crate) struct SharedLane {
    pub(crate) state: RefCell<LaneState>,
    notified: Cell<bool>,
}

/// Whether a lane takes events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    On,
    /// The destination is gone, and is tried again then, if ever; what waits is kept.
    Gone {
        until: Option<Instant>,
    },
    /// The instance is disabled; what is pending may still be sent until then.
    Disabled {
        until: Instant,
    },
}

/// What is told of no event.
#[derive(Debug)]
pub(crate) enum StatusNotice {
    /// A sentence of logout's own.
    Text(String),
    /// A notice that a preview was given.
    #[cfg(feature = "preview")]
    Notice(Box<Notice>),
}

#[derive(Debug)]
pub(crate) struct LaneState {
    /// What people were not told of.
    pub(crate) groups: Groups,
    /// What they were told of, and what came of it since.
    pub(crate) known: KnownProblems,
    pub(crate) stats: LaneStats,
    pub(crate) losses: Losses,
    /// When the first of `losses` happened.
    pub(crate) losing_since: Option<Instant>,
    /// When losses were last reported without being over, so that their end is worth a line.
    pub(crate) reported: Option<Instant>,
    /// What has come of losses since they were first reported, which is a problem like any other.
    report_life: Option<Life>,
    /// When standard error was last told of them for lack of a chat.
    said_at: Option<Instant>,
    announcements: VecDeque<StatusNotice>,
    /// Questions of the program's that are not answered yet.
    #[cfg(feature = "verify")]
    pub(crate) verifications: VecDeque<Arc<Verification>>,
    pub(crate) switch: Switch,
    /// Until when nothing of what waits can be sent.
    pub(crate) blocked_until: Option<Instant>,
    /// The number of the oldest event in the message under way, and since when it waits.
    pub(crate) under_way: Option<(u64, Instant)>,
    last_delivery_at: Option<Instant>,
    next_number: u64,
    /// Which message mentioned people last.
    pub(super) mentions: Mentions,
    /// Whether the destination failed last, so that nobody knows when it can be told.
    pub(crate) is_failing: bool,
}

impl SharedLane {
    pub(crate) fn new(
        name: &'static str,
        live: &LiveInstance,
        memory: MemoryBudget,
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
                known: KnownProblems::within(memory.known, live.ladder(), live.remind.from),
                stats: LaneStats::new(name),
                losses: Losses::within(memory.sites),
                losing_since: None,
                reported: None,
                report_life: None,
                said_at: None,
                announcements: VecDeque::new(),
                #[cfg(feature = "verify")]
                verifications: VecDeque::new(),
                switch,
                blocked_until: None,
                under_way: None,
                last_delivery_at: None,
                next_number: 0,
                mentions: Mentions::default(),
                is_failing: false,
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
    /// Takes an event that the lane's static rules want.
    pub(crate) fn offer(
        &mut self,
        key: Key,
        event: &EventView<'_>,
        now: Instant,
        kept: &Rc<Cell<usize>>,
        own: impl FnOnce() -> Rc<Kept>,
    ) {
        self.stats.accept(1);
        if let Switch::Disabled { .. } = self.switch {
            return self.lose(Reason::Disabled, event, now);
        }
        let number = self.next_number;
        self.next_number += 1;
        let mut own = Some(own);
        let whole = || own.take().map(|own| own());
        match self.known.offer(key, number, event, now, kept, whole) {
            Offered::Counted => return,
            Offered::Worse | Offered::Unknown => {}
        }
        if let Some(own) = own {
            self.groups.offer(key, number, event, now, own);
        }
        self.keep_bounds(now);
    }

    /// Notes that people were told of a group; what came of it meanwhile is counted from now on.
    pub(crate) fn note_told(&mut self, group: &Group, owes_mention: bool, now: Instant) {
        self.groups.mark_delivered(group);
        self.known.note_told(group, owes_mention, now);
        if let Some(later) = self
            .groups
            .remove_known(group, |later| self.known.takes(later.level))
            && !self.known.count(&later)
        {
            self.groups.requeue([later]);
        }
    }

    /// Accepts an event and gives it up at once.
    pub(crate) fn lose_offered(&mut self, event: &EventView<'_>, reason: Reason, now: Instant) {
        self.stats.accept(1);
        self.lose(reason, event, now);
    }

    /// Takes over what was changed of the instance. What the program disables it disables by a
    /// command, so that what was logged before is still sent.
    pub(crate) fn adopt(&mut self, live: &LiveInstance, before: &LiveInstance, now: Instant) {
        if live.remind != before.remind {
            self.known.set_ladder(live.ladder(), live.remind.from, now);
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

    pub(crate) fn lose_group(&mut self, group: &Group, reason: Reason, now: Instant) {
        self.known.note_given_up(group, now);
        self.stats.discard(reason, group.events);
        for (site, events) in group.sites() {
            self.note_loss(reason, group.level, events, now, || site);
        }
    }

    /// Requeues groups that could not be sent.
    pub(crate) fn requeue(&mut self, groups: Vec<Group>, now: Instant) {
        for group in groups {
            let unknown = if group.is_news() {
                Some(group)
            } else {
                self.known.put_back(group)
            };
            self.groups.requeue(unknown);
        }
        self.keep_bounds(now);
    }

    /// Gives up what has become too old.
    pub(super) fn expire(&mut self, now: Instant, max_age: Duration) {
        let reason = self.reason_of_age();
        let old = self.groups.expire(now, max_age);
        for group in old.into_iter().chain(self.known.expire(now, max_age)) {
            self.lose_group(&group, reason, now);
        }
    }

    /// Returns why an event is lost that has become too old.
    pub(super) fn reason_of_age(&self) -> Reason {
        match self.switch {
            Switch::Gone { .. } => Reason::SwitchedOff,
            _ => Reason::Expired,
        }
    }

    /// Requeues groups whose message was refused, as two messages.
    pub(crate) fn requeue_in_halves(&mut self, mut groups: Vec<Group>, now: Instant) {
        let second = groups.split_off(groups.len().div_ceil(2));
        for half in [groups, second] {
            let half = self.groups.bind(half);
            self.groups.requeue(half);
            self.keep_bounds(now);
        }
    }

    /// Gives up all that is pending, but for what is under way.
    pub(crate) fn lose_pending(&mut self, reason: Reason, now: Instant) {
        let pending = self.groups.drain().into_iter();
        for group in pending.chain(self.known.drain(now)) {
            self.lose_group(&group, reason, now);
        }
    }

    /// Gives up all that is pending, when there is no lane any more that has something under way.
    pub(crate) fn lose_all(&mut self, reason: Reason, now: Instant) {
        self.lose_pending(reason, now);
        self.under_way = None;
        // What a worker that died had in its hands.
        let left = self.stats.pending;
        self.stats.discard(reason, left);
    }

    /// Gives up the least severe group, for lack of memory.
    pub(crate) fn evict_least(&mut self, now: Instant) {
        if let Some(group) = self.groups.take_least() {
            self.lose_group(&group, Reason::Evicted, now);
        }
    }

    fn keep_bounds(&mut self, now: Instant) {
        while let Some(group) = self.groups.evict() {
            self.lose_group(&group, Reason::Evicted, now);
        }
    }

    fn lose(&mut self, reason: Reason, event: &EventView<'_>, now: Instant) {
        self.stats.discard(reason, 1);
        self.note_loss(reason, event.level(), 1, now, || Site::of(event));
    }

    /// Counts events that were turned away before anything of them was captured.
    pub(crate) fn lose_unseen(&mut self, reason: Reason, those: Discarded<'_>, now: Instant) {
        let reason = match self.switch {
            Switch::Disabled { .. } => Reason::Disabled,
            _ => reason,
        };
        self.stats.accept(those.events);
        self.stats.discard(reason, those.events);
        let site = || {
            those
                .site
                .cloned()
                .unwrap_or_else(|| Site::of_metadata(those.metadata))
        };
        self.note_loss(reason, *those.metadata.level(), those.events, now, site);
    }

    /// Keeps a loss for the next report. What somebody chose not to see is no news.
    fn note_loss(
        &mut self,
        reason: Reason,
        level: Level,
        events: u64,
        now: Instant,
        site: impl FnOnce() -> Site,
    ) {
        if matches!(reason, Reason::Filtered | Reason::Disabled) {
            return;
        }
        self.losses.add(reason, level, site(), events, now);
        if reason != Reason::Muted {
            self.losing_since.get_or_insert(now);
            let ladder = self.known.ladder();
            self.report_life = self
                .report_life
                .take()
                .filter(|life| !life.is_forgotten(ladder, now));
            if let Some(life) = &mut self.report_life {
                life.count(ladder, events, now);
            }
        }
    }

    /// When the next report is due: a period after the first loss, then at the moments of
    /// reminders; where nothing more was lost, once that is sure.
    pub(crate) fn report_at(&self, period: Duration) -> Option<Instant> {
        if let Some(since) = self.losing_since {
            let due = self
                .report_life
                .as_ref()
                .and_then(|life| life.due(self.known.ladder()));
            return Some(due.map_or(since + period, |due| due.max(since + period)));
        }
        let quiet = self
            .report_life
            .as_ref()
            .map(|_| self.known.ladder().quiet());
        Some(self.reported? + quiet.map_or(period, |quiet| quiet.max(period)))
    }

    /// Notes that people were told of losses.
    pub(crate) fn note_reported(&mut self, over: bool, now: Instant) {
        self.reported = (!over).then_some(now);
        if !self.known.reminds() {
            return;
        }
        let ladder = self.known.ladder();
        match &mut self.report_life {
            Some(life) => {
                let _told = life.take_untold();
                life.note_told(ladder, now);
            }
            None => self.report_life = Some(Life::new(ladder, 1, now, now)),
        }
        if let (Some(life), Some(_)) = (&mut self.report_life, self.losing_since) {
            life.count(ladder, 1, now);
        }
    }

    /// Takes out what was lost since the last report, and for how long.
    pub(crate) fn take_losses(&mut self, now: Instant) -> Option<(Losses, Duration)> {
        let since = self.losing_since.take()?;
        self.said_at = None;
        self.reported = None;
        let losses = self.losses.take();
        Some((losses, now.saturating_duration_since(since)))
    }

    /// Requeues what was taken out for a report that could not be told.
    pub(crate) fn requeue_losses(&mut self, losses: Losses, since: Instant) {
        self.losses.absorb(losses);
        let since = self.losing_since.map_or(since, |later| later.min(since));
        self.losing_since = Some(since);
    }

    /// When losses are due on standard error, for a lane that can tell nobody else.
    pub(crate) fn stderr_at(&self, period: Duration) -> Option<Instant> {
        let since = self.losing_since?;
        let news = self.losses.unsaid() > 0;
        news.then(|| self.said_at.unwrap_or(since) + period)
    }

    /// Says on standard error what was lost since it last did; the next report tells all of it.
    pub(crate) fn say_losses(&mut self, stderr: &Stderr, now: Instant) {
        self.said_at = Some(now);
        if stderr.say_losses(self.stats.name, &self.losses, now) {
            self.losses.note_said();
        }
    }

    /// The same at the end, when nothing can be said later.
    pub(crate) fn say_last_losses(&self, stderr: &Stderr, now: Instant) {
        if self.losing_since.is_some() {
            stderr.say_last_losses(self.stats.name, &self.losses, now);
        }
    }

    pub(crate) fn announce(&mut self, text: &str) {
        let is_disabled = matches!(self.switch, Switch::Disabled { .. });
        if !is_disabled && self.announcements.len() < MAX_ANNOUNCEMENTS {
            self.announcements
                .push_back(StatusNotice::Text(text.to_owned()));
        }
    }

    /// Whether there is something to announce that may be sent: two destinations that are gone
    /// would tell each other of it for ever.
    pub(crate) fn has_announcement(&self) -> bool {
        self.switch == Switch::On && !self.announcements.is_empty()
    }

    pub(crate) fn next_announcement(&mut self) -> Option<StatusNotice> {
        self.has_announcement()
            .then(|| self.announcements.pop_front())
            .flatten()
    }

    /// Tells a notice as it is, for a preview.
    #[cfg(feature = "preview")]
    pub(crate) fn tell(&mut self, notice: &Notice) {
        let notice = Box::new(notice.clone());
        self.announcements.push_back(StatusNotice::Notice(notice));
    }

    /// Returns how many events wait for a destination that is gone, if one numbered below `mark`
    /// does.
    pub(crate) fn kept_below(&self, mark: u64) -> u64 {
        match self.switch {
            Switch::Gone { .. } if !self.is_done_below(mark) => self.stats.pending,
            _ => 0,
        }
    }

    /// Whether everything numbered below `mark` has been delivered, given up, or counted, to be
    /// told at its moment.
    pub(crate) fn is_told_below(&self, mark: u64) -> bool {
        self.oldest().is_none_or(|(number, _)| number >= mark)
    }

    /// Whether everything numbered below `mark` has been delivered or given up.
    pub(crate) fn is_done_below(&self, mark: u64) -> bool {
        let counted = self.known.oldest_number();
        let told = self.oldest().map(|(number, _)| number);
        counted
            .into_iter()
            .chain(told)
            .min()
            .is_none_or(|oldest| oldest >= mark)
    }

    /// The number of the oldest event that nobody was told of and that is not given up, and since
    /// when it waits.
    fn oldest(&self) -> Option<(u64, Instant)> {
        self.groups.oldest().into_iter().chain(self.under_way).min()
    }

    /// Counts a message that people have.
    pub(crate) fn note_message(&mut self, state: MessageState, mentions: bool, now: Instant) {
        self.stats.note_message(state, mentions);
        self.last_delivery_at = Some(now);
    }

    /// The account as everybody may read it.
    pub(crate) fn published(&self, now: Instant) -> PublishedLane {
        let mut stats = self.stats.clone();
        stats.counted = self.known.counted();
        stats.switched_off = matches!(self.switch, Switch::Gone { .. });
        let due = self.known.due_since().filter(|due| *due <= now);
        let oldest = self.oldest().map(|(_, since)| since);
        PublishedLane {
            stats,
            oldest_since: oldest.into_iter().chain(due).min(),
            last_delivery_at: self.last_delivery_at,
            reminds_at: self.known.due_at().filter(|_| self.known.counted() > 0),
        }
    }

    /// The number the next event gets.
    pub(crate) fn mark(&self) -> u64 {
        self.next_number
    }
}
