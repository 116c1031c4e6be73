//! Entries of a stream, and the members that append them.

/// The place of an entry in its stream, which the broker gives it: above that of every entry before
/// it.
///
/// The default is below all of them.
///
/// ```
/// use logout::fleet::Mark;
///
/// let mark = Mark::new(1_764_426_000_000, 7);
/// assert!(mark > Mark::new(1_764_425_999_999, 8) && mark > Mark::default());
/// assert_eq!((mark.time(), mark.number()), (1_764_426_000_000, 7));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    pub(crate) time: u64,
    pub(crate) number: u64,
}

impl Mark {
    /// Creates the mark of an entry that was put at this time by the broker's clock, in milliseconds
    /// since 1970; the number tells those of one millisecond apart.
    ///
    /// With the time of a [`Place`] it tells the leader how old the entry is.
    #[must_use]
    pub const fn new(time: u64, number: u64) -> Self {
        Self { time, number }
    }

    /// Reads it as [`text`](Self::text) writes it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (time, number) = text.split_once('-')?;
        Some(Self::new(time.parse().ok()?, number.parse().ok()?))
    }

    /// Returns it as Redis writes the place of an entry.
    pub(crate) fn text(self) -> String {
        format!("{}-{}", self.time, self.number)
    }

    /// Returns the broker's time, in milliseconds.
    #[must_use]
    pub const fn time(self) -> u64 {
        self.time
    }

    /// Returns the number that distinguishes it from other entries of that time.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.number
    }
}

/// A batch of entries from one member.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Put<'a> {
    /// The member that appends: a random name of 32 letters and digits, another with each start.
    pub sender: &'a str,
    /// Counts up with each batch, and stays with it however often it is repeated; 0 stands for no
    /// batch, where only the [`Place`] is asked for.
    pub number: u64,
    /// At most 256 of at most 64 KiB each, and hardly more than 1 MiB together.
    pub entries: &'a [Vec<u8>],
}

/// The outcome of a [`Put`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutOutcome {
    /// All of it is in the stream, or there was nothing to append.
    Stored,
    /// It was in the stream already: the first answer was lost.
    Duplicate,
    /// There is no room in the stream, and nothing of it is there.
    Full,
}

/// The answer to a [`Put`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PutAnswer {
    pub(crate) outcome: PutOutcome,
    pub(crate) place: Place,
}

impl PutAnswer {
    /// Creates the answer to a member at this place.
    #[must_use]
    pub const fn new(outcome: PutOutcome, place: Place) -> Self {
        Self { outcome, place }
    }

    /// Returns the outcome.
    #[must_use]
    pub const fn outcome(&self) -> PutOutcome {
        self.outcome
    }

    /// Returns the member's place.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }
}

/// The place of a member among all of its lane that made a `put` or a `lead` within five minutes.
///
/// ```
/// use logout::fleet::Place;
///
/// // The second of three, in a lane that has a leader.
/// let place = Place::new(1_764_426_000_000, 3, 1).led();
/// assert_ne!(place, Place::new(1_764_426_000_000, 3, 1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub(crate) time: u64,
    pub(crate) members: u64,
    pub(crate) rank: u64,
    pub(crate) has_leader: bool,
}

impl Place {
    /// Creates the place of a member that so many joined before (or left, since): the broker's time in
    /// milliseconds since 1970, and how many members there are, this one included.
    #[must_use]
    pub const fn new(time: u64, members: u64, rank: u64) -> Self {
        Self {
            time,
            members,
            rank,
            has_leader: false,
        }
    }

    /// Returns the same place in a lane whose lease somebody holds.
    #[must_use]
    pub const fn led(mut self) -> Self {
        self.has_leader = true;
        self
    }
}

/// An entry of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub(crate) mark: Mark,
    pub(crate) bytes: Vec<u8>,
}

impl Entry {
    /// Creates an entry with the bytes that were appended.
    #[must_use]
    pub const fn new(mark: Mark, bytes: Vec<u8>) -> Self {
        Self { mark, bytes }
    }

    /// Returns its place in the stream.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        self.mark
    }

    /// Returns the bytes that were appended.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}
