//! Messages about a problem that goes on: reminders, mentions, quiet.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use figment::Figment;
use logout::adapter::{Memory, Mention, Request, Response, SecretUrl, Severity, Step, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Guard, Notice, logout};
use serde::{Deserialize, Serialize};
use tracing_subscriber::prelude::*;

use crate::support;

/// A chat that mentions somebody, and takes what logout says of a message as it is.
#[derive(Default, Deserialize)]
struct Chat {
    #[serde(default)]
    url: Option<SecretUrl>,
}

/// The fields of a notice that the chat receives.
#[derive(Debug, Deserialize, Serialize)]
struct SentNotice {
    headline: String,
    state: String,
    count: u64,
    level_rose: bool,
    problems: Vec<String>,
    mentions: bool,
    context: String,
    id: String,
    memory: Option<String>,
}

impl Adapter for Chat {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(1, Duration::from_millis(20), "chat")]
    }

    fn mentions_from(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        assert_eq!(notice.id, step.id);
        let url = self.url.as_ref().map_or_else(
            || logout::adapter::Url::parse("https://chat.example.org").unwrap(),
            |url| url.expose().clone(),
        );
        let headlines = notice.problems.iter().map(|one| one.headline.clone());
        request.post(&url).json(&SentNotice {
            headline: notice.headline.clone(),
            state: format!("{:?}", notice.state),
            count: notice.count,
            level_rose: notice.level_rose,
            problems: headlines.collect(),
            mentions: notice.mention == Mention::Allowed,
            context: notice.context(),
            id: notice.id.clone(),
            memory: step.memory.map(|memory| memory.as_str().to_owned()),
        });
    }

    fn remember(&self, response: &Response) -> Option<Memory> {
        Memory::new(&response.text())
    }
}

/// A transport that takes everything, and answers with the number of the message.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<Vec<SentNotice>>>);

impl Transport for Line {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let mut told = self.0.lock().unwrap();
        told.push(serde_json::from_slice(request.body()).unwrap());
        let mut response = Response::new(200);
        response.set_body(format!("message-{}", told.len()));
        Ok(response)
    }
}

