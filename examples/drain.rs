//! A service that is told to end: on SIGTERM (`kill`, `systemctl stop`, a pod that moves) and on
//! Ctrl-C it sends the events that wait, and then the signal ends the process as it always would.
//!
//! `cargo run --example drain` with `SLACK_WEBHOOK_URL`. Without an account take the one that
//! `cargo run --example sandbox` prints, or set `LOGOUT_DRY_RUN=1`. Press Ctrl-C: the line that was logged last arrives too. It
//! takes the feature `signals`. A service that handles signals itself ends by dropping the guard
//! instead, as `axum.rs` does.

use std::thread;
use std::time::Duration;

use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The mail queue's alerts.
    struct Alerts {
        project_name: "Mail Queue",
        adapters: [Slack],
        // Less than the orchestrator waits before it kills (30 s in Kubernetes, 90 s in systemd).
        shutdown_timeout: "10s",
    }
}

fn main() -> Result<(), logout::Error> {
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    guard.flush_on_signals()?;

    println!("process {} is at work", std::process::id());
    for number in 1.. {
        tracing::warn!(number, "a mail was returned");
        println!("{number} returned");
        thread::sleep(Duration::from_millis(300));
    }
    Ok(())
}
