//! Fleets: many processes that report as one. They append what they would send to a stream of a
//! broker, and one of them sends it.
//!
//! A block says `fleet: Redis { name: "shop" }`; the [guide](crate::guide::fleet) says the rest.
//! This module is for another broker: it implements [`Broker`] and [`Session`],
//! [`broker_contract!`](crate::broker_contract) tests it, and [`Memory`] is a broker for tests.
//!
//! ```
//! use logout::fleet::{Broker, Memory, Mark, Session};
//!
//! let memory = Memory::default();
//! smol::block_on(async {
//!     let mut session = memory.connect("shop".to_owned()).await?;
//!     let entries = session.read("Alerts.slack", Mark::default(), 100).await?;
//!     assert_eq!(entries, []);
//!     Ok::<(), logout::fleet::BrokerFault>(())
//! })?;
//! # Ok::<(), logout::fleet::BrokerFault>(())
//! ```

// Member (of one lane) -> Sender      the batches it puts, one at a time, each under a number
//                      -> Lease       whether it leads, and until when
//                      -> Ledger      the entries that the leader has read, has in flight and has settled
//                      -> Membership  joined, or alone while the broker is away
//                      -> TimeSlots   the time slots in which one that is alone may send
//
// All of that is pure: the time is an argument. A `Member` returns the next request to the broker, and
// is passed the answer.

mod broker;
mod in_flight;
mod lease;
mod ledger;
mod member;
mod membership;
mod memory;
mod redis;
mod request_sending;
mod sender;
mod time_slots;

#[doc(hidden)]
pub use self::broker::Verified;
pub use self::broker::{
    Bid, Broker, BrokerFault, Done, Entry, Lead, LeadAnswer, Mark, Place, Put, PutAnswer,
    PutOutcome, Session, Takeover, Term,
};
pub use self::memory::Memory;
pub use self::redis::Redis;

pub(crate) use self::broker::{FaultKind, verify};
pub(crate) use self::in_flight::InFlight;
pub(crate) use self::member::{BrokerAnswer, BrokerRequest, Effect, Member, MemberOptions};
#[cfg(all(test, feature = "testing"))]
pub(crate) use self::memory::MemorySession;
pub(crate) use self::redis::{ADDRESS, BrokerAddress};
pub(crate) use self::sender::EntryKind;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
