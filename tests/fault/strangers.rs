//! Another server in the platforms' place, on all four of them and on an adapter of the program's own: no
//! event is lost, none is silently doubled, and the account is exact.

use std::time::{Duration, Instant};

use logout::adapter::{Request, Response, SecretUrl, Step, Verdict};
use logout::sandbox::{Answer, Platform, Sandbox, Trouble};
use logout::stats::Reason;
use logout::{Adapter, Builder, Discord, Notice, Slack, Telegram, Zulip, logout};
use serde_json::json;
use tracing_subscriber::prelude::*;

use crate::support::account;
use crate::support::machine_lateness::LatenessMonitor;
use crate::support::{TIMEOUT, run_with};

/// The adapter of the guide, whose `judge` stands here to the letter.
#[derive(Default, serde::Deserialize)]
struct Mattermost {
    url: SecretUrl,
}

impl Adapter for Mattermost {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        let text = logout::format_message(notice).replace("```", "'''");
        let text: String = text.chars().take(3_000).collect();
        request
            .post(self.url.expose())
            .json(&json!({ "text": format!("```\n{text}\n```") }));
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        // Its own answers are `ok` and errors in JSON; anything else is a proxy's or a sign-in's.
        let error = response.json::<serde_json::Value>().unwrap_or_default();
        let text = |key: &str| error[key].as_str().unwrap_or_default();
        let about = text("id").strip_prefix("web.incoming_webhook.");
        match about.and_then(|about| about.strip_suffix(".app_error")) {
            _ if text("id").is_empty() => match response.text().trim() {
                "ok" if response.is_success() => Verdict::Delivered,
                _ => Verdict::from_stranger(response),
            },
            // Deleted, disabled, or not allowed to post there; under 500 its database failed.
            Some(
                "invalid" | "disabled" | "channel" | "channel_locked" | "permissions" | "user",
            ) if response.status() != 500 => Verdict::Gone(text("message").to_owned()),
            _ => match Verdict::from_status(response) {
                Verdict::Delivered => Verdict::Refused(text("message").to_owned()),
                verdict => verdict,
            },
        }
    }
}

/// An adapter that judges an answer by its status alone.
#[derive(Default, serde::Deserialize)]
struct Webhook {
    url: SecretUrl,
}

impl Adapter for Webhook {
    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        Mattermost {
            url: self.url.clone(),
        }
        .render(notice, step, request);
    }
}

logout! {
    struct Alerts {
        project_name: "strangers",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }, own: Mattermost, plain: Webhook],
    }
}

const LANES: [&str; 6] = ["slack", "discord", "telegram", "zulip", "own", "plain"];

const PAGE: &str = "<html><head><title>Blocked by the proxy</title></head><body>no</body></html>";

fn page(status: u16) -> Answer {
    let answer = Answer::new(status).header("Content-Type", "text/html; charset=utf-8");
    match status {
        204 => answer,
        300..400 => answer
            .header("Location", "https://sso.example.org/sign-in?token=s3cret")
            .body(PAGE),
        _ => answer.body(PAGE),
    }
}

/// Starts a sandbox with a destination for every lane, two of them the program's own adapters that post as to
/// Slack, and returns a block that sends there.
fn start_sandbox() -> (Sandbox, Builder<Alerts>) {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    for own in ["own", "plain"] {
        sandbox.add(Platform::Slack, own).unwrap();
    }
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    (sandbox, alerts)
}

fn trouble(sandbox: &Sandbox, lanes: &[&str], answer: &Answer) {
    for lane in lanes {
        sandbox.trouble(*lane, Trouble::answer(answer.clone()).times(1));
    }
}

/// Returns how many requests of a lane there were.
fn request_count(sandbox: &Sandbox, lane: &str) -> usize {
    let all = sandbox.requests();
    all.iter()
        .filter(|one| one.destination() == Some(lane))
        .count()
}

