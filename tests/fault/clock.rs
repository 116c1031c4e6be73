//! A wall clock that is set while events are pending: ages, pauses and back-off follow the monotonic clock,
//! and the times in messages are those of the wall clock.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use figment::Figment;
use figment::providers::Serialized;
use logout::sandbox::{Message, Sandbox, Trouble};
use logout::{Discord, Slack, Telegram, Zulip, logout};
use serde_json::{Value, json};
use tracing_subscriber::prelude::*;

use crate::support::clock::Clock;
use crate::support::{self, account, process};

logout! {
    struct Alerts {
        project_name: "clock",
        utc_log: true,
        format: "$date $time: $message",
        adapters: [Slack, Discord, Telegram],
    }
}

logout! {
    struct Brief {
        project_name: "brief",
        max_age: Duration::from_secs(2),
        shutdown_timeout: Duration::from_millis(100),
        adapters: [Zulip { stream: "alerts" }],
    }
}

const HOUR: Duration = Duration::from_secs(3_600);

/// How long Slack asks to be left alone: a little longer than what is no delay yet.
const PAUSE: Duration = Duration::from_secs(31);

#[test]
fn a_clock_that_is_set_back_an_hour_changes_only_the_times_that_are_shown() {
    if process::is_child(a_clock_that_is_set_back_an_hour_changes_only_the_times_that_are_shown) {
        return run_program();
    }
    let now = SystemTime::now();
    jump(
        a_clock_that_is_set_back_an_hour_changes_only_the_times_that_are_shown,
        "back",
        now,
        now - HOUR,
    );
}

#[test]
fn a_clock_that_jumps_from_1970_to_today_changes_only_the_times_that_are_shown() {
    if process::is_child(
        a_clock_that_jumps_from_1970_to_today_changes_only_the_times_that_are_shown,
    ) {
        return run_program();
    }
    let booted = SystemTime::UNIX_EPOCH + Duration::from_secs(40);
    jump(
        a_clock_that_jumps_from_1970_to_today_changes_only_the_times_that_are_shown,
        "forward",
        booted,
        SystemTime::now(),
    );
}

const FIGMENT: &str = "CLOCK_FIGMENT";
const JUMP: &str = "CLOCK_JUMP";

/// Logs five events, jumps, and logs five more, under the clock that is set.
fn run_program() {
    let figment: Value = serde_json::from_str(&std::env::var(FIGMENT).unwrap()).unwrap();
    let figment = || Figment::from(Serialized::globals(figment.clone()));
    let jump: u64 = std::env::var(JUMP).unwrap().parse().unwrap();
    let jump = SystemTime::UNIX_EPOCH + Duration::from_secs(jump);
    let (alerts, guard) = Alerts::from_figment(figment()).unwrap().start().unwrap();
    let (brief, brief_guard) = Brief::from_figment(figment()).unwrap().start().unwrap();
    let subscriber = tracing_subscriber::registry().with(alerts).with(brief);
    let _default = tracing::subscriber::set_default(subscriber);
    let memory = account::peak_and_current_memory();

    let start = Instant::now();
    let before = log(|event| tracing::error!(event, "site-00: before"));
    std::thread::sleep(Duration::from_millis(300));
    let (steady, wall) = (Instant::now(), SystemTime::now());
    Clock::of_child().set(jump);
    let wall = match SystemTime::now().duration_since(wall) {
        Ok(ahead) => ahead,
        Err(back) => back.duration(),
    };
    let steady = steady.elapsed();
    assert!(wall > HOUR / 2 && steady < HOUR / 60, "{wall:?} {steady:?}");
    let after = log(|event| tracing::error!(event, "site-01: after"));

    brief_guard.handle().flush(2 * support::TIMEOUT).unwrap();
    let expired = start.elapsed();
    // A flush lifts a rest, and the second of Discord's is measured.
    while guard.handle().stats().lanes[1].requests < 3 {
        assert!(start.elapsed() < 2 * support::TIMEOUT, "it does not try");
        std::thread::sleep(Duration::from_millis(5));
    }
    guard.handle().flush(2 * PAUSE).unwrap();
    let told = json!({
        "before": before, "after": after,
        "stats": guard.handle().stats(), "brief": brief_guard.handle().stats(),
        "expired after": expired.as_secs_f64(), "peak": account::memory_growth(memory),
    });
    println!("\n{told}");
    // Until it has said on standard error what it gave up.
    let brief = brief_guard.handle();
    let _gives_up = brief.shutdown(Duration::from_millis(100));
    while brief
        .flush(Duration::ZERO)
        .is_err_and(|error| !error.is_stopped())
    {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Logs five events, and returns the times that the clock showed meanwhile.
fn log(event: impl Fn(u64)) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    for number in 0..5 {
        shown.insert(time_of_day());
        event(number);
        shown.insert(time_of_day());
    }
    shown
}

fn time_of_day() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let seconds = since.unwrap().as_secs() % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}

