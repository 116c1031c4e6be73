//! What no chat can be told is told on standard error: every loss once, and never a flood of lines.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::{Slack, logout};
use serde_json::Value;
use tracing_subscriber::prelude::*;

#[path = "account/account.rs"]
mod account;
mod support;

use support::process;

logout! {
    struct Alerts {
        project_name: "stderr",
        adapters: [Slack],
        sync_threshold: 2,
        discard_threshold: 2,
        discard_threshold_periodic_check: Duration::from_millis(50),
        shutdown_timeout: Duration::from_millis(100),
    }
}

const NAME: &str = "losses_that_no_chat_is_told_of_are_said_once_and_without_a_flood";
const URL: &str = "LOGOUT_SLACK__URL";

/// Loses events for two seconds, and says how many.
fn lose() {
    let url = ("slack.url", std::env::var(URL).unwrap());
    let (alerts, guard) = Alerts::from_figment(url).unwrap().start().unwrap();
    let subscriber = tracing::Dispatch::new(tracing_subscriber::registry().with(alerts));
    let (stop, handle) = (AtomicBool::new(false), guard.handle());
    std::thread::scope(|scope| {
        let flood = || {
            tracing::dispatcher::with_default(&subscriber, || {
                while !stop.load(Ordering::Relaxed) {
                    tracing::error!("site-00: payment failed");
                    tracing::warn!("site-01: cache cold");
                }
            });
        };
        (0..8).for_each(|_| drop(scope.spawn(flood)));
        std::thread::sleep(Duration::from_secs(2));
        stop.store(true, Ordering::Relaxed);
    });
    drop(guard);
    println!("\n{}", serde_json::json!(handle.stats()));
}

#[test]
fn losses_that_no_chat_is_told_of_are_said_once_and_without_a_flood() {
    if process::is_child(NAME) {
        return lose();
    }
    let sandbox = Sandbox::start().unwrap();
    sandbox.refuse_connections("slack");
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let start = Instant::now();
    let output = process::child(NAME, &[(URL, url)]);
    let took = start.elapsed();
    let (stdout, stderr) = (
        process::told(&output),
        String::from_utf8_lossy(&output.stderr),
    );
    let stats = stdout.lines().find(|line| line.starts_with('{')).unwrap();
    let lines: Vec<_> = stderr
        .lines()
        .filter(|line| line.starts_with("logout: "))
        .collect();
    println!("{} lines in {took:.1?}: {lines:#?}\n{stats}", lines.len());
    let lane = &serde_json::from_str::<Value>(stats).unwrap()["lanes"][0];
    assert_eq!(
        (&lane["delivered"], &lane["pending"]),
        (&0.into(), &0.into())
    );
    assert_eq!(
        lane["accepted"],
        account::said(&stderr),
        "each was said once"
    );
    // Ten in a row, one every five seconds, and the last.
    let most = 10 + took.as_secs() / 5 + 1;
    assert!(
        (10..=most).contains(&(lines.len() as u64)),
        "{}",
        lines.len()
    );
    assert!(
        stderr.contains("lines were left out before this one"),
        "{stderr}"
    );
}
