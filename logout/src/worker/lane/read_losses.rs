//! Losses of other members of a fleet, on the leader that reports them.
//!
//! The broker keeps them until they are reported, so that the next leader can do it.

use std::time::{Duration, Instant};

use super::lane_state::LaneState;
use crate::message::Losses;
use crate::worker::stderr::Stderr;

/// The losses of other members that are not reported yet.
#[derive(Debug, Default)]
pub(crate) struct ReadLosses {
    waiting: Losses,
    /// When the first of them was read.
    since: Option<Instant>,
    /// Those that the message in flight reports.
    under_way: Option<Losses>,
    /// Whether a message with some of them was in flight when its leader went away.
    possible_repeat: bool,
    /// Whether the broker is to be told of a change.
    has_changed: bool,
}

impl ReadLosses {
    /// The number under which the broker keeps them: none of a problem's, but by chance.
    pub(crate) const NUMBER: u64 = u64::from_be_bytes(*b"and lost");

    /// Creates none yet; at most this many call sites are told apart.
    pub(super) fn within(sites: usize) -> Self {
        Self {
            waiting: Losses::within(sites),
            ..Self::default()
        }
    }

    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    /// Returns whether the message in flight reports some of them.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    pub(super) fn possible_repeat(&self) -> bool {
        self.possible_repeat
    }

    fn absorb(&mut self, losses: Losses, now: Instant) {
        // Muted events are no news, and reported with what is.
        if losses.total() > 0 {
            self.since.get_or_insert(now);
        }
        self.waiting.absorb(losses);
        self.has_changed = true;
    }

    /// Takes those that wait, for a message.
    fn begin(&mut self) -> Option<(Losses, Instant)> {
        let since = self.since.take()?;
        let losses = self.waiting.take();
        self.under_way = Some(losses.clone());
        Some((losses, since))
    }

    /// Puts those back whose message was not delivered.
    fn requeue(&mut self, since: Instant) {
        if let Some(losses) = self.under_way.take() {
            self.waiting.absorb(losses);
            self.since = Some(self.since.map_or(since, |later| later.min(since)));
        }
    }

    fn clear(&mut self) {
        let _kept_by_the_broker = self.waiting.take();
        (self.since, self.under_way) = (None, None);
        (self.possible_repeat, self.has_changed) = (false, false);
    }

    /// Returns what the broker is to keep, if that has changed; `Some(None)` for nothing.
    pub(crate) fn changed(&mut self) -> Option<Option<Losses>> {
        if !std::mem::take(&mut self.has_changed) {
            return None;
        }
        let mut kept = self.waiting.clone();
        if let Some(losses) = &self.under_way {
            kept.absorb(losses.clone());
        }
        let is_empty = kept.reasons().is_empty();
        Some((!is_empty).then_some(kept))
    }
}

impl LaneState {
    /// Takes losses that were read from the stream.
    pub(crate) fn take_in_losses(&mut self, losses: Losses, now: Instant) {
        let events = losses.total();
        let Some(fleet) = &mut self.fleet else {
            return;
        };
        fleet.read_losses.absorb(losses, now);
        if events > 0 {
            self.note_losing(events, now);
        }
    }

    /// Restores the losses that the leader before was to report, or was reporting.
    pub(crate) fn restore_losses(&mut self, losses: Losses, may_be_told: bool, now: Instant) {
        self.take_in_losses(losses, now);
        if let Some(fleet) = &mut self.fleet {
            fleet.read_losses.possible_repeat = may_be_told;
        }
    }

    /// Returns whether there are losses of other members to report.
    pub(super) fn has_read_losses(&self) -> bool {
        let fleet = self.fleet.as_ref();
        fleet.is_some_and(|fleet| {
            let losses = &fleet.read_losses;
            losses.since.is_some() || losses.under_way.is_some()
        })
    }

    /// Takes the losses of other members for a report of their own, and for how long they waited.
    pub(in crate::worker) fn take_read_losses(
        &mut self,
        now: Instant,
    ) -> Option<(Losses, Duration)> {
        let (losses, since) = self.fleet.as_mut()?.read_losses.begin()?;
        self.said_at = None;
        self.reported = None;
        self.losing_since = self.losing_since.filter(|_| self.losses.total() > 0);
        Some((losses, now.saturating_duration_since(since)))
    }

    /// Returns whether some of them were not written to standard error.
    pub(super) fn has_unsaid_read_losses(&self) -> bool {
        let fleet = self.fleet.as_ref();
        fleet.is_some_and(|fleet| fleet.read_losses.waiting.unsaid() > 0)
    }

    /// Writes the losses of other members to standard error; the next report contains them too.
    pub(super) fn say_read_losses(&mut self, stderr: &Stderr, now: Instant) {
        if let Some(fleet) = &mut self.fleet {
            let waiting = &mut fleet.read_losses.waiting;
            if waiting.unsaid() > 0 && stderr.say_losses(self.stats.name, waiting, now) {
                waiting.note_said();
            }
        }
    }

    /// Notes that the losses in flight are reported, or never will be.
    pub(in crate::worker) fn settle_read_losses(&mut self) {
        if let Some(fleet) = &mut self.fleet {
            fleet.read_losses.under_way = None;
            fleet.read_losses.possible_repeat = false;
            fleet.read_losses.has_changed = true;
        }
    }

    /// Requeues the losses of a report that was not delivered.
    pub(super) fn requeue_read_losses(&mut self, since: Instant) {
        if let Some(fleet) = &mut self.fleet {
            fleet.read_losses.requeue(since);
            let since = self.losing_since.map_or(since, |later| later.min(since));
            self.losing_since = Some(since);
        }
    }

    /// Drops the losses of other members, which the broker keeps for the next leader.
    pub(super) fn drop_read_losses(&mut self) {
        if let Some(fleet) = &mut self.fleet {
            fleet.read_losses.clear();
            self.losing_since = self.losing_since.filter(|_| self.losses.total() > 0);
        }
    }
}
