//! One subscriber that holds logout several times, or behind a `reload`.

use std::time::Duration;

use logout::sandbox::{Platform, Sandbox};
use logout::{Handle, Slack, logout};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{registry, reload};

use crate::support::TIMEOUT;
use crate::support::account;

logout! {
    struct Alerts {
        project_name: "layers",
        adapters: [Slack],
    }
}

logout! {
    struct Others {
        project_name: "others",
        env_prefix: "OTHERS_",
        level: ERROR,
        adapters: [Slack],
    }
}

/// Returns the setting that makes the sandbox's chat of this name a block's Slack.
fn slack_setting(sandbox: &Sandbox, name: &str) -> (&'static str, String) {
    let url = sandbox.figment().extract_inner(&format!("{name}.url"));
    ("slack.url", url.unwrap())
}

#[track_caller]
fn assert_told<D: logout::Dispatch>(
    sandbox: &Sandbox,
    chat: &str,
    handle: &Handle<D>,
    expected: &[(&str, u64)],
) {
    let stats = handle.stats();
    let told = account::events_by_site(&account::inbox_of(sandbox, chat));
    println!("{chat}: {stats}; told {told:?}");
    account::assert_holds(&stats);
    let all: u64 = expected.iter().map(|(_, events)| events).sum();
    let lane = account::lane(&stats, "slack");
    assert_eq!((lane.accepted, lane.delivered), (all, all), "{stats}");
    let expected = expected
        .iter()
        .map(|(site, events)| ((*site).to_owned(), *events));
    assert_eq!(told, expected.collect());
}

#[test]
fn two_blocks_and_one_of_them_twice_are_three_accounts() {
    let sandbox = Sandbox::start().unwrap();
    for name in ["second", "third"] {
        sandbox.add(Platform::Slack, name).unwrap();
    }
    let before = account::peak_and_current_memory();
    let one = Alerts::from_figment(slack_setting(&sandbox, "slack")).unwrap();
    let two = Alerts::from_figment(slack_setting(&sandbox, "second")).unwrap();
    let three = Others::from_figment(slack_setting(&sandbox, "third")).unwrap();
    let ((one, first), (two, second)) = (one.start().unwrap(), two.start().unwrap());
    let (three, third) = three.start().unwrap();
    let subscriber = registry().with(one).with(two).with(three);
    let _default = tracing::subscriber::set_default(subscriber);
    let _span = tracing::info_span!("charge", order = 42).entered();
    tracing::error!("site-00: payment failed");
    for flushed in [first.handle(), second.handle()] {
        // A digest would leave the spans out.
        flushed.flush(TIMEOUT).unwrap();
    }
    third.handle().flush(TIMEOUT).unwrap();
    for event in 0..50 {
        tracing::error!(event, "site-00: payment failed");
        tracing::warn!(event, "site-01: cache cold");
    }
    first.handle().shutdown(TIMEOUT).unwrap();
    second.handle().shutdown(TIMEOUT).unwrap();
    third.handle().shutdown(TIMEOUT).unwrap();

    println!(
        "three accounts; peak memory +{} KiB",
        account::memory_growth(before)
    );
    let both = [("site-00", 51), ("site-01", 50)];
    assert_told(&sandbox, "slack", &first.handle(), &both);
    assert_told(&sandbox, "second", &second.handle(), &both);
    assert_told(&sandbox, "third", &third.handle(), &both[..1]);
    for chat in ["slack", "second", "third"] {
        let inbox = account::inbox_of(&sandbox, chat);
        let first = inbox[0].text();
        assert!(
            first.contains("charge") && first.contains("42"),
            "each layer sees the span: {first}"
        );
    }
}

#[test]
fn the_inner_layer_is_modified_through_reload_in_the_middle_of_a_storm() {
    const EACH: u64 = 5_000;
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(slack_setting(&sandbox, "slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    let (layer, reload) = reload::Layer::new(alerts);
    let subscriber = tracing::Dispatch::new(registry().with(layer));
    let (before, mut modified) = (account::peak_and_current_memory(), 0);
    std::thread::scope(|scope| {
        let storm = || {
            tracing::dispatcher::with_default(&subscriber, || {
                for event in 0..EACH {
                    tracing::error!(event, "site-00: storm");
                    tracing::warn!(event, "site-01: storm");
                }
            });
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(storm)).collect();
        // Modifying asks the subscriber of this thread what it wants, as tracing has it.
        tracing::dispatcher::with_default(&subscriber, || {
            while threads.iter().any(|thread| !thread.is_finished()) {
                reload
                    .modify(|filtered| {
                        let _inner = filtered.inner_mut();
                    })
                    .unwrap();
                modified += 1;
                std::thread::sleep(Duration::from_millis(1));
            }
        });
    });
    let handle = guard.handle();
    handle.shutdown(TIMEOUT).unwrap();

    let (stats, inbox) = (handle.stats(), sandbox.inbox());
    println!(
        "modified {modified} times; {stats}; peak memory +{} KiB",
        account::memory_growth(before)
    );
    account::assert_holds(&stats);
    let lane = account::lane(&stats, "slack");
    let told: u64 = account::events_by_site(&account::without_reports(&inbox))
        .values()
        .sum();
    let reported: u64 = inbox.iter().map(account::events_reported_lost).sum();
    assert_eq!((lane.accepted, lane.pending), (4 * 2 * EACH, 0), "{stats}");
    assert_eq!(
        (told, reported),
        (lane.delivered, lane.discarded.total()),
        "{stats}"
    );
}
