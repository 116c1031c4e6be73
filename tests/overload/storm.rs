//! A storm in as many messages as the destination allows, all of it counted.

use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox};
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;
use crate::support::machine_lateness::{LatenessMonitor, time_without_core};
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "storm",
        adapters: [Slack],
    }
}

macro_rules! sites {
    ($($site:literal)*) => {
        [$(|event: u64| tracing::error!(name: $site, event, concat!("site-", $site, ": payment failed"))),*]
    };
}

const SITES: [fn(u64); 40] = sites! {
    "00" "01" "02" "03" "04" "05" "06" "07" "08" "09" "10" "11" "12" "13" "14" "15" "16" "17" "18" "19"
    "20" "21" "22" "23" "24" "25" "26" "27" "28" "29" "30" "31" "32" "33" "34" "35" "36" "37" "38" "39"
};

const EVENTS: usize = 100_000;

/// Logs them all in some four seconds, and tells how long the slowest call took, and how long it
/// all took without what others held the core.
fn storm() -> (Duration, Duration) {
    let (start, waited_before) = (Instant::now(), time_without_core());
    let mut slowest = Duration::ZERO;
    for event in 0..EVENTS {
        let called = Instant::now();
        SITES[event % SITES.len()](event as u64);
        slowest = slowest.max(called.elapsed());
        if event % 1_000 == 999 {
            std::thread::sleep(Duration::from_millis(30));
        }
    }
    let kept_waiting = time_without_core().saturating_sub(waited_before);
    (slowest, start.elapsed().saturating_sub(kept_waiting))
}

#[test]
fn a_hundred_thousand_errors_are_a_dozen_messages() {
    if !is_alone(a_hundred_thousand_errors_are_a_dozen_messages) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limit(Platform::Slack, 1, Duration::from_secs(1));
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let subscriber = tracing_subscriber::registry().with(alerts);
    let machine = LatenessMonitor::watch();
    let (before, start) = (account::peak_and_current_memory(), Instant::now());
    let (slowest, alone) = tracing::subscriber::with_default(subscriber, storm);
    let (stormed, late) = (start.elapsed(), machine.lateness());
    guard.handle().flush(Duration::from_secs(20)).unwrap();

    let (stats, inbox) = (guard.handle().stats(), sandbox.inbox());
    let early = |arrived: Instant| arrived - start <= Duration::from_secs(10);
    let early = inbox
        .iter()
        .filter(|message| early(message.arrived_at()))
        .count();
    let growth = account::memory_growth(before);
    println!(
        "{stats}; stormed {stormed:.1?} ({alone:.1?} of its own), {early} messages in 10 s, slowest call {slowest:.1?} on a machine up to {late:.1?} late, peak memory +{growth} KiB"
    );
    account::assert_holds(&stats);
    let lane = account::lane(&stats, "slack");
    assert_eq!(
        (lane.accepted, lane.delivered),
        (EVENTS as u64, EVENTS as u64)
    );
    // How fast it logs is the machine's matter where others want it, too.
    let is_busy = late > Duration::from_millis(200) || stormed >= Duration::from_secs(10);
    assert!(
        early <= 12 && (alone < Duration::from_secs(10) || late > Duration::from_millis(200)),
        "{early} in {stormed:?}, {alone:?} of its own, on a machine up to {late:?} late"
    );
    assert!(inbox.len() <= 12 || is_busy, "{} messages", inbox.len());
    let statuses: Vec<_> = sandbox
        .requests()
        .iter()
        .map(|request| request.status())
        .collect();
    // The pace leaves a twentieth of a second for requests that arrive bunched.
    let refused = statuses.iter().filter(|status| **status != Some(200));
    assert!(
        refused.count() == 0 || late > Duration::from_millis(50),
        "{statuses:?} on a machine up to {late:?} late"
    );
    // What finds no room in the last message is counted in its last line.
    let told = account::events_by_site(&inbox);
    let together: u64 = inbox.iter().map(account::events_of_unlisted_problems).sum();
    assert_eq!(told.len(), SITES.len());
    assert!(told.values().all(|events| *events <= 2_500), "{told:?}");
    assert_eq!(told.values().sum::<u64>() + together, 100_000, "{told:?}");
    assert!(growth < 8 * 1_024, "{growth} KiB");
    let scheduling = Duration::from_millis(400) + late;
    assert!(
        slowest < Duration::from_millis(100) + scheduling,
        "{slowest:?} {late:?}"
    );
}
