//! Unusual answers, after which the lane goes on, whatever comes back.

use std::time::Duration;

use logout::adapter::{Request, Response};
use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::stats::Reason;
use logout::transport::{Fault, Transport};
use logout::{Discord, Slack, Telegram, Zulip, logout};

use crate::support::{TIMEOUT, assert_adds_up, discarded, over_each_transport, run_with};

logout! {
    struct Alerts {
        shutdown_timeout: Duration::ZERO,
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

/// Asserts that every chat receives an event after one trouble, over each transport.
fn assert_delivered_after(trouble: &Trouble) {
    for start in over_each_transport() {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_rate_limits(false);
        for platform in Platform::ALL {
            sandbox.trouble(platform, trouble.clone().times(1));
        }
        let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
        let guard = run_with(start(alerts), || tracing::error!("broken"));
        guard.handle().flush(TIMEOUT).unwrap();
        let stats = guard.handle().stats();
        assert_adds_up(&stats);
        for lane in &stats.lanes {
            assert_eq!((lane.accepted, lane.delivered), (1, 1), "{stats}");
        }
        for exchange in sandbox.requests() {
            assert_eq!(exchange.refusal(), None);
        }
    }
}

#[test]
fn an_answer_that_is_no_json_is_survived() {
    assert_delivered_after(&Trouble::not_json());
}

#[test]
fn an_answer_that_ends_too_early_is_survived() {
    assert_delivered_after(&Trouble::truncated());
}

#[test]
fn an_answer_in_latin_1_is_survived() {
    assert_delivered_after(&Trouble::latin1());
}

#[test]
fn an_answer_of_ten_megabytes_is_survived() {
    assert_delivered_after(&Trouble::huge(10 << 20));
}

#[test]
fn an_answer_that_is_cut_off_is_survived() {
    assert_delivered_after(&Trouble::cut_off());
}

#[test]
fn a_proxy_that_answers_for_the_platform_is_survived() {
    assert_delivered_after(&Trouble::status(502));
}

#[test]
fn what_no_time_can_heal_is_given_up_at_once() {
    struct Refusing;

    impl Transport for Refusing {
        async fn send(&self, _: &Request) -> Result<Response, Fault> {
            Err(Fault::Rejected("a header that it cannot send".into()))
        }
    }

    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let started = alerts.transport(Refusing).start().unwrap();
    let guard = run_with(started, || tracing::error!("broken"));
    guard.handle().flush(TIMEOUT).unwrap();
    let stats = guard.handle().stats();
    assert_adds_up(&stats);
    for lane in &stats.lanes {
        // The rich form, and the plain one.
        assert_eq!(lane.requests, 2, "{stats}");
        assert_eq!(discarded(&stats, lane.name, Reason::Rejected), 1, "{stats}");
    }
}

/// A transport that takes every message, and whose answers are incomplete.
struct IncompleteAnswers(&'static str);

impl Transport for IncompleteAnswers {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        let mut answer = Response::new(200);
        answer.set_body(self.0).set_incomplete();
        Ok(answer)
    }
}

fn with_incomplete_answers(body: &'static str, work: impl FnOnce(&logout::Handle<Alerts>)) {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let started = alerts.transport(IncompleteAnswers(body)).start().unwrap();
    let guard = run_with(started, || tracing::error!("broken"));
    work(&guard.handle());
}

#[test]
fn a_success_whose_body_cannot_be_read_is_sent_twice_at_the_most() {
    with_incomplete_answers("", |handle| {
        handle.flush(TIMEOUT).unwrap();
        let stats = handle.stats();
        assert_adds_up(&stats);
        for lane in &stats.lanes {
            assert_eq!(lane.delivered, 1, "{stats}");
            assert!(lane.requests <= 2, "{stats}");
        }
        // An empty body is not the platform's own answer.
        for name in ["telegram", "zulip"] {
            assert_eq!(stats.lane(name).unwrap().requests, 2, "{stats}");
        }
    });
}

#[test]
fn what_was_read_of_a_body_is_believed() {
    with_incomplete_answers("ok", |handle| {
        handle.flush(TIMEOUT).unwrap();
        let stats = handle.stats();
        let slack = stats.lane("slack").unwrap();
        assert_eq!((slack.delivered, slack.requests), (1, 1), "{stats}");
    });
}

#[test]
fn a_web_page_that_breaks_off_delivers_nothing() {
    with_incomplete_answers("<!DOCTYPE html><title>Sign in</title>", |handle| {
        handle.flush(TIMEOUT / 4).unwrap_err();
        let stats = handle.stats();
        assert_adds_up(&stats);
        for name in ["slack", "telegram", "zulip"] {
            assert_eq!(stats.lane(name).unwrap().delivered, 0, "{stats}");
        }
    });
}
