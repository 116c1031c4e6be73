//! Events that sending itself emits, which never lead to another message.

use std::time::Duration;

use logout::sandbox::{Sandbox, Trouble};
use logout::{Discord, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "feedback",
        level: TRACE,
        spans: TRACE,
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

/// Listens to everything that could feed back: the `log` bridge, level TRACE, and a program that drives the
/// same reactor as logout's connections.
#[test]
fn a_server_that_answers_429_provokes_a_bounded_number_of_requests() {
    if !is_alone(a_server_that_answers_429_provokes_a_bounded_number_of_requests) {
        return;
    }
    tracing_log::LogTracer::init().unwrap();
    let sandbox = Sandbox::start().unwrap();
    for name in ["slack", "discord", "telegram", "zulip"] {
        sandbox.trouble(name, Trouble::rate_limited(Duration::from_millis(500)));
    }
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())
        .unwrap()
        .start()
        .unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(alerts)).unwrap();
    let program = std::thread::spawn(|| {
        smol::block_on(async {
            for _ in 0..200 {
                smol::Timer::after(Duration::from_millis(10)).await;
                smol::unblock(|| ()).await;
            }
        });
    });
    log_record();
    tracing::error!("the only event");
    std::thread::sleep(Duration::from_secs(2));
    let troubled = sandbox.requests().len();
    for name in ["slack", "discord", "telegram", "zulip"] {
        sandbox.heal(name);
    }
    program.join().unwrap();
    guard.handle().flush(Duration::from_secs(20)).unwrap();

    let (stats, inbox) = (guard.handle().stats(), sandbox.inbox());
    println!(
        "{troubled} requests in 2 s of 429, {} in all; {stats}",
        sandbox.requests().len()
    );
    assert!(troubled <= 4 * 5, "{troubled} requests");
    account::assert_holds(&stats);
    for lane in &stats.lanes {
        assert_eq!(
            (lane.accepted, lane.delivered),
            (2, 2),
            "{stats}\n{inbox:?}"
        );
    }
}

/// Logs a record of the program's own, which shows that the bridge works.
fn log_record() {
    tracing_log::log::error!("over the bridge");
}
