//! The account `accepted = delivered + pending + discarded`, in every lane and whatever happens.

use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::stats::Reason;
use logout::{Handle, logout};

use crate::support::hook::{Hook, Recorder};
use crate::support::{
    TIMEOUT, assert_adds_up, delivered, discarded, run_and_flush, run_with, wait_until_empty,
};

logout! {
    struct Alerts {
        adapters: [
            all: Hook,
            errors: Hook { level: ERROR },
            billing: Hook { metadata_filter: [team: "billing"] },
        ],
    }
}

logout! {
    struct Slacks { adapters: [logout::Slack, ops: logout::Slack] }
}

fn figment() -> figment::Figment {
    figment::Figment::new()
        .merge(("all.url", "https://all.example"))
        .merge(("errors.url", "https://errors.example"))
        .merge(("billing.url", "https://billing.example"))
}

fn work() {
    for order in 0..10 {
        tracing::error!(order, team = "shipping", "no parcel");
        tracing::warn!(order, team = "billing", "no invoice");
    }
}

/// Waits until the worker has taken every event from the queue.
fn wait_until_taken(handle: &Handle<Alerts>) {
    let start = Instant::now();
    while handle.stats().waiting > 0 && start.elapsed() < TIMEOUT {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn every_lane_accounts_for_what_its_rules_want() {
    let recorder = Recorder::answering(200);
    let alerts = Alerts::from_figment(figment()).unwrap();
    let stats = run_and_flush(alerts.transport(recorder).start().unwrap(), work);
    assert_eq!(stats.waiting, 0);
    assert_adds_up(&stats);
    let accepted: Vec<_> = stats.lanes.iter().map(|lane| lane.accepted).collect();
    assert_eq!(accepted, [20, 10, 20]);
    assert_eq!(delivered(&stats, "all"), 20);
    assert_eq!(delivered(&stats, "errors"), 10);
    assert_eq!(delivered(&stats, "billing"), 10);
    assert_eq!(discarded(&stats, "billing", Reason::Filtered), 10);
}

#[test]
fn what_the_platform_refuses_is_counted_as_rejected() {
    let recorder = Recorder::answering(400);
    let alerts = Alerts::from_figment(figment()).unwrap();
    let stats = run_and_flush(alerts.transport(recorder.clone()).start().unwrap(), || {
        tracing::error!(team = "billing", "no invoice");
    });
    assert_adds_up(&stats);
    for lane in ["all", "errors", "billing"] {
        assert_eq!(discarded(&stats, lane, Reason::Rejected), 1, "{stats}");
    }
    let mut sent = recorder.sent_to("all.example");
    sent.retain(|body| body.contains("no invoice"));
    assert_eq!(sent.len(), 2, "once as it was, once in plain form");
}

#[test]
fn what_cannot_be_delivered_yet_is_pending() {
    let recorder = Recorder::answering(503);
    let alerts = Alerts::from_figment(figment()).unwrap();
    let guard = run_with(alerts.transport(recorder).start().unwrap(), work);
    let handle = guard.handle();
    wait_until_taken(&handle);
    let error = handle.flush(Duration::from_millis(100)).unwrap_err();
    assert_eq!(error.left(), 40);
    let stats = handle.stats();
    assert_adds_up(&stats);
    assert_eq!(stats.lane("all").unwrap().pending, 20);
    assert!(handle.shutdown(Duration::from_millis(10)).is_err());
    let stats = wait_until_empty(&handle);
    assert_adds_up(&stats);
    assert_eq!(stats.left(), 0);
    assert_eq!(discarded(&stats, "all", Reason::Shutdown), 20);
}

#[test]
fn what_comes_while_a_stranger_answers_is_pending() {
    let recorder = Recorder::answering(404);
    let alerts = Alerts::from_figment(figment()).unwrap();
    let guard = run_with(alerts.transport(recorder).start().unwrap(), work);
    let handle = guard.handle();
    wait_until_taken(&handle);
    handle.flush(Duration::from_millis(100)).unwrap_err();
    let stats = handle.stats();
    assert_adds_up(&stats);
    let all = stats.lane("all").unwrap();
    assert_eq!((all.pending, all.discarded.total()), (20, 0), "{stats}");
}

#[test]
fn destinations_that_are_all_gone_do_not_tell_each_other_for_ever() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add(Platform::Slack, "ops").unwrap();
    sandbox.trouble(Platform::Slack, Trouble::gone());
    let alerts = Slacks::from_figment(sandbox.figment_for(Platform::Slack)).unwrap();
    let guard = run_with(alerts.start().unwrap(), work);
    let handle = guard.handle();
    assert_eq!(handle.flush(TIMEOUT).unwrap_err().left(), 40);
    std::thread::sleep(Duration::from_millis(300));
    let stats = handle.stats();
    assert_adds_up(&stats);
    for lane in &stats.lanes {
        assert_eq!((lane.requests, lane.pending), (1, 20), "{stats}");
    }
    handle.shutdown(TIMEOUT).unwrap();
    let stats = handle.stats();
    assert_adds_up(&stats);
    for lane in &stats.lanes {
        assert_eq!(lane.discarded.get(Reason::SwitchedOff), 20, "{stats}");
    }
}
