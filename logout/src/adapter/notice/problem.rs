//! The state of a problem in a notice, and whether the notice may mention people.

use std::time::{Duration, SystemTime};

/// The state of a problem when a message about it is sent.
///
/// A problem is what a person would call the same error: a call site and the shape of its text.
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
    /// Nothing more of it has come for as long as `quiet` says. That does not prove that it is
    /// fixed.
    Quiet,
    /// People know it, and it continues: a reminder.
    Known,
    /// People do not know it yet, or it was silent until logout forgot it.
    #[default]
    New,
}

/// The permission of a message to mention people, if the adapter's `mention` is set.
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
    /// Yes: it is about something new or worse.
    #[default]
    Allowed,
    /// No: it is about something new or worse, but a message has mentioned people this long ago,
    /// within `mention_every`.
    Recent(Duration),
    /// No: it is a reminder, a report, or not severe enough.
    Never,
}

/// One of the problems of a digest.
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
    /// Its state.
    pub state: ProblemState,
    /// Events since its first message, including those of this one.
    pub count: u64,
    /// When the first and the last of these happened.
    pub first_seen: SystemTime,
    /// When the last of these happened.
    pub last_seen: SystemTime,
    /// What broke.
    pub headline: String,
}

impl NoticeProblem {
    /// Creates a new problem of one event, of this moment, for tests of an adapter.
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
