//! Leaders that are killed and frozen without a loss.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::stats::FleetState;

use super::{Alerts, Member, Server, lane, texts};
use crate::support::process::{command, is_child};

/// A process that sends for all and logs nothing itself.
struct Relay(Child);

impl Relay {
    fn start(sandbox: &Sandbox, server: &Server) -> Self {
        let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
        let child = command(whoever_sends_is_killed_and_every_event_is_in_a_count)
            .env("SLACK_WEBHOOK_URL", url)
            .env("LOGOUT_FLEET__URL", server.url())
            .env("LOGOUT_REMIND", "off")
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// Returns how many events a message counts, of the one problem that there is.
pub(crate) fn event_count(text: &str) -> u64 {
    let headline = text.lines().next().unwrap_or_default();
    assert!(headline.contains("payment failed"), "{text}");
    match headline.split_once('×') {
        None => 1,
        Some((_, rest)) => {
            let number = rest.split_whitespace().next().unwrap();
            number.replace(',', "").parse().unwrap()
        }
    }
}

/// A fault of the process that leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LeaderFault {
    Killed,
    /// For longer than a lease lasts.
    Frozen,
}

#[cfg(unix)]
#[test]
fn whoever_sends_is_frozen_and_every_event_is_in_a_count() {
    survives(LeaderFault::Frozen, 1);
}

#[test]
fn whoever_sends_is_killed_and_every_event_is_in_a_count() {
    if is_child(whoever_sends_is_killed_and_every_event_is_in_a_count) {
        let _guard = Alerts::from_env().unwrap().relay().unwrap();
        std::thread::sleep(Duration::from_secs(600));
        return;
    }
    let kills = std::env::var("LOGOUT_KILLS").map_or(2, |kills| kills.parse().unwrap());
    survives(LeaderFault::Killed, kills);
}

fn survives(trouble: LeaderFault, times: u32) {
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment().merge(("fleet.url", server.url()));
    let figment = figment
        .merge(("fleet.lead", false))
        .merge(("remind", "off"));
    // They are never alone for as long as somebody follows.
    let figment = figment.merge(("fleet.timeout", "60s"));
    let senders: Vec<_> = (0..4).map(|_| Member::of(figment.clone())).collect();
    let mut relays: Vec<_> = (0..2).map(|_| Relay::start(&sandbox, &server)).collect();
    let mut logged = 0;
    let log = |logged: &mut u64| {
        for sender in &senders {
            sender.log(|| (0..5).for_each(|order| tracing::error!(order, "payment failed")));
            *logged += 5;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let patience = Duration::from_secs(30);
    let mut frozen: Vec<Relay> = Vec::new();
    for time in 0..times {
        // Until it is told of by whoever leads now, and then for some time, which differs.
        let told = texts(&sandbox).len();
        let deadline = Instant::now() + patience;
        while texts(&sandbox).len() == told {
            log(&mut logged);
            assert!(Instant::now() < deadline, "{:#?}", texts(&sandbox));
        }
        let until = Instant::now() + Duration::from_millis(fastrand::u64(0..1_500));
        while Instant::now() < until {
            log(&mut logged);
        }
        // One of them leads; all are met, so that it is the leader in any case.
        match trouble {
            LeaderFault::Killed => relays.clear(),
            LeaderFault::Frozen => {
                relays.iter().for_each(|relay| relay.signal("STOP"));
                frozen.append(&mut relays);
            }
        }
        let more = usize::from(time % 2 == 0) + 1;
        relays.extend((0..more).map(|_| Relay::start(&sandbox, &server)));
    }
    if trouble == LeaderFault::Frozen {
        let known = texts(&sandbox).len();
        let deadline = Instant::now() + patience;
        while texts(&sandbox).len() == known {
            log(&mut logged);
            assert!(Instant::now() < deadline, "nobody follows");
        }
        frozen.iter().for_each(|relay| relay.signal("CONT"));
    }
    let forwarded = || -> u64 { senders.iter().map(|one| lane(one).forwarded).sum() };
    // Up to 10 s pass between two puts of one problem.
    let deadline = Instant::now() + patience;
    while forwarded() != logged {
        assert!(Instant::now() < deadline, "{} of {logged}", forwarded());
        std::thread::sleep(Duration::from_millis(20));
    }
    let told = || {
        texts(&sandbox)
            .iter()
            .map(|text| event_count(text))
            .sum::<u64>()
    };
    let deadline = Instant::now() + patience;
    while told() < logged {
        assert!(Instant::now() < deadline, "{} of {logged}", told());
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_secs(2));
    let texts = texts(&sandbox);
    let marked = texts.iter().filter(|text| text.contains("possible repeat"));
    let marked: u64 = marked.map(|text| event_count(text)).sum();
    let doubled = told() - logged;
    // The request that one that is frozen was writing is written when it wakes.
    let unmarked = match trouble {
        LeaderFault::Killed => 0,
        LeaderFault::Frozen => texts
            .iter()
            .map(|text| event_count(text))
            .max()
            .unwrap_or(0),
    };
    assert!(
        doubled <= marked + unmarked,
        "{doubled} {marked}: {texts:#?}"
    );
    let arrived: Vec<_> = sandbox.inbox().iter().map(|one| one.arrived_at()).collect();
    let crowd = arrived
        .windows(3)
        .find(|some| some[2] - some[0] < Duration::from_millis(900));
    assert!(crowd.is_none(), "more than the pace and one: {crowd:?}");
    let refused = sandbox
        .requests()
        .iter()
        .filter(|one| one.status() == Some(429))
        .count();
    assert_eq!(refused, 0);
    let lost: u64 = senders.iter().map(|one| lane(one).discarded.total()).sum();
    assert_eq!(lost, 0);
    let is_alone = |one: &Member| lane(one).fleet == Some(FleetState::Alone);
    assert!(!senders.iter().any(is_alone));
}
