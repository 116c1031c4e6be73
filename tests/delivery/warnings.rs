//! Warnings about a lost guard, a block without recipients, and a preview without room. Standard error
//! belongs to the process, so each test runs in one of its own.

use std::time::Duration;

use logout::sandbox::Sandbox;
use logout::stats::Reason;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support;
use crate::support::process::{child, is_child};

logout! {
    struct Alerts { adapters: [Slack] }
}

logout! {
    #[expect(deprecated, reason = "the warning is for those who do not mean it")]
    struct Nobody { adapters: [] }
}

const LATE: &str = "logout: an event came after logout's end, so nobody is told; keep the guard";

/// Runs the test of this name in a process of its own, and returns its standard error.
#[track_caller]
fn stderr_of(test: impl Fn()) -> String {
    let output = child::<&str>(test, &[]);
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    stderr
}

#[test]
fn a_guard_that_is_lost_is_said_and_what_comes_later_is_counted() {
    if !is_child(a_guard_that_is_lost_is_said_and_what_comes_later_is_counted) {
        return assert_eq!(
            stderr_of(a_guard_that_is_lost_is_said_and_what_comes_later_is_counted)
                .matches(LATE)
                .count(),
            1
        );
    }
    let sandbox = Sandbox::start().unwrap();
    let started = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = started.start().unwrap();
    guard.capture_panics();
    let handle = guard.handle();
    // What `let (alerts, _) = …` does at once.
    drop(guard);
    tracing_subscriber::registry().with(alerts).init();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for event in 0..250 {
                    tracing::error!(event, "nobody hears this");
                    tracing::info!("below the level");
                }
            });
        }
    });
    std::panic::catch_unwind(|| panic!("nobody hears this")).unwrap_err();
    for _ in 0..2 {
        let stats = handle.stats();
        support::assert_adds_up(&stats);
        let counted = support::discarded(&stats, "slack", Reason::Shutdown);
        assert_eq!((counted, stats.left()), (1_001, 0), "{stats}");
    }
}

#[test]
fn events_before_the_end_are_no_news_on_standard_error() {
    if !is_child(events_before_the_end_are_no_news_on_standard_error) {
        return assert!(
            !stderr_of(events_before_the_end_are_no_news_on_standard_error).contains("logout: ")
        );
    }
    let sandbox = Sandbox::start().unwrap();
    let started = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let guard = support::run_with(started.start().unwrap(), || tracing::error!("heard"));
    guard.handle().shutdown(support::TIMEOUT).unwrap();
    drop(guard);
    assert_eq!(sandbox.inbox().len(), 1);
}

#[test]
fn a_block_without_adapters_says_so() {
    if !is_child(a_block_without_adapters_says_so) {
        let said = stderr_of(a_block_without_adapters_says_so);
        let expected = "logout: `Nobody` has no adapters, so nobody is told of anything";
        return assert_eq!(said.matches(expected).count(), 1, "{said}");
    }
    for level in [("level", "warn"), ("enabled", "false")] {
        let nobody = Nobody::from_figment(level).unwrap();
        drop(nobody.start::<tracing_subscriber::Registry>().unwrap());
    }
}

#[test]
fn a_preview_says_how_many_events_it_leaves_out() {
    const EVENTS: u64 = 60;
    if !is_child(a_preview_says_how_many_events_it_leaves_out) {
        return assert!(
            stderr_of(a_preview_says_how_many_events_it_leaves_out)
                .contains("events were left out of the preview: ")
        );
    }
    let long = "x".repeat(3_000);
    let small = figment::Figment::from(("dry_run", true)).merge(("memory_limit", "256 KiB"));
    let alerts = Alerts::from_figment(small).unwrap();
    let previews = alerts.preview().events(|| {
        for event in 0..EVENTS {
            tracing::error!(event, long);
        }
    });
    let shown = previews.of(AlertsAdapter::Slack).count() as u64;
    assert!(shown < EVENTS, "they have room: use more");
    assert_eq!(shown + previews.left_out(), EVENTS);
    let said = format!("{} events were left out of the preview", EVENTS - shown);
    assert!(previews.to_string().contains(&said));
}

#[test]
fn a_shutdown_that_nobody_polls_blocks_nothing_and_is_asked_for() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", logout::sandbox::Trouble::hang());
    let started = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let guard = support::run_with(started.start().unwrap(), || tracing::error!("held up"));
    let (handle, start) = (guard.handle(), std::time::Instant::now());
    drop(guard.shutdown_async());
    // A drop of the guard would wait three seconds.
    assert!(start.elapsed() < Duration::from_secs(2));
    sandbox.heal("slack");
    // It takes no more commands once it has ended.
    while handle.flush(support::TIMEOUT).is_ok() {}
    assert_eq!(handle.stats().left(), 0);
}
