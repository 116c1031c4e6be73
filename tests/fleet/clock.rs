//! A process whose clock is wrong, which the messages about its events say.

use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use logout::sandbox::Sandbox;
use logout::stats::FleetState;
use tracing_subscriber::prelude::*;

use super::{Alerts, Member, Server, lane, texts, wait_until};
use crate::support::TIMEOUT;
use crate::support::clock::Clock;
use crate::support::process::is_child;

#[test]
fn a_message_says_whose_clock_is_off() {
    if is_child(a_message_says_whose_clock_is_off) {
        let (layer, guard) = Alerts::from_env().unwrap().start().unwrap();
        let layer = tracing::Dispatch::new(tracing_subscriber::registry().with(layer));
        tracing::dispatcher::with_default(&layer, || tracing::error!("the till is stuck"));
        // Until it has heard the broker, as then it has, it does not know how far its clock is off.
        let (handle, start) = (guard.handle(), Instant::now());
        while handle.stats().lanes[0].forwarded == 0 {
            assert!(start.elapsed() < TIMEOUT, "{}", handle.stats());
            std::thread::sleep(Duration::from_millis(5));
        }
        tracing::dispatcher::with_default(&layer, || tracing::error!("payment failed"));
        drop(guard);
        return;
    }
    let Some(server) = Server::start() else {
        return;
    };
    let ahead = SystemTime::now() + Duration::from_secs(240);
    let Some(clock) = Clock::showing("fleet", ahead) else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let leader = Member::start(&sandbox, &server);
    wait_until("it leads", &sandbox, || {
        lane(&leader).fleet == Some(FleetState::Leading)
    });
    leader.log(|| tracing::error!("the shelf fell"));
    wait_until("it is told", &sandbox, || texts(&sandbox).len() == 1);
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let child = clock
        .child(a_message_says_whose_clock_is_off)
        .env("SLACK_WEBHOOK_URL", url)
        .env("LOGOUT_FLEET__URL", server.url())
        .env("LOGOUT_FLEET__LEAD", "false")
        .env("LOGOUT_SHUTDOWN_TIMEOUT", "10s")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(child.unwrap().success());
    let is_about_it = |text: &String| text.contains("payment failed");
    wait_until("that is told", &sandbox, || {
        texts(&sandbox).iter().any(is_about_it)
    });
    let told = texts(&sandbox);
    assert!(!told[0].contains("clock of "), "{told:#?}");
    let mut about_it = told.iter().filter(|text| is_about_it(text));
    let mut lines = about_it.next().unwrap().lines();
    let line = lines.find(|line| line.contains("clock of "));
    assert!(
        line.is_some_and(|line| line.ends_with(" is 4 min off")),
        "{told:#?}"
    );
}
