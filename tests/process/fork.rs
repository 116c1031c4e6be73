//! A process that forks after logout was started, as daemons and pre-forking servers do: the worker
//! stays in the parent, and nothing in the child waits for it.
#![cfg(unix)]

use std::io::Write as _;
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use fork::{Fork, fork};
use logout::sandbox::Sandbox;
use logout::stats::Reason;
use logout::{Guard, Slack, logout};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, waitpid};
use tracing_subscriber::prelude::*;

use crate::support;
use crate::support::process::{command, is_child};
use crate::support::random::{RandomDurations, seed_variables};

logout! {
    struct Alerts {
        project_name: "fork",
        adapters: [Slack],
        shutdown_timeout: Duration::from_secs(10),
    }
}

const URL: &str = "FORK_URL";

/// What is said once in each child.
const SAID: &str = "this process was forked after logout was started; start it in the child";

/// Far longer than a child takes that waits for nothing.
const LONG: Duration = Duration::from_secs(10);

/// How many forks a storm meets unless told otherwise.
const FORKS: u32 = 40;

/// Starts logout in the process of a test, with the Slack of its parent's sandbox.
fn start() -> Guard<Alerts> {
    let (alerts, guard) = alerts().start().unwrap();
    tracing_subscriber::registry().with(alerts).init();
    guard
}

fn alerts() -> logout::Builder<Alerts> {
    let url = std::env::var(URL).unwrap();
    Alerts::from_figment(("slack.url", url)).unwrap()
}

/// Runs the test of this name in a process of its own, which ends well, and returns its standard error.
#[track_caller]
fn in_process(test: impl Fn(), sandbox: &Sandbox) -> String {
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let mut command = command(test);
    let command = command.envs(seed_variables()).env(URL, url);
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    println!("{stderr}");
    assert!(output.status.success(), "{}", output.status);
    stderr
}

/// Runs `child` in a fork of this process, which ends without whatever its parent would still do.
fn in_fork(child: impl FnOnce()) -> Pid {
    match fork().unwrap() {
        Fork::Parent(child) => Pid::from_raw(child).unwrap(),
        Fork::Child => {
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(child));
            exit(i32::from(ended.is_err()))
        }
    }
}

/// Waits for a child and returns its status.
#[track_caller]
fn wait_for_end(child: Pid) -> WaitStatus {
    wait_for_end_with(child, || {})
}

/// Waits for a child, calling `again` meanwhile, and returns its status.
#[track_caller]
fn wait_for_end_with(child: Pid, again: impl Fn()) -> WaitStatus {
    let start = Instant::now();
    loop {
        if let Some((_, status)) = waitpid(Some(child), WaitOptions::NOHANG).unwrap() {
            return status;
        }
        if start.elapsed() > LONG {
            kill_process(child, Signal::KILL).unwrap();
            panic!("the child hangs");
        }
        std::thread::sleep(Duration::from_millis(2));
        again();
    }
}

#[track_caller]
fn assert_success(child: Pid) {
    assert_eq!(wait_for_end(child).exit_status(), Some(0));
}

#[test]
fn a_child_waits_for_nothing_and_says_and_counts_what_is_lost() {
    if !is_child(a_child_waits_for_nothing_and_says_and_counts_what_is_lost) {
        let sandbox = Sandbox::start().unwrap();
        let stderr = in_process(
            a_child_waits_for_nothing_and_says_and_counts_what_is_lost,
            &sandbox,
        );
        assert_eq!(stderr.matches(SAID).count(), 1);
        let arrived = sandbox.inbox();
        let mut texts = arrived.iter().map(|message| message.text());
        assert!(texts.all(|text| text.contains("of the parent")));
        assert_eq!(arrived.len(), 2);
        return;
    }
    let guard = start();
    guard.capture_panics();
    tracing::error!("of the parent");
    let handle = guard.handle();
    handle.flush(support::TIMEOUT).unwrap();
    // The worker publishes its account once more, and a fork amid that would begin with an empty one.
    std::thread::sleep(Duration::from_millis(100));
    let mut guard = Some(guard);
    let child = in_fork(|| {
        let start = Instant::now();
        for event in 0..100 {
            tracing::error!(event, "of the child");
        }
        let panicked = std::panic::catch_unwind(|| panic!("of the child"));
        assert!(panicked.is_err());
        let error = handle.flush(LONG).unwrap_err();
        assert!(error.is_stopped() && error.to_string() == SAID, "{error}");
        let error = handle.configure(logout::Change::new()).unwrap_err();
        assert!(error.is_stopped());
        drop(guard.take());
        let took = start.elapsed();
        assert!(took < Duration::from_millis(2_900), "{took:?}");
        let stats = handle.stats();
        support::assert_adds_up(&stats);
        assert_eq!(stats.left(), 0, "{stats}");
        assert_eq!(support::discarded(&stats, "slack", Reason::Forked), 101);
        assert_eq!(support::delivered(&stats, "slack"), 1);
    });
    assert_success(child);
    tracing::error!("of the parent");
    drop(guard);
}

#[test]
fn a_child_that_logs_now_and_then_hears_of_it() {
    if !is_child(a_child_that_logs_now_and_then_hears_of_it) {
        let sandbox = Sandbox::start().unwrap();
        let stderr = in_process(a_child_that_logs_now_and_then_hears_of_it, &sandbox);
        assert_eq!(stderr.matches(SAID).count(), 1);
        return;
    }
    let guard = start();
    // The worker comes by itself for a second now, and nobody wakes it.
    tracing::error!("of the parent");
    guard.handle().flush(support::TIMEOUT).unwrap();
    let child = in_fork(|| {
        for _ in 0..2 {
            tracing::error!("of the child");
            std::thread::sleep(Duration::from_millis(1_050));
        }
    });
    assert_success(child);
    drop(guard);
}

