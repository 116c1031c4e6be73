//! What a leader asks for, settles and leaves to the next.

use std::time::Duration;

use super::stream::{Mark, Place};

/// A request for the lease of a lane.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Bid<'a> {
    /// Who asks: the same that a [`Put`](super::Put) names as its sender.
    pub name: &'a str,
    /// The epoch of the lease that it believes to hold; 0 is none.
    pub epoch: u64,
    /// How long the lease lasts; zero gives it up.
    pub term: Duration,
}

/// What became of a [`Bid`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lead {
    /// It goes on to hold the lease.
    Kept,
    /// It holds the lease from now on.
    Taken(Takeover),
    /// It does not hold the lease.
    Other,
}

/// The answer to a [`Bid`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadAnswer {
    pub(crate) lead: Lead,
    pub(crate) place: Place,
}

impl LeadAnswer {
    /// Creates the answer to whoever stands there, after what was asked was done.
    #[must_use]
    pub const fn new(lead: Lead, place: Place) -> Self {
        Self { lead, place }
    }

    /// Returns what became of the request.
    #[must_use]
    pub const fn lead(&self) -> &Lead {
        &self.lead
    }

    /// Returns where the member stands.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }
}

/// What a new leader has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Takeover {
    pub(crate) epoch: u64,
    pub(crate) going: Vec<u8>,
    pub(crate) known: Vec<Vec<u8>>,
}

impl Takeover {
    /// Creates what the leader of this epoch finds: [what is going](Done::going), as it was written
    /// last, or nothing; and the values of all that is [known](Done::known), in any order.
    #[must_use]
    pub const fn new(epoch: u64, going: Vec<u8>, known: Vec<Vec<u8>>) -> Self {
        Self {
            epoch,
            going,
            known,
        }
    }

    /// Returns the epoch.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// The lease that a request rests on.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Term<'a> {
    /// Who holds it, as the [`Bid`] named it.
    pub name: &'a str,
    /// The epoch in which it was taken.
    pub epoch: u64,
    /// Counts up from 1 with each request of this epoch, so that one that comes late does nothing.
    pub number: u64,
}

/// What a leader has settled.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Done<'a> {
    /// Entries to delete: what is told, given up, or counted in what is known. One that is gone
    /// already is no fault.
    pub settled: &'a [Mark],
    /// Those of them that could not be read. A broker may keep the newest hundred of a lane aside,
    /// for somebody to look at.
    pub odd: &'a [Mark],
    /// What is known of problems from now on, each under a number of its own; an empty one is
    /// forgotten. It is kept for a month.
    pub known: &'a [(u64, Vec<u8>)],
    /// What is being sent from now on, in place of what was there before. It is kept for a month.
    pub going: &'a [u8],
}