#[test]
fn a_strangers_page_under_any_status_costs_no_event() {
    std::thread::scope(|scope| {
        for status in [200, 302, 400, 401, 403, 404, 410, 413, 500, 502] {
            scope.spawn(move || {
                let (sandbox, alerts) = start_sandbox();
                trouble(&sandbox, &LANES, &page(status));
                let guard = run_with(alerts.start().unwrap(), || {
                    tracing::error!("site-00: broken");
                });
                guard.handle().flush(TIMEOUT).unwrap();
                let stats = guard.handle().stats();
                account::assert_holds(&stats);
                for lane in LANES {
                    let figures = account::lane(&stats, lane);
                    assert_eq!(figures.delivered, 1, "{status}: {stats}");
                    assert_eq!(figures.discarded.total(), 0, "{status}: {stats}");
                    assert_eq!(request_count(&sandbox, lane), 2, "{status} {lane}");
                    let inbox = account::inbox_of(&sandbox, lane);
                    assert_eq!(inbox.len(), 1, "{status} {lane}: {inbox:?}");
                    // What a success was answered to may have arrived, and so may what a server
                    // failed over.
                    let marked = inbox[0].text().contains("possible repeat");
                    let may_have_arrived = matches!(status, 200 | 500 | 502);
                    assert_eq!(marked, may_have_arrived, "{status} {lane}: {inbox:?}");
                }
            });
        }
    });
}

#[test]
fn a_forbidden_message_is_tried_in_plain_form_at_once() {
    let (sandbox, alerts) = start_sandbox();
    trouble(&sandbox, &LANES, &page(403));
    let machine = LatenessMonitor::watch();
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::error!(order = 42, "site-00: broken");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    let (exchanges, late) = (sandbox.requests(), machine.lateness());
    for lane in LANES {
        let of_lane = exchanges
            .iter()
            .filter(|one| one.destination() == Some(lane));
        let of_lane: Vec<_> = of_lane.collect();
        let apart = of_lane[1].arrived_at() - of_lane[0].arrived_at();
        // The pace of Telegram is a second.
        let most = Duration::from_millis(1_300) + late;
        assert!(apart < most, "{lane}: {apart:?} {late:?}");
    }
    let slack = &account::inbox_of(&sandbox, "slack")[0];
    let details = slack.details().slack().unwrap();
    assert!(details.blocks.is_null(), "{slack:?}");
}

#[test]
fn a_text_that_a_firewall_dislikes_holds_no_other_up() {
    let (sandbox, alerts) = start_sandbox();
    // In both forms, as a firewall that reads bodies would.
    for lane in LANES {
        sandbox.trouble(lane, Trouble::answer(page(403)).times(2));
    }
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::error!("site-00: bad request: GET /../../etc/passwd");
        let refused = sandbox.wait_for_requests(12, TIMEOUT).len();
        assert!(refused >= 12, "{refused}");
        tracing::error!("site-01: database is gone");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    let stats = guard.handle().stats();
    account::assert_holds(&stats);
    for lane in LANES {
        let told = account::events_by_site(&account::inbox_of(&sandbox, lane));
        let both = [("site-00".to_owned(), 1), ("site-01".to_owned(), 1)];
        assert_eq!(told, both.into(), "{lane}: {stats}");
    }
}

#[test]
fn a_refusal_that_passes_leaves_what_waits_together() {
    let (sandbox, alerts) = start_sandbox();
    for lane in LANES {
        sandbox.trouble(lane, Trouble::answer(page(403)).times(2));
    }
    let guard = run_with(alerts.start().unwrap(), || {
        for site in 0..60 {
            tracing::error!(fingerprint = site, "site-{site:02}: broken");
        }
    });
    guard.handle().flush(2 * TIMEOUT).unwrap();
    let stats = guard.handle().stats();
    account::assert_holds(&stats);
    for lane in LANES {
        let figures = account::lane(&stats, lane);
        assert_eq!(figures.delivered, 60, "{stats}");
        println!("{lane}: {} messages", figures.messages);
        assert!(figures.messages <= 15, "{lane}: {}", figures.messages);
    }
}

