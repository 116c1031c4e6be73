//! A thousand threads that log at once.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::stats::Reason;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;

logout! {
    struct Alerts {
        project_name: "threads",
        adapters: [Slack],
        sync_timeout: Duration::from_millis(20),
    }
}

const THREADS: u64 = 1_000;
const EACH: u64 = 50;

#[test]
fn a_thousand_threads_are_all_counted() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let subscriber = tracing::Dispatch::new(tracing_subscriber::registry().with(alerts));
    let before = account::peak_and_current_memory();
    let start = Barrier::new(THREADS as usize);
    let slowest = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| tracing::dispatcher::with_default(&subscriber, || log(&start))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .max()
    });
    let handle = guard.handle();
    handle.flush(Duration::from_secs(20)).unwrap();
    handle.shutdown(Duration::from_secs(20)).unwrap();

    let (stats, inbox) = (handle.stats(), sandbox.inbox());
    println!(
        "{stats}; slowest call {slowest:.1?}, peak memory +{} KiB with the stacks of {THREADS} threads",
        account::memory_growth(before)
    );
    account::assert_holds(&stats);
    let lane = account::lane(&stats, "slack");
    assert_eq!(lane.accepted, THREADS * EACH);
    assert_eq!((lane.pending, stats.waiting), (0, 0));
    let told: u64 = account::events_by_site(&account::without_reports(&inbox))
        .values()
        .sum();
    assert_eq!(
        told, lane.delivered,
        "what the chat counts is what the account says"
    );
    assert_eq!(
        lane.discarded.total(),
        lane.discarded.get(Reason::Threshold)
    );
    let reported: u64 = inbox.iter().map(account::events_reported_lost).sum();
    assert_eq!(
        reported,
        lane.discarded.total(),
        "the reports count what was lost"
    );
}

fn log(start: &Barrier) -> Duration {
    start.wait();
    let mut slowest = Duration::ZERO;
    for event in 0..EACH {
        let called = Instant::now();
        if event % 2 == 0 {
            tracing::error!(event, "site-error: payment failed");
        } else {
            tracing::warn!(event, "site-warn: cache cold");
        }
        slowest = slowest.max(called.elapsed());
    }
    slowest
}
