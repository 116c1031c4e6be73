//! One test alert to each chat that is configured, and what each answered.
//!
//! Set the variables of the chats you have, run `cargo run --example real`, and the others are left
//! out:
//!
//! - `SLACK_WEBHOOK_URL`
//! - `DISCORD_WEBHOOK_URL`
//! - `TELEGRAM_BOT_TOKEN`, `TELEGRAM_CHAT_ID`
//! - `ZULIP_URL`, `ZULIP_BOT_EMAIL`, `ZULIP_API_KEY`, and `ZULIP_STREAM` unless it is `alerts`

use std::env;
use std::error::Error;
use std::time::Duration;

use figment::Figment;
use logout::adapter::{Request, Response};
use logout::transport::{Fault, Transport, Wire};
use logout::{Adapter, Discord, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// A block with every chat that logout knows.
    struct Alerts {
        project_name: "logout",
        environment: "a test",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut figment = Figment::new();
    for (instance, variables) in [
        ("slack", Slack::VARIABLES),
        ("discord", Discord::VARIABLES),
        ("telegram", Telegram::VARIABLES),
        ("zulip", Zulip::VARIABLES),
    ] {
        figment = figment.merge(configured(instance, variables));
    }
    for (variable, key) in [
        ("ZULIP_STREAM", "zulip.stream"),
        // Then nothing is sent, and what each chat would get is printed.
        ("LOGOUT_DRY_RUN", "dry_run"),
    ] {
        if let Ok(value) = env::var(variable) {
            figment = figment.merge((key, value));
        }
    }
    let alerts = Alerts::from_figment(figment)?;
    let (alerts, guard) = alerts.transport(Telling(Wire::new())).start()?;
    tracing_subscriber::registry().with(alerts).init();

    tracing::error!(
        answer = 42,
        "this is a test of logout: all is well if you read it"
    );

    let handle = guard.handle();
    let flushed = handle.flush(Duration::from_secs(30));
    for lane in handle.stats().lanes {
        if lane.accepted > 0 {
            let verdict = if lane.delivered > 0 {
                "delivered"
            } else {
                "NOT delivered"
            };
            println!("{}: {verdict}", lane.name);
        }
    }
    Ok(flushed?)
}

/// Returns the instance's settings from its variables. If one is missing, the instance is left out and that
/// is printed.
fn configured(instance: &str, variables: &[(&str, &str)]) -> Figment {
    let mut figment = Figment::new();
    let mut missing = Vec::new();
    for (variable, key) in variables {
        match env::var(variable) {
            Ok(value) => figment = figment.merge((format!("{instance}.{key}"), value)),
            Err(_) => missing.push(*variable),
        }
    }
    if missing.is_empty() {
        return figment;
    }
    let are = if missing.len() == 1 { "is" } else { "are" };
    let missing = missing.join(", ");
    println!("{instance}: left out, since {missing} {are} not set");
    Figment::from((format!("{instance}.enabled"), false))
}

/// A transport that sends, and prints what was answered.
struct Telling(Wire);

impl Transport for Telling {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let answer = self.0.send(request).await;
        let host = request.url().host();
        match &answer {
            Ok(response) => {
                let text = response.text();
                let first: String = text.trim().chars().take(100).collect();
                println!("{host} answered {} {first}", response.status());
            }
            Err(fault) => println!("{host}: {fault}"),
        }
        answer
    }
}
