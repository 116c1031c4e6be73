//! Reports of discarded events, while they are discarded and afterwards, to the last event.

use std::time::Duration;

use logout::sandbox::Sandbox;
use logout::stats::Reason;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;

logout! {
    struct Alerts {
        project_name: "report",
        adapters: [Slack],
        sync_threshold: 2,
        discard_threshold: 2,
        discard_threshold_periodic_check: Duration::from_secs(1),
        // How soon the end is told where the first report comes too early to tell it.
        quiet: Duration::from_secs(1),
    }
}

#[test]
fn discards_are_counted_by_level_and_call_site_and_their_end_is_told() {
    let sandbox = Sandbox::start().unwrap();
    let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))
        .unwrap()
        .start()
        .unwrap();
    let subscriber = tracing::Dispatch::new(tracing_subscriber::registry().with(alerts));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| tracing::dispatcher::with_default(&subscriber, flood));
        }
    });
    let ended = sandbox.wait_until(Duration::from_secs(10), |inbox| {
        let over =
            |text: &str| text.contains("It is over") || text.contains("Nothing more has been lost");
        inbox.iter().any(|message| over(message.text()))
    });
    guard.handle().flush(Duration::from_secs(10)).unwrap();

    let (stats, inbox) = (guard.handle().stats(), sandbox.inbox());
    let reports: Vec<_> = inbox
        .iter()
        .filter(|message| account::events_reported_lost(message) > 0)
        .collect();
    println!("{stats}; {} reports", reports.len());
    assert!(ended, "{inbox:?}");
    account::assert_holds(&stats);
    let lane = account::lane(&stats, "slack");
    let lost = lane.discarded.get(Reason::Threshold);
    assert_eq!(lane.accepted, 8 * 2 * 2_000);
    assert!(lost > 1_000, "{stats}");
    let told = account::events_by_site(&account::without_reports(&inbox));
    assert_eq!(told.values().sum::<u64>(), lane.delivered);
    let reported: u64 = reports
        .iter()
        .map(|report| account::events_reported_lost(report))
        .sum();
    assert_eq!(reported, lost);

    let (mut by_level, mut by_site) = (0, 0);
    for line in reports.iter().flat_map(|report| report.text().lines()) {
        if let Some(levels) = line.strip_prefix("queue full: ") {
            let levels = levels.split_once('(').unwrap().1.trim_end_matches(')');
            by_level += levels.split(", ").map(last_number).sum::<u64>();
        }
        if line.starts_with("overload::report ") {
            by_site += last_number(line);
        }
    }
    assert_eq!((by_level, by_site), (lost, lost));
}

fn flood() {
    for _ in 0..2_000 {
        tracing::error!("site-error: payment failed");
        tracing::warn!("site-warn: cache cold");
    }
}

/// Returns the number that a text ends with.
fn last_number(text: &str) -> u64 {
    let digits = text.rsplit(' ').next().unwrap().replace(',', "");
    digits
        .parse()
        .unwrap_or_else(|_| panic!("no number at the end of {text}"))
}
