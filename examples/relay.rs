//! A program that sends for a fleet and logs nothing itself, so that the services do without the chats'
//! secrets. A fleet needs none: see `fleet.rs`.
//!
//! `SLACK_WEBHOOK_URL=… LOGOUT_FLEET__URL=redis://127.0.0.1 cargo run --example relay`. The block is the
//! services' own, of the same name: in them set `fleet.lead = false` and `fleet.alone = false`. Run two,
//! and when one is told to end (SIGTERM) the other sends at once.

use std::thread;
use std::time::Duration;

use logout::stats::FleetState;
use logout::{Slack, logout};

logout! {
    /// The shop's alerts.
    struct Alerts {
        project_name: "Corner Shop",
        adapters: [Slack],
        fleet: Redis { name: "shop" },
    }
}

fn main() -> Result<(), logout::Error> {
    let guard = Alerts::from_env()?.relay()?;
    guard.flush_on_signals()?;
    let handle = guard.handle();
    loop {
        // One line for whoever looks after it; `stats.openmetrics()` is the same for Prometheus.
        let stats = handle.stats();
        let away = stats
            .lanes
            .iter()
            .any(|lane| lane.fleet == Some(FleetState::Alone));
        println!("{} · {stats}", if away { "unhealthy" } else { "healthy" });
        thread::sleep(Duration::from_secs(10));
    }
}
