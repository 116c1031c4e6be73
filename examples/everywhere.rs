//! One error and one reminder at every destination that logout knows, on the sandbox: prints what arrived,
//! platform by platform. Needs no account and no configuration.
//!
//! `cargo run --example everywhere`

use std::error::Error;
use std::time::Duration;

use logout::sandbox::{Message, Platform, Sandbox};
use logout::{
    Discord, GoogleChat, Mattermost, Ntfy, PagerDuty, Slack, SlackBot, Teams, Telegram, Webhook,
    Zulip, logout,
};
use tracing_subscriber::prelude::*;

logout! {
    struct Alerts {
        project_name: "Corner Shop",
        environment: "everywhere",
        release: "1.4.2",
        links: [runbook: "https://wiki.example.org/errors/{fingerprint}"],
        // So that nobody has to wait for a reminder here; unless set, the first comes after a minute.
        remind: ["2s", "1h"],
        adapters: [
            Slack,
            Discord,
            Telegram,
            Zulip { stream: "alerts" },
            SlackBot { thread: true },
            Teams,
            Mattermost { channel: "town-square" },
            GoogleChat,
            Ntfy,
            PagerDuty,
            Webhook,
        ],
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start()?;
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())?.start()?;
    tracing_subscriber::registry().with(alerts).init();

    charge(42);
    guard.handle().flush(Duration::from_secs(20))?;
    // It goes on, and each destination is reminded of it once.
    for order in 43..60 {
        charge(order);
    }
    let is_at = |platform: Platform| move |message: &&Message| message.platform() == platform;
    let reminded = |inbox: &[Message]| {
        let mut platforms = Platform::ALL.iter();
        platforms.all(|platform| inbox.iter().filter(is_at(*platform)).count() > 1)
    };
    if !sandbox.wait_until(Duration::from_secs(60), reminded) {
        return Err("a destination was not reminded within a minute".into());
    }

    guard.handle().flush(Duration::from_secs(20))?;

    for platform in Platform::ALL {
        println!("━━━━ {platform} ━━━━");
        for message in sandbox.inbox().iter().filter(is_at(*platform)) {
            println!("{message}\n");
        }
    }
    let refused = sandbox
        .requests()
        .iter()
        .filter(|exchange| exchange.refusal().is_some())
        .count();
    println!("{refused} requests were refused");
    println!("{}", guard.handle().stats());
    Ok(())
}

/// Fails, as all payments do today.
fn charge(order: u64) {
    let _request = tracing::info_span!("request", id = order, path = "/checkout").entered();
    tracing::error!(order, customer = "c_1837", "payment failed: card declined");
}
