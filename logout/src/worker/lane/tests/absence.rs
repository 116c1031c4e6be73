//! Events while their destination is gone, or something else answers in its place.

use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use async_io::Timer;
use figment::Figment;
use tracing::{error, warn};
use tracing_subscriber::prelude::*;

use super::{SOON, WHILE, assert_within, has};
use crate::adapter::{Adapter, Notice, Step, Window};
use crate::block::{Block, BlockDefinition, Declaration};
use crate::config::{self, Config, Instance};
use crate::handle::Handle;
use crate::handle::bench::{Bench, LONG_LIMITS, ScriptedAnswer};
use crate::transport::{Fault, Request, Response, Transport, Url};
use crate::worker::dispatch::Dispatcher;
use crate::worker::lane::poll_lane;
use crate::worker::settings::TimeLimits;
use crate::worker::stats::Reason;
use crate::worker::{BlockState, Clock, Worker};

#[test]
fn what_waits_for_a_destination_that_is_gone_is_kept_and_arrives_after_a_recheck() {
    let gone = || [404, 404].map(ScriptedAnswer::Status);
    let bench = Bench::start(LONG_LIMITS, gone());
    let start = Instant::now();
    error!("into the void");
    assert_eq!(bench.handle.flush(WHILE).unwrap_err().left(), 1);
    error!("nobody hears");
    assert_eq!(bench.handle.flush(WHILE).unwrap_err().left(), 2);
    assert!(start.elapsed() < WHILE / 2, "a flush does not wait for it");
    assert_eq!(bench.sent().len(), 1, "it is not hammered");
    assert_eq!(
        (bench.lane().pending, bench.lane().discarded.total()),
        (2, 0)
    );

    let limits = TimeLimits {
        recheck: 4 * SOON,
        ..LONG_LIMITS
    };
    let bench = Bench::start(limits, gone());
    error!("into the void");
    error!("nobody hears");
    bench.wait_for(3);
    let moments = bench.moments();
    let (first, second) = (moments[1] - moments[0], moments[2] - moments[0]);
    assert!(
        first >= 4 * SOON && second >= 5 * 4 * SOON,
        "{first:?} {second:?}"
    );
    bench.flush();
    let sent = bench.sent();
    assert!(has(&sent[2..], "into the void") && has(&sent[2..], "nobody hears"));
    assert_eq!(bench.lane().delivered, 2);
}

#[test]
fn what_waits_for_a_destination_that_is_gone_is_lost_at_max_age_and_at_the_end() {
    let limits = TimeLimits {
        max_age: 4 * SOON,
        ..LONG_LIMITS
    };
    let bench = Bench::start(limits, [ScriptedAnswer::Status(404)]);
    error!("into the void");
    bench.handle.flush(WHILE).unwrap_err();
    let lane = bench.wait_until_lane(|lane| lane.discarded.total() > 0);
    assert_eq!(lane.discarded.get(Reason::SwitchedOff), 1);
    error!("nobody hears");
    let start = Instant::now();
    let lane = bench.end(WHILE);
    assert!(start.elapsed() < WHILE / 2, "the end does not wait for it");
    assert_eq!(lane.discarded.get(Reason::SwitchedOff), 2);
}

#[test]
fn a_destination_that_is_gone_for_good_is_asked_again_only_when_told_to() {
    let limits = TimeLimits {
        recheck: SOON,
        ..LONG_LIMITS
    };
    let bench = Bench::start(limits, [ScriptedAnswer::Status(410)]);
    error!("into the void");
    bench.handle.flush(WHILE).unwrap_err();
    std::thread::sleep(3 * SOON);
    bench.handle.reload_from(Figment::new()).unwrap();
    error!("nobody hears");
    bench.handle.flush(WHILE).unwrap_err();
    assert_eq!(bench.sent().len(), 1, "nothing about it has changed");
    bench.handle.enable(0).unwrap();
    error!("heard again");
    bench.flush();
    assert_eq!(bench.lane().delivered, 3);
}

#[test]
fn what_a_stranger_answers_costs_no_event() {
    for (status, forms, repeats) in [
        (302, "RR", false),
        (401, "RR", false),
        // A firewall may let the plain form pass.
        (403, "RP", false),
        (405, "RR", false),
        (501, "RR", false),
    ] {
        let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::Status(status)]);
        error!("payment failed");
        bench.flush();
        let sent = bench.sent();
        let asked: String = sent.iter().filter_map(|text| text.chars().nth(1)).collect();
        assert_eq!(asked, forms, "{status}: {sent:?}");
        assert_eq!(has(&sent, "possible repeat"), repeats, "{status}: {sent:?}");
        let lane = bench.lane();
        assert_eq!((lane.delivered, lane.discarded.total()), (1, 0), "{status}");
    }
}

