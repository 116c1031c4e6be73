//! The sandbox in a browser: starts the four chats on loopback with a program that logs to them,
//! and serves a page on which the messages arrive as you press its buttons. Needs no account.
//!
//! `cargo run --example sandbox`, or for a page that people leave open, at a port of its own:
//! `cargo run --example sandbox -- --port 8025`

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use logout::sandbox::{Platform, Sandbox};
use logout::{Discord, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The shop's alerts.
    pub struct Alerts {
        project_name: "Corner Shop",
        environment: "sandbox",
        release: "1.4.2",
        // A message brings what led to it.
        trail: 20,
        // Faster than they are unless set, so that nobody has to wait for a reminder here.
        remind: ["30s", "2m", "10m"],
        quiet: "1m",
        quiet_notice: true,
        adapters: [
            Slack,
            Discord,
            Telegram,
            Zulip { stream: "alerts", topic: "shop" },
        ],
    }
}

const HELP: &str = "\
Usage: cargo run --example sandbox -- [--port PORT]

  --port PORT  the port of the page, such as 8025, so that a browser's tab and a bookmark outlive
               the program; a free one unless it is given
  --help       this text";

/// How many requests are kept, so that a page which people leave open does not grow without end.
const KEPT: usize = 2_000;

fn main() -> ExitCode {
    let port = match port(std::env::args().skip(1)) {
        Ok(Some(port)) => port,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("{problem}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match serve(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the port of the page, 0 for a free one; `None` where help is asked for.
fn port(mut arguments: impl Iterator<Item = String>) -> Result<Option<u16>, String> {
    let mut port = 0;
    while let Some(argument) = arguments.next() {
        let value = match argument.split_once('=') {
            _ if argument == "--help" || argument == "-h" => return Ok(None),
            _ if argument == "--port" => arguments.next(),
            Some(("--port", value)) => Some(value.to_owned()),
            _ => return Err(format!("`{argument}` is no option of the sandbox")),
        };
        let value = value.ok_or("--port needs a number: --port 8025")?;
        let number = value.parse().ok().filter(|port| *port > 0);
        port = number.ok_or_else(|| {
            format!("`{value}` is no port: it is a number from 1 to 65535, such as 8025")
        })?;
    }
    Ok(Some(port))
}

fn serve(port: u16) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start()?;
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())?.start()?;
    let handle = guard.handle();
    let page = sandbox
        .page()
        .stats(move || handle.stats())
        .keep(KEPT)
        .button("warning", "Log a warning")
        .button("error", "Log an error")
        .button("worse", "Make a problem worse")
        .button("panic", "Panic")
        .button("hostile", "Log a hostile line")
        .button("storm", "Log a storm")
        .port(port)
        .serve()
        .map_err(|error| cannot_serve(port, &error))?;
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();

    println!("{}", page.url());
    println!("\nFor a program of your own, and for the other examples:");
    for platform in Platform::ALL {
        for (variable, value) in sandbox.variables(platform) {
            println!("export {variable}={value}");
        }
    }

    error();
    while let Some(button) = page.pressed() {
        match button.as_str() {
            "warning" => tracing::warn!(cache = "prices", miss_rate = 0.43, "cache is cold"),
            "error" => error(),
            "worse" => worse(),
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

/// Prints what to do when the page cannot have its port.
fn cannot_serve(port: u16, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} of 127.0.0.1 is in use, perhaps by another sandbox: \
             end that program, or choose another port: --port {}",
            if port == u16::MAX { port - 1 } else { port + 1 }
        ),
        io::ErrorKind::PermissionDenied => format!(
            "port {port} of 127.0.0.1 is not for every user: choose one from 1024 on, \
             such as --port 8025"
        ),
        _ => format!("the page cannot be served at port {port} of 127.0.0.1: {error}"),
    }
}

fn error() {
    let _request = tracing::info_span!("request", id = 7, path = "/checkout").entered();
    let _charge = tracing::info_span!("charge", order = 42).entered();
    tracing::info!(card = "visa", "charging");
    let cause = io::Error::other("gateway answered 402");
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

/// Logs a problem under a name of its own, first as a warning and then as an error.
fn worse() {
    tracing::warn!(
        fingerprint = "slow payments",
        wait_s = 9,
        "payments are slow"
    );
    thread::sleep(Duration::from_secs(2));
    tracing::error!(
        fingerprint = "slow payments",
        wait_s = 31,
        "payments are too slow"
    );
}

fn hostile() {
    tracing::error!(
        name = "<b>bold</b> \u{202e}gpj.exe",
        "<script>document.title = 'owned'</script> ``` <!channel> @everyone @**all** <@1>"
    );
}

/// Logs a thousand events in three seconds. Watch them become a handful of messages.
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
