//! Lanes that share a window: each gets its turn, and more severe events go first.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::machine_lateness::LatenessMonitor;
use crate::support::{self, TIMEOUT};
use logout::adapter::{Request, Response, Step, Url, Window};
use logout::sandbox::{Sandbox, Trouble};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, Slack, logout};
use tracing::subscriber::set_default;
use tracing_subscriber::prelude::*;

/// A chat that takes one request in a tenth of a second, over all instances.
#[derive(Default, serde::Deserialize)]
struct Chat {}

impl Adapter for Chat {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(1, Duration::from_millis(100), "one chat")]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        request
            .post(&Url::parse("https://chat.example").unwrap())
            .bytes("text/plain", notice.headline.as_bytes());
    }
}

/// A transport that takes everything, after a short delay.
#[derive(Clone, Default)]
struct Line(Arc<Mutex<Vec<(Instant, String)>>>);

impl Transport for Line {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let text = String::from_utf8_lossy(request.body()).into_owned();
        self.0.lock().unwrap().push((Instant::now(), text));
        smol::Timer::after(Duration::from_millis(5)).await;
        Ok(Response::new(200))
    }
}

/// Returns settings under which callers never wait, each event is sent by itself, and a busy machine loses
/// none: a report of losses is a message, too, and has its share of what a person reads.
fn settings() -> figment::Figment {
    figment::Figment::from(("sync_timeout", "0s"))
        .merge(("remind", "off"))
        .merge(("discard_threshold", 100_000))
}

#[test]
fn equal_lanes_get_equal_counts_although_neither_is_ever_empty() {
    logout! { struct Alerts { adapters: [one: Chat, other: Chat] } }
    let line = Line::default();
    let alerts = Alerts::from_figment(settings()).unwrap();
    let (layer, guard) = alerts.transport(line.clone()).start().unwrap();
    let handle = guard.handle();
    let start = Instant::now();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        while start.elapsed() < Duration::from_secs(12) {
            tracing::warn!("one warning after the other");
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let lanes = handle.stats().lanes;
    let counts = (lanes[0].messages, lanes[1].messages);
    assert!(
        counts.0.abs_diff(counts.1) <= 1 && counts.0 >= 5,
        "{counts:?}"
    );
}

#[test]
fn an_error_waits_for_a_slot_or_two_behind_warnings_without_an_end() {
    logout! {
        struct Alerts {
            adapters: [team: Chat, on_call: Chat { level: ERROR }],
        }
    }
    let line = Line::default();
    let alerts = Alerts::from_figment(settings()).unwrap();
    let (layer, _guard) = alerts.transport(line.clone()).start().unwrap();
    let machine = LatenessMonitor::watch();
    let mut waits = Vec::new();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        for order in 0..4_u32 {
            for _ in 0..150 {
                tracing::warn!("one warning after the other");
                std::thread::sleep(Duration::from_millis(2));
            }
            let logged = Instant::now();
            tracing::error!(fingerprint = order, "the {order}th error");
            let told = || {
                let sent = line.0.lock().unwrap();
                let told = sent.iter().find(|(at, text)| {
                    *at >= logged && text.contains(&format!("the {order}th error"))
                });
                told.map(|(at, _)| *at)
            };
            while told().is_none() && logged.elapsed() < Duration::from_secs(5) {
                tracing::warn!("one warning after the other");
                std::thread::sleep(Duration::from_millis(2));
            }
            waits.push(told().expect("the error is told") - logged);
        }
    });
    let longest = waits.iter().max().unwrap();
    let bound = Duration::from_secs(1) + machine.lateness();
    let sent = line.0.lock().unwrap();
    assert!(*longest < bound, "{waits:?}, {bound:?} {sent:?}");
}

logout! {
    struct OfOneHook {
        adapters: [
            team: Slack { max_level: WARN },
            on_call: Slack { level: ERROR },
        ],
        shutdown_timeout: Duration::ZERO,
    }
}

#[test]
fn a_lane_that_waits_for_its_answer_holds_up_nobody_who_shares_its_window() {
    for start in support::over_each_transport() {
        let sandbox = Sandbox::start().unwrap();
        let hook: String = sandbox.figment().extract_inner("slack.url").unwrap();
        let figment = settings()
            .merge(("team.url", hook.as_str()))
            .merge(("on_call.url", hook.as_str()));
        let (layer, guard) = start(OfOneHook::from_figment(figment).unwrap());
        let handle = guard.handle();
        let _default = set_default(tracing_subscriber::registry().with(layer));
        // The first over a new connection, the second over one that is open.
        tracing::warn!("this one is answered");
        assert_eq!(sandbox.wait_for(1, TIMEOUT).len(), 1);
        sandbox.trouble("slack", Trouble::hang().delivering().times(1));
        tracing::warn!(fingerprint = 7, "the answer to this hangs");
        assert_eq!(sandbox.wait_for(2, TIMEOUT).len(), 2);
        let logged = Instant::now();
        for order in 0..3 {
            tracing::error!(fingerprint = order, "the {order}th error");
            let arrived = sandbox.wait_for(3 + order, TIMEOUT);
            assert_eq!(arrived.len(), 3 + order, "{}", handle.stats());
        }
        // At one message a second, with room for a machine that is late.
        let took = logged.elapsed();
        assert!(took < TIMEOUT, "{took:?}, {}", handle.stats());
    }
}