impl Line {
    fn wait_for(&self, messages: usize) {
        let start = Instant::now();
        while self.0.lock().unwrap().len() < messages {
            assert!(start.elapsed() < support::TIMEOUT, "{:?}", self.0);
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

logout! { struct Alerts { adapters: [Chat] } }

/// Returns the default reminders and quiet, sixty times as fast.
fn fast_settings() -> Figment {
    Figment::from(("remind", ["1s", "5s", "30s", "2m"])).merge(("quiet", "15s"))
}

fn start(figment: Figment) -> (Line, Guard<Alerts>, tracing::subscriber::DefaultGuard) {
    let line = Line::default();
    let alerts = Alerts::from_figment(figment).unwrap();
    let (layer, guard) = alerts.transport(line.clone()).start().unwrap();
    let default = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    (line, guard, default)
}

#[test]
fn what_fails_for_ten_minutes_is_four_messages_that_count_all_of_it_and_one_mention() {
    let (line, guard, _default) = start(fast_settings());
    let begun = Instant::now();
    let mut emitted = 0;
    while begun.elapsed() < Duration::from_secs(10) {
        tracing::error!(order = emitted, "payment {emitted} failed");
        emitted += 1;
        std::thread::sleep(Duration::from_millis(18));
    }
    let messages = line.0.lock().unwrap().len();
    assert!((3..=4).contains(&messages), "{:?}", line.0);
    let handle = guard.handle();
    drop(guard);
    let chat = &handle.stats().lanes[0];
    assert_eq!((chat.accepted, chat.delivered), (emitted, emitted));
    assert_eq!(chat.mentions, 1);
    let told = line.0.lock().unwrap();
    let last = told.last().unwrap();
    assert_eq!((last.count, last.state.as_str()), (emitted, "Known"));
    assert_eq!(told.iter().filter(|one| one.mentions).count(), 1);
    // What the first answer said comes back with the reminders, and each message has its own id.
    assert!(told[1..].iter().all(|one| one.memory.is_some()), "{told:?}");
    assert!(told[0].memory.is_none() && told[0].id != told[1].id);
}

#[test]
fn a_central_handler_tells_both_of_its_errors() {
    let (line, guard, _default) = start(Figment::new());
    let handle = |error: &str| tracing::error!(error, "the request failed");
    handle("connection reset");
    line.wait_for(1);
    for _ in 0..20 {
        handle("connection reset");
    }
    handle("the schema is locked");
    line.wait_for(2);
    let told = line.0.lock().unwrap();
    assert!(told[0].headline.contains("connection reset"), "{told:?}");
    assert!(
        told[1].headline.contains("the schema is locked"),
        "{told:?}"
    );
    drop(told);
    drop(guard);
}

#[test]
fn a_second_new_problem_says_why_nobody_is_mentioned_and_its_reminder_makes_up_for_it() {
    let (line, guard, _default) = start(fast_settings().merge(("mention_every", "5s")));
    tracing::error!("payment failed");
    line.wait_for(1);
    tracing::error!("the disk is full");
    line.wait_for(2);
    std::thread::sleep(Duration::from_millis(5_200));
    tracing::error!("the disk is full");
    line.wait_for(3);
    let told = line.0.lock().unwrap();
    let mentions: Vec<_> = told.iter().map(|one| one.mentions).collect();
    assert_eq!(mentions, [true, false, true], "{told:?}");
    assert!(told[1].context.starts_with("no call: one "), "{told:?}");
    drop(told);
    drop(guard);
}

#[test]
fn where_each_problem_has_a_place_of_its_own_each_reminder_has_a_message() {
    /// A forum, with a thread for each problem.
    #[derive(Default, Deserialize)]
    struct Forum {}

    impl Adapter for Forum {
        const DIGEST: bool = false;

        fn pace(&self) -> impl IntoIterator<Item = Window> {
            Chat::default().pace().into_iter().collect::<Vec<_>>()
        }

        fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
            Chat::default().render(notice, step, request);
        }

        fn remember(&self, response: &Response) -> Option<Memory> {
            Chat::default().remember(response)
        }
    }

    logout! { struct Threads { adapters: [Forum] } }
    let line = Line::default();
    let threads = Threads::from_figment(("mute", [""; 0])).unwrap();
    let (layer, guard) = threads.transport(line.clone()).start().unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for _ in 0..3 {
            for problem in ["payment failed", "the disk is full"] {
                tracing::error!(fingerprint = problem, "{problem}");
            }
            guard.handle().flush(support::TIMEOUT).unwrap();
        }
    });
    drop(guard);
    let told = line.0.lock().unwrap();
    assert_eq!(told.len(), 6, "{told:?}");
    assert!(told.iter().all(|one| one.problems.is_empty()), "{told:?}");
    // Each reminder comes with what was remembered of its own first message.
    for problem in ["payment failed", "the disk is full"] {
        let of_it = told.iter().filter(|one| one.headline.contains(problem));
        let memories: Vec<_> = of_it.map(|one| one.memory.as_deref()).collect();
        assert_eq!(memories[0], None, "{told:?}");
        assert!(
            memories[1].is_some() && memories[1] == memories[2],
            "{told:?}"
        );
    }
}

#[test]
fn what_got_worse_and_then_stopped_is_told_to_be_quiet() {
    let steps = Figment::from(("remind", ["1s", "5s"]));
    let (line, guard, _default) = start(steps.merge(("quiet", "1s")).merge(("quiet_notice", true)));
    tracing::warn!(fingerprint = "slow", "payments are slow");
    line.wait_for(1);
    tracing::error!(fingerprint = "slow", "payments are too slow");
    line.wait_for(3);
    let told = line.0.lock().unwrap();
    let states = told.iter().map(|one| (one.state.as_str(), one.level_rose));
    let states: Vec<_> = states.collect();
    assert_eq!(states[0], ("New", false));
    assert!(states[1].1, "{told:?}");
    assert_eq!(states[2].0, "Quiet", "{told:?}");
    assert_eq!(told[2].count, 2);
    drop(told);
    drop(guard);
}
