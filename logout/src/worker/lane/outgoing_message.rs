//! The message that a lane is sending.

use std::time::{Duration, Instant};

use super::group::Group;
use super::lane_state::{LaneState, StatusNotice};
use crate::adapter::{Form, Memory, Mention, Preview};
use crate::message::Losses;
use crate::transport::Response;
use crate::transport::response::LARGEST_BODY;

/// The message that a lane is sending.
#[derive(Debug)]
pub(super) struct OutgoingMessage {
    pub(super) subject: Subject,
    pub(super) form: Form,
    pub(super) part: usize,
    /// The answers to its parts so far.
    pub(super) answers: Vec<Response>,
    /// Whether it counts as delivered, and the remaining parts only supplement it.
    pub(super) delivered: bool,
    /// Events numbered below this are sent before its remaining parts, since somebody waits.
    pub(super) gives_way_to: Option<u64>,
    /// Whether an attempt may have arrived although no answer said so.
    pub(super) possible_repeat: bool,
    /// Whether it was answered by a success whose body could not be read.
    pub(super) unread: bool,
    /// Whether it is still sent to the route that its events asked for.
    pub(super) routed: bool,
    /// Whether the destination has moved while it was being sent.
    pub(super) moved: bool,
    /// The same for all its requests, and for no other message.
    pub(super) id: String,
    /// Whether it may mention people, as of when it was chosen.
    pub(super) mention: Mention,
    pub(super) chosen: Instant,
    /// What the adapter remembers of its answer.
    pub(super) memory: Option<Memory>,
    /// Whether its last line counts the known problems that it has no room for.
    pub(super) tells_all: bool,
    /// The preview that a dry run has read so far.
    pub(super) preview: Preview,
    /// How often its lane had stopped leading when it was chosen.
    #[cfg(feature = "fleet")]
    pub(super) terms: u64,
    /// Whether it reports losses of other members of the fleet.
    #[cfg(feature = "fleet")]
    pub(super) reports_peer_losses: bool,
}

#[derive(Debug)]
pub(super) enum Subject {
    Events(Vec<Group>),
    Report {
        losses: Box<Losses>,
        period: Duration,
        over: bool,
    },
    StatusNotice(StatusNotice),
}

impl OutgoingMessage {
    pub(super) fn new(subject: Subject, chosen: Instant) -> Self {
        Self {
            subject,
            id: format!("{:016x}", fastrand::u64(..)),
            mention: Mention::Never,
            chosen,
            memory: None,
            tells_all: false,
            form: Form::Rich,
            part: 0,
            answers: Vec::new(),
            delivered: false,
            gives_way_to: None,
            possible_repeat: false,
            unread: false,
            routed: true,
            moved: false,
            preview: Preview::default(),
            #[cfg(feature = "fleet")]
            terms: 0,
            #[cfg(feature = "fleet")]
            reports_peer_losses: false,
        }
    }

    /// Returns the groups in the message; none if it contains no event.
    pub(super) fn groups(&self) -> &[Group] {
        match &self.subject {
            Subject::Events(groups) => groups,
            _ => &[],
        }
    }

    /// Returns the hash of the route that its events asked for.
    pub(super) fn route(&self) -> Option<u64> {
        Some(self.groups().first()?.key.route)
    }

    /// Returns what the adapter remembers of its only problem, the same for all its requests.
    pub(super) fn remembered(&self, state: &LaneState) -> Option<Memory> {
        match self.groups() {
            [only] if only.known.is_some() || !self.delivered => {
                state.known.memory(only.key).cloned()
            }
            _ => None,
        }
    }

    /// Returns the number of its oldest event, and when that came.
    pub(super) fn oldest(&self) -> Option<(u64, Instant)> {
        self.groups().iter().map(Group::oldest).min()
    }

    pub(super) fn is_of_several_groups(&self) -> bool {
        self.groups().len() > 1
    }

    /// Returns whether it contains only groups that something on the way rejected before.
    pub(super) fn was_rejected(&self) -> bool {
        let groups = self.groups();
        !groups.is_empty() && groups.iter().all(|group| group.rejected)
    }

    /// Keeps the answer to a part. If the answers are long it drops the bodies before, so that a
    /// message of many parts takes no more memory than one answer.
    pub(super) fn keep_answer(&mut self, answer: Response) {
        let kept: usize = self.answers.iter().map(|kept| kept.body().len()).sum();
        if kept + answer.body().len() > LARGEST_BODY {
            for kept in &mut self.answers {
                kept.set_body("");
            }
        }
        self.answers.push(answer);
    }

    /// Starts again with its first part.
    pub(super) fn restart(&mut self) {
        self.part = 0;
        self.answers.clear();
    }
}
