//! A destination that never answers and delays neither the others nor the program.

use std::time::{Duration, Instant};

use logout::sandbox::{Sandbox, Trouble};
use logout::{Discord, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

use crate::support::machine_lateness::{LatenessMonitor, measure_below};
use crate::support::{self, account};

logout! {
    struct Alerts {
        project_name: "hanging",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
        shutdown_timeout: Duration::from_millis(500),
    }
}

const ROUNDS: usize = 4;

#[test]
fn three_lanes_deliver_at_once_while_the_fourth_hangs() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("telegram", Trouble::hang());
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())
        .unwrap()
        .start()
        .unwrap();
    let handle = guard.handle();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    let machine = LatenessMonitor::watch();
    let mut latencies = Vec::new();
    for round in 0..ROUNDS {
        let logged = Instant::now();
        tracing::error!(fingerprint = round, "site-00: payment failed");
        let arrived = sandbox.wait_for(3 * (round + 1), Duration::from_secs(5));
        assert_eq!(arrived.len(), 3 * (round + 1));
        let new = &arrived[3 * round..];
        latencies.extend(new.iter().map(|message| message.arrived_at() - logged));
        // Slack's and Telegram's pace is one a second.
        std::thread::sleep(Duration::from_millis(1_100));
    }
    latencies.sort();
    let (median, worst) = (
        latencies[latencies.len() / 2],
        latencies[latencies.len() - 1],
    );

    let mut left = 0;
    let flushed = measure_below(Duration::from_millis(1_100), || {
        let start = Instant::now();
        left = handle.flush(Duration::from_secs(1)).unwrap_err().left();
        start.elapsed()
    });
    let start = Instant::now();
    let reply = handle.disable(AlertsAdapter::Telegram, Duration::from_millis(300));
    let disabled = start.elapsed();
    let start = Instant::now();
    drop(guard);
    let dropped = start.elapsed();
    let (stats, late) = (support::wait_until_empty(&handle), machine.lateness());
    println!(
        "event to request: median {median:.1?}, worst {worst:.1?}; flush(1 s) {flushed:.1?}, disable(300 ms) {disabled:.1?}, drop (500 ms) {dropped:.1?}, on a machine up to {late:.1?} late; {stats}"
    );
    let within = |took: Duration, millis| took < Duration::from_millis(millis) + late;
    assert!(
        within(median, 50) && within(worst, 2_000),
        "{latencies:?} {late:?}"
    );
    assert_eq!(left, ROUNDS as u64);
    assert!(
        flushed >= Duration::from_secs(1) && flushed < Duration::from_millis(1_100),
        "{flushed:?}"
    );
    // A busy machine may let the time run out in which the worker is to answer.
    assert!(reply.err().is_none_or(|error| error.is_timeout()));
    assert!(within(disabled, 2_300), "{disabled:?}");
    assert!(within(dropped, 2_500), "{dropped:?}");
    account::assert_holds(&stats);
    for name in ["slack", "discord", "zulip"] {
        assert_eq!(
            account::lane(&stats, name).delivered,
            ROUNDS as u64,
            "{stats}"
        );
    }
    let telegram = account::lane(&stats, "telegram");
    assert_eq!((telegram.delivered, telegram.pending), (0, 0), "{stats}");
}
