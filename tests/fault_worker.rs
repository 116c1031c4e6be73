//! Should the worker itself die, another takes its place and says so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use logout::adapter::{Request, SecretUrl, Step};
use logout::sandbox::{Sandbox, Trouble};
use logout::stats::Reason;
use logout::{Adapter, Discord, Notice, logout};
use tracing_subscriber::prelude::*;

#[path = "account/account.rs"]
mod account;

logout! {
    struct Alerts {
        project_name: "worker",
        adapters: [Discord, Bomb],
    }
}

/// Goes off when the worker drops it, which no lane can guard against: its worker goes down with it.
#[derive(Default, serde::Deserialize)]
struct Bomb {
    url: SecretUrl,
}

static ARMED: AtomicBool = AtomicBool::new(false);

impl Drop for Bomb {
    fn drop(&mut self) {
        let by_the_worker = std::thread::current().name() == Some("logout");
        assert!(
            !by_the_worker || !ARMED.swap(false, Ordering::Relaxed),
            "as asked for"
        );
    }
}

impl Adapter for Bomb {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        request.post(self.url.expose());
        request.json(&serde_json::json!({ "text": notice.headline }));
    }
}

#[test]
fn a_worker_that_dies_is_replaced_and_that_is_reported() {
    let sandbox = Sandbox::start().unwrap();
    sandbox
        .add(logout::sandbox::Platform::Slack, "bomb")
        .unwrap();
    sandbox.set_rate_limits(false);
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())
        .unwrap()
        .start()
        .unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    let handle = guard.handle();
    tracing::error!("site-00: before");
    handle.flush(Duration::from_secs(10)).unwrap();

    // What it holds when it dies: three events that one chat has and the other does not take.
    sandbox.trouble("discord", Trouble::hang());
    for event in 0..3 {
        tracing::error!(event, "site-02: held");
    }
    let has_them = |inbox: &[logout::sandbox::Message]| {
        let bomb = inbox
            .iter()
            .filter(|message| message.destination() == "bomb");
        account::told(&bomb.cloned().collect::<Vec<_>>()).get("site-02") == Some(&3)
    };
    assert!(
        sandbox.wait_until(Duration::from_secs(10), has_them),
        "{:?}",
        sandbox.inbox()
    );
    sandbox.heal("discord");

    let next = sandbox.figment();
    let died = Instant::now();
    ARMED.store(true, Ordering::Relaxed);
    handle.reload_from(next).unwrap();
    let told = |text: &str| {
        let by = |inbox: &[logout::sandbox::Message], name| {
            let of = |message: &&logout::sandbox::Message| message.destination() == name;
            inbox
                .iter()
                .filter(of)
                .any(|message| message.text().contains(text))
        };
        sandbox.wait_until(Duration::from_secs(10), |inbox| {
            by(inbox, "discord") && by(inbox, "bomb")
        })
    };
    assert!(told("started anew"), "{:?}", sandbox.inbox());
    tracing::error!("site-01: after");
    assert!(told("site-01: after"), "{:?}", sandbox.inbox());
    let took = died.elapsed();
    handle.shutdown(Duration::from_secs(10)).unwrap();
    let (stats, inbox) = (handle.stats(), sandbox.inbox());
    println!("told and running again {took:.1?} after its death; {stats}");
    assert!(!ARMED.load(Ordering::Relaxed), "it went off");
    account::assert_holds(&stats);
    let (discord, bomb) = (
        account::lane(&stats, "discord"),
        account::lane(&stats, "bomb"),
    );
    assert_eq!((bomb.accepted, bomb.delivered), (5, 5), "{stats}");
    assert_eq!((discord.accepted, discord.delivered), (5, 2), "{stats}");
    assert_eq!(discord.discarded.get(Reason::Shutdown), 3, "{stats}");
    let discord = account::inbox_of(&sandbox, "discord");
    let told = account::told(&account::events(&discord));
    assert_eq!(
        told,
        ["site-00", "site-01"]
            .map(|site| (site.to_owned(), 1))
            .into()
    );
    assert_eq!(inbox.iter().map(account::reported).sum::<u64>(), 3);
}
