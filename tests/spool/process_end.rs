//! Ends of a process, and the notices of the next one about them.

use std::path::Path;
use std::time::{Duration, Instant};

use logout::sandbox::{Sandbox, Trouble};
use logout::stats::{LaneStats, SpoolState};
use logout::{Guard, Slack, logout};
use tracing_subscriber::prelude::*;

use crate::child_process::{
    Scratch, opened, spawn_child, texts, wait_for_ready, wait_until_open, wait_until_written,
};
use crate::support::process::is_child;
use crate::support::{self, TIMEOUT, run_and_flush};

logout! {
    struct Reminded {
        project_name: "shop",
        adapters: [Slack],
        remind: ["4s", "1h"],
        quiet: "1h",
    }
}

logout! {
    struct Quiet {
        project_name: "shop",
        adapters: [Slack],
        remind: ["200ms", "1h"],
        quiet: "3s",
        quiet_notice: true,
    }
}

logout! {
    struct Plain {
        project_name: "shop",
        adapters: [Slack],
        remind: off,
    }
}

logout! {
    struct Watched {
        project_name: "shop",
        adapters: [Slack],
        notices: [Crashed],
    }
}

logout! {
    struct Noticed {
        project_name: "shop",
        release: "1.10.2",
        adapters: [Slack],
        notices: [Started, Stopped],
    }
}

/// How many restarts a crash loop has.
const RESTARTS: &str = "LOGOUT_RESTARTS";

macro_rules! started {
    ($block:ident, $sandbox:expr, $scratch:expr) => {{
        let directory: &Path = &$scratch.0;
        let figment = $sandbox.figment().merge(("spool", directory));
        opened($block::from_figment(figment).unwrap().start().unwrap())
    }};
}

fn pay(order: u64) {
    tracing::error!(order, "payment failed");
}

/// Ends the process while it works, and asserts that its account holds.
fn end_early<D: logout::Dispatch>(guard: &Guard<D>) -> LaneStats {
    let handle = guard.handle();
    let _in_time = handle.shutdown(Duration::from_millis(100));
    let lane = support::wait_until_empty(&handle).lanes.remove(0);
    let sum = lane.delivered + lane.kept + lane.discarded.total();
    assert_eq!((lane.accepted, lane.pending), (sum, 0), "{lane:?}");
    lane
}

#[test]
fn a_reminder_that_was_under_way_waits_for_its_moment_again_and_is_marked() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("reminder"));
    let guard = support::run_with(started!(Reminded, sandbox, scratch), || pay(1));
    assert_eq!(sandbox.wait_for(1, TIMEOUT).len(), 1);
    // Nobody waits for the note that it was told.
    let guard = {
        guard.handle().flush(TIMEOUT).unwrap();
        drop(guard);
        support::run_with(started!(Reminded, sandbox, scratch), || pay(2))
    };
    assert_eq!(end_early(&guard).kept, 1);
    sandbox.trouble("slack", Trouble::hang());
    let before = sandbox.requests().len();
    let guard = support::run_with(started!(Reminded, sandbox, scratch), || ());
    let _under_way = sandbox.wait_for_requests(before + 1, TIMEOUT);
    assert_eq!(end_early(&guard).kept, 1);
    sandbox.heal("slack");
    sandbox.clear();
    let stats = run_and_flush(started!(Reminded, sandbox, scratch), || ());
    assert_eq!((stats.lanes[0].restored, stats.lanes[0].delivered), (1, 1));
    let told = texts(&sandbox);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("possible repeat"), "{told:#?}");
    assert!(told[0].contains("×2 payment failed"), "{told:#?}");
}

#[test]
fn that_nothing_more_has_come_is_no_event_for_the_next_process() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("silence"));
    sandbox.set_rate_limits(false);
    let (alerts, guard) = started!(Quiet, sandbox, scratch);
    let subscriber = tracing_subscriber::registry().with(alerts);
    tracing::subscriber::with_default(subscriber, || {
        pay(1);
        assert_eq!(sandbox.wait_for(1, TIMEOUT).len(), 1);
        pay(2);
        assert_eq!(sandbox.wait_for(2, TIMEOUT).len(), 2);
    });
    sandbox.trouble("slack", Trouble::hang());
    assert_eq!(sandbox.wait_for_requests(3, TIMEOUT).len(), 3);
    // It is under way for longer than changes gather.
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(end_early(&guard).kept, 0);
    sandbox.heal("slack");
    sandbox.clear();
    let stats = run_and_flush(started!(Quiet, sandbox, scratch), || ());
    assert_eq!(stats.lanes[0].restored, 0, "{stats}");
    assert!(texts(&sandbox).is_empty(), "{:#?}", texts(&sandbox));
}

