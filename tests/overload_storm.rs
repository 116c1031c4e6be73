//! A storm becomes as many messages as the destination allows, all of it counted.

use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox};
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

#[path = "account/account.rs"]
mod account;

logout! {
    struct Alerts {
        project_name: "storm",
        adapters: [Slack],
    }
}

macro_rules! sites {
    ($($site:literal)*) => {
        [$(|event: u64| tracing::error!(event, concat!("site-", $site, ": payment failed"))),*]
    };
}

const EVENTS: u64 = 100_000;

#[test]
fn a_hundred_thousand_errors_are_a_dozen_messages() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limit(Platform::Slack, 1, Duration::from_secs(1));
    let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack")).unwrap().start().unwrap();
    let handle = guard.handle();
    let sites = sites! {
        "00" "01" "02" "03" "04" "05" "06" "07" "08" "09" "10" "11" "12" "13" "14" "15" "16" "17" "18" "19"
        "20" "21" "22" "23" "24" "25" "26" "27" "28" "29" "30" "31" "32" "33" "34" "35" "36" "37" "38" "39"
    };
    let subscriber = tracing_subscriber::registry().with(alerts);
    let (_, before) = account::memory();
    let start = Instant::now();
    let mut slowest = Duration::ZERO;
    tracing::subscriber::with_default(subscriber, || {
        for event in 0..EVENTS {
            let called = Instant::now();
            sites[event as usize % sites.len()](event);
            slowest = slowest.max(called.elapsed());
        }
    });
    let stormed = start.elapsed();
    handle.flush(Duration::from_secs(20)).unwrap();
    let early = sandbox.inbox().iter().filter(|m| m.arrived_at() - start <= Duration::from_secs(10)).count();
    let stats = handle.stats();
    println!("{stats} in {stormed:?} + {:?}; {early} messages in 10 s; slowest call {slowest:?}; memory {before} -> {:?}", start.elapsed() - stormed, account::memory());
    for m in sandbox.inbox() { println!("--- {}\n{}", m.text().len(), m.text()); }
    println!("{:?}", account::told(&sandbox.inbox()));
    account::assert_holds(&stats);
    drop(guard);
}