#[test]
fn no_fork_amid_a_storm_hangs() {
    if !is_child(no_fork_amid_a_storm_hangs) {
        let sandbox = Sandbox::start().unwrap();
        let stderr = in_process(no_fork_amid_a_storm_hangs, &sandbox);
        let forks = RandomDurations::new(FORKS).rounds();
        assert_eq!(stderr.matches(SAID).count(), forks as usize);
        return;
    }
    let guard = start();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    tracing::error!("storm");
                }
            });
        }
        let mut moments = RandomDurations::new(FORKS);
        for _ in 0..moments.rounds() {
            moments.wait(Duration::from_millis(5));
            let handle = guard.handle();
            let child = in_fork(|| {
                let start = Instant::now();
                for event in 0..50 {
                    tracing::error!(event, "of the child");
                }
                handle.flush(LONG).unwrap_err();
                let stats = handle.stats();
                let took = start.elapsed();
                assert!(took < Duration::from_millis(2_900), "{took:?}");
                let lost = support::discarded(&stats, "slack", Reason::Forked);
                // Those of the parent that were waiting are copied along.
                assert!(lost >= 50, "{stats}");
            });
            let status = wait_for_end(child);
            if status.exit_status() != Some(0) {
                stop.store(true, Ordering::Relaxed);
                panic!("{status:?}");
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    drop(guard.handle().shutdown(Duration::from_millis(100)));
}

#[test]
fn a_start_in_the_child_of_a_started_process_is_an_error_that_says_why() {
    if !is_child(a_start_in_the_child_of_a_started_process_is_an_error_that_says_why) {
        let sandbox = Sandbox::start().unwrap();
        in_process(
            a_start_in_the_child_of_a_started_process_is_an_error_that_says_why,
            &sandbox,
        );
        return;
    }
    let guard = start();
    let child = in_fork(|| {
        let started = alerts().start::<tracing_subscriber::Registry>();
        let error = started.unwrap_err().to_string();
        assert!(error.contains("start it after forking"), "{error}");
    });
    assert_success(child);
    drop(guard);
}

#[test]
fn a_child_that_starts_logout_itself_is_heard() {
    if !is_child(a_child_that_starts_logout_itself_is_heard) {
        let sandbox = Sandbox::start().unwrap();
        in_process(a_child_that_starts_logout_itself_is_heard, &sandbox);
        assert_eq!(sandbox.inbox().len(), 1);
        return;
    }
    // What is wrong with the configuration is known before.
    let alerts = alerts();
    let child = in_fork(|| {
        let guard = support::run_with(alerts.start().unwrap(), || tracing::error!("of the child"));
        drop(guard);
    });
    assert_success(child);
}

#[test]
fn a_child_can_be_ended_by_the_signals_that_its_parent_handles() {
    if !is_child(a_child_can_be_ended_by_the_signals_that_its_parent_handles) {
        let sandbox = Sandbox::start().unwrap();
        in_process(
            a_child_can_be_ended_by_the_signals_that_its_parent_handles,
            &sandbox,
        );
        return;
    }
    let guard = start();
    guard.flush_on_signals().unwrap();
    let (mut ready, mut is_ready) = std::io::pipe().map(|(read, write)| (write, read)).unwrap();
    for notices_by in ["logging", "asking", "nothing"] {
        let child = in_fork(|| {
            match notices_by {
                "logging" => tracing::error!("of the child"),
                "asking" => assert_eq!(guard.handle().stats().left(), 0),
                _ => {}
            }
            ready.write_all(b".").unwrap();
            loop {
                std::thread::park();
            }
        });
        std::io::Read::read_exact(&mut is_ready, &mut [0]).unwrap();
        kill_process(child, Signal::TERM).unwrap();
        let ended = wait_for_end_with(child, || {
            if notices_by == "nothing" {
                // It has not used logout, which does not know of the fork; the second one ends it. Those
                // that come before the first is handled are one, however many.
                std::thread::sleep(Duration::from_millis(50));
                kill_process(child, Signal::TERM).unwrap();
            }
        });
        let signal = ended.terminating_signal();
        assert_eq!(signal, Some(Signal::TERM.as_raw()), "{notices_by}");
    }
    drop(guard);
}

#[test]
fn a_child_of_a_process_that_was_logging_notices_the_fork_by_its_first_event() {
    if !is_child(a_child_of_a_process_that_was_logging_notices_the_fork_by_its_first_event) {
        let sandbox = Sandbox::start().unwrap();
        in_process(
            a_child_of_a_process_that_was_logging_notices_the_fork_by_its_first_event,
            &sandbox,
        );
        return;
    }
    let guard = start();
    guard.flush_on_signals().unwrap();
    let (mut is_ready, mut ready) = std::io::pipe().unwrap();
    for logged in 1..=20 {
        tracing::error!("of the parent");
        // Now the worker is awake, and comes for what follows by itself.
        while guard.handle().stats().lanes[0].accepted < logged {
            std::thread::yield_now();
        }
        let child = in_fork(|| {
            tracing::error!("of the child");
            ready.write_all(b".").unwrap();
            loop {
                std::thread::park();
            }
        });
        std::io::Read::read_exact(&mut is_ready, &mut [0]).unwrap();
        kill_process(child, Signal::TERM).unwrap();
        assert_eq!(
            wait_for_end(child).terminating_signal(),
            Some(Signal::TERM.as_raw())
        );
    }
    drop(guard);
}
