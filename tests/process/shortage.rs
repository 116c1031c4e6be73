//! A process that is short of threads or of descriptors: at the start that is an error, later a
//! destination that is tried again, and never the end of the program or of logout.
//!
//! Limits on threads do not bind root, so there each process is one of nobody.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::time::{Duration, Instant};

use logout::sandbox::{Sandbox, Trouble};
use logout::{Slack, logout};
use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};
use tracing_subscriber::prelude::*;

use crate::support;
use crate::support::machine_lateness::{measure_below, time_without_core};
use crate::support::process::{command, is_child};
use crate::support::random::{RandomDurations, seed_variables};

logout! {
    struct Alerts {
        project_name: "shortage",
        adapters: [Slack],
        shutdown_timeout: Duration::from_secs(20),
    }
}

const URL: &str = "SHORTAGE_URL";
const NOBODY: u32 = 65_534;

/// How many shortages a process goes through unless told otherwise.
const SHORTAGES: u32 = 40;

/// A shortage of a resource of the process, until it is dropped.
enum Shortage {
    Threads,
    Descriptors(#[expect(dead_code, reason = "they are held")] Vec<File>),
}

impl Shortage {
    const KINDS: [fn() -> Self; 2] = [Self::of_threads, Self::of_descriptors];

    fn of_threads() -> Self {
        limit(Resource::Nproc, 1);
        Self::Threads
    }

    fn of_descriptors() -> Self {
        limit(Resource::Nofile, 64);
        let mut held = Vec::new();
        while let Ok(file) = File::open("/dev/null") {
            held.push(file);
        }
        Self::Descriptors(held)
    }
}

impl Drop for Shortage {
    fn drop(&mut self) {
        limit(Resource::Nproc, 4_000);
    }
}

fn limit(resource: Resource, current: u64) {
    let maximum = getrlimit(resource).maximum;
    let current = Some(maximum.map_or(current, |maximum| current.min(maximum)));
    setrlimit(resource, Rlimit { current, maximum }).unwrap();
}

fn alerts() -> logout::Builder<Alerts> {
    let url = std::env::var(URL).unwrap();
    Alerts::from_figment(("slack.url", url)).unwrap()
}

/// Runs the test of this name in a process of its own, which ends well, and returns its standard error.
#[track_caller]
fn in_process(test: impl Fn(), sandbox: &Sandbox) -> String {
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    // By name, for which the resolver's thread is needed.
    let url = url.replace("127.0.0.1", "localhost");
    let mut command = command(test);
    if getuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let command = command.envs(seed_variables()).env(URL, url);
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    println!("{stderr}");
    assert!(output.status.success(), "{}", output.status);
    stderr
}

#[test]
fn a_start_that_lacks_something_is_an_error_and_can_be_made_again() {
    if !is_child(a_start_that_lacks_something_is_an_error_and_can_be_made_again) {
        let sandbox = Sandbox::start().unwrap();
        let stderr = in_process(
            a_start_that_lacks_something_is_an_error_and_can_be_made_again,
            &sandbox,
        );
        assert!(!stderr.contains("panicked"), "no hook was called");
        assert_eq!(sandbox.inbox().len(), 1);
        return;
    }
    for short in Shortage::KINDS {
        let alerts = alerts();
        let shortage = short();
        let started = alerts.start::<tracing_subscriber::Registry>();
        let error = started.unwrap_err();
        drop(shortage);
        assert_eq!(error.kind(), logout::config::ErrorKind::Start);
        let text = error.to_string();
        assert!(
            text.starts_with("the thread that sends could not be started: "),
            "{text}"
        );
    }
    let guard = support::run_with(alerts().start().unwrap(), || tracing::error!("broken"));
    drop(guard);
}

#[test]
fn descriptors_that_are_missing_later_are_waited_for() {
    if is_child(descriptors_that_are_missing_later_are_waited_for) {
        return log_amid(Shortage::of_descriptors, 2);
    }
    let sandbox = Sandbox::start().unwrap();
    let stderr = in_process(descriptors_that_are_missing_later_are_waited_for, &sandbox);
    assert!(stderr.contains("not sent: "), "it was not short of any");
    assert!(!stderr.contains("panicked"), "no hook was called");
    assert_eq!(sandbox.inbox().len(), 1);
}

#[test]
fn threads_that_are_missing_later_are_waited_for() {
    if is_child(threads_that_are_missing_later_are_waited_for) {
        return log_amid(Shortage::of_threads, 2);
    }
    let sandbox = Sandbox::start().unwrap();
    let stderr = in_process(threads_that_are_missing_later_are_waited_for, &sandbox);
    assert!(stderr.contains("not sent: no host name can be resolved: "));
    assert!(!stderr.contains("panicked"), "no hook was called");
    assert_eq!(sandbox.inbox().len(), 1);
}

/// Logs while something is short, until so many requests have been tried, and waits for the end.
fn log_amid(short: fn() -> Shortage, tries: u64) {
    let (layer, guard) = alerts().start().unwrap();
    tracing_subscriber::registry().with(layer).init();
    let handle = guard.handle();
    let shortage = short();
    tracing::error!("broken");
    let start = Instant::now();
    while handle.stats().lanes[0].requests < tries {
        assert!(start.elapsed() < support::TIMEOUT, "it does not try");
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(shortage);
    handle.flush(support::TIMEOUT).unwrap();
    let stats = handle.stats();
    support::assert_adds_up(&stats);
    assert_eq!(support::delivered(&stats, "slack"), 1, "{stats}");
}

#[test]
fn shortages_at_any_moment_end_nothing() {
    if !is_child(shortages_at_any_moment_end_nothing) {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_rate_limits(false);
        let stderr = in_process(shortages_at_any_moment_end_nothing, &sandbox);
        assert!(!stderr.contains("panicked"), "no hook was called");
        return;
    }
    let (layer, guard) = alerts().start().unwrap();
    tracing_subscriber::registry().with(layer).init();
    let handle = guard.handle();
    let mut logged = 0;
    let mut moments = RandomDurations::new(SHORTAGES);
    for round in 0..moments.rounds() {
        let short = Shortage::KINDS[round as usize % 2];
        moments.wait(Duration::from_millis(3));
        tracing::error!(round, "before");
        moments.wait(Duration::from_millis(2));
        let shortage = short();
        tracing::error!(round, "amid");
        moments.wait(Duration::from_millis(20));
        drop(shortage);
        logged += 2;
    }
    let start = Instant::now();
    handle.flush(Duration::from_secs(120)).unwrap();
    println!("through {:.1?} after the last", start.elapsed());
    let stats = handle.stats();
    support::assert_adds_up(&stats);
    assert_eq!(support::delivered(&stats, "slack"), logged, "{stats}");
    drop(guard);
}

#[test]
fn a_start_takes_no_time() {
    let sandbox = Sandbox::start().unwrap();
    let took = measure_below(Duration::from_millis(2), || {
        let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
        let (start, waited) = (Instant::now(), time_without_core());
        let started = alerts.start::<tracing_subscriber::Registry>().unwrap();
        // What others had the core for is not its own.
        let waited = time_without_core().saturating_sub(waited);
        let took = start.elapsed();
        drop(started);
        took.saturating_sub(waited)
    });
    println!("a start took {took:.1?}");
    assert!(took < Duration::from_millis(2), "{took:?}");
}

#[test]
fn a_start_asks_nobody_who_could_keep_it_waiting() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::hang());
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    drop(alerts.start::<tracing_subscriber::Registry>().unwrap());
    assert!(sandbox.requests().is_empty());
}
