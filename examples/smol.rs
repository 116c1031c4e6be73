//! A smol program that gives logout its own executor: no thread of logout's, and nothing that blocks.
//!
//! `cargo run --example smol` needs no account: a sandbox in the process stands for Slack, and what
//! arrived there is printed at the end.

use std::error::Error;
use std::time::Duration;

use logout::sandbox::Sandbox;
use logout::{Slack, logout};
use smol::{LocalExecutor, Timer};
use tracing_subscriber::prelude::*;

logout! {
    /// The greenhouse's alerts.
    struct Alerts {
        project_name: "Greenhouse",
        adapters: [Slack],
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start()?;
    // In a program of its own this is `Alerts::from_env()?`.
    let alerts = Alerts::from_figment(sandbox.figment_for("slack"))?;
    let (layer, guard, worker) = alerts.start_on();
    tracing_subscriber::registry().with(layer).init();
    guard.capture_panics();

    let executor = LocalExecutor::new();
    let worker = executor.spawn(worker);
    smol::block_on(executor.run(async {
        let beds = (1..=3).map(|bed| executor.spawn(water(bed)));
        for bed in beds.collect::<Vec<_>>() {
            bed.await;
        }
        // Sends what waits. A guard that is dropped on the thread of the worker cannot wait.
        guard.shutdown_async().await?;
        worker.await;
        Ok::<_, logout::Error>(())
    }))?;

    for message in sandbox.inbox() {
        println!("{message}\n");
    }
    Ok(())
}

/// Waits, and meanwhile the same thread sends the events of other beds.
#[tracing::instrument]
async fn water(bed: u32) {
    Timer::after(Duration::from_millis(20)).await;
    if bed == 2 {
        tracing::error!(valve = "B", "the valve does not open");
    }
}
