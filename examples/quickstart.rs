//! Four chats in one process: starts the sandbox, logs a few events, and prints what arrived in
//! each chat. Needs no account and no configuration.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use logout::sandbox::{Platform, Sandbox};
use logout::{Discord, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The shop's alerts.
    pub struct Alerts {
        project_name: "Corner Shop",
        environment: "quickstart",
        release: "1.4.2",
        links: [
            source: "https://git.example.org/shop/blob/v{release}/{file}#L{line}",
            runbook: "https://wiki.example.org/errors/{fingerprint}",
        ],
        // A message brings what led to it.
        trail: 20,
        // Twenty times as fast as it is unless set, so that nobody has to wait for a reminder here.
        remind: ["3s", "15s", "90s", "6m"],
        adapters: [
            Slack,
            Discord,
            Telegram { level: ERROR },
            Zulip { stream: "alerts", topic: "shop" },
        ],
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start()?;
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();
    let handle = guard.handle();

    tracing::info!("the shop is open"); // below WARN: nobody is told
    tracing::warn!(
        cache = "prices",
        miss_rate = 0.43,
        "cache miss rate above 40 %"
    );
    handle.flush(Duration::from_secs(10))?;

    // A problem is told at once, and whole.
    charge(42);
    handle.flush(Duration::from_secs(10))?;

    // It goes on: from here on it is counted, and people are reminded of it once.
    for order in 43..60 {
        charge(order);
    }
    // What is new does not wait for that.
    tracing::error!(
        zulip_topic = "stock",
        sku = "tea-250",
        "inventory is negative"
    );
    let counted = || {
        handle
            .stats()
            .lanes
            .iter()
            .map(|lane| lane.counted)
            .sum::<u64>()
    };
    while handle.stats().left() > counted() {
        std::thread::sleep(Duration::from_millis(10));
    }
    println!("{}\n", handle.stats());
    while handle.stats().left() > 0 {
        std::thread::sleep(Duration::from_millis(10));
    }

    let inbox = sandbox.inbox();
    for platform in Platform::ALL {
        let messages = || {
            inbox
                .iter()
                .filter(|message| message.platform() == *platform)
        };
        if messages().next().is_some() {
            println!("━━━━ {platform} ━━━━");
        }
        messages().for_each(|message| println!("{message}\n"));
    }
    println!("{}", handle.stats());
    Ok(())
}

/// Fails, as all payments do today.
fn charge(order: u64) {
    let _request = tracing::info_span!("request", id = order, path = "/checkout").entered();
    let _charge = tracing::info_span!("charge", order).entered();
    tracing::info!(card = "visa", "charging");
    let error = Declined {
        cause: GatewayError(402),
    };
    tracing::error!(
        error = &error as &dyn Error,
        customer = "c_1837",
        elapsed_ms = 12.5,
        "payment failed"
    );
}

#[derive(Debug)]
struct Declined {
    cause: GatewayError,
}

#[derive(Debug)]
struct GatewayError(u16);

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("card declined")
    }
}

impl fmt::Display for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gateway answered {}", self.0)
    }
}

impl Error for Declined {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

impl Error for GatewayError {}
