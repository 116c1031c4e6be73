//! What keeps the stream of a lane, the lease of its leader and what is known of its problems.

use std::fmt;
use std::time::Duration;

/// The place of an entry in its stream, given by the broker: its time in milliseconds, and a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Mark {
    pub(crate) time: u64,
    pub(crate) number: u64,
}

/// Entries that one member hands over together, all or none of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Put<'a> {
    pub(crate) sender: &'a str,
    /// Counts up with each batch, and stays with it however often it is put; 0 stands for nothing to
    /// put, where only the [`Place`] is asked for.
    pub(crate) number: u64,
    pub(crate) entries: &'a [Vec<u8>],
}

/// What became of a [`Put`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PutOutcome {
    Stored,
    /// It is there already: its first answer was lost.
    Duplicate,
    /// There is no room in the stream, and nothing of it is there.
    Full,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PutAnswer {
    pub(crate) outcome: PutOutcome,
    pub(crate) place: Place,
}

/// Where a member stands among all that were heard of within five minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The broker's time, in milliseconds.
    pub(crate) time: u64,
    pub(crate) members: u64,
    /// How many of them joined before it.
    pub(crate) rank: u64,
    pub(crate) has_leader: bool,
}

/// Asks for the lease of a lane, or to keep it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bid<'a> {
    pub(crate) name: &'a str,
    /// The epoch of the lease that it believes to hold; 0 is none.
    pub(crate) epoch: u64,
    /// How long it lasts, in milliseconds; 0 gives it up, and is no member any more.
    pub(crate) term: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lead {
    Kept,
    Taken(Takeover),
    /// Another holds it.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeadAnswer {
    pub(crate) lead: Lead,
    pub(crate) place: Place,
}

/// What a new leader has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Takeover {
    pub(crate) epoch: u64,
    /// What the one before it was sending when it was last heard of.
    pub(crate) going: Going,
    /// What is known of problems, one by one.
    pub(crate) known: Vec<Vec<u8>>,
}

/// What a message on its way tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Going {
    pub(crate) marks: Vec<Mark>,
    /// The numbers of known problems of which it tells what was counted.
    pub(crate) keys: Vec<u64>,
}

/// The lease that a request rests on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term<'a> {
    pub(crate) name: &'a str,
    pub(crate) epoch: u64,
    /// Counts up with each request that rests on it, so that one that comes late does nothing.
    pub(crate) number: u64,
}

/// What a leader has settled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done<'a> {
    /// What is told, given up, or counted in what is known.
    pub(crate) settled: &'a [Mark],
    /// Those of them that could not be read, which are put aside.
    pub(crate) odd: &'a [Mark],
    /// What is known of problems from now on, each under a number of its own; nothing where it is
    /// forgotten.
    pub(crate) known: &'a [(u64, Vec<u8>)],
    /// What is on its way from now on.
    pub(crate) going: &'a Going,
}

/// What was read of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) mark: Mark,
    pub(crate) bytes: Vec<u8>,
}

/// Where members hand over what they have to say.
///
/// Each call is atomic. A fault says that it may or may not have been done, unless it is one that the
/// broker answered with.
pub(crate) trait Broker {
    async fn put(&mut self, lane: &str, put: &Put<'_>) -> Result<PutAnswer, BrokerFault>;

    async fn lead(&mut self, lane: &str, bid: &Bid<'_>) -> Result<LeadAnswer, BrokerFault>;

    /// Returns at most this many of the entries behind a mark.
    async fn read(
        &mut self,
        lane: &str,
        after: Mark,
        most: usize,
    ) -> Result<Vec<Entry>, BrokerFault>;

    /// Notes what is being sent; tells whether the lease is still held.
    async fn going(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        going: &Going,
    ) -> Result<bool, BrokerFault>;

    /// Deletes what is settled, and takes over what is known; tells whether the lease is still held.
    /// Nothing is done where it is not.
    async fn done(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        done: &Done<'_>,
    ) -> Result<bool, BrokerFault>;
}

/// Why the broker does not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BrokerFault {
    pub(crate) kind: FaultKind,
    /// What is wrong and what to set, without a secret.
    text: String,
    /// Who has what it was asked for, as `host:port`, where it knows.
    moved: Option<String>,
}

/// What a member does about a fault depends on its kind alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// There was no answer: nobody knows whether it was done.
    Unanswered,
    /// It was not done.
    Refused,
}

impl BrokerFault {
    pub(crate) fn new(kind: FaultKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            moved: None,
        }
    }

    /// The same, which names who has what it was asked for.
    pub(crate) fn with_moved(mut self, moved: Option<&str>) -> Self {
        self.moved = moved.map(str::to_owned);
        self
    }

    pub(crate) fn moved(&self) -> Option<&str> {
        self.moved.as_deref()
    }

    /// That there was no answer for this long.
    pub(crate) fn unanswered(limit: Duration) -> Self {
        let text = format!(
            "there was no answer within {limit:?}; is it overloaded, or is a firewall in between?"
        );
        Self::new(FaultKind::Unanswered, text)
    }
}

impl fmt::Display for BrokerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
