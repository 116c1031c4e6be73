//! A thread that does not exist, which costs one request, and not one with every message.

use std::time::Duration;

use logout::sandbox::Sandbox;
use logout::{Discord, Telegram, logout};
use tracing_subscriber::prelude::*;

use crate::support::TIMEOUT;
use crate::support::account;

logout! {
    struct Alerts {
        project_name: "places",
        adapters: [Discord, Telegram],
    }
}

const MESSAGES: usize = 4;

#[test]
fn a_thread_that_does_not_exist_is_asked_for_once() {
    let sandbox = Sandbox::start().unwrap();
    // Each request counts here, and a busy machine may bunch two.
    sandbox.set_rate_limits(false);
    sandbox.add_thread("discord", "77");
    sandbox.add_thread("telegram", "77");
    let figment = sandbox.figment();
    let (alerts, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    let handle = guard.handle();
    let requests = |name: &str| {
        let requests = sandbox.requests();
        let to = requests
            .iter()
            .filter(|request| request.destination() == Some(name));
        to.count()
    };
    for event in 0..MESSAGES {
        tracing::error!(
            event,
            discord_thread = "404",
            telegram_thread = 404,
            "site-00: lost"
        );
        handle.flush(TIMEOUT).unwrap();
    }
    for name in ["discord", "telegram"] {
        let messages = account::inbox_of(&sandbox, name).len();
        println!("{name}: {messages} messages in {} requests", requests(name));
        assert_eq!((messages, requests(name)), (MESSAGES, MESSAGES + 1));
    }

    // One that exists is found all the same, and a configuration read again is believed anew.
    tracing::error!(
        discord_thread = "77",
        telegram_thread = 77,
        "site-01: found"
    );
    handle.flush(TIMEOUT).unwrap();
    handle.reload_from(sandbox.figment()).unwrap();
    tracing::error!(
        discord_thread = "404",
        telegram_thread = 404,
        "site-00: lost"
    );
    handle.flush(TIMEOUT).unwrap();
    let threads = sandbox.inbox().into_iter().filter_map(|message| {
        let details = message.details();
        let discord = details.discord().and_then(|details| details.thread.clone());
        let telegram = details.telegram().and_then(|details| details.thread);
        discord.or(telegram.map(|id| id.to_string()))
    });
    assert_eq!(threads.collect::<Vec<_>>(), ["77", "77"]);
    let stats = handle.stats();
    println!("{stats}");
    account::assert_holds(&stats);
    for name in ["discord", "telegram"] {
        let told = account::events_by_site(&account::inbox_of(&sandbox, name));
        assert_eq!(
            told,
            [
                ("site-00".to_owned(), MESSAGES as u64 + 1),
                ("site-01".to_owned(), 1)
            ]
            .into()
        );
        assert_eq!(requests(name), MESSAGES + 1 + 1 + 2);
    }
}

#[test]
fn a_storm_into_a_thread_that_does_not_exist_is_told_in_the_configured_place() {
    let sandbox = Sandbox::start().unwrap();
    // Each request counts here, and a busy machine may bunch two.
    sandbox.set_rate_limits(false);
    let figment = sandbox.figment();
    let (alerts, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    for event in 0..3_000 {
        tracing::error!(
            event,
            discord_thread = "404",
            telegram_thread = 404,
            "site-00: storm"
        );
        if event % 100 == 0 {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    guard.handle().flush(TIMEOUT).unwrap();
    let stats = guard.handle().stats();
    println!("{stats}; {:?}", stats.lanes);
    account::assert_holds(&stats);
    for lane in &stats.lanes {
        assert_eq!(
            (lane.delivered, lane.requests),
            (3_000, lane.messages + 1),
            "{stats}"
        );
    }
}
