//! Every trouble the sandbox makes for one lane, while the other three deliver on time.

use std::time::{Duration, Instant};

use logout::sandbox::{Answer, Sandbox, Trouble};
use logout::transport::Wire;
use logout::{Discord, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;

logout! {
    struct Alerts {
        project_name: "troubles",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

/// The fate of the event in the troubled lane.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Delivered,
    /// It is kept until somebody mends the destination.
    Kept,
}

/// How long the troubled lane waits for an answer.
const SILENCE: Duration = Duration::from_secs(6);

/// How long the others may take to deliver: not as long as one that waits for the troubled lane takes.
const ON_TIME: Duration = Duration::from_secs(5);

/// How late an answer is that comes all the same: too late for whoever waits for it to be on time.
const LATE: Duration = Duration::from_millis(5_500);

fn troubles() -> Vec<(&'static str, Trouble, End)> {
    use End::{Delivered, Kept};
    let (soon, hang) = (Duration::from_millis(300), Trouble::hang);
    vec![
        ("status 500", Trouble::status(500), Delivered),
        ("status 502", Trouble::status(502), Delivered),
        ("status 503", Trouble::status(503), Delivered),
        ("status 520", Trouble::status(520), Delivered),
        ("status 408", Trouble::status(408), Delivered),
        ("rate limited", Trouble::rate_limited(soon), Delivered),
        (
            "a ban without a word",
            Trouble::answer(Answer::new(429).header("Retry-After", "1")),
            Delivered,
        ),
        ("gone", Trouble::gone(), Kept),
        ("hang", hang(), Delivered),
        ("hang after delivery", hang().delivering(), Delivered),
        ("close", Trouble::close(), Delivered),
        (
            "close after delivery",
            Trouble::close().delivering(),
            Delivered,
        ),
        ("cut off", Trouble::cut_off(), Delivered),
        ("delay", Trouble::delay(LATE), Delivered),
        ("slow", Trouble::slow(2_000), Delivered),
        ("huge body", Trouble::huge(1 << 20), Delivered),
        ("no JSON", Trouble::not_json(), Delivered),
        ("half the JSON", Trouble::truncated(), Delivered),
        ("Latin-1", Trouble::latin1(), Delivered),
    ]
}

#[test]
fn no_trouble_of_one_lane_reaches_another() {
    let before = account::peak_and_current_memory();
    std::thread::scope(|scope| {
        for (name, trouble, end) in troubles() {
            scope.spawn(move || assert_end_under(name, Some(&trouble), end));
            // All at once they would measure the machine.
            std::thread::sleep(Duration::from_millis(100));
        }
        scope.spawn(|| assert_end_under("refused connections", None, End::Delivered));
    });
    println!(
        "peak memory +{} KiB for all of them at once",
        account::memory_growth(before)
    );
}

/// Troubles Discord's lane once, or refuses its connections, and asserts the fate of an event.
fn assert_end_under(name: &str, trouble: Option<&Trouble>, end: End) {
    let sandbox = Sandbox::start().unwrap();
    match trouble {
        Some(trouble) => sandbox.trouble("discord", trouble.clone().times(1)),
        None => sandbox.refuse_connections("discord"),
    }
    let transport = Wire::new().with_head_timeout(SILENCE);
    let alerts = Alerts::from_figment(sandbox.figment())
        .unwrap()
        .transport(transport);
    let (alerts, guard) = alerts.start().unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    let logged = Instant::now();
    tracing::error!("site-00: payment failed");
    let healthy = ["slack", "telegram", "zulip"];
    let all = sandbox.wait_until(ON_TIME, |inbox| {
        healthy
            .iter()
            .all(|name| inbox.iter().any(|message| message.destination() == *name))
    });
    let on_time = logged.elapsed();
    if trouble.is_none() {
        sandbox.heal("discord");
    }
    let flushed = guard.handle().flush(Duration::from_secs(20));
    let left = flushed.map_or_else(|error| error.left(), |()| 0);
    assert_eq!(left, u64::from(end == End::Kept), "{name}");

    let (stats, inbox) = (guard.handle().stats(), sandbox.inbox());
    println!("{name}: the others had it after {on_time:.1?}; {stats}");
    assert!(all && on_time < ON_TIME, "{name}: {on_time:?}");
    account::assert_holds(&stats);
    for healthy in healthy {
        assert_eq!(
            account::lane(&stats, healthy).delivered,
            1,
            "{name}: {stats}"
        );
        let told = account::events_by_site(&account::inbox_of(&sandbox, healthy));
        assert_eq!(told, [("site-00".to_owned(), 1)].into(), "{name}");
    }
    let discord = account::lane(&stats, "discord");
    match end {
        End::Delivered => assert_eq!(discord.delivered, 1, "{name}: {stats}"),
        End::Kept => assert_eq!(discord.pending, 1, "{name}: {stats}"),
    }
    // What arrived twice arrived once without a mark, and what is lost did not arrive.
    let arrived = account::inbox_of(&sandbox, "discord");
    let first = account::events_by_site(&account::without_possible_repeats(arrived.clone()));
    let known = account::events_by_site(&arrived).contains_key("site-00");
    assert!(
        first.values().all(|events| *events == 1),
        "{name}: {arrived:?}"
    );
    assert_eq!(known, end == End::Delivered, "{name}: {arrived:?}");
    if end != End::Delivered {
        let told =
            |message: &logout::sandbox::Message| message.text().contains("discord is switched off");
        assert!(
            inbox.iter().any(told)
                || sandbox.wait_until(Duration::from_secs(5), |inbox| inbox.iter().any(told))
        );
        // Mended, it gets what was kept.
        guard.handle().enable(AlertsAdapter::Discord).unwrap();
        guard.handle().flush(Duration::from_secs(20)).unwrap();
        let arrived = account::events_by_site(&account::inbox_of(&sandbox, "discord"));
        assert_eq!(arrived, [("site-00".to_owned(), 1)].into(), "{name}");
    }
}
