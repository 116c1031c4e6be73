//! The adapters of a simulation, whose messages state in numbers what they report.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::adapter::{
    Adapter, Form, Mention, Notice, ProblemState, Secret, Severity, Step, Verdict, Window,
};
use crate::block::{Block, BlockDefinition, Declaration};
use crate::config::{Config, Instance};
use crate::transport::{Request, Response, Transport, Url};
use crate::worker::dispatch::Dispatcher;
use crate::worker::lane::poll_lane;
use crate::worker::{Clock, Worker};

use tracing::level_filters::LevelFilter;

/// The lanes of the simulated block; the last sends each problem alone.
pub(super) const LANES: [&str; 3] = ["first", "second", "third"];

/// Words in a text that make its message one of two requests.
pub(super) const WITH_FILE: &str = "with a file";

/// A word in a text that the destination refuses in any form.
pub(super) const POISON: &str = "poison";

/// A message as it arrives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChatMessage {
    pub(super) lane: usize,
    pub(super) id: String,
    pub(super) part: usize,
    pub(super) plain: bool,
    /// Whether more requests follow.
    pub(super) followed: bool,
    pub(super) mentions: bool,
    /// Whether it should have mentioned people and was not allowed to.
    pub(super) withheld: bool,
    pub(super) repeat: bool,
    pub(super) severity: u8,
    pub(super) is_panic: bool,
    /// `None` for a message about no event.
    pub(super) state: Option<ChatState>,
    pub(super) rose: bool,
    /// Events that this message reports, if it says so.
    pub(super) told: Option<u64>,
    pub(super) problems: Vec<ChatProblem>,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ChatState {
    New,
    Known,
    Quiet,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ChatProblem {
    pub(super) fingerprint: String,
    pub(super) state: ChatState,
    /// Events since its first message.
    pub(super) count: u64,
}

impl From<ProblemState> for ChatState {
    fn from(state: ProblemState) -> Self {
        match state {
            ProblemState::New => Self::New,
            ProblemState::Known => Self::Known,
            ProblemState::Quiet => Self::Quiet,
        }
    }
}

impl ChatMessage {
    /// Returns whether it reports only known problems.
    pub(super) fn is_reminder(&self) -> bool {
        self.state.is_some_and(|state| state != ChatState::New) && !self.rose
    }

    fn of(lane: usize, notice: &Notice, step: &Step<'_>) -> Self {
        let one = (!notice.fingerprint.is_empty()).then(|| ChatProblem {
            fingerprint: notice.fingerprint.clone(),
            state: notice.state.into(),
            count: notice.count,
        });
        let several = notice.problems.iter().map(|problem| ChatProblem {
            fingerprint: problem.fingerprint.clone(),
            state: problem.state.into(),
            count: problem.count,
        });
        let told = match (one.is_some(), notice.problems.is_empty()) {
            (false, true) => Some(0),
            (_, false) => Some(notice.count),
            (true, true) => match notice.state {
                ProblemState::New => Some(notice.count),
                ProblemState::Known => added(&notice.body),
                ProblemState::Quiet => None,
            },
        };
        let is_of_events = one.is_some() || !notice.problems.is_empty();
        Self {
            lane,
            id: notice.id.clone(),
            part: step.part,
            plain: step.form == Form::Plain,
            followed: false,
            mentions: notice.mention == Mention::Allowed,
            withheld: matches!(notice.mention, Mention::Recent(_)),
            repeat: notice.possible_repeat,
            severity: notice.severity as u8,
            is_panic: notice.severity == Severity::Panic,
            state: is_of_events.then(|| notice.state.into()),
            rose: notice.level_rose,
            told,
            problems: one.into_iter().chain(several).collect(),
            text: format!("{}\n{}", notice.headline, notice.body),
        }
    }
}

/// Reads how many events a reminder adds: `since 12:04:31, +1,310 in the last 5 min`.
fn added(body: &str) -> Option<u64> {
    let (_, rest) = body.split_once(", +")?;
    let (count, _) = rest.split_once(" in the last")?;
    count.replace(',', "").parse().ok()
}

/// A chat of an invented platform, with several problems or one in a message.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chat<const DIGEST: bool> {
    lane: usize,
    /// The destination, whose windows lanes may share.
    place: u32,
    requests: usize,
    milliseconds: u64,
    mentions: bool,
    #[expect(dead_code, reason = "it only matters whether it has changed")]
    key: Secret,
}

impl<const D: bool> Adapter for Chat<D> {
    const DIGEST: bool = D;

    fn mentions_from(&self) -> Option<Severity> {
        self.mentions.then_some(Severity::Error)
    }

    fn pace(&self) -> impl IntoIterator<Item = Window> {
        let per = Duration::from_millis(self.milliseconds);
        [Window::new(self.requests, per, self.place)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        assert!(!notice.headline.contains("render panics"), "as asked for");
        let mut message = ChatMessage::of(self.lane, notice, &step);
        let has_file = notice.headline.contains(WITH_FILE) && step.form == Form::Rich;
        if has_file && step.part == 0 {
            request.post(&Url::parse("https://chat.example/").unwrap());
            message.followed = true;
            request.json(&message);
            request.followed();
        } else {
            request.post(&Url::parse("https://chat.example/").unwrap());
            request.json(&message);
            if has_file {
                request.supplements();
            }
        }
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        let why = || "as asked for".to_owned();
        match response.status() {
            404 => Verdict::Gone(why()),
            410 => Verdict::GoneForGood(why()),
            _ => Verdict::from_status(response),
        }
    }
}

/// The block of all simulations.
pub(super) struct Chats {
    first: Instance<Chat<true>>,
    second: Instance<Chat<true>>,
    third: Instance<Chat<false>>,
}

impl BlockDefinition for Chats {
    const BLOCK: Block = Block::new(
        "Chats",
        "simulation",
        &[
            Declaration::new(LANES[0], true),
            Declaration::new(LANES[1], false),
            Declaration::new(LANES[2], false),
        ],
    )
    .level(LevelFilter::INFO);
    type Instance = usize;

    fn index(instance: usize) -> usize {
        instance
    }
}

impl Dispatcher for Chats {
    fn read(config: &mut Config) -> Self {
        let mut section = config.section(0, &[]);
        let adapter = section.adapter();
        let first = section.instance(adapter);
        let mut section = config.section(1, &[]);
        let adapter = section.adapter();
        let second = section.instance(adapter);
        let mut section = config.section(2, &[]);
        let adapter = section.adapter();
        let third = section.instance(adapter);
        Self {
            first,
            second,
            third,
        }
    }

    async fn run<T: Transport, C: Clock>(&self, worker: &Worker<T, C>) {
        let mut first = Some(Box::pin(worker.lane(0, &self.first)));
        let mut second = Some(Box::pin(worker.lane(1, &self.second)));
        let mut third = Some(Box::pin(worker.lane(2, &self.third)));
        std::future::poll_fn(|cx| {
            let mut is_open = poll_lane(&mut first, cx);
            is_open |= poll_lane(&mut second, cx);
            is_open |= poll_lane(&mut third, cx);
            match is_open {
                true => std::task::Poll::Pending,
                false => std::task::Poll::Ready(()),
            }
        })
        .await;
    }

    fn succeed(&self, next: &Self) {
        self.first.succeed(&next.first);
        self.second.succeed(&next.second);
        self.third.succeed(&next.third);
    }
}
