//! Panics where that aborts the process, which is what was built for it.

use std::time::Duration;

use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    struct Alerts {
        project_name: "abort",
        adapters: [Slack],
        shutdown_timeout: Duration::from_secs(4),
    }
}

fn main() -> Result<(), logout::Error> {
    if cfg!(panic = "unwind") {
        eprintln!("build this with `--profile abort`: it is about panics that abort");
        std::process::exit(2);
    }
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();
    for event in 0..5 {
        tracing::error!(event, "site-00: before");
    }
    if std::env::args().any(|argument| argument == "thread") {
        let thread = std::thread::spawn(|| panic!("site-01: a thread panicked"));
        // Nobody comes back from there.
        let _never = thread.join();
    }
    panic!("site-01: main panicked");
}
