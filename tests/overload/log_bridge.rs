//! Records that come over the `log` bridge, counted where they were logged.

use logout::sandbox::Sandbox;
use logout::stats::Reason;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support::TIMEOUT;
use crate::support::account;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "bridge",
        adapters: [Slack],
        metadata_filter: [target: "shop"],
        sync_threshold: 1,
        discard_threshold: 1,
    }
}

const THREADS: u64 = 8;
const EACH: u64 = 4_000;

#[test]
fn discarded_records_of_a_bridge_are_counted_by_their_own_target_and_place() {
    if !is_alone(discarded_records_of_a_bridge_are_counted_by_their_own_target_and_place) {
        return;
    }
    tracing_log::LogTracer::init().unwrap();
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment_for("slack");
    let (alerts, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(alerts)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(flood);
        }
    });
    let handle = guard.handle();
    handle.shutdown(2 * TIMEOUT).unwrap();

    let (stats, inbox) = (handle.stats(), sandbox.inbox());
    println!("{stats}");
    account::assert_holds(&stats);
    let lane = account::lane(&stats, "slack");
    assert_eq!(
        lane.accepted,
        2 * THREADS * EACH,
        "and not those of another target"
    );
    let told = account::events_by_site(&account::without_reports(&inbox));
    assert_eq!(told.values().sum::<u64>(), lane.delivered, "{told:?}");
    let lost = lane.discarded.get(Reason::Threshold);
    assert!(lost > 0 && lost == lane.discarded.total(), "{stats}");
    let reports = inbox
        .iter()
        .filter(|message| account::events_reported_lost(message) > 0);
    let lines = reports.flat_map(|report| report.text().lines());
    let places = lines.filter_map(|line| line.strip_prefix("shop tests/overload/log_bridge.rs:"));
    let mut by_line = std::collections::BTreeMap::<&str, u64>::new();
    for (line, events) in places.filter_map(|place| place.split_once(' ')) {
        *by_line.entry(line).or_default() += events.replace(',', "").parse::<u64>().unwrap();
    }
    println!("lost by line: {by_line:?}");
    assert_eq!((by_line.len(), by_line.values().sum()), (2, lost));
}

fn flood() {
    for _ in 0..EACH {
        tracing_log::log::error!(target: "shop", "site-error: payment failed");
        tracing_log::log::warn!(target: "shop", "site-warn: cache cold");
        tracing_log::log::error!(target: "elsewhere", "site-other: of no interest");
    }
}
