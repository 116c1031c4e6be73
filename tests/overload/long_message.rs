//! The cost of a message of 10 MB, which is that of its first 8,192 bytes.

use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::{Discord, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "long",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

#[test]
fn ten_megabytes_are_cut_where_they_are_captured() {
    if !is_alone(ten_megabytes_are_cut_where_they_are_captured) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    // It takes several messages a chat, of which a busy machine may bunch two.
    sandbox.set_rate_limits(false);
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())
        .unwrap()
        .start()
        .unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    let text = format!("site-00: {}", "🔥 lorem ipsum\n".repeat(10 << 20 >> 4));
    let field = text.clone();
    let before = account::peak_and_current_memory();
    let start = Instant::now();
    tracing::error!(field, "{text}");
    let took = start.elapsed();
    let left = guard.handle().flush(Duration::from_secs(20));
    let refusals: Vec<_> = sandbox
        .requests()
        .into_iter()
        .filter_map(|request| {
            Some((
                request.destination()?.to_owned(),
                request.refusal()?.to_owned(),
            ))
        })
        .collect();
    assert!(left.is_ok(), "{} {refusals:?}", guard.handle().stats());

    let (stats, growth) = (guard.handle().stats(), account::memory_growth(before));
    println!(
        "{} bytes: logged in {took:.1?}, peak memory +{growth} KiB; {stats}",
        text.len()
    );
    account::assert_holds(&stats);
    assert!(
        stats.lanes.iter().all(|lane| lane.delivered == 1),
        "{stats}"
    );
    assert!(
        sandbox
            .requests()
            .iter()
            .all(|request| request.refusal().is_none())
    );
    for lane in &stats.lanes {
        let told = account::events_by_site(&account::inbox_of(&sandbox, lane.name));
        // A long text is told in several messages, and is one event all the same.
        assert!(told.keys().eq(["site-00"]), "{}: {told:?}", lane.name);
    }
    assert!(growth < 8 * 1_024, "{growth} KiB");
}
