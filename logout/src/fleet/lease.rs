//! Whether a member leads its lane, and until when it may believe so.
//!
//! Pure: the time is an argument.

use std::time::{Duration, Instant};

use super::broker::Lead;

/// How long the broker keeps a lease that nobody renews.
pub(super) const TERM: Duration = Duration::from_secs(10);

/// How often it is asked for, and renewed.
pub(super) const EVERY: Duration = Duration::from_secs(3);

/// How long before its end a lease is believed in no more.
pub(super) const MARGIN: Duration = Duration::from_secs(2);

/// The lease of one member.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    held: Option<Held>,
    asked: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    epoch: u64,
    until: Instant,
    /// The one before may just have sent something.
    silent_until: Instant,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    None,
    Taken,
    Lost,
}

impl Lease {
    /// Returns when it is asked for next.
    pub(super) fn due(&self) -> Option<Instant> {
        self.asked.map(|asked| asked + EVERY)
    }

    /// Notes that it was asked for then.
    pub(super) fn note_asked(&mut self, now: Instant) {
        self.asked = Some(now);
    }

    /// Has it asked for as soon as possible.
    pub(super) fn ask_at_once(&mut self) {
        self.asked = None;
    }

    /// The epoch of what it believes to hold; 0 is none.
    pub(super) fn epoch(&self) -> u64 {
        self.held.map_or(0, |held| held.epoch)
    }

    /// Whether it is believed in now.
    pub(super) fn is_held(&self, now: Instant) -> bool {
        self.held.is_some_and(|held| now < held.until)
    }

    /// Until when something may be sent, if anything may.
    pub(super) fn sends_until(&self, now: Instant) -> Option<Instant> {
        let held = self.held?;
        (held.silent_until <= now && now < held.until).then_some(held.until)
    }

    /// When something may be sent at the earliest, or nothing may any more.
    pub(super) fn changes_at(&self, now: Instant) -> Option<Instant> {
        let held = self.held?;
        let moments = [held.silent_until, held.until].into_iter();
        moments.filter(|at| *at > now).min()
    }

    /// Takes an answer to what was asked at `sent`; `span` is the pace of the lane.
    pub(super) fn answered(
        &mut self,
        lead: &Lead,
        sent: Instant,
        now: Instant,
        span: Duration,
    ) -> Change {
        let until = sent + (TERM - MARGIN);
        match (lead, &mut self.held) {
            (Lead::Kept, Some(held)) => {
                held.until = held.until.max(until);
                Change::None
            }
            // It is asked for with no epoch, so nobody keeps what he does not have.
            (Lead::Kept, None) => Change::None,
            (Lead::Taken(takeover), _) => {
                self.held = Some(Held {
                    epoch: takeover.epoch,
                    until,
                    silent_until: now + span,
                });
                Change::Taken
            }
            (Lead::Other, _) => self.lose(),
        }
    }

    /// Believes in it no more.
    pub(super) fn lose(&mut self) -> Change {
        match self.held.take() {
            Some(_) => Change::Lost,
            None => Change::None,
        }
    }
}