#[test]
fn a_page_under_200_is_no_delivery_and_what_follows_may_be_a_repeat() {
    let page = ScriptedAnswer::Header(200, "content-type", "text/html");
    let bench = Bench::start(LONG_LIMITS, []);
    bench.answer([page]);
    error!("payment failed");
    bench.flush();
    // A page without a body is none: script servers call everything HTML.
    assert_eq!(bench.sent().len(), 1);

    let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::Page(200)]);
    error!("payment failed");
    bench.flush();
    let sent = bench.sent();
    assert!(
        sent.len() == 2 && has(&sent[1..], "possible repeat"),
        "{sent:?}"
    );
    assert_eq!(bench.lane().delivered, 1);
}

#[test]
fn a_text_that_a_firewall_dislikes_holds_nobody_up_and_takes_nobody_along() {
    // Sooner than it is tried again.
    assert_within(8 * SOON, || {
        let bench = Bench::start(LONG_LIMITS, []);
        bench.forbid("etc/passwd");
        error!("bad request: GET /../../etc/passwd");
        bench.wait_for(2);
        let waits = (0..3).map(|order| {
            let start = Instant::now();
            error!(fingerprint = order, "payment failed");
            bench.wait_until_lane(|lane| lane.delivered > order);
            start.elapsed()
        });
        let longest = waits.max().unwrap();
        let lane = bench.lane();
        assert_eq!((lane.delivered, lane.pending), (3, 1), "{lane:?}");
        let sent = bench.sent();
        let mut with_it = sent.iter().filter(|text| text.contains("etc/passwd"));
        assert!(with_it.all(|text| !text.contains("payment")), "{sent:?}");
        bench.forbid("nothing of this");
        bench.flush();
        assert_eq!(bench.lane().delivered, 4);
        longest
    });
}

#[test]
fn a_text_that_a_firewall_goes_on_disliking_is_tried_in_plain_form_once() {
    let bench = Bench::start(LONG_LIMITS, []);
    bench.forbid("etc/passwd");
    error!("bad request: GET /../../etc/passwd");
    let sent = bench.wait_for(4);
    let forms: String = sent.iter().filter_map(|text| text.chars().nth(1)).collect();
    assert_eq!(forms.get(..4), Some("RPRR"), "{sent:?}");
    bench.forbid("nothing of this");
    bench.flush();
    assert_eq!(bench.lane().delivered, 1);
}

#[test]
fn what_a_firewall_dislikes_is_found_among_those_that_waited_with_it() {
    let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::NotSent]);
    bench.forbid("etc/passwd");
    error!("bad request: GET /../../etc/passwd");
    bench.wait_for(1);
    error!("payment failed");
    warn!("cache is cold");
    error!("disk full");
    let lane = bench.wait_until_lane(|lane| lane.delivered >= 3);
    assert_eq!((lane.delivered, lane.pending), (3, 1), "{:?}", bench.sent());
}

#[test]
fn where_everything_is_forbidden_nothing_is_lost_and_all_arrives_when_it_is_over() {
    let bench = Bench::start(LONG_LIMITS, []);
    bench.forbid("");
    error!("payment failed");
    warn!("cache is cold");
    error!("disk full");
    error!("database is gone");
    bench.wait_for(9);
    assert_eq!((bench.lane().pending, bench.lane().delivered), (4, 0));
    bench.forbid("nothing of this");
    bench.flush();
    assert_eq!(bench.lane().delivered, 4);
}

#[test]
fn a_stranger_that_answers_for_ten_minutes_is_said_and_asked_by_the_schedule() {
    let limits = TimeLimits {
        recheck: SOON,
        ..LONG_LIMITS
    };
    // None is four minutes late.
    assert_within(4 * SOON, || {
        let bench = Bench::start(limits, std::iter::repeat_n(ScriptedAnswer::Page(405), 4));
        error!("payment failed");
        bench.wait_for(5);
        let moments = bench.moments();
        // The first pause is half a second or longer, and then ten minutes of this clock are over.
        let said = moments[1];
        let rechecks = moments[2..].iter().zip([1, 5, 15]);
        let late = rechecks.map(|(at, minutes)| {
            let after = *at - said;
            assert!(after >= minutes * SOON, "{after:?} {minutes}");
            after - minutes * SOON
        });
        let latest = late.max().unwrap();
        bench.flush();
        assert_eq!(bench.lane().delivered, 1);
        latest
    });
}

/// How much faster than the machine's the clock [`Fast`] runs.
const PACE: u32 = 300;

/// A minute of that clock is over in a fifth of a second.
const MINUTE: Duration = Duration::from_secs(60);

/// A clock that runs [`PACE`] times as fast as the machine's.
#[derive(Clone, Copy)]
struct Fast(Instant);

impl Clock for Fast {
    type Timer = Timer;

    fn now(&self) -> Instant {
        self.0 + self.0.elapsed() * PACE
    }

    fn timer(&self, at: Option<Instant>) -> Timer {
        at.map_or_else(Timer::never, |at| {
            Timer::at(self.0 + at.saturating_duration_since(self.0) / PACE)
        })
    }
}