#[test]
fn a_deployment_that_answers_404_for_a_while_costs_no_event() {
    let (sandbox, alerts) = start_sandbox();
    for lane in LANES {
        sandbox.trouble(lane, Trouble::answer(page(404)));
    }
    let guard = run_with(alerts.start().unwrap(), || {
        for site in 0..5 {
            tracing::error!(fingerprint = site, "site-0{site}: broken");
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    LANES.iter().for_each(|lane| sandbox.heal(*lane));
    guard.handle().flush(TIMEOUT).unwrap();
    let stats = guard.handle().stats();
    account::assert_holds(&stats);
    for lane in LANES {
        let figures = account::lane(&stats, lane);
        assert_eq!(
            (figures.delivered, figures.discarded.total()),
            (5, 0),
            "{stats}"
        );
    }
}

/// Returns the answer of a platform that took the message, compressed by a proxy although nobody asked for
/// it.
fn gzipped(lane: &str) -> Answer {
    let media_type = match lane {
        "discord" | "telegram" | "zulip" => "application/json",
        _ => "text/html",
    };
    Answer::new(200)
        .header("Content-Type", media_type)
        .header("Content-Encoding", "gzip")
        .body([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3].as_slice())
}

/// Asserts that a lane posts at most twice while every answer is spoiled, and that the message arrives.
fn assert_posted_twice_at_most(name: &str, spoiled: impl Fn(&str) -> Trouble) {
    let (sandbox, alerts) = start_sandbox();
    for lane in LANES {
        sandbox.trouble(lane, spoiled(lane));
    }
    let (layer, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    let _default = tracing::subscriber::set_default(subscriber);
    let start = Instant::now();
    tracing::error!("site-00: broken");
    guard.handle().flush(2 * TIMEOUT).unwrap();
    println!("{name}: settled after {:?}", start.elapsed());
    let posts = |lane| request_count(&sandbox, lane);
    let first = LANES.map(posts);
    tracing::error!("site-01: broken too");
    guard.handle().flush(2 * TIMEOUT).unwrap();
    let stats = guard.handle().stats();
    account::assert_holds(&stats);
    for (lane, first) in LANES.into_iter().zip(first) {
        let figures = account::lane(&stats, lane);
        assert_eq!(
            (figures.delivered, figures.discarded.total()),
            (2, 0),
            "{name}: {stats}"
        );
        let most = match lane {
            // In JSON, so that the head says who it is from.
            "discord" | "telegram" | "zulip" => 1,
            _ => 2,
        };
        assert!((1..=most).contains(&first), "{name} {lane}: {first}");
        // After one unreadable answer no message is sent twice again.
        assert_eq!(posts(lane), first + 1, "{name} {lane}");
        let inbox = account::inbox_of(&sandbox, lane);
        assert_eq!(inbox.len(), first + 1, "{name} {lane}: {inbox:?}");
        for (order, message) in inbox.iter().enumerate() {
            let is_repeat = order == 1 && first == 2;
            let says_so = message.text().contains("possible repeat");
            assert_eq!(says_so, is_repeat, "{name} {lane}: {message}");
        }
    }
}

#[test]
fn a_success_whose_body_is_cut_off_is_posted_twice_at_most() {
    assert_posted_twice_at_most("cut off", |_| Trouble::cut_off());
}

#[test]
fn a_success_whose_body_is_packed_is_posted_twice_at_most() {
    assert_posted_twice_at_most("packed", |lane| Trouble::answer(gzipped(lane)).delivering());
}

#[test]
fn a_success_that_falls_silent_after_its_head_is_posted_twice_at_most() {
    assert_posted_twice_at_most("silent", |_| Trouble::stall());
}

#[test]
fn the_adapter_that_is_tried_here_judges_as_the_one_that_people_copy() {
    let judge = |text: &str| {
        let start = text.find("    fn judge(&mut self").unwrap();
        let end = text[start..].find("\n    }\n").unwrap();
        text[start..start + end].to_owned()
    };
    let here = judge(include_str!("strangers.rs"));
    assert_eq!(
        here,
        judge(include_str!("../../logout/docs/own_adapter.md"))
    );
    assert_eq!(
        here,
        judge(include_str!("../../examples/custom_adapter.rs"))
    );
}

/// Returns an error of Mattermost's own.
fn mattermost_error(status: u16, about: &str) -> Answer {
    let body = json!({
        "id": about,
        "message": "told so",
        "detailed_error": "",
        "status_code": status,
    });
    Answer::new(status)
        .header("Content-Type", "application/json")
        .body(body.to_string())
}

#[test]
fn mattermosts_own_words_mean_what_they_mean_under_odd_statuses() {
    let webhook = |about: &str| format!("web.incoming_webhook.{about}.app_error");
    std::thread::scope(|scope| {
        for (status, about) in [
            (400, "invalid"),
            (501, "disabled"),
            (404, "channel"),
            (403, "permissions"),
            (200, "channel_locked"),
        ] {
            let gone = mattermost_error(status, &webhook(about));
            scope.spawn(move || are_gone(status, &[("own", gone)]));
        }
        for (status, about) in [
            (400, webhook("text")),
            (400, webhook("decode")),
            (400, webhook("split_props_length")),
            (
                413,
                "api.context.request_body_too_large.app_error".to_owned(),
            ),
            (200, webhook("parse")),
        ] {
            let refused = mattermost_error(status, &about);
            scope.spawn(move || are_refused(status, &[("own", refused)]));
        }
        scope.spawn(move || {
            let (sandbox, alerts) = start_sandbox();
            let failed = mattermost_error(500, &webhook("channel"));
            trouble(&sandbox, &["own"], &failed);
            let guard = run_with(alerts.start().unwrap(), || {
                tracing::error!("site-00: broken");
            });
            guard.handle().flush(TIMEOUT).unwrap();
            assert_eq!(request_count(&sandbox, "own"), 2);
        });
    });
}

#[test]
fn discords_and_slacks_own_words_mean_what_they_mean_under_odd_statuses() {
    let discord = |code| {
        let body = json!({ "message": "told so", "code": code }).to_string();
        move |status| {
            Answer::new(status)
                .header("Content-Type", "application/json")
                .body(&*body)
        }
    };
    let slack = |word: &'static str| {
        move |status| {
            Answer::new(status)
                .header("Content-Type", "text/html")
                .body(word)
        }
    };
    std::thread::scope(|scope| {
        for status in [200, 302, 400, 404, 500] {
            let gone = [
                ("discord", discord(10015)(status)),
                ("slack", slack("no_service")(status)),
            ];
            let refused = [
                ("discord", discord(50035)(status)),
                ("slack", slack("invalid_payload")(status)),
            ];
            scope.spawn(move || are_gone(status, &gone));
            scope.spawn(move || are_refused(status, &refused));
        }
    });
}

fn are_gone(status: u16, answers: &[(&str, Answer)]) {
    for (lane, answer) in answers {
        let (sandbox, alerts) = start_sandbox();
        trouble(&sandbox, &[lane], answer);
        let guard = run_with(alerts.start().unwrap(), || {
            tracing::error!("site-00: broken");
        });
        let left = guard.handle().flush(TIMEOUT).unwrap_err().left();
        assert!(left >= 1, "{status} {lane}");
        let told = format!("{lane} is switched off");
        assert!(
            sandbox.wait_until(TIMEOUT, |inbox| inbox
                .iter()
                .any(|one| one.text().contains(&told))),
            "{status} {lane}"
        );
        let stats = guard.handle().stats();
        account::assert_holds(&stats);
        let figures = account::lane(&stats, lane);
        assert_eq!(
            (figures.pending, request_count(&sandbox, lane)),
            (1, 1),
            "{status}: {stats}"
        );
    }
}

fn are_refused(status: u16, answers: &[(&str, Answer)]) {
    for (lane, answer) in answers {
        let (sandbox, alerts) = start_sandbox();
        trouble(&sandbox, &[lane], answer);
        trouble(&sandbox, &[lane], answer);
        let guard = run_with(alerts.start().unwrap(), || {
            tracing::error!("site-00: broken");
        });
        guard.handle().flush(TIMEOUT).unwrap();
        let stats = guard.handle().stats();
        account::assert_holds(&stats);
        let figures = account::lane(&stats, lane);
        assert_eq!(
            figures.discarded.get(Reason::Rejected),
            1,
            "{status} {lane}: {stats}"
        );
    }
}
