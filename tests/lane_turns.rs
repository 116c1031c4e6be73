//! Lanes that share a window take turns: none starves, and what is graver goes first.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use logout::adapter::{Request, Response, Step, Url, Window};
use logout::sandbox::{Sandbox, Trouble};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, Slack, logout};
use tracing_subscriber::prelude::*;

/// One request in a tenth of a second, whatever the instance.
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

/// Takes everything, after a moment.
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

/// Callers that never wait, and lanes that tell each event.
fn each() -> figment::Figment {
    figment::Figment::from(("sync_timeout", "0s")).merge(("remind", "off"))
}

#[test]
fn equal_lanes_get_equal_counts_although_neither_is_ever_empty() {
    logout! { struct Alerts { adapters: [one: Chat, other: Chat] } }
    let line = Line::default();
    let alerts = Alerts::from_figment(each()).unwrap();
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
    let alerts = Alerts::from_figment(each()).unwrap();
    let (layer, _guard) = alerts.transport(line.clone()).start().unwrap();
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
    assert!(*longest < Duration::from_secs(1), "{waits:?}");
}

#[test]
fn a_lane_that_waits_for_its_answer_holds_up_nobody_who_shares_its_window() {
    logout! {
        struct Alerts {
            adapters: [
                team: Slack { max_level: WARN },
                on_call: Slack { level: ERROR },
            ],
        }
    }
    let sandbox = Sandbox::start().unwrap();
    let hook: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let figment = each()
        .merge(("team.url", hook.as_str()))
        .merge(("on_call.url", hook.as_str()));
    let (layer, _guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    // Taken, and never answered.
    sandbox.trouble("slack", Trouble::hang().delivering().times(1));
    tracing::warn!("the answer to this hangs");
    assert_eq!(sandbox.wait_for(1, Duration::from_secs(9)).len(), 1);
    let logged = Instant::now();
    for order in 0..4 {
        tracing::error!(fingerprint = order, "the {order}th error");
    }
    let arrived = sandbox.wait_for(5, Duration::from_secs(20));
    assert_eq!(arrived.len(), 5, "{:?}", logged.elapsed());
    let took = arrived[4].arrived_at() - logged;
    // At one message a second, with room for a machine that is late.
    assert!(took < Duration::from_secs(12), "{took:?}");
}
