//! A command that does its work, logs, and ends at once: what is still pending leaves when the guard
//! is dropped. No runtime, no flush.
//!
//! `cargo run --example cli -- broken.csv` with `SLACK_WEBHOOK_URL`. Without an account take the one
//! that `cargo run --example sandbox` prints, and see on its page what Slack shows, or set
//! `LOGOUT_DRY_RUN=1`, and see it here. The command ends with code 1, and the alert is there before it
//! does.

use std::process::ExitCode;

use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The import's alerts.
    struct Alerts {
        project_name: "Price Import",
        adapters: [Slack],
        shutdown_timeout: "5s",
    }
}

fn main() -> Result<ExitCode, logout::Error> {
    // `_guard` and not `_`, which would be dropped on the spot.
    let (alerts, _guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();

    let file = std::env::args().nth(1).unwrap_or_default();
    match import(&file) {
        Ok(prices) => {
            println!("{prices} prices imported");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                file,
                "import failed"
            );
            eprintln!("import failed: {error}");
            // Not `std::process::exit`, which drops nothing.
            Ok(ExitCode::FAILURE)
        }
    }
}

fn import(file: &str) -> std::io::Result<usize> {
    Ok(std::fs::read_to_string(file)?.lines().count())
}
