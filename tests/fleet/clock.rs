//! A process whose clock is wrong, which the messages about its events say.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use logout::sandbox::Sandbox;
use logout::stats::FleetState;
use tracing_subscriber::prelude::*;

use super::{Alerts, Member, Server, lane, texts, wait_until};
use crate::support::clock::Clock;
use crate::support::process::is_child;

#[test]
fn a_message_says_whose_clock_is_off() {
    if is_child(a_message_says_whose_clock_is_off) {
        let (layer, guard) = Alerts::from_env().unwrap().start().unwrap();
        let layer = tracing::Dispatch::new(tracing_subscriber::registry().with(layer));
        // Until it has heard the broker nothing says that it has.
        std::thread::sleep(Duration::from_secs(1));
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
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(child.unwrap().success());
    wait_until("that is told", &sandbox, || texts(&sandbox).len() == 2);
    let told = texts(&sandbox);
    assert!(!told[0].contains("clock of "), "{told:#?}");
    let line = told[1].lines().find(|line| line.contains("clock of "));
    assert!(
        line.is_some_and(|line| line.ends_with(" is 4 min off")),
        "{told:#?}"
    );
}
