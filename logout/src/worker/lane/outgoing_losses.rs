//! Losses of a member of a fleet, handed over to the leader that reports them.

use std::time::Instant;

use tracing::Level;

use super::fleet_lane_state::FleetLaneState;
use super::lane_state::LaneState;
use crate::event::LazySite;
use crate::message::{Losses, Reason};

/// The losses of this process that nobody else knows of.
#[derive(Debug, Default)]
pub(crate) struct OutgoingLosses {
    waiting: Losses,
    /// When the first of them happened.
    since: Option<Instant>,
    /// Those that are being written to the stream.
    in_flight: Option<(Losses, Instant)>,
}

impl OutgoingLosses {
    /// The kind of their entries.
    pub(crate) const KIND: u64 = u64::MAX;

    /// Creates none yet; at most this many call sites are told apart.
    pub(super) fn within(sites: usize) -> Self {
        Self {
            waiting: Losses::with_site_limit(sites),
            ..Self::default()
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.since.is_none() && self.in_flight.is_none()
    }

    fn absorb(&mut self, losses: Losses, since: Instant) {
        self.waiting.absorb(losses);
        self.since = Some(self.since.map_or(since, |known| known.min(since)));
    }

    /// Takes those that are written to the stream now.
    pub(crate) fn begin(&mut self) -> Option<&Losses> {
        let since = self.since.take()?;
        let (losses, _) = self.in_flight.insert((self.waiting.take(), since));
        Some(losses)
    }

    /// Notes that they are in the stream.
    pub(crate) fn note_stored(&mut self) {
        self.in_flight = None;
    }

    /// Takes all of them back.
    fn take(&mut self) -> Option<(Losses, Instant)> {
        if let Some((losses, since)) = self.in_flight.take() {
            self.absorb(losses, since);
        }
        let since = self.since.take()?;
        Some((self.waiting.take(), since))
    }
}

impl FleetLaneState {
    /// Returns whether the leader of the fleet reports the losses of this process.
    pub(super) fn leader_reports_losses(&self) -> bool {
        !self.member.is_alone() && !self.member.has_left()
    }

    pub(super) fn lose(
        &mut self,
        reason: Reason,
        level: Level,
        site: LazySite,
        events: u64,
        now: Instant,
    ) {
        self.losses.waiting.add(reason, level, site, events, now);
        if reason != Reason::Muted {
            self.losses.since.get_or_insert(now);
            self.member.note(OutgoingLosses::KIND, now);
        }
    }
}

impl LaneState {
    /// Hands the losses of this lane over to the fleet.
    pub(super) fn hand_over_losses(&mut self, now: Instant) {
        let leader_reports_losses =
            matches!(&self.fleet, Some(fleet) if fleet.leader_reports_losses());
        // Losses of other members may have begun the period of the report.
        if leader_reports_losses
            && self.losses.total() > 0
            && let Some((losses, lasted)) = self.take_losses(now)
            && let Some(fleet) = &mut self.fleet
        {
            let since = now.checked_sub(lasted).unwrap_or(now);
            fleet.losses.absorb(losses, since);
            fleet.member.note(OutgoingLosses::KIND, now);
            self.losing_since = fleet.peer_losses.since();
        }
    }

    /// Takes the losses back that nobody else knows of, for a report of this lane.
    pub(in crate::worker) fn take_own_losses(&mut self) {
        let fleet = self.fleet.as_mut();
        if let Some((losses, since)) = fleet.and_then(|fleet| fleet.losses.take()) {
            self.requeue_losses(losses, since);
        }
    }
}
