//! A Telegram group that became a supergroup: its new id is found once, and reported.

use logout::sandbox::Sandbox;
use logout::{Telegram, logout};
use tracing_subscriber::prelude::*;

use crate::support::TIMEOUT;
use crate::support::account;

logout! {
    struct Alerts {
        project_name: "moved",
        adapters: [Telegram],
    }
}

#[test]
fn a_chat_that_moved_is_followed_once_and_people_are_told() {
    let sandbox = Sandbox::start().unwrap();
    // Each request counts here, and a busy machine may bunch two.
    sandbox.set_rate_limits(false);
    let figment = sandbox.figment_for("telegram");
    let (alerts, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    tracing::error!("site-00: before");
    guard.handle().flush(TIMEOUT).unwrap();
    let moved = sandbox.upgrade_chat("telegram").unwrap();
    for event in 0..3 {
        tracing::error!(event, "site-01: after");
        guard.handle().flush(TIMEOUT).unwrap();
    }
    let told = |text: &str| {
        sandbox.wait_until(TIMEOUT, |inbox| {
            inbox.iter().any(|message| message.text().contains(text))
        })
    };
    assert!(told(&moved.to_string()), "{:?}", sandbox.inbox());
    guard.handle().shutdown(TIMEOUT).unwrap();

    let (stats, inbox) = (guard.handle().stats(), sandbox.inbox());
    println!("{stats}; {:?}", stats.lanes);
    account::assert_holds(&stats);
    let told = account::events_by_site(&inbox);
    assert_eq!(
        told,
        [("site-00".to_owned(), 1), ("site-01".to_owned(), 3)].into()
    );
    let lane = account::lane(&stats, "telegram");
    assert_eq!(
        (lane.delivered, lane.requests),
        (4, lane.messages + 1),
        "{stats}"
    );
}