#[test]
fn what_waits_for_a_destination_that_is_gone_is_kept_for_a_start_with_another() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("gone-place"));
    sandbox.trouble("slack", Trouble::gone());
    let guard = support::run_with(started!(Plain, sandbox, scratch), || pay(1));
    let (handle, start) = (guard.handle(), Instant::now());
    while !handle.stats().lanes[0].switched_off {
        assert!(start.elapsed() < TIMEOUT, "{}", handle.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(guard);
    let lane = handle.stats().lanes.remove(0);
    assert_eq!((lane.kept, lane.discarded.total()), (1, 0), "{lane:?}");
    sandbox.heal("slack");
    let stats = run_and_flush(started!(Plain, sandbox, scratch), || ());
    assert_eq!((stats.lanes[0].restored, stats.lanes[0].delivered), (1, 1));
    assert!(texts(&sandbox).last().unwrap().contains("payment failed"));
}

#[test]
fn an_executor_that_is_dropped_keeps_what_is_under_way_and_what_is_still_in_the_queue() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("executor"));
    sandbox.trouble("slack", Trouble::hang());
    let figment = sandbox.figment().merge(("spool", &scratch.0));
    let builder = Plain::from_figment(figment).unwrap();
    let (alerts, guard, worker) = builder.start_on();
    let mut worker = Box::pin(worker);
    let subscriber = tracing_subscriber::registry().with(alerts);
    tracing::subscriber::with_default(subscriber, || {
        tracing::error!("the first");
        let is_sent = async { sandbox.wait_for_requests(1, Duration::ZERO).len() };
        smol::block_on(async {
            let mut left = TIMEOUT;
            let pause = Duration::from_millis(20);
            let is_open = || guard.handle().stats().spool.unwrap().state == SpoolState::Ready;
            while (sandbox.requests().is_empty() || !is_open()) && !left.is_zero() {
                let late = async {
                    smol::Timer::after(pause).await;
                };
                futures_lite::future::or(&mut worker, late).await;
                left = left.saturating_sub(pause);
            }
            assert_eq!(is_sent.await, 1);
        });
        tracing::error!("the second");
        drop(worker);
    });
    let lane = guard.handle().stats().lanes.remove(0);
    assert_eq!((lane.accepted, lane.kept), (2, 2), "{lane:?}");
    sandbox.heal("slack");
    let stats = run_and_flush(started!(Plain, sandbox, scratch), || ());
    assert_eq!(stats.lanes[0].restored, 2, "{stats}");
}

#[test]
fn the_end_of_a_process_is_not_told_of_one_that_came_before_those_that_did_not_ask() {
    if is_child(the_end_of_a_process_is_not_told_of_one_that_came_before_those_that_did_not_ask) {
        let (_alerts, guard) = Watched::from_env()
            .unwrap()
            .start::<tracing_subscriber::Registry>()
            .unwrap();
        wait_until_open(&guard);
        // Else nobody knows that it ran.
        wait_until_written(&guard);
        println!("ready");
        std::thread::sleep(TIMEOUT);
        return;
    }
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("long-ago"));
    let test = the_end_of_a_process_is_not_told_of_one_that_came_before_those_that_did_not_ask;
    for others in [0, 1] {
        let mut child = spawn_child(test, &sandbox, &scratch.0, &[]);
        let _said = wait_for_ready(&mut child);
        child.kill().unwrap();
        child.wait().unwrap();
        sandbox.clear();
        for _ in 0..others {
            run_and_flush(started!(Plain, sandbox, scratch), || ());
        }
        run_and_flush(started!(Watched, sandbox, scratch), || ());
        let told = texts(&sandbox);
        assert_eq!(told.is_empty(), others == 1, "{told:#?}");
    }
}

#[test]
fn a_crash_is_told_once_and_then_at_its_moments_and_an_end_is_none() {
    if is_child(a_crash_is_told_once_and_then_at_its_moments_and_an_end_is_none) {
        let (alerts, guard) = Watched::from_env().unwrap().start().unwrap();
        tracing_subscriber::registry().with(alerts).init();
        wait_until_open(&guard);
        // A crash that it found is in the account by then.
        wait_until_written(&guard);
        while guard.handle().stats().left() > guard.handle().stats().lanes[0].counted {
            std::thread::sleep(Duration::from_millis(5));
        }
        // What was told is on disk.
        wait_until_written(&guard);
        println!("ready");
        std::thread::sleep(TIMEOUT);
        return;
    }
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("crash"));
    let restarts = std::env::var(RESTARTS).map_or(6, |restarts| restarts.parse().unwrap());
    for _ in 0..restarts {
        let mut child = spawn_child(
            a_crash_is_told_once_and_then_at_its_moments_and_an_end_is_none,
            &sandbox,
            &scratch.0,
            &[],
        );
        let _said = wait_for_ready(&mut child);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let told = texts(&sandbox);
    println!("{restarts} restarts, {} messages", told.len());
    // A reminder is due after one minute and after five.
    let most = if restarts > 6 { 5 } else { 1 };
    assert!((1..=most).contains(&told.len()), "{told:#?}");
    assert!(
        told[0].contains("shop ended without closing logout: killed"),
        "{told:#?}"
    );
    assert!(told[0].contains("💥"), "{told:#?}");
    drop(started!(Watched, sandbox, scratch));
    sandbox.clear();
    run_and_flush(started!(Watched, sandbox, scratch), || ());
    let told = texts(&sandbox);
    // What was counted by then; and no other crash.
    assert!(restarts > 6 || !told.is_empty());
    let all = format!("×{restarts}");
    assert!(told.iter().all(|text| text.contains(&all)), "{told:#?}");
}

#[test]
fn a_start_and_an_end_are_a_line_each() {
    let sandbox = Sandbox::start().unwrap();
    let (_alerts, guard) = Noticed::from_figment(sandbox.figment())
        .unwrap()
        .start::<tracing_subscriber::Registry>()
        .unwrap();
    assert_eq!(sandbox.wait_for(1, TIMEOUT).len(), 1);
    guard.handle().shutdown(TIMEOUT).unwrap();
    let told = texts(&sandbox);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("shop 1.10.2 has started"), "{told:#?}");
    assert!(told[1].contains("shop 1.10.2 stops"), "{told:#?}");
}
