//! Alerts out of the program's own configuration: its file and its profiles.
//!
//! `cargo run --example figment`, and once more with `SHOP_PROFILE=production`: there a warning is no
//! alert, and an error calls everybody who is there. Needs no account: a sandbox in the process stands
//! for Slack. `examples/shop.toml` is the file.

use std::env;
use std::error::Error;
use std::time::Duration;

use figment::Figment;
use figment::providers::{Format, Toml};
use logout::sandbox::Sandbox;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The shop's alerts.
    struct Alerts { adapters: [Slack] }
}

/// The program's own settings.
#[derive(serde::Deserialize)]
struct Shop {
    port: u16,
}

fn main() -> Result<(), Box<dyn Error>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/shop.toml");
    let profile = env::var("SHOP_PROFILE").unwrap_or_else(|_| "staging".to_owned());
    let figment = Figment::from(Toml::file_exact(file).nested()).select(profile);
    let shop: Shop = figment.extract()?;

    let sandbox = Sandbox::start()?;
    let url: String = sandbox.figment().extract_inner("slack.url")?;
    // `from_figment` reads neither the environment nor `logout.toml`: where the secret comes from is up to
    // the program, such as `env::var("SHOP_WEBHOOK")?` or a secret store.
    let settings = figment.focus("alerts").merge(("slack.url", url));
    let (alerts, guard) = Alerts::from_figment(settings)?.start()?;
    tracing_subscriber::registry().with(alerts).init();

    tracing::warn!(shop.port, "somebody else listens there");
    guard.handle().flush(Duration::from_secs(10))?;
    tracing::error!(shop.port, "the shop cannot open");
    guard.handle().flush(Duration::from_secs(10))?;

    for message in sandbox.inbox() {
        println!("{message}\n");
    }
    Ok(())
}
