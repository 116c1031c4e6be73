//! A test bench that runs a whole worker: a block of one instance, a transport with scripted
//! answers, and time limits that suit a test.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use figment::Figment;
use serde::Deserialize;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::prelude::*;

use crate::adapter::{Adapter, Form, Notice, Step, Verdict, Window};
use crate::block::{Block, BlockDefinition, Declaration};
use crate::config::{self, Config, Instance};
use crate::event::Event;
use crate::handle::Handle;
use crate::transport::{Fault, Request, Response, Transport};
use crate::worker::control::{Command, Reply};
use crate::worker::dispatch::Dispatcher;
use crate::worker::settings::{LiveSettings, TimeLimits};
use crate::worker::stats::LaneStats;
use crate::worker::{BlockState, Clock, Worker};

/// How long a test waits for what is to come.
const LONG: Duration = Duration::from_secs(10);

/// Returns the events that `program` emits, as the worker gets them.
pub(crate) fn captured(program: impl FnOnce()) -> Vec<Event> {
    let roomy = Figment::from(("sync_threshold", 99_999)).merge(("discard_threshold", 99_999));
    let (_, settings) = config::from_figment(One::read, roomy).unwrap();
    let shared = BlockState::new(const { &One::BLOCK }, settings);
    let layer = shared.layer::<One, _>();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), program);
    shared.queue.drain()
}

/// An adapter whose message is the plain text, and whose answers say what they mean by status.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Plain {
    #[serde(default)]
    place: u32,
}

impl Adapter for Plain {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(1, Duration::from_millis(20), self.place)]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        assert!(!notice.headline.contains("render panics"), "as asked for");
        let route = notice.route("zulip_topic").unwrap_or("-");
        let text = crate::adapter::notice::format_message(notice);
        let text = format!("{:?} {route} {} {text}", step.form, self.place);
        request.post(&crate::transport::Url::parse("https://example.org/").unwrap());
        request.json(&text);
        if notice.headline.contains("with a file") && step.form == Form::Rich {
            if step.part == 0 {
                request.followed();
            } else {
                request.supplements();
            }
        }
        if notice.headline.contains("without end") {
            request.followed();
        }
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        let why = || "as asked for".to_owned();
        match response.status() {
            299 => panic!("as asked for"),
            301 => {
                self.place += 1;
                Verdict::Moved(why())
            }
            404 => Verdict::Gone(why()),
            410 => Verdict::GoneForGood(why()),
            424 => Verdict::Unroutable(why()),
            _ => Verdict::from_status(response),
        }
    }
}

pub(crate) struct One {
    instance: Instance<Plain>,
}

impl BlockDefinition for One {
    const BLOCK: Block =
        Block::new("One", "bench", &[Declaration::new("plain", true)]).level(LevelFilter::INFO);
    type Instance = usize;

    fn index(instance: usize) -> usize {
        instance
    }
}

impl Dispatcher for One {
    fn read(config: &mut Config) -> Self {
        let mut section = config.section(0, &[]);
        let adapter = section.adapter();
        Self {
            instance: section.instance(adapter),
        }
    }

    async fn run<T: Transport, C: Clock>(&self, worker: &Worker<T, C>) {
        worker.lane(0, &self.instance).await;
    }

    fn succeed(&self, next: &Self) {
        self.instance.succeed(&next.instance);
    }
}

/// A scripted answer to one request.
#[derive(Clone, Debug)]
pub(crate) enum ScriptedAnswer {
    Status(u16),
    Header(u16, &'static str, &'static str),
    /// A web page of no platform.
    Page(u16),
    NotSent,
    Unknown,
    Never,
    /// That answer, once the gate is open.
    Held(Arc<Reply>, Box<Self>),
}

impl ScriptedAnswer {
    /// Returns a gate, which [`Reply::done`] opens, and this answer, which waits for that.
    pub(crate) fn held(self) -> (Arc<Reply>, Self) {
        let gate = Arc::<Reply>::default();
        (Arc::clone(&gate), Self::Held(gate, Box::new(self)))
    }