fn jump(test: impl Fn(), name: &str, from: SystemTime, to: SystemTime) {
    let Some(clock) = Clock::showing(name, from) else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::rate_limited(PAUSE).times(1));
    sandbox.trouble("discord", Trouble::status(503).times(3));
    sandbox.trouble("zulip", Trouble::status(503));
    let figment: Value = sandbox.figment().extract().unwrap();
    let to = to.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let mut child = clock.child(test);
    let child = child.env(FIGMENT, figment.to_string());
    let output = child.env(JUMP, to.as_secs().to_string()).output().unwrap();
    let (stdout, stderr) = (
        process::child_output(&output),
        String::from_utf8_lossy(&output.stderr),
    );
    let told = stdout.lines().find(|line| line.starts_with('{')).unwrap();
    println!("{name}: {told}\n{stderr}");
    let told: Value = serde_json::from_str(told).unwrap();
    assert_account(&sandbox, &told);
    assert_times(&sandbox, &told);
    assert_pauses(&sandbox);
    assert_expiry(&told, &stderr);
}

/// Asserts that every event arrived, once, in each of the three lanes.
fn assert_account(sandbox: &Sandbox, told: &Value) {
    for (index, name) in ["slack", "discord", "telegram"].into_iter().enumerate() {
        let inbox = account::inbox_of(sandbox, name);
        let events = account::events_by_site(&inbox);
        println!("{name}: {} messages tell {events:?}", inbox.len());
        let expected = ["site-00", "site-01"].map(|site| (site.to_owned(), 5));
        assert_eq!(events, expected.into_iter().collect(), "{inbox:?}");
        let lane = &told["stats"]["lanes"][index];
        let counts = ["accepted", "delivered", "pending"].map(|term| lane[term].as_u64());
        assert_eq!(
            (lane["name"].as_str(), counts),
            (Some(name), [Some(10), Some(10), Some(0)])
        );
        assert_eq!(
            account::without_possible_repeats(inbox.clone()).len(),
            inbox.len()
        );
    }
}

/// Asserts that messages show the clock's times before and after, and that no duration includes the jump.
fn assert_times(sandbox: &Sandbox, told: &Value) {
    for name in ["slack", "discord", "telegram"] {
        let inbox = account::inbox_of(sandbox, name);
        for (site, when) in [("site-00", "before"), ("site-01", "after")] {
            let shown: Vec<_> = told[when].as_array().unwrap().iter().collect();
            let tells = |message: &&Message| {
                let is_shown = |time: &&&Value| message.text().contains(time.as_str().unwrap());
                message.text().contains(site) && shown.iter().any(|time| is_shown(&time))
            };
            assert!(
                inbox.iter().any(|message| tells(&message)),
                "{site} at {shown:?}: {inbox:?}"
            );
        }
    }
    let inbox = sandbox.inbox();
    let lasted = inbox
        .iter()
        .filter_map(|message| message.text().split_once(" errors in "));
    let units: Vec<_> = lasted
        .map(|(_, rest)| rest.split([' ', ')']).nth(1))
        .collect();
    println!("digests lasted so many {units:?}");
    let is_short = |unit: &Option<&str>| matches!(unit, Some("ms" | "s"));
    assert!(!units.is_empty() && units.iter().all(is_short), "{inbox:?}");
}

/// Asserts that pauses follow the monotonic clock.
fn assert_pauses(sandbox: &Sandbox) {
    let arrivals = |name: &str| -> Vec<Instant> {
        let requests = sandbox.requests();
        let requests = requests
            .iter()
            .filter(|request| request.destination() == Some(name));
        requests.map(|request| request.arrived_at()).collect()
    };
    let slack = arrivals("slack");
    let paused = slack[1] - slack[0];
    let tries = arrivals("discord");
    let waits: Vec<_> = tries
        .windows(2)
        .map(|two| two[1] - two[0])
        // The third rest is lifted by the flush.
        .take(2)
        .collect();
    println!(
        "Slack's pause of {PAUSE:?} was kept as {paused:.1?}; Discord was tried again after {waits:.1?}"
    );
    assert!(
        paused >= PAUSE && paused < PAUSE + support::TIMEOUT,
        "{paused:?}"
    );
    for (wait, least) in waits.iter().zip([500, 1_000].map(Duration::from_millis)) {
        assert!(
            *wait >= least && *wait < 2 * least + support::TIMEOUT,
            "{waits:?}"
        );
    }
    for message in sandbox.inbox() {
        let delay = message.text().split_once("delayed ").map(|(_, rest)| rest);
        if message.destination() == "slack" {
            let (seconds, rest) = delay.and_then(|delay| delay.split_once(' ')).unwrap();
            let seconds: u64 = seconds.parse().unwrap();
            assert!(
                (31..60).contains(&seconds) && rest.starts_with("s "),
                "{message:?}"
            );
        } else {
            assert_eq!(delay, None, "{message:?}");
        }
    }
}

/// Asserts that an event with two seconds to live expires after two seconds: not at once, and not in an hour.
fn assert_expiry(told: &Value, stderr: &str) {
    let brief = &told["brief"]["lanes"][0];
    assert_eq!(brief["accepted"], 10);
    assert_eq!(brief["discarded"], json!({ "expired": 10 }));
    let after = told["expired after"].as_f64().unwrap();
    assert!((2.0..20.0).contains(&after), "{after}");
    let said = "zulip: 10 events were not delivered (too old 10)";
    assert!(stderr.contains(said), "{stderr}");
}
