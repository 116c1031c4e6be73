//! The hook that captures panics: how it ends a program, and its cost to a program that goes on. A hook
//! belongs to its process, so each test runs in one of its own.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::{Discord, Guard, Slack, logout};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

use crate::support;
use crate::support::process::{child, child_output, command, is_child};

logout! {
    struct Alerts {
        project_name: "hook",
        adapters: [Slack],
        panic_timeout: Duration::from_secs(20),
    }
}

logout! {
    struct Others {
        project_name: "others",
        adapters: [Discord { metadata_filter: [team: "billing"] }],
        metadata_filter: [region: "eu"],
        panic_timeout: Duration::from_secs(20),
    }
}

const URL: &str = "HOOK_URL";

/// Far below `panic_timeout`, and far above what a busy machine takes for nothing.
const SHORT: Duration = Duration::from_secs(5);

/// Starts logout in the process of a test, with the Slack of its parent's sandbox.
fn start() -> Guard<Alerts> {
    let url = std::env::var(URL).unwrap();
    let (alerts, guard) = Alerts::from_figment(("slack.url", url))
        .unwrap()
        .start()
        .unwrap();
    tracing_subscriber::registry().with(alerts).init();
    guard
}

/// Runs the test of this name in a process of its own, and returns its output.
fn in_child(test: impl Fn(), sandbox: &Sandbox) -> String {
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    child_output(&child(test, &[(URL, url)]))
}

/// Installs the hook of many programs: any panic exits the process.
fn exit_on_panic() {
    let previous = take_hook();
    set_hook(Box::new(move |info| {
        previous(info);
        std::process::exit(70);
    }));
}

/// Returns how long a caught panic occupied its thread.
fn time_to_catch() -> Duration {
    time_to_catch_what_says("site-00: caught")
}

/// Returns how long a caught panic with this message occupied its thread; all are at one place.
fn time_to_catch_what_says(message: &str) -> Duration {
    let start = Instant::now();
    catch_unwind(|| panic!("{message}")).unwrap_err();
    start.elapsed()
}

#[track_caller]
fn ends_and_is_told(test: impl Fn()) {
    let sandbox = Sandbox::start().unwrap();
    // A message takes a while.
    sandbox.trouble("slack", Trouble::delay(Duration::from_millis(300)));
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let output = command(test).env(URL, url).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(70), "{stderr}");
    let inbox = sandbox.inbox();
    let texts: Vec<_> = inbox.iter().map(|message| message.text()).collect();
    let text = texts.join("\n");
    assert!(text.contains("the shelf fell"), "{text:?}");
    assert!(text.contains("before it fell"), "{text:?}");
    assert!(stderr.contains("the shelf fell"), "{stderr}");
}

#[test]
fn a_panic_is_told_where_a_hook_that_was_set_before_ends_the_process() {
    if !is_child(a_panic_is_told_where_a_hook_that_was_set_before_ends_the_process) {
        return ends_and_is_told(a_panic_is_told_where_a_hook_that_was_set_before_ends_the_process);
    }
    exit_on_panic();
    let guard = start();
    guard.capture_panics();
    tracing::error!("before it fell");
    let _never = std::thread::spawn(|| panic!("the shelf fell")).join();
}

#[test]
fn a_panic_is_told_where_a_hook_that_was_set_after_ends_the_process() {
    if !is_child(a_panic_is_told_where_a_hook_that_was_set_after_ends_the_process) {
        return ends_and_is_told(a_panic_is_told_where_a_hook_that_was_set_after_ends_the_process);
    }
    let guard = start();
    guard.capture_panics();
    exit_on_panic();
    tracing::error!("before it fell");
    let _never = std::thread::spawn(|| panic!("the shelf fell")).join();
}

#[test]
fn a_thread_that_panics_with_the_lock_of_standard_error_does_not_wait_in_vain() {
    if !is_child(a_thread_that_panics_with_the_lock_of_standard_error_does_not_wait_in_vain) {
        let sandbox = Sandbox::start().unwrap();
        // Which is said on standard error.
        sandbox.trouble("slack", Trouble::status(503).times(1));
        in_child(
            a_thread_that_panics_with_the_lock_of_standard_error_does_not_wait_in_vain,
            &sandbox,
        );
        assert_eq!(sandbox.inbox().len(), 1);
        return;
    }
    let guard = start();
    guard.capture_panics();
    let start = Instant::now();
    let locked = std::thread::spawn(|| {
        let _stderr = std::io::stderr().lock();
        panic!("the shelf fell");
    });
    locked.join().unwrap_err();
    assert!(start.elapsed() < SHORT, "{:?}", start.elapsed());
    guard.handle().flush(support::TIMEOUT).unwrap();
}

/// A layer that panics while it holds the lock of the span around an event.
struct Locking;

impl<S: tracing::Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Locking {
    fn on_event(&self, _: &tracing::Event<'_>, context: Context<'_, S>) {
        let span = context.lookup_current().unwrap();
        let _locked = span.extensions_mut();
        panic!("the shelf fell");
    }
}

