//! Threads of logout: none before a start, one that sends, none after the end.

use std::time::Instant;

use logout::{Error, logout};

use crate::support;
use crate::support::hook::{Hook, Recorder};
use crate::support::process::{is_alone, report_skipped, threads};

logout! {
    struct Alerts { adapters: [Hook] }
}

/// Checks everything in one test, since the threads of others would be counted with its own.
#[test]
fn there_is_one_thread_and_only_between_start_and_end() {
    if !is_alone(there_is_one_thread_and_only_between_start_and_end) {
        return;
    }
    let Some(before) = threads("logout") else {
        return report_skipped("the system does not list threads under /proc");
    };
    assert!(before.is_empty(), "{before:?}");

    let wrong: Vec<Error> = [
        ("hook.url", "https://"),
        ("level", "loud"),
        ("hook.urk", "x"),
    ]
    .into_iter()
    .map(|wrong| Alerts::from_figment(wrong).unwrap_err())
    .collect();
    assert!(wrong.iter().all(Error::is_config));
    let off = Alerts::from_figment(("enabled", false)).unwrap();
    let (_layer, off) = off.start::<tracing_subscriber::Registry>().unwrap();
    assert_eq!(off.handle().verify(support::TIMEOUT).unwrap().len(), 1);
    for name in ["logout", "async-io"] {
        assert_eq!(threads(name), Some(Vec::new()));
    }
    drop(off);

    let alerts = Alerts::from_figment(("hook.url", "https://hook.example")).unwrap();
    assert_eq!(threads("logout"), Some(Vec::new()));
    let started = alerts.transport(Recorder::answering(200)).start().unwrap();
    let guard = support::run_with(started, || tracing::error!("broken"));
    guard.handle().flush(support::TIMEOUT).unwrap();
    // A thread bears the name of the one that started it until it takes its own, as those of the
    // executor do a moment later.
    assert!(threads_become(&["logout"]), "{:?}", threads("logout"));

    drop(guard);
    // Its last act was to answer; a moment later it is gone.
    assert!(threads_become(&[]), "{:?}", threads("logout"));
}

/// Waits until the threads of that name are `wanted`; returns whether they became so in time.
fn threads_become(wanted: &[&str]) -> bool {
    let start = Instant::now();
    loop {
        if threads("logout").is_some_and(|threads| threads == wanted) {
            return true;
        }
        if start.elapsed() > support::TIMEOUT {
            return false;
        }
        std::thread::yield_now();
    }
}
