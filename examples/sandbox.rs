//! The sandbox in a browser: starts the four chats on loopback with a program that logs to them,
//! and serves a page on which the messages arrive as you press its buttons. Needs no account.
//!
//! `cargo run --example sandbox`, or with a port of your choice: `cargo run --example sandbox 8080`

use std::error::Error;
use std::thread;
use std::time::Duration;

use logout::sandbox::Sandbox;
use logout::{Adapter, Discord, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// Where the shop raises its alarms.
    pub struct Alerts {
        project_name: "Corner Shop",
        environment: "sandbox",
        release: "1.4.2",
        adapters: [
            Slack,
            Discord,
            Telegram,
            Zulip { stream: "alerts", topic: "shop" },
        ],
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let sandbox = Sandbox::start()?;
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();

    let handle = guard.handle();
    let page = sandbox
        .page()
        .stats(move || handle.stats())
        .button("warning", "A warning")
        .button("error", "An error")
        .button("panic", "A panic")
        .button("hostile", "A hostile line")
        .button("storm", "A storm")
        .port(port)
        .serve()?;
    println!("{}", page.url());
    println!("\nFor a program of your own, and for the other examples:");
    let figment = sandbox.figment();
    let own = [("LOGOUT_TELEGRAM__URL", "url")];
    for (instance, variables) in [
        ("slack", Slack::VARIABLES),
        ("discord", Discord::VARIABLES),
        ("telegram", Telegram::VARIABLES),
        ("telegram", &own),
        ("zulip", Zulip::VARIABLES),
    ] {
        for (variable, key) in variables {
            let value = figment.find_value(&format!("{instance}.{key}"))?;
            let number = value.to_i128().map(|number| number.to_string());
            let text = number.or_else(|| value.into_string()).unwrap_or_default();
            println!("export {variable}={text}");
        }
    }

    error();
    while let Some(button) = page.pressed() {
        match button.as_str() {
            "warning" => tracing::warn!(cache = "prices", miss_rate = 0.43, "cache is cold"),
            "error" => error(),
            "panic" => panic(),
            "hostile" => hostile(),
            "storm" => storm(),
            // A dead webhook has switched its instance off; reading the settings again, as after
            // a rotated secret, lets it try anew.
            "heal" => guard.handle().reload_from(sandbox.figment())?,
            _ => {}
        }
    }
    Ok(())
}

fn error() {
    let _request = tracing::info_span!("request", id = 7, path = "/checkout").entered();
    let _charge = tracing::info_span!("charge", order = 42).entered();
    let cause = std::io::Error::other("gateway answered 402");
    tracing::error!(
        error = &cause as &dyn Error,
        customer = "c_1837",
        elapsed_ms = 12.5,
        card = ?Card { brand: "visa", last: 4242 },
        "payment failed: card declined"
    );
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by the derived `Debug` alone")]
struct Card {
    brand: &'static str,
    last: u16,
}

fn panic() {
    let worker = thread::Builder::new().name("worker-2".to_owned());
    let cart = || {
        let _cart = tracing::info_span!("cart", items = 3).entered();
        let items: Vec<_> = "tea milk bread".split(' ').collect();
        assert!(items.len() > 7, "the cart has {} items, not 8", items.len());
    };
    if let Ok(thread) = worker.spawn(cart) {
        // It panicked, as it was meant to.
        drop(thread.join());
    }
}

fn hostile() {
    tracing::error!(
        name = "<b>bold</b> \u{202e}gpj.exe",
        "<script>document.title = 'owned'</script> ``` <!channel> @everyone @**all** <@1>"
    );
}

/// A thousand events in three seconds. Watch them become a handful of messages.
fn storm() {
    for number in 0..1_200 {
        match number % 40 {
            0 => tracing::warn!(miss_rate = 0.43, "cache miss rate above 40 %"),
            7 => tracing::error!(table = "stock", "inventory: deadlock detected"),
            _ => tracing::error!(order = number, "payment failed: card declined"),
        }
        thread::sleep(Duration::from_micros(2_500));
    }
}
