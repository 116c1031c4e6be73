//! Twelve processes of one shop as a fleet: what all of them see is one message, and when the one that sends
//! is killed, another goes on.
//!
//! `cargo run --example fleet` needs no account: the chat is the sandbox. It starts a `redis-server` of
//! its own on loopback, and ends it again.

use std::error::Error;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use logout::sandbox::{Sandbox, Trouble};

use self::redis_server::RedisServer;
use self::shop::{Process, SHOP, wait_until};

mod redis_server;
mod shop;

/// How many processes of the shop there are.
const PROCESSES: usize = 12;

fn main() -> ExitCode {
    let shown = match std::env::args().nth(1).as_deref() {
        Some(SHOP) => shop::shop(),
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

fn show() -> Result<(), Box<dyn Error>> {
    let Some(redis) = RedisServer::start()? else {
        println!(
            "There is no redis-server on this machine. Install one, as in `apt install redis-server` or `brew install redis`, and try again."
        );
        return Ok(());
    };
    let sandbox = Sandbox::start()?;
    let chat: String = sandbox.figment().extract_inner("slack.url")?;
    let mut shop = Vec::new();
    for _ in 0..PROCESSES {
        shop.push(Process::start(&chat, &redis.url)?);
    }
    let leader = |shop: &[Process]| shop.iter().position(Process::leads);
    wait_until("one that sends", || leader(&shop).is_some())?;
    println!("{PROCESSES} processes run, and one of them sends for all.\n");
    // The chat is away until the one that sends has heard of all, so that one that starts late is counted.
    sandbox.trouble("slack", Trouble::status(503));
    for process in &mut shop {
        process.log("payment failed: timeout")?;
    }
    wait_until("all", || shop.iter().any(|one| one.has_read(PROCESSES)))?;
    sandbox.heal("slack");
    wait_until("a message", || !sandbox.inbox().is_empty())?;
    // So that it would be seen if there were more.
    thread::sleep(Duration::from_secs(3));
    let told = sandbox.inbox();
    println!(
        "All of them logged an error. Messages in the chat: {}\n",
        told.len()
    );
    for message in &told {
        println!("{}\n", message.text());
    }

    if let Some(leader) = leader(&shop) {
        drop(shop.remove(leader));
    }
    println!(
        "The one that sends was killed. Another follows when its lease is over, within 13 s.\n"
    );
    for process in &mut shop {
        process.log("the till is stuck")?;
    }
    let known = told.len();
    wait_until("a message", || sandbox.inbox().len() > known)?;
    for message in sandbox.inbox().iter().skip(known) {
        println!("{}\n", message.text());
    }
    Ok(())
}
