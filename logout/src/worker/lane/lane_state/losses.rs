//! The losses of a lane, and when they are reported.

use std::time::{Duration, Instant};

use tracing::Level;

use super::LaneState;
use crate::event::{EventView, LazySite};
use crate::message::Losses;
use crate::queue::DiscardCount;
use crate::worker::lane::Switch;
use crate::worker::lane::group::Group;
use crate::worker::reminder_schedule::ReminderState;
use crate::worker::stats::Reason;
use crate::worker::stderr::Stderr;

impl LaneState {
    pub(crate) fn lose_group(&mut self, group: &Group, reason: Reason, now: Instant) {
        self.known.note_lost(group, now);
        #[cfg(feature = "fleet")]
        self.settle_group(group);
        #[cfg(feature = "spool")]
        if self.keep_stored(group, reason, now) {
            return;
        }
        self.stats.discard(reason, group.events);
        for (site, events) in group.lazy_sites() {
            self.note_loss(reason, group.level, site, events, now);
        }
    }

    /// Discards all pending groups, but not those in flight.
    pub(crate) fn lose_pending(&mut self, reason: Reason, now: Instant) {
        let pending = self.groups.drain().into_iter();
        for group in pending.chain(self.known.drain(now)) {
            self.lose_group(&group, reason, now);
        }
    }

    /// Discards all groups, once there is no lane any more that has some in flight.
    pub(crate) fn lose_all(&mut self, reason: Reason, now: Instant) {
        #[cfg(feature = "fleet")]
        self.leave_fleet(reason, now);
        self.lose_pending(reason, now);
        self.in_flight = None;
        // Events that a worker held when it panicked.
        let left = self.stats.pending;
        self.stats.discard(reason, left);
    }

    /// Discards the least severe group, for lack of memory.
    pub(crate) fn evict_least(&mut self, now: Instant) {
        #[cfg(feature = "fleet")]
        if let Some(fleet) = &mut self.fleet
            && fleet.outbox.bytes().all > self.groups.bytes().all
            && let Some(group) = fleet.outbox.take_least()
        {
            return self.lose_group(&group, Reason::Evicted, now);
        }
        if let Some(group) = self.groups.take_least() {
            self.lose_group(&group, Reason::Evicted, now);
        }
    }

    pub(super) fn lose(&mut self, reason: Reason, event: &EventView<'_>, now: Instant) {
        self.stats.discard(reason, 1);
        if is_reported(reason) {
            self.note_loss(reason, event.level(), LazySite::of(event), 1, now);
        }
    }

    /// Counts events that were discarded before they were captured.
    pub(crate) fn lose_uncaptured(
        &mut self,
        reason: Reason,
        those: DiscardCount<'_>,
        now: Instant,
    ) {
        let reason = match self.switch {
            Switch::Disabled { .. } => Reason::Disabled,
            _ => reason,
        };
        self.stats.accept(those.events);
        self.stats.discard(reason, those.events);
        let site = match those.site {
            Some(site) => LazySite::Site(site.clone()),
            None => LazySite::CallSite(those.metadata),
        };
        self.note_loss(reason, *those.metadata.level(), site, those.events, now);
    }

    /// Adds a loss to the next report.
    pub(in crate::worker) fn note_loss(
        &mut self,
        reason: Reason,
        level: Level,
        site: LazySite,
        events: u64,
        now: Instant,
    ) {
        if !is_reported(reason) {
            return;
        }
        #[cfg(feature = "fleet")]
        if let Some(fleet) = &mut self.fleet
            && fleet.leader_reports_losses()
        {
            return fleet.lose(reason, level, site, events, now);
        }
        self.losses.add(reason, level, site, events, now);
        if reason != Reason::Muted {
            self.note_losing(events, now);
        }
    }

