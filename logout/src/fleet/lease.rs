//! The leadership lease of a member, and its local expiry.
//!
//! Pure: the time is an argument.

use std::time::{Duration, Instant};

use super::broker::Lead;

/// How long the broker keeps a lease that nobody renews.
pub(super) const TERM: Duration = Duration::from_secs(10);

/// How often a member asks for the lease, or renews it.
pub(super) const RENEW_EVERY: Duration = Duration::from_secs(3);

/// How long before the broker does a member considers its lease expired.
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
    /// The previous leader may have sent just before it lost the lease.
    silent_until: Instant,
}

/// The effect of an answer on the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeaseChange {
    None,
    Taken,
    Lost,
}

impl Lease {
    /// Returns when to ask for the lease next; `None` is now.
    pub(super) fn due(&self) -> Option<Instant> {
        self.asked.map(|asked| asked + RENEW_EVERY)
    }

    /// Notes the time of a request for the lease.
    pub(super) fn note_asked(&mut self, now: Instant) {
        self.asked = Some(now);
    }

    /// Makes the next request for the lease due now.
    pub(super) fn make_due(&mut self) {
        self.asked = None;
    }

    /// Returns the epoch of the lease, or 0 if there is none, even if it has expired.
    pub(super) fn epoch(&self) -> u64 {
        self.held.map_or(0, |held| held.epoch)
    }

    /// Returns whether the lease is held.
    pub(super) fn is_held(&self, now: Instant) -> bool {
        self.held.is_some_and(|held| now < held.until)
    }

    /// Returns until when messages may be sent, if they may be sent now.
    pub(super) fn sends_until(&self, now: Instant) -> Option<Instant> {
        let held = self.held?;
        (held.silent_until <= now && now < held.until).then_some(held.until)
    }

    /// Returns when sending next becomes allowed or forbidden.
    pub(super) fn changes_at(&self, now: Instant) -> Option<Instant> {
        let held = self.held?;
        let moments = [held.silent_until, held.until].into_iter();
        moments.filter(|at| *at > now).min()
    }

    /// Applies the answer to a request made at `sent`; `span` is the pace of the lane.
    pub(super) fn answered(
        &mut self,
        lead: &Lead,
        sent: Instant,
        now: Instant,
        span: Duration,
    ) -> LeaseChange {
        let until = sent + (TERM - MARGIN);
        match (lead, &mut self.held) {
            (Lead::Kept, Some(held)) => {
                held.until = held.until.max(until);
                LeaseChange::None
            }
            // Such a request names no epoch, so it cannot keep a lease.
            (Lead::Kept, None) => LeaseChange::None,
            (Lead::Taken(takeover), _) => {
                self.held = Some(Held {
                    epoch: takeover.epoch,
                    until,
                    silent_until: now + span,
                });
                LeaseChange::Taken
            }
            (Lead::Other, _) => self.lose(),
        }
    }

    /// Drops the lease.
    pub(super) fn lose(&mut self) -> LeaseChange {
        match self.held.take() {
            Some(_) => LeaseChange::Lost,
            None => LeaseChange::None,
        }
    }
}
