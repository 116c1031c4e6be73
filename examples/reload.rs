//! A secret that is rotated while the program runs: Docker and Kubernetes replace the file, and
//! `reload` reads it again. Nothing restarts, and what is pending goes to the new address.
//!
//! Put a webhook's address into a file and run
//! `SLACK_WEBHOOK_URL_FILE=/run/secrets/slack cargo run --example reload`; without an account take the
//! address that `cargo run --example sandbox` prints. Then write another address into the file: the
//! next line arrives there. Write nonsense into it, and the old one goes on being used.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The scales' alerts.
    struct Alerts {
        project_name: "Scales",
        adapters: [Slack],
    }
}

fn main() -> Result<(), logout::Error> {
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    let handle = guard.handle();

    let file = std::env::var("SLACK_WEBHOOK_URL_FILE").unwrap_or_default();
    let written = || {
        fs::metadata(Path::new(&file))
            .and_then(|file| file.modified())
            .ok()
    };
    let mut known = written();
    for number in 1.. {
        if known != written() {
            known = written();
            // The error names the key, never the value; a signal (SIGHUP) or a route of the
            // program's would call this just as well.
            match handle.reload() {
                Ok(()) => println!("the new address is in use"),
                Err(why) => println!("the old address stays in use: {why}"),
            }
        }
        tracing::warn!(number, "the scales drift");
        thread::sleep(Duration::from_millis(300));
    }
    Ok(())
}