    /// Counts losses that are to be reported.
    pub(in crate::worker::lane) fn note_losing(&mut self, events: u64, now: Instant) {
        self.losing_since.get_or_insert(now);
        let schedule = self.known.schedule();
        match &mut self.report_reminders {
            Some(reminders) if reminders.is_forgotten(schedule, now) => {
                self.report_reminders = None;
            }
            Some(reminders) => reminders.count(schedule, events, now),
            None => {}
        }
    }

    /// Returns when the next report is due: a period after the first loss, then as reminders are;
    /// if nothing more was lost, once that is sure.
    pub(crate) fn report_at(&self, period: Duration) -> Option<Instant> {
        let (reminders, schedule) = (self.report_reminders.as_ref(), self.known.schedule());
        if let Some(since) = self.losing_since {
            let due = reminders.and_then(|reminders| reminders.due(schedule));
            return due.max(Some(since + period));
        }
        let quiet = reminders.map_or(Duration::ZERO, |_| schedule.quiet);
        Some(self.reported? + quiet.max(period))
    }

    /// Notes that losses were reported.
    pub(crate) fn note_reported(&mut self, over: bool, now: Instant) {
        self.reported = (!over).then_some(now);
        if !self.known.reminds() {
            return;
        }
        let schedule = self.known.schedule();
        match &mut self.report_reminders {
            Some(reminders) => {
                let _told = reminders.take_untold();
                reminders.note_told(schedule, now);
            }
            None => self.report_reminders = Some(ReminderState::new(schedule, 1, now, now)),
        }
        if let (Some(reminders), Some(_)) = (&mut self.report_reminders, self.losing_since) {
            reminders.count(schedule, 1, now);
        }
    }

    /// Takes the losses that a report contains, and for how long they occurred.
    pub(in crate::worker) fn take_reported(&mut self, now: Instant) -> Option<(Losses, Duration)> {
        // In a report of their own: if this member stops leading, the next leader reports them.
        #[cfg(feature = "fleet")]
        if let Some(of_others) = self.take_peer_losses(now) {
            return Some(of_others);
        }
        self.take_losses(now)
    }

    /// Takes the losses since the last report, and for how long they occurred.
    pub(crate) fn take_losses(&mut self, now: Instant) -> Option<(Losses, Duration)> {
        let since = self.losing_since.take()?;
        self.logged_at = None;
        self.reported = None;
        let losses = self.losses.take();
        Some((losses, now.saturating_duration_since(since)))
    }

    /// Requeues the losses of a report that could not be sent.
    pub(crate) fn requeue_losses(&mut self, losses: Losses, since: Instant) {
        self.losses.absorb(losses);
        let since = self.losing_since.map_or(since, |later| later.min(since));
        self.losing_since = Some(since);
    }

    /// Returns when losses are due on standard error, for a lane that cannot reach its chat.
    pub(crate) fn stderr_at(&self, period: Duration) -> Option<Instant> {
        let since = self.losing_since?;
        let news = self.losses.unlogged() > 0;
        #[cfg(feature = "fleet")]
        let news = news || self.has_unlogged_peer_losses();
        news.then(|| self.logged_at.unwrap_or(since) + period)
    }

    /// Writes the losses since the last time to standard error; the next report contains them too.
    pub(crate) fn say_losses(&mut self, stderr: &Stderr, now: Instant) {
        self.logged_at = Some(now);
        if self.losses.unlogged() > 0 && stderr.say_losses(self.stats.name, &self.losses, now) {
            self.losses.note_logged();
        }
        #[cfg(feature = "fleet")]
        self.say_peer_losses(stderr, now);
    }

    /// Writes the last losses to standard error, when no report follows.
    pub(crate) fn say_last_losses(&self, stderr: &Stderr, now: Instant) {
        if self.losing_since.is_some() {
            stderr.say_last_losses(self.stats.name, &self.losses, now);
        }
    }
}

/// Returns whether losses of this kind are reported: nobody misses what was excluded on purpose.
fn is_reported(reason: Reason) -> bool {
    !matches!(reason, Reason::Filtered | Reason::Disabled)
}
