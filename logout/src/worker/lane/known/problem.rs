//! What is known of one problem.

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use tracing::Level;

use crate::adapter::{Memory, ProblemState};
use crate::message::{ToldBefore, ToldText};
use crate::worker::ladder::Life;
use crate::worker::lane::group::Kept;

/// What people know of the problem of a group, as of when it was taken for a message.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) state: ProblemState,
    /// Events since its first message, those of this one among them.
    pub(crate) count: u64,
    pub(crate) first_seen: SystemTime,
    /// How long ago the last message told it.
    pub(crate) told: Duration,
    /// How long nothing more of it has come.
    pub(in crate::worker::lane) silent: Duration,
    /// Whether one of its messages was to mention people and was not allowed to.
    pub(crate) owes_mention: bool,
    /// How many events of the group were counted before.
    pub(super) counted: u64,
    /// The lane's number of the first of these.
    pub(in crate::worker::lane) number: u64,
    /// Whether a message with it was under way when its process ended.
    #[cfg(feature = "spool")]
    pub(in crate::worker::lane) possible_repeat: bool,
}

impl Known {
    /// What a message says of it.
    pub(in crate::worker::lane) fn told(&self) -> ToldBefore {
        ToldBefore {
            state: self.state,
            count: self.count,
            first_seen: self.first_seen,
            ago: self.told,
        }
    }
}

/// What is known of one problem.
#[derive(Debug)]
pub(super) struct KnownProblem {
    pub(super) life: Life,
    pub(super) first_seen: SystemTime,
    /// The most severe that was told of it.
    pub(super) level: Level,
    /// What came last and is not told: whole where it is sent at once, else an excerpt.
    pub(super) last: Option<Rc<Kept>>,
    pub(super) last_time: SystemTime,
    /// Some of the texts that are not told, where what they tell takes in what its call site says too
    /// much of.
    pub(super) texts: Vec<ToldText>,
    /// The lane's number of the first event that is not told.
    pub(super) number: u64,
    pub(super) owes_mention: bool,
    /// What the adapter remembers of it.
    pub(super) memory: Option<Memory>,
    /// Whether a message with what waits was under way when its process ended.
    #[cfg(feature = "spool")]
    pub(super) possible_repeat: bool,
    /// Who saw what is not told, where it came over the stream of a fleet.
    #[cfg(feature = "fleet")]
    pub(super) seen: Option<Box<crate::worker::lane::Seen>>,
}

impl KnownProblem {
    pub(super) fn as_of(&self, now: Instant) -> Known {
        Known {
            state: ProblemState::Known,
            count: self.life.events(),
            first_seen: self.first_seen,
            told: self.life.since_told(now),
            silent: now.saturating_duration_since(self.life.last_event()),
            owes_mention: self.owes_mention,
            counted: self.life.untold(),
            number: self.number,
            #[cfg(feature = "spool")]
            possible_repeat: self.possible_repeat,
        }
    }
}
