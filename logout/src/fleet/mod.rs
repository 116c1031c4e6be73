//! One voice for many processes: what they would send goes into a stream of a broker, and one of them
//! sends it.
//!
//! ```text
//! Member (of one lane) -> Sender    puts, one at a time, each under a number
//!                      -> Lease     who reads and sends, and until when it may believe so
//!                      -> Ledger    what the leader has read, is sending and has told
//!                      -> Standing  joined, or alone while the broker is away
//!                      -> Share     when one that is alone may send
//! ```
//!
//! All of that is pure: the time is an argument, a [`Member`] says what to ask the broker next and is
//! told what came of it. [`Broker`] is what it asks; `redis` speaks to Redis and Valkey, `memory` is for
//! tests.

mod broker;
mod lease;
mod ledger;
mod member;
#[cfg(test)]
mod memory;
mod redis;
mod sender;
mod share;
mod standing;

pub(crate) use self::broker::{
    Bid, Broker, BrokerFault, Done, Entry, FaultKind, Going, Mark, Put, Takeover, Term,
};
#[cfg(test)]
pub(crate) use self::broker::{Lead, LeadAnswer, Place, PutAnswer, PutOutcome};
pub(crate) use self::member::{Answer, Ask, Effect, Member, Options};
#[cfg(test)]
pub(crate) use self::memory::Memory;
pub(crate) use self::redis::{Address, Redis, Session};

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
