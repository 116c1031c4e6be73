//! Flushes, which end when everything is delivered or lost, or when their time is up.

use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::{Discord, Handle, Slack, logout};

use crate::support::machine_lateness::measure_below;
use crate::support::process::{child, child_output, is_child};
use crate::support::{TIMEOUT, delivered, run_with};

logout! {
    struct Alerts {
        shutdown_timeout: Duration::ZERO,
        adapters: [Slack, Discord],
    }
}

fn started(sandbox: &Sandbox, work: impl FnOnce()) -> logout::Guard<Alerts> {
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    run_with(alerts.start().unwrap(), work)
}

/// Waits until the lane of this name has delivered something.
fn wait_until_delivered(handle: &Handle<Alerts>, lane: &str) {
    let start = Instant::now();
    while delivered(&handle.stats(), lane) == 0 && start.elapsed() < TIMEOUT {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_was_logged_before_a_flush_has_arrived_after_it() {
    let sandbox = Sandbox::start().unwrap();
    let guard = started(&sandbox, || tracing::error!("broken"));
    guard.handle().flush(TIMEOUT).unwrap();
    assert_eq!(sandbox.inbox().len(), 2);
}

#[test]
fn a_flush_of_nothing_returns_at_once() {
    let sandbox = Sandbox::start().unwrap();
    let guard = started(&sandbox, || {});
    let started = Instant::now();
    guard.handle().flush(TIMEOUT).unwrap();
    assert!(started.elapsed() < TIMEOUT / 2);
}

#[test]
fn a_flush_against_a_hanging_destination_ends_in_time_and_says_what_is_left() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble(Platform::Slack, Trouble::hang());
    let guard = started(&sandbox, || tracing::error!("broken"));
    let timeout = Duration::from_millis(300);
    let bound = timeout + Duration::from_millis(100);
    wait_until_delivered(&guard.handle(), "discord");
    let mut error = None;
    let took = measure_below(bound, || {
        let started = Instant::now();
        error = guard.handle().flush(timeout).err();
        started.elapsed()
    });
    assert!((timeout..bound).contains(&took), "{took:?}");
    let error = error.unwrap();
    assert!(error.is_timeout());
    assert_eq!(error.left(), 1, "Discord has it, Slack has not");
    assert_eq!(error.to_string(), "time ran out with 1 delivery left");
}

#[test]
fn several_threads_may_flush_at_once() {
    let sandbox = Sandbox::start().unwrap();
    let guard = started(&sandbox, || tracing::error!("broken"));
    let flush = |handle: Handle<Alerts>| move || handle.flush(TIMEOUT);
    let threads: Vec<_> = (0..4)
        .map(|_| std::thread::spawn(flush(guard.handle())))
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
    assert_eq!(sandbox.inbox().len(), 2);
}

#[test]
fn an_end_at_once_says_whether_a_failure_or_a_limit_is_in_the_way() {
    const LIMITED: &str = "LIMITED";
    if !is_child(an_end_at_once_says_whether_a_failure_or_a_limit_is_in_the_way) {
        for (is_limited, expected) in [
            (
                "no",
                "ending at once: discord failed, and the next try is due in ",
            ),
            (
                "yes",
                "ending at once: the rate limit of discord allows nothing more for ",
            ),
        ] {
            let output = child(
                an_end_at_once_says_whether_a_failure_or_a_limit_is_in_the_way,
                &[(LIMITED, is_limited)],
            );
            child_output(&output);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(said.matches("ending at once").count(), 1, "{said}");
            assert!(said.contains(expected), "{said}");
        }
        return;
    }
    let is_limited = std::env::var(LIMITED).as_deref() == Ok("yes");
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble(
        Platform::Discord,
        match is_limited {
            true => Trouble::rate_limited(Duration::from_secs(3_600)),
            false => Trouble::status(503),
        },
    );
    let guard = started(&sandbox, || tracing::error!("broken"));
    // Less than the pause after a second failure, which is a second at least, and more than the limit of
    // Discord, which is no limit to a few requests.
    let timeout = Duration::from_millis(900);
    let mut error = None;
    let took = measure_below(timeout, || {
        let started = Instant::now();
        error = guard.handle().flush(timeout).err();
        started.elapsed()
    });
    let error = error.unwrap();
    assert!(error.is_timeout() && took < timeout, "{took:?}");
    assert_eq!(
        error.to_string(),
        "nothing more can be sent in time: 1 delivery left"
    );
    // Less than the pause after a third failure, which is two seconds at least.
    let timeout = Duration::from_millis(1_900);
    let end = guard.handle().shutdown(timeout).unwrap_err();
    assert!(end.is_timeout() && end.left() == 1);
}

logout! {
    struct OneWebhook {
        shutdown_timeout: Duration::ZERO,
        adapters: [Slack, errors: Slack],
    }
}

#[test]
fn an_end_at_once_names_the_failure_and_not_the_limit_that_its_tries_used_up() {
    if !is_child(an_end_at_once_names_the_failure_and_not_the_limit_that_its_tries_used_up) {
        let output = child(
            an_end_at_once_names_the_failure_and_not_the_limit_that_its_tries_used_up,
            &[] as &[(&str, &str)],
        );
        child_output(&output);
        let said = String::from_utf8_lossy(&output.stderr);
        let expected = "failed, and the next try is due in ";
        assert!(said.contains(expected), "{said}");
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble(Platform::Slack, Trouble::status(503));
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let figment = sandbox.figment().merge(("errors.url", url));
    let alerts = OneWebhook::from_figment(figment).unwrap();
    let guard = run_with(alerts.start().unwrap(), || tracing::error!("broken"));
    // Both have failed by then, and the limit of both is used up for most of a second.
    assert!(sandbox.wait_for_requests(3, TIMEOUT).len() >= 3);
    let end = guard.handle().shutdown(Duration::from_millis(500));
    assert!(end.unwrap_err().is_timeout());
}
