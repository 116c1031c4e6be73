//! What other processes of a fleet gave up, on the one that reports it.
//!
//! The broker keeps it until it is reported, so that whoever leads next does that.

use std::time::{Duration, Instant};

use super::lane_state::LaneState;
use crate::message::Losses;
use crate::worker::stderr::Stderr;

/// What others gave up and people have not been told of.
#[derive(Debug, Default)]
pub(crate) struct ReadLosses {
    waiting: Losses,
    /// When the first of them was read.
    since: Option<Instant>,
    /// What a message on its way reports.
    under_way: Option<Losses>,
    /// Whether a message with some of it was under way when its leader was last heard of.
    possible_repeat: bool,
    /// Whether the broker is to hear of a change.
    has_changed: bool,
}

impl ReadLosses {
    /// The number under which the broker keeps them: none of a problem's, but by chance.
    pub(crate) const NUMBER: u64 = u64::from_be_bytes(*b"and lost");

    /// Tells at most this many call sites apart.
    pub(super) fn within(sites: usize) -> Self {
        Self {
            waiting: Losses::within(sites),
            ..Self::default()
        }
    }

    /// Since when something waits.
    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    /// Whether a message on its way reports some of it.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    pub(super) fn possible_repeat(&self) -> bool {
        self.possible_repeat
    }

    fn absorb(&mut self, losses: Losses, now: Instant) {
        // What somebody chose not to see is no news, and told with what is.
        if losses.total() > 0 {
            self.since.get_or_insert(now);
        }
        self.waiting.absorb(losses);
        self.has_changed = true;
    }

    /// Takes what waits for a message.
    fn begin(&mut self) -> Option<(Losses, Instant)> {
        let since = self.since.take()?;
        let losses = self.waiting.take();
        self.under_way = Some(losses.clone());
        Some((losses, since))
    }

    /// Notes that a message was not told, and is chosen anew.
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

    /// What the broker is to keep, where that has changed: none is nothing.
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
    /// Takes what another process, or this one, has handed over.
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

    /// Takes up what a leader before this one was to report, or was just reporting.
    pub(crate) fn restore_losses(&mut self, losses: Losses, may_be_told: bool, now: Instant) {
        self.take_in_losses(losses, now);
        if let Some(fleet) = &mut self.fleet {
            fleet.read_losses.possible_repeat = may_be_told;
        }
    }

    /// Whether there is something of others to report.
    pub(super) fn has_read_losses(&self) -> bool {
        let fleet = self.fleet.as_ref();
        fleet.is_some_and(|fleet| {
            let losses = &fleet.read_losses;
            losses.since.is_some() || losses.under_way.is_some()
        })
    }

    /// Takes out what others gave up, for a report of its own, and how long ago the first of it was read.
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

    /// Whether standard error was not told of some of it.
    pub(super) fn has_unsaid_read_losses(&self) -> bool {
        let fleet = self.fleet.as_ref();
        fleet.is_some_and(|fleet| fleet.read_losses.waiting.unsaid() > 0)
    }

    /// Says on standard error what others gave up; the next report tells all of it.
    pub(super) fn say_read_losses(&mut self, stderr: &Stderr, now: Instant) {
        if let Some(fleet) = &mut self.fleet {
            let waiting = &mut fleet.read_losses.waiting;
            if waiting.unsaid() > 0 && stderr.say_losses(self.stats.name, waiting, now) {
                waiting.note_said();
            }
        }
    }

    /// Notes that people have what others gave up, or never will.
    pub(in crate::worker) fn settle_read_losses(&mut self) {
        if let Some(fleet) = &mut self.fleet {
            fleet.read_losses.under_way = None;
            fleet.read_losses.possible_repeat = false;
            fleet.read_losses.has_changed = true;
        }
    }

    /// Has what others gave up reported by another message.
    pub(super) fn requeue_read_losses(&mut self, since: Instant) {
        if let Some(fleet) = &mut self.fleet {
            fleet.read_losses.requeue(since);
            let since = self.losing_since.map_or(since, |later| later.min(since));
            self.losing_since = Some(since);
        }
    }

    /// Leaves it to whoever leads next: the broker keeps it.
    pub(super) fn drop_read_losses(&mut self) {
        if let Some(fleet) = &mut self.fleet {
            fleet.read_losses.clear();
            self.losing_since = self.losing_since.filter(|_| self.losses.total() > 0);
        }
    }
}
