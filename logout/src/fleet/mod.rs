//! Fleets: many processes that report as one. They append what they would send to a stream of a
//! broker, and one of them sends it.
//!
//! A block says `fleet: Redis { name: "shop" }`, and the [guide](crate::guide::fleet) the rest. What
//! stands here is for those whose broker is another one: [`Broker`] and [`Session`] are what it has to
//! do, [`broker_contract!`](crate::broker_contract) tests it, and [`Memory`] is one for tests.
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

// Member (of one lane) -> Sender    puts, one at a time, each under a number
//                      -> Lease     who reads and sends, and until when it may believe so
//                      -> Ledger    what the leader has read, is sending and has told
//                      -> Standing  joined, or alone while the broker is away
//                      -> Share     when one that is alone may send
//
// All of that is pure: the time is an argument, a `Member` says what to ask the broker next and is told
// what came of it.

mod broker;
mod going;
mod lease;
mod ledger;
mod member;
mod memory;
mod redis;
mod sender;
mod share;
mod standing;

#[doc(hidden)]
pub use self::broker::Verified;
pub use self::broker::{
    Bid, Broker, BrokerFault, Done, Entry, Lead, LeadAnswer, Mark, Place, Put, PutAnswer,
    PutOutcome, Session, Takeover, Term,
};
pub use self::memory::Memory;
pub use self::redis::Redis;

pub(crate) use self::broker::{FaultKind, verify};
pub(crate) use self::going::Going;
pub(crate) use self::member::{Answer, Ask, Effect, Member, Options};
#[cfg(all(test, feature = "testing"))]
pub(crate) use self::memory::MemorySession;
pub(crate) use self::redis::{ADDRESS, Address};
pub(crate) use self::sender::Kind;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
