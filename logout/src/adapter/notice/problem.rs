//! What of a problem's life a notice tells, and whether it may mention people.

use std::time::{Duration, SystemTime};

/// Where a problem stands in its life when a message tells it.
///
/// A problem is what a person would call the same error: a call site and the shape of what it said.
///
/// ```
/// use logout::Notice;
/// use logout::adapter::ProblemState;
///
/// let notice = Notice::new(tracing::Level::ERROR, "payment failed");
/// assert_eq!(notice.state, ProblemState::New);
/// // The worst of several is what a digest of them shows.
/// assert!(ProblemState::New > ProblemState::Known);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ProblemState {
    /// Nothing more of it has come for as long as `quiet` says. Nobody knows that it is fixed.
    Quiet,
    /// People were told of it before, and it goes on: a reminder.
    Known,
    /// People have not been told of it yet, or have not for this long that it was forgotten.
    #[default]
    New,
}

/// Whether a message may mention people, as `mention` of an adapter says.
///
/// ```
/// use std::time::Duration;
/// use logout::Notice;
/// use logout::adapter::Mention;
///
/// let mut notice = Notice::new(tracing::Level::ERROR, "payment failed");
/// assert_eq!(notice.mention, Mention::Allowed);
///
/// notice.mention = Mention::Recent(Duration::from_secs(180));
/// assert_eq!(notice.context(), "no call: one 3 min ago");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mention {
    /// It tells of something new or worse.
    #[default]
    Allowed,
    /// It tells of something new or worse, this long after a message that mentioned people that it
    /// must not do so again (`mention_every`).
    Recent(Duration),
    /// It is a reminder, a report, or not severe enough.
    Never,
}

/// One of the problems that a digest tells.
///
/// ```
/// use logout::adapter::{NoticeProblem, ProblemState};
///
/// let problem = NoticeProblem::new("3fa9c1", "payment failed");
/// assert_eq!((problem.state, problem.count), (ProblemState::New, 1));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoticeProblem {
    /// Its fingerprint, such as `3fa9c1`.
    pub fingerprint: String,
    /// Where it stands in its life.
    pub state: ProblemState,
    /// Events since it was first told, those of this message among them.
    pub count: u64,
    /// When the first and the last of these happened.
    pub first_seen: SystemTime,
    /// When the last of these happened.
    pub last_seen: SystemTime,
    /// What broke.
    pub headline: String,
}

impl NoticeProblem {
    /// Creates a new problem of one event, of this moment: a start for tests of an adapter.
    pub fn new(fingerprint: impl Into<String>, headline: impl Into<String>) -> Self {
        let now = SystemTime::now();
        Self {
            fingerprint: fingerprint.into(),
            state: ProblemState::New,
            count: 1,
            first_seen: now,
            last_seen: now,
            headline: headline.into(),
        }
    }
}
