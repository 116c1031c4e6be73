//! Requests for the lease of a lane, and those that only its holder may make.

use std::time::Duration;

use super::stream::{Mark, Place};

/// A request for the lease of a lane.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Bid<'a> {
    /// The member that asks: the same name as in [`Put::sender`](super::Put::sender).
    pub name: &'a str,
    /// The epoch of the lease that the member believes it holds; 0 is none.
    pub epoch: u64,
    /// How long the lease lasts; zero gives it up.
    pub term: Duration,
}

/// The outcome of a [`Bid`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lead {
    /// The member still holds the lease.
    Kept,
    /// The member holds the lease from now on.
    Taken(Takeover),
    /// The member does not hold the lease.
    Other,
}

/// The answer to a [`Bid`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadAnswer {
    pub(crate) lead: Lead,
    pub(crate) place: Place,
}

impl LeadAnswer {
    /// Creates the answer to a member at this place, as of after the request.
    #[must_use]
    pub const fn new(lead: Lead, place: Place) -> Self {
        Self { lead, place }
    }

    /// Returns the outcome of the request.
    #[must_use]
    pub const fn lead(&self) -> &Lead {
        &self.lead
    }

    /// Returns the member's place.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }
}

/// The state that a new leader takes over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Takeover {
    pub(crate) epoch: u64,
    pub(crate) going: Vec<u8>,
    pub(crate) known: Vec<Vec<u8>>,
}

impl Takeover {
    /// Creates the state for the leader of this epoch: the last [`Done::going`], or nothing, and
    /// all values of [`Done::known`], in any order.
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
    /// The holder, by the name in its [`Bid`].
    pub name: &'a str,
    /// The epoch in which it was taken.
    pub epoch: u64,
    /// Counts up from 1 with each request of this epoch, so that one that comes late does nothing.
    pub number: u64,
}

/// The settled work of a leader.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Done<'a> {
    /// Entries to delete: they were sent, given up, or counted in what is known. One that is gone
    /// already is no fault.
    pub settled: &'a [Mark],
    /// Those of them that could not be read. A broker may keep the newest hundred of a lane aside,
    /// for somebody to look at.
    pub odd: &'a [Mark],
    /// Changes to the known problems, each under a number of its own; an empty value removes one.
    /// Kept for a month.
    pub known: &'a [(u64, Vec<u8>)],
    /// The message being sent from now on, in place of the one before. Kept for a month.
    pub going: &'a [u8],
}
