//! A hundred thousand events as fast as they can be logged: none waits longer than it may, and each
//! is told or counted as lost.

use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::stats::Reason;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support::TIMEOUT;
use crate::support::account;
use crate::support::machine_lateness::LatenessMonitor;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "burst",
        adapters: [Slack],
    }
}

macro_rules! sites {
    ($($site:literal)*) => {
        [$(|event: u64| tracing::error!(name: $site, event, concat!("site-", $site, ": payment failed"))),*]
    };
}

const SITES: [fn(u64); 20] = sites! {
    "00" "01" "02" "03" "04" "05" "06" "07" "08" "09" "10" "11" "12" "13" "14" "15" "16" "17" "18" "19"
};

const THREADS: u64 = 4;
const EACH: u64 = 25_000;

#[test]
fn a_hundred_thousand_events_at_once_are_all_accounted_for() {
    if !is_alone(a_hundred_thousand_events_at_once_are_all_accounted_for) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let subscriber = tracing::Dispatch::new(tracing_subscriber::registry().with(alerts));
    let machine = LatenessMonitor::watch();
    let (before, start) = (account::peak_and_current_memory(), Instant::now());
    let slowest = std::thread::scope(|scope| {
        let log = || tracing::dispatcher::with_default(&subscriber, burst);
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(log)).collect();
        let slowest = threads.into_iter().map(|thread| thread.join().unwrap());
        slowest.max().unwrap()
    });
    let (took, late) = (start.elapsed(), machine.lateness());
    let handle = guard.handle();
    handle.shutdown(2 * TIMEOUT).unwrap();

    let (stats, inbox) = (handle.stats(), sandbox.inbox());
    let growth = account::memory_growth(before);
    println!(
        "{stats}; logged in {took:.1?}, slowest call {slowest:.1?} on a machine up to {late:.1?} late, {} messages, peak memory +{growth} KiB",
        inbox.len()
    );
    account::assert_holds(&stats);
    let lane = account::lane(&stats, "slack");
    assert_eq!((lane.accepted, lane.pending), (THREADS * EACH, 0));
    let told = account::events_by_site(&account::without_reports(&inbox));
    assert_eq!(told.values().sum::<u64>(), lane.delivered);
    let each = THREADS * EACH / SITES.len() as u64;
    assert_eq!(told.len(), SITES.len());
    assert!(told.values().all(|events| *events <= each), "{told:?}");
    let reported: u64 = inbox.iter().map(account::events_reported_lost).sum();
    assert_eq!(reported, lane.discarded.total());
    assert_eq!(reported, lane.discarded.get(Reason::Threshold));
    assert!(growth < 8 * 1_024, "{growth} KiB");
    let scheduling = Duration::from_millis(400) + late;
    assert!(
        slowest < Duration::from_millis(100) + scheduling,
        "{slowest:?} {late:?}"
    );
}

/// Logs them, and returns how long the slowest call took.
fn burst() -> Duration {
    let mut slowest = Duration::ZERO;
    for event in 0..EACH {
        let called = Instant::now();
        SITES[event as usize % SITES.len()](event);
        slowest = slowest.max(called.elapsed());
    }
    slowest
}
