//! A panic in a program that is built to abort: the alert leaves before the process dies.
//!
//! ```toml
//! [profile.release]
//! panic = "abort"
//! ```
//!
//! Then no destructor runs, so no guard sends what waits: the panic hook of
//! `capture_panics` waits until the panic has arrived, for `shutdown_timeout` at most. Where
//! panics unwind, the same program tells the same panic; the thread ends and the guard sends.
//!
//! Run it both ways with `SLACK_WEBHOOK_URL`. Without an account take the one that
//! `cargo run --example sandbox` prints.
//!
//! ```sh
//! cargo run --example abort
//! cargo run --example abort --config 'profile.dev.panic="abort"'
//! ```

use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The till's alerts.
    struct Alerts {
        project_name: "Till",
        adapters: [Slack],
    }
}

fn main() -> Result<(), logout::Error> {
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();

    let receipt = std::thread::Builder::new().name("receipt".to_owned());
    let printing = receipt.spawn(|| {
        let _receipt = tracing::info_span!("receipt", order = 42).entered();
        let prices: Vec<u32> = Vec::new();
        println!("cheapest: {}", prices[0]);
    });
    let ended = printing.map(std::thread::JoinHandle::join);
    // Never reached by a program that aborts.
    println!("the till goes on: {}", matches!(ended, Ok(Err(_))));
    Ok(())
}
