//! A message on its way.

use std::time::{Duration, Instant};

use super::group::Group;
use super::lane_state::{LaneState, StatusNotice};
use crate::adapter::{Form, Memory, Mention, Preview};
use crate::message::Losses;
use crate::transport::Response;
use crate::transport::response::LARGEST_BODY;

/// A message on its way.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) subject: Subject,
    pub(super) form: Form,
    pub(super) part: usize,
    /// What its parts so far were answered.
    pub(super) answers: Vec<Response>,
    /// Whether people have the message, as is noted already, and the rest only supplements it.
    pub(super) delivered: bool,
    /// Below which number events go before the rest of it, since somebody waits.
    pub(super) gives_way_to: Option<u64>,
    /// Whether a try may have arrived although no answer said so.
    pub(super) possible_repeat: bool,
    /// Whether it was answered by a success whose body could not be read.
    pub(super) unread: bool,
    /// Whether it still goes where its events asked to go.
    pub(super) routed: bool,
    /// Whether the destination has moved while this message was on its way.
    pub(super) moved: bool,
    /// The same for all its requests, and for no other message.
    pub(super) id: String,
    /// Whether it may mention people, as of when it was chosen.
    pub(super) mention: Mention,
    pub(super) chosen: Instant,
    /// What its adapter wants to remember of its answer.
    pub(super) memory: Option<Memory>,
    /// Whether known problems that find no room in it are counted in a last line.
    pub(super) tells_all: bool,
    /// What a dry run has read of it so far.
    pub(super) reading: Preview,
    /// How often its lane had stopped to lead when it was chosen.
    #[cfg(feature = "fleet")]
    pub(super) terms: u64,
    /// Whether it reports what other processes of the fleet gave up.
    #[cfg(feature = "fleet")]
    pub(super) is_of_stream: bool,
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

impl Sending {
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
            reading: Preview::default(),
            #[cfg(feature = "fleet")]
            terms: 0,
            #[cfg(feature = "fleet")]
            is_of_stream: false,
        }
    }

    /// The groups that it tells; none where it tells of no event.
    pub(super) fn groups(&self) -> &[Group] {
        match &self.subject {
            Subject::Events(groups) => groups,
            _ => &[],
        }
    }

    /// The place its events asked to go to, as a hash.
    pub(super) fn route(&self) -> Option<u64> {
        Some(self.groups().first()?.key.route)
    }

    /// What the adapter remembers of the only problem that it tells: the same for all its requests,
    /// whatever the first was answered.
    pub(super) fn remembered(&self, state: &LaneState) -> Option<Memory> {
        match self.groups() {
            [only] if only.known.is_some() || !self.delivered => {
                state.known.memory(only.key).cloned()
            }
            _ => None,
        }
    }

    /// The number of the oldest event in it, and since when that waits.
    pub(super) fn oldest(&self) -> Option<(u64, Instant)> {
        self.groups().iter().map(Group::oldest).min()
    }

    pub(super) fn is_of_several_groups(&self) -> bool {
        self.groups().len() > 1
    }

    /// Whether it tells only of what something on the way refused before.
    pub(super) fn is_suspect(&self) -> bool {
        let groups = self.groups();
        !groups.is_empty() && groups.iter().all(|group| group.suspect)
    }

    /// Keeps what a part was answered. A destination that answers at length makes it forget the bodies before,
    /// so that a message in many parts costs the program no more memory than one answer.
    pub(super) fn keep_answer(&mut self, answer: Response) {
        let kept: usize = self.answers.iter().map(|kept| kept.body().len()).sum();
        if kept + answer.body().len() > LARGEST_BODY {
            for kept in &mut self.answers {
                kept.set_body("");
            }
        }
        self.answers.push(answer);
    }

    /// Sends it from its first part again.
    pub(super) fn begin_again(&mut self) {
        self.part = 0;
        self.answers.clear();
    }
}