    async fn give(self) -> Result<Response, Fault> {
        match self {
            Self::Status(status) => Ok(Response::new(status)),
            Self::Header(status, name, value) => {
                let mut response = Response::new(status);
                response.append_header(name, value);
                Ok(response)
            }
            Self::Page(status) => {
                let mut response = Response::new(status);
                response.set_body("<html><title>Blocked</title></html>");
                Ok(response)
            }
            Self::NotSent => Err(Fault::NotSent("as asked for".into())),
            Self::Unknown => Err(Fault::Unknown("as asked for".into())),
            Self::Never => std::future::pending().await,
            Self::Held(gate, answer) => {
                poll_fn(|cx| gate.poll(cx)).await;
                Box::pin(answer.give()).await
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    answers: Arc<Mutex<VecDeque<ScriptedAnswer>>>,
    /// The word that a firewall refuses.
    forbidden: Arc<Mutex<Option<String>>>,
    sent: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Script {
    fn note(&self, text: String) {
        self.sent.lock().unwrap().push((Instant::now(), text));
    }

    /// Creates a script that gives these answers first and then always 200.
    pub(crate) fn answering(answers: impl IntoIterator<Item = ScriptedAnswer>) -> Self {
        let script = Self::default();
        script.answers.lock().unwrap().extend(answers);
        script
    }
}

/// Refuses whatever holds the word poison.
impl Transport for Script {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let text = String::from_utf8_lossy(request.body()).into_owned();
        let forbidden = self.forbidden.lock().unwrap().clone();
        let is_forbidden = forbidden.is_some_and(|word| text.contains(&word));
        let is_poison = text.contains("poison") && !text.contains("not delivered");
        let answer = match is_poison {
            true => Some(ScriptedAnswer::Status(400)),
            false => self.answers.lock().unwrap().pop_front(),
        };
        // As of `Wire`: the pace counts from here, however late the answer is.
        request.written().get_or_init(Instant::now);
        // After its answer is taken: what a test adds once it sees this request is for the next.
        self.note(text);
        let answer = answer.or_else(|| is_forbidden.then_some(ScriptedAnswer::Page(403)));
        answer.unwrap_or(ScriptedAnswer::Status(200)).give().await
    }
}

/// A running worker.
pub(crate) struct Bench {
    pub(crate) handle: Handle<One>,
    script: Script,
    default: tracing::dispatcher::DefaultGuard,
    thread: JoinHandle<()>,
}

/// Limits that no test waits for.
pub(crate) const LONG_LIMITS: TimeLimits = TimeLimits {
    max_age: Duration::from_secs(3_600),
    report_period: Duration::from_secs(3_600),
    recheck: Duration::from_secs(60),
    lighter_after: Duration::from_secs(3_600),
};

impl Bench {
    /// Starts a worker whose first requests get these answers and all others 200. Until it is
    /// dropped, it gets what this thread emits.
    pub(crate) fn start(
        limits: TimeLimits,
        answers: impl IntoIterator<Item = ScriptedAnswer>,
    ) -> Self {
        Self::of(Figment::new(), limits, answers)
    }

    pub(crate) fn of(
        figment: Figment,
        limits: TimeLimits,
        answers: impl IntoIterator<Item = ScriptedAnswer>,
    ) -> Self {
        let script = Script::answering(answers);
        let (dispatch, settings) = config::from_figment(One::read, figment).unwrap();
        let shared = Arc::new(BlockState::new(const { &One::BLOCK }, settings));
        let dispatch = Arc::new(dispatch);
        let limited = |settings: &mut LiveSettings| {
            settings.limits = limits;
            Ok(())
        };
        shared.change(limited).unwrap();
        let layer = shared.layer::<One, _>();
        let handle = Handle::new(Arc::clone(&shared), Arc::clone(&dispatch));
        let transport = script.clone();
        let thread = std::thread::spawn(move || {
            async_io::block_on(Worker::new(shared, transport).run(&*dispatch));
        });
        Self {
            handle,
            script,
            default: tracing::dispatcher::set_default(
                &tracing_subscriber::registry().with(layer).into(),
            ),
            thread,
        }
    }

    /// Returns the texts sent so far.
    pub(crate) fn sent(&self) -> Vec<String> {
        let sent = self.script.sent.lock().unwrap();
        sent.iter().map(|(_, text)| text.clone()).collect()
    }

    /// Returns when they were sent.
    pub(crate) fn moments(&self) -> Vec<Instant> {
        let sent = self.script.sent.lock().unwrap();
        sent.iter().map(|(at, _)| *at).collect()
    }

    /// Waits until so many requests were sent.
    pub(crate) fn wait_for(&self, requests: usize) -> Vec<String> {
        wait_until(|| self.sent().len() >= requests);
        self.sent()
    }

    /// Gives these answers to the next requests.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = ScriptedAnswer>) {
        self.script.answers.lock().unwrap().extend(answers);
    }

    /// Lets a firewall refuse texts with this word from now on.
    pub(crate) fn forbid(&self, word: &str) {
        *self.script.forbidden.lock().unwrap() = Some(word.to_owned());
    }

    pub(crate) fn flush(&self) {
        self.handle.flush(LONG).unwrap();
    }

    /// Asks for a flush without waiting for it. It goes on while the reply is kept.
    pub(crate) fn ask_for_flush(&self) -> Arc<Reply> {
        let deadline = Instant::now() + LONG;
        let ask = |reply| Command::Flush { deadline, reply };
        self.handle.send(ask).unwrap()
    }

    /// Waits until the worker takes no more events.
    pub(crate) fn wait_until_closed(&self) {
        wait_until(|| !self.handle.shared.queue.is_open());
    }

    /// Waits until the lane is so, and returns its stats.
    pub(crate) fn wait_until_lane(&self, is_so: impl Fn(&LaneStats) -> bool) -> LaneStats {
        wait_until(|| is_so(&self.lane()));
        self.lane()
    }

    /// Returns the stats of the lane, after checking their sum.
    pub(crate) fn lane(&self) -> LaneStats {
        let lane = self.handle.stats().lanes.remove(0);
        let sum = lane.delivered + lane.pending + lane.discarded.total();
        assert_eq!(lane.accepted, sum, "{lane:?}");
        lane
    }

    /// Shuts it down, and waits until its thread has ended.
    pub(crate) fn end(self, timeout: Duration) -> LaneStats {
        drop(self.default);
        let _left = self.handle.shutdown(timeout);
        self.thread.join().unwrap();
        self.handle.stats().lanes.remove(0)
    }
}

/// Waits until it is so, or has not become so for long.
fn wait_until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() && start.elapsed() < LONG {
        std::thread::sleep(Duration::from_millis(1));
    }
}
