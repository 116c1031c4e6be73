//! Losses of other members of a fleet, on the leader that reports them.
//!
//! The broker keeps them until they are reported, so that the next leader can do it.

use std::time::{Duration, Instant};

use super::lane_state::LaneState;
use crate::message::Losses;
use crate::worker::stderr::Stderr;

/// The losses of other members that are not reported yet.
#[derive(Debug, Default)]
pub(crate) struct PeerLosses {
    waiting: Losses,
    /// When the first of them was read.
    since: Option<Instant>,
    /// Those that the message in flight reports.
    in_flight: Option<Losses>,
    /// Whether a message with some of them was in flight when its leader went away.
    possible_repeat: bool,
    /// Whether the broker is to be told of a change.
    has_changed: bool,
}

impl PeerLosses {
    /// The number under which the broker keeps them: none of a problem's, but by chance.
    pub(crate) const NUMBER: u64 = u64::from_be_bytes(*b"and lost");

    /// Creates none yet; at most this many call sites are told apart.
    pub(super) fn within(sites: usize) -> Self {
        Self {
            waiting: Losses::with_site_limit(sites),
            ..Self::default()
        }
    }

    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    /// Returns whether the message in flight reports some of them.
    pub(super) fn is_in_flight(&self) -> bool {
        self.in_flight.is_some()
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
        self.in_flight = Some(losses.clone());
        Some((losses, since))
    }

    /// Puts those back whose message was not delivered.
    fn requeue(&mut self, since: Instant) {
        if let Some(losses) = self.in_flight.take() {
            self.waiting.absorb(losses);
            self.since = Some(self.since.map_or(since, |later| later.min(since)));
        }
    }

    fn clear(&mut self) {
        let _kept_by_the_broker = self.waiting.take();
        (self.since, self.in_flight) = (None, None);
        (self.possible_repeat, self.has_changed) = (false, false);
    }

    /// Returns what the broker is to keep, if that has changed; `Some(None)` for nothing.
    pub(crate) fn changed(&mut self) -> Option<Option<Losses>> {
        if !std::mem::take(&mut self.has_changed) {
            return None;
        }
        let mut kept = self.waiting.clone();
        if let Some(losses) = &self.in_flight {
            kept.absorb(losses.clone());
        }
        let is_empty = kept.reasons().is_empty();
        Some((!is_empty).then_some(kept))
    }
}

impl LaneState {
    /// Takes losses that were read from the stream.
    pub(crate) fn add_peer_losses(&mut self, losses: Losses, now: Instant) {
        let events = losses.total();
        let Some(fleet) = &mut self.fleet else {
            return;
        };
        fleet.peer_losses.absorb(losses, now);
        if events > 0 {
            self.note_losing(events, now);
        }
    }

    /// Restores the losses that the leader before was to report, or was reporting.
    pub(crate) fn restore_losses(&mut self, losses: Losses, may_be_told: bool, now: Instant) {
        self.add_peer_losses(losses, now);
        if let Some(fleet) = &mut self.fleet {
            fleet.peer_losses.possible_repeat = may_be_told;
        }
    }

    /// Returns whether there are losses of other members to report.
    pub(super) fn has_peer_losses(&self) -> bool {
        let fleet = self.fleet.as_ref();
        fleet.is_some_and(|fleet| {
            let losses = &fleet.peer_losses;
            losses.since.is_some() || losses.in_flight.is_some()
        })
    }

    /// Takes the losses of other members for a report of their own, and for how long they waited.
    pub(in crate::worker) fn take_peer_losses(
        &mut self,
        now: Instant,
    ) -> Option<(Losses, Duration)> {
        let (losses, since) = self.fleet.as_mut()?.peer_losses.begin()?;
        self.logged_at = None;
        self.reported = None;
        self.losing_since = self.losing_since.filter(|_| self.losses.total() > 0);
        Some((losses, now.saturating_duration_since(since)))
    }

    /// Returns whether some of them were not written to standard error.
    pub(super) fn has_unlogged_peer_losses(&self) -> bool {
        let fleet = self.fleet.as_ref();
        fleet.is_some_and(|fleet| fleet.peer_losses.waiting.unlogged() > 0)
    }

    /// Writes the losses of other members to standard error; the next report contains them too.
    pub(super) fn say_peer_losses(&mut self, stderr: &Stderr, now: Instant) {
        if let Some(fleet) = &mut self.fleet {
            let waiting = &mut fleet.peer_losses.waiting;
            if waiting.unlogged() > 0 && stderr.say_losses(self.stats.name, waiting, now) {
                waiting.note_logged();
            }
        }
    }

    /// Notes that the losses in flight are reported, or never will be.
    pub(in crate::worker) fn settle_peer_losses(&mut self) {
        if let Some(fleet) = &mut self.fleet {
            fleet.peer_losses.in_flight = None;
            fleet.peer_losses.possible_repeat = false;
            fleet.peer_losses.has_changed = true;
        }
    }

    /// Requeues the losses of a report that was not delivered.
    pub(super) fn requeue_peer_losses(&mut self, since: Instant) {
        if let Some(fleet) = &mut self.fleet {
            fleet.peer_losses.requeue(since);
            let since = self.losing_since.map_or(since, |later| later.min(since));
            self.losing_since = Some(since);
        }
    }

    /// Drops the losses of other members, which the broker keeps for the next leader.
    pub(super) fn drop_peer_losses(&mut self) {
        if let Some(fleet) = &mut self.fleet {
            fleet.peer_losses.clear();
            self.losing_since = self.losing_since.filter(|_| self.losses.total() > 0);
        }
    }
}