#[test]
fn a_thread_that_panics_with_the_lock_of_its_span_does_not_wait_in_vain() {
    if !is_child(a_thread_that_panics_with_the_lock_of_its_span_does_not_wait_in_vain) {
        let sandbox = Sandbox::start().unwrap();
        in_child(
            a_thread_that_panics_with_the_lock_of_its_span_does_not_wait_in_vain,
            &sandbox,
        );
        let message = support::only_message(&sandbox, Platform::Slack);
        assert!(message.text().contains("the shelf fell"), "{message}");
        assert!(!message.text().contains("storeroom"), "{message}");
        return;
    }
    let url = std::env::var(URL).unwrap();
    let alerts = Alerts::from_figment(("slack.url", url)).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let layers = tracing_subscriber::registry().with(alerts).with(Locking);
    layers.init();
    guard.capture_panics();
    let start = Instant::now();
    let locked = std::thread::spawn(|| {
        let _span = tracing::info_span!("storeroom").entered();
        tracing::info!("a shelf is full");
    });
    locked.join().unwrap_err();
    assert!(start.elapsed() < SHORT, "{:?}", start.elapsed());
}

#[test]
fn a_place_makes_its_thread_wait_once() {
    if !is_child(a_place_makes_its_thread_wait_once) {
        let sandbox = Sandbox::start().unwrap();
        sandbox.trouble("slack", Trouble::delay(Duration::from_millis(300)).times(1));
        // Who waits again waits in vain.
        sandbox.trouble("slack", Trouble::hang());
        in_child(a_place_makes_its_thread_wait_once, &sandbox);
        return;
    }
    let guard = start();
    guard.capture_panics();
    let first = time_to_catch_what_says("a shelf fell");
    // Another problem, since nobody waits for one that is known and only counted.
    let second = time_to_catch_what_says("the lamp burst");
    assert!(first >= Duration::from_millis(300), "{first:?}");
    assert!(second < SHORT, "{second:?}");
    drop(guard.handle().shutdown(Duration::ZERO));
}

#[test]
fn nobody_waits_for_a_destination_that_failed_last() {
    if !is_child(nobody_waits_for_a_destination_that_failed_last) {
        let sandbox = Sandbox::start().unwrap();
        sandbox.trouble("slack", Trouble::status(503));
        in_child(nobody_waits_for_a_destination_that_failed_last, &sandbox);
        return;
    }
    let guard = start();
    guard.capture_panics();
    tracing::error!("the first to fail");
    let start = Instant::now();
    while guard.handle().stats().lanes[0].requests == 0 && start.elapsed() < support::TIMEOUT {
        std::thread::sleep(Duration::from_millis(5));
    }
    let took = time_to_catch();
    assert!(took < SHORT, "{took:?}");
    drop(guard.handle().shutdown(Duration::ZERO));
}

#[test]
fn after_the_end_a_panic_is_counted_and_costs_nothing() {
    if !is_child(after_the_end_a_panic_is_counted_and_costs_nothing) {
        let sandbox = Sandbox::start().unwrap();
        sandbox.trouble("slack", Trouble::hang());
        return drop(in_child(
            after_the_end_a_panic_is_counted_and_costs_nothing,
            &sandbox,
        ));
    }
    let guard = start();
    guard.capture_panics();
    drop(guard);
    let took = time_to_catch();
    assert!(took < SHORT, "{took:?}");
}

#[test]
fn two_blocks_are_both_told_whatever_they_filter_by() {
    if !is_child(two_blocks_are_both_told_whatever_they_filter_by) {
        return drop(child_output(&child::<&str>(
            two_blocks_are_both_told_whatever_they_filter_by,
            &[],
        )));
    }
    let sandbox = Sandbox::start().unwrap();
    let (slack, first) = Alerts::from_figment(sandbox.figment_for("slack"))
        .unwrap()
        .start()
        .unwrap();
    let (discord, second) = Others::from_figment(sandbox.figment_for("discord"))
        .unwrap()
        .start()
        .unwrap();
    tracing_subscriber::registry()
        .with(slack)
        .with(discord)
        .init();
    first.capture_panics();
    second.capture_panics();
    let took = time_to_catch();
    assert!(took < SHORT, "{took:?}");
    for platform in [Platform::Slack, Platform::Discord] {
        let message = support::only_message(&sandbox, platform);
        assert!(message.text().contains("site-00: caught"));
    }
    drop((first, second));
}

#[test]
fn together_two_blocks_wait_no_longer_than_one() {
    if !is_child(together_two_blocks_wait_no_longer_than_one) {
        return drop(child_output(&child::<&str>(
            together_two_blocks_wait_no_longer_than_one,
            &[],
        )));
    }
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::hang());
    let guards: Vec<_> = (0..3)
        .map(|_| {
            let figment = sandbox.figment_for("slack").merge(("panic_timeout", "2s"));
            let started = Alerts::from_figment(figment).unwrap();
            let (_alerts, guard) = started.start::<tracing_subscriber::Registry>().unwrap();
            guard.capture_panics();
            guard
        })
        .collect();
    let took = time_to_catch();
    // One after the other they would take six.
    let bound = Duration::from_secs(2)..Duration::from_millis(5_500);
    assert!(bound.contains(&took), "{took:?}");
    // Nothing is left for the guards to wait for.
    sandbox.heal("slack");
    catch_unwind(AssertUnwindSafe(|| drop(guards))).unwrap();
}

#[test]
fn a_timeout_of_zero_never_waits() {
    if !is_child(a_timeout_of_zero_never_waits) {
        return drop(child_output(&child::<&str>(
            a_timeout_of_zero_never_waits,
            &[],
        )));
    }
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::hang());
    let figment = sandbox.figment_for("slack").merge(("panic_timeout", "0s"));
    let started = Alerts::from_figment(figment).unwrap();
    let (_alerts, guard) = started.start::<tracing_subscriber::Registry>().unwrap();
    guard.capture_panics();
    let took = time_to_catch();
    assert!(took < SHORT, "{took:?}");
    drop(guard.handle().shutdown(Duration::ZERO));
}
