//! The guard dropped inside the runtimes that programs have: what was logged arrives, in bounded
//! time, and no runtime is asked for anything.

use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::{Slack, Stats, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;

logout! {
    struct Alerts {
        project_name: "runtimes",
        adapters: [Slack],
        shutdown_timeout: Duration::from_secs(10),
    }
}

/// Logs five events and drops the guard, on the thread on which it is called.
fn logged_and_dropped(sandbox: &Sandbox) -> (Duration, Stats) {
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let handle = guard.handle();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(alerts), || {
        for event in 0..5 {
            tracing::error!(event, "site-00: payment failed");
        }
    });
    let start = Instant::now();
    drop(guard);
    (start.elapsed(), handle.stats())
}

fn assert_delivered(runtime: &str, run: impl FnOnce(&Sandbox) -> (Duration, Stats)) {
    let sandbox = Sandbox::start().unwrap();
    let before = account::peak_and_current_memory();
    let (took, stats) = run(&sandbox);
    println!(
        "dropped inside {runtime} in {took:.1?}, peak memory +{} KiB; {stats}",
        account::memory_growth(before)
    );
    account::assert_holds(&stats);
    let lane = account::lane(&stats, "slack");
    assert_eq!((lane.accepted, lane.delivered), (5, 5), "{runtime}");
    let told = account::events_by_site(&sandbox.inbox());
    assert_eq!(told, [("site-00".to_owned(), 5)].into(), "{runtime}");
    // The pace is one message a second; the guard waits ten at the most.
    assert!(took < Duration::from_secs(5), "{runtime}: {took:?}");
}

#[test]
fn a_guard_is_dropped_inside_tokio_with_all_its_threads() {
    assert_delivered("tokio's threads", |sandbox| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async { logged_and_dropped(sandbox) })
    });
}

#[test]
fn a_guard_is_dropped_inside_tokio_on_one_thread() {
    assert_delivered("tokio's one thread", |sandbox| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.build().unwrap();
        runtime.block_on(async { logged_and_dropped(sandbox) })
    });
}

#[test]
fn a_guard_is_dropped_inside_smol() {
    assert_delivered("smol", |sandbox| {
        smol::block_on(async { logged_and_dropped(sandbox) })
    });
}

#[test]
fn a_guard_is_dropped_inside_a_task_of_smol() {
    assert_delivered("a task of smol", |sandbox| {
        let executor = smol::Executor::new();
        let task = executor.spawn(async { logged_and_dropped(sandbox) });
        smol::block_on(executor.run(task))
    });
}