/// An adapter that judges an answer by its status.
#[derive(Debug, Default, serde::Deserialize)]
struct Chat {
    host: String,
}

impl Adapter for Chat {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(10, Duration::from_secs(1), &self.host)]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        let text = crate::adapter::notice::format_message(notice);
        request.post(&Url::parse(&format!("https://{}/", self.host)).unwrap());
        request.json(&text);
    }
}

/// A block with two chats.
struct Two(Instance<Chat>, Instance<Chat>);

impl BlockDefinition for Two {
    const BLOCK: Block = Block::new(
        "Two",
        "bench",
        &[
            Declaration::new("shut", true),
            Declaration::new("team", true),
        ],
    );
    type Instance = usize;

    fn index(instance: usize) -> usize {
        instance
    }
}

impl Dispatcher for Two {
    fn read(config: &mut Config) -> Self {
        let mut instance = |index| {
            let mut section = config.section(index, &[]);
            let adapter = section.adapter();
            section.instance(adapter)
        };
        Self(instance(0), instance(1))
    }

    async fn run<T: Transport, C: Clock>(&self, worker: &Worker<T, C>) {
        let mut shut = Some(Box::pin(worker.lane(0, &self.0)));
        let mut team = Some(Box::pin(worker.lane(1, &self.1)));
        poll_fn(|cx| {
            let open = poll_lane(&mut shut, cx);
            match poll_lane(&mut team, cx) || open {
                true => Poll::Pending,
                false => Poll::Ready(()),
            }
        })
        .await;
    }

    fn succeed(&self, next: &Self) {
        self.0.succeed(&next.0);
        self.1.succeed(&next.1);
    }
}

/// A transport whose host `shut` answers with a sign-in page, with the time of each request.
#[derive(Clone)]
struct SignIn(Fast, Arc<Mutex<Vec<(Instant, String, String)>>>);

impl SignIn {
    fn sent(&self, host: &str) -> Vec<(Instant, String)> {
        let sent = self.1.lock().unwrap();
        let there = sent.iter().filter(|(_, to, _)| to == host);
        there.map(|(at, _, text)| (*at, text.clone())).collect()
    }
}

impl Transport for SignIn {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let host = request.url().host().to_owned();
        let text = String::from_utf8_lossy(request.body()).into_owned();
        let mut response = Response::new(200);
        if host == "shut.example" {
            response.set_body("<html><title>Sign in to Example</title></html>");
        }
        let mut sent = self.1.lock().unwrap();
        sent.push((self.0.now(), host, text));
        Ok(response)
    }
}

#[test]
fn that_a_stranger_answers_is_told_in_the_other_chats_after_ten_minutes() {
    let clock = Fast(Instant::now());
    let transport = SignIn(clock, Arc::default());
    let hosts = Figment::from(("shut.host", "shut.example")).merge(("team.host", "team.example"));
    let (dispatch, settings) = config::from_figment(Two::read, hosts).unwrap();
    let (dispatch, shared) = (
        Arc::new(dispatch),
        Arc::new(BlockState::new(const { &Two::BLOCK }, settings)),
    );
    let subscriber = tracing_subscriber::registry().with(shared.layer::<Two, _>());
    let handle = Handle::new(Arc::clone(&shared), Arc::clone(&dispatch));
    let line = transport.clone();
    let thread = std::thread::spawn(move || {
        let worker = Worker::with_clock(shared, line, clock);
        async_io::block_on(worker.run(&*dispatch));
    });
    tracing::subscriber::with_default(subscriber, || error!("payment failed"));
    let begun = Instant::now();
    let told = loop {
        let sent = transport.sent("team.example");
        let told = sent
            .into_iter()
            .find(|(_, text)| text.contains("answers, but not as"));
        if let Some(told) = told {
            break told;
        }
        assert!(begun.elapsed() < WHILE, "in vain");
        std::thread::sleep(SOON / 10);
    };
    let asked = transport.sent("shut.example");
    assert!(asked.len() >= 10, "asked {} times", asked.len());
    let after = told.0 - asked[0].0;
    assert!(after >= 10 * MINUTE, "after {after:?}");
    // Told is the first answer ten minutes after the very first one, which came before the second
    // request. However late the machine is, at most one more request overtakes the message.
    let overdue = asked[1].0 + 10 * MINUTE..told.0;
    let overdue = asked.iter().filter(|(at, _)| overdue.contains(at));
    assert!(overdue.count() <= 2, "after {after:?}");
    let said = "shut answers, but not as Chat does: Sign in to Example";
    assert!(told.1.contains(said), "{}", told.1);
    let _left = handle.shutdown(Duration::from_secs(60));
    thread.join().unwrap();
    let stats = handle.stats();
    assert_eq!(stats.lanes[0].delivered, 0, "{stats}");
    assert_eq!(stats.lanes[1].delivered, 1, "{stats}");
    let told = transport.sent("team.example");
    assert_eq!(told.len(), 2, "it is said once: {told:?}");
}
