//! A crash loses nothing: a shop logs while its chat is away and is killed with SIGKILL, which nobody
//! can catch. The next start tells what it had not sent, and that it crashed.
//!
//! `cargo run --example crash` needs no account: the chat is the sandbox. On Unix alone, since the shop
//! kills itself with a signal.

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use logout::sandbox::{Sandbox, Trouble};
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The shop's alerts.
    pub struct Alerts {
        project_name: "Corner Shop",
        release: "1.4.2",
        adapters: [Slack],
        // Known from the directory of `spool`, which is set below: `LOGOUT_SPOOL`.
        notices: [Crashed],
    }
}

/// How long anything here takes at most.
const TIMEOUT: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let shown = match std::env::args().nth(1).as_deref() {
        Some("shop") => shop(),
        _ => show(),
    };
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the program that crashes.
fn shop() -> Result<(), Box<dyn Error>> {
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    // Without it a SIGTERM would look like a kill.
    #[cfg(unix)]
    guard.flush_on_signals()?;
    for order in 41..44 {
        tracing::error!(
            order,
            card = "4111 1111 1111 1111",
            "payment failed: timeout"
        );
    }
    tracing::warn!(shelf = "tea", "the shelf is empty");
    let handle = guard.handle();
    // A flush puts on disk what it cannot send, and does not wait for a slow disk.
    let _away = handle.flush(Duration::from_secs(2));
    let deadline = Instant::now() + TIMEOUT;
    while handle
        .stats()
        .spool
        .is_none_or(|spool| spool.oldest.is_none())
    {
        if Instant::now() > deadline {
            return Err("nothing was put on disk".into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    println!("The chat is away, and nothing was sent. The shop kills itself.");
    #[cfg(unix)]
    signal_hook::low_level::raise(signal_hook::consts::SIGKILL)?;
    Ok(())
}

fn show() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start()?;
    let directory = std::env::temp_dir().join(format!("corner-shop-{}", std::process::id()));
    let shown = run(&sandbox, &directory);
    if directory.exists() {
        std::fs::remove_dir_all(&directory)?;
    }
    shown
}

fn run(sandbox: &Sandbox, directory: &Path) -> Result<(), Box<dyn Error>> {
    let url: String = sandbox.figment().extract_inner("slack.url")?;
    sandbox.trouble("slack", Trouble::status(503));
    let ended = Command::new(std::env::current_exe()?)
        .arg("shop")
        .env("SLACK_WEBHOOK_URL", url)
        .env("LOGOUT_SPOOL", directory)
        .status()?;
    println!("It ended: {ended}. The chat is back, and the shop is started again.");
    sandbox.heal("slack");

    let figment = sandbox.figment().merge(("spool", directory));
    let (_alerts, guard) =
        Alerts::from_figment(figment)?.start::<tracing_subscriber::Registry>()?;
    // What was left is read from the disk first: a flush waits only for what has been read.
    let _first = sandbox.wait_for(1, TIMEOUT);
    guard.handle().flush(TIMEOUT)?;
    println!("What the chat has been told:\n");
    for message in sandbox.inbox() {
        println!("{}\n", message.text());
    }
    println!("{}", guard.handle().stats());
    Ok(())
}
