//! The losses of a lane, and when they are reported.

use std::time::{Duration, Instant};

use tracing::Level;

use super::LaneState;
use crate::event::{EventView, LazySite};
use crate::message::Losses;
use crate::queue::Discarded;
use crate::worker::ladder::Life;
use crate::worker::lane::Switch;
use crate::worker::lane::group::Group;
use crate::worker::stats::Reason;
use crate::worker::stderr::Stderr;

impl LaneState {
    pub(crate) fn lose_group(&mut self, group: &Group, reason: Reason, now: Instant) {
        self.known.note_given_up(group, now);
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
        self.under_way = None;
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
    pub(crate) fn lose_unseen(&mut self, reason: Reason, those: Discarded<'_>, now: Instant) {
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
            && fleet.is_reported_for()
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
        let ladder = self.known.ladder();
        match &mut self.report_life {
            Some(life) if life.is_forgotten(ladder, now) => self.report_life = None,
            Some(life) => life.count(ladder, events, now),
            None => {}
        }
    }

    /// Returns when the next report is due: a period after the first loss, then as reminders are;
    /// if nothing more was lost, once that is sure.
    pub(crate) fn report_at(&self, period: Duration) -> Option<Instant> {
        let (life, ladder) = (self.report_life.as_ref(), self.known.ladder());
        if let Some(since) = self.losing_since {
            let due = life.and_then(|life| life.due(ladder));
            return due.max(Some(since + period));
        }
        let quiet = life.map_or(Duration::ZERO, |_| ladder.quiet);
        Some(self.reported? + quiet.max(period))
    }

    /// Notes that losses were reported.
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

    /// Takes the losses that a report contains, and for how long they occurred.
    pub(in crate::worker) fn take_reported(&mut self, now: Instant) -> Option<(Losses, Duration)> {
        // In a report of their own: if this member stops leading, the next leader reports them.
        #[cfg(feature = "fleet")]
        if let Some(of_others) = self.take_read_losses(now) {
            return Some(of_others);
        }
        self.take_losses(now)
    }

    /// Takes the losses since the last report, and for how long they occurred.
    pub(crate) fn take_losses(&mut self, now: Instant) -> Option<(Losses, Duration)> {
        let since = self.losing_since.take()?;
        self.said_at = None;
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
        let news = self.losses.unsaid() > 0;
        #[cfg(feature = "fleet")]
        let news = news || self.has_unsaid_read_losses();
        news.then(|| self.said_at.unwrap_or(since) + period)
    }

    /// Writes the losses since the last time to standard error; the next report contains them too.
    pub(crate) fn say_losses(&mut self, stderr: &Stderr, now: Instant) {
        self.said_at = Some(now);
        if self.losses.unsaid() > 0 && stderr.say_losses(self.stats.name, &self.losses, now) {
            self.losses.note_said();
        }
        #[cfg(feature = "fleet")]
        self.say_read_losses(stderr, now);
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
