//! A check for each chat whether its alerts would arrive, without sending any.
//!
//! Set the variables of the chats you have, turn the others off (`LOGOUT_SLACK__ENABLED=false`), and
//! run `cargo run --example doctor`. Each chat gets a line with what was found, or with what is
//! wrong and what to do. The exit code is 0 where nothing is wrong, else 1, so a deployment can ask
//! before it goes on.

use std::process::ExitCode;
use std::time::Duration;

use logout::adapter::Outcome;
use logout::{Builder, Error, logout};
use tracing_subscriber::Registry;

logout! {
    /// A block with every chat that logout knows; in a program it is the program's own block.
    struct Alerts {
        project_name: "logout",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

fn main() -> ExitCode {
    let healthy = Alerts::from_env().and_then(ask).unwrap_or_else(|error| {
        for problem in error.problems() {
            println!("✗ {problem}");
        }
        if error.is_config() {
            println!("Turn off what you do not use: LOGOUT_SLACK__ENABLED=false.");
        }
        false
    });
    if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Asks every chat, prints what it answered, and returns whether nothing is wrong.
fn ask(alerts: Builder<Alerts>) -> Result<bool, Error> {
    // The layer is for events, of which there are none.
    let (_layer, guard) = alerts.start::<Registry>()?;
    let findings = guard.handle().verify(Duration::from_secs(10))?;
    for finding in &findings {
        println!("{finding}");
    }
    Ok(findings
        .iter()
        .all(|finding| finding.outcome() != Outcome::Wrong))
}
