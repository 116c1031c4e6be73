//! A fleet of many processes, or of as many workers of one, over a real server of Redis.

use std::time::{Duration, Instant};

use logout::figment::Figment;
use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::stats::FleetState;
use logout::{Guard, Slack, Stats, logout};
use tracing_subscriber::prelude::*;

use self::server::Server;
use self::support::TIMEOUT;

mod broker;
#[cfg(target_os = "linux")]
mod clock;
mod killed;
mod losses;
mod mutes;
mod own;
#[cfg(unix)]
mod relay;
mod server;
#[cfg(unix)]
mod socket;
#[path = "../support/mod.rs"]
mod support;

logout! {
    struct Alerts {
        project_name: "shop",
        adapters: [Slack],
        release: "1.10.2",
        fleet: Redis,
    }
}

/// A member of the fleet, in this process.
struct Member {
    layer: tracing::Dispatch,
    guard: Guard<Alerts>,
}

impl Member {
    fn start(sandbox: &Sandbox, server: &Server) -> Self {
        Self::of(sandbox.figment().merge(("fleet.url", server.url())))
    }

    fn of(figment: Figment) -> Self {
        let (layer, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
        let layer = tracing::Dispatch::new(tracing_subscriber::registry().with(layer));
        Self { layer, guard }
    }

    fn log(&self, log: impl FnOnce()) {
        tracing::dispatcher::with_default(&self.layer, log);
    }

    fn stats(&self) -> Stats {
        self.guard.handle().stats()
    }
}

fn texts(sandbox: &Sandbox) -> Vec<String> {
    let inbox = sandbox.inbox();
    inbox.iter().map(|one| one.text().to_owned()).collect()
}

fn wait_until(what: &str, sandbox: &Sandbox, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}: {:#?}", texts(sandbox));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_two_members_see_is_one_message_with_an_exact_count() {
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let members: Vec<_> = (0..3).map(|_| Member::start(&sandbox, &server)).collect();
    for member in &members {
        member.log(|| {
            for order in 0..10 {
                tracing::error!(order, "payment failed");
            }
        });
    }
    let forwarded = || -> u64 {
        let stats = members.iter().map(Member::stats);
        stats.map(|stats| stats.lanes[0].forwarded).sum()
    };
    wait_until("all is handed over", &sandbox, || forwarded() == 30);
    wait_until("it is told", &sandbox, || !texts(&sandbox).is_empty());
    let told = texts(&sandbox);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("payment failed"), "{told:#?}");
    for member in &members {
        let stats = member.stats();
        let lane = &stats.lanes[0];
        assert_eq!(
            lane.accepted,
            lane.delivered + lane.pending + lane.kept + lane.forwarded + lane.discarded.total(),
            "{lane:?}"
        );
    }
}

fn lane(member: &Member) -> logout::stats::LaneStats {
    member.stats().lanes[0].clone()
}

fn leader(members: &[Member]) -> Option<usize> {
    let state = |member| lane(member).fleet;
    members
        .iter()
        .position(|member| state(member) == Some(FleetState::Leading))
}

#[test]
fn a_problem_that_the_fleet_knows_is_new_for_no_leader_after_it() {
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let mut members: Vec<_> = (0..3).map(|_| Member::start(&sandbox, &server)).collect();
    // People have the message while its leader, which is told to end, does not know that yet.
    let slow = Trouble::delay(Duration::from_millis(500))
        .delivering()
        .times(1);
    sandbox.trouble(Platform::Slack, slow);
    members[0].log(|| tracing::error!("payment failed"));
    wait_until("it is told", &sandbox, || texts(&sandbox).len() == 1);
    wait_until("somebody leads", &sandbox, || leader(&members).is_some());
    let gone = members.remove(leader(&members).unwrap());
    // A leader that ends hands over at once.
    drop(gone);
    wait_until("another leads", &sandbox, || leader(&members).is_some());
    for member in &members {
        member.log(|| tracing::error!("payment failed"));
    }
    members[1].log(|| tracing::error!("the shelf fell"));
    wait_until("the other is told", &sandbox, || texts(&sandbox).len() == 2);
    let told = texts(&sandbox);
    assert!(told[1].contains("the shelf fell"), "{told:#?}");
    assert!(!told[1].contains("payment failed"), "{told:#?}");
    let counted = || {
        members
            .iter()
            .map(|member| lane(member).counted)
            .sum::<u64>()
    };
    wait_until("the rest is counted", &sandbox, || counted() == 2);
}

#[test]
fn one_without_others_tells_what_it_has_before_it_ends() {
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment().merge(("fleet.url", server.url()));
    let only = Member::of(figment.merge(("shutdown_timeout", "10s")));
    only.log(|| tracing::error!("payment failed"));
    drop(only);
    let told = texts(&sandbox);
    assert_eq!(told.len(), 1, "{told:#?}");
}

#[test]
fn a_dry_run_touches_no_broker() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment().merge(("dry_run", true));
    // Nobody listens there.
    let figment = figment.merge(("fleet.url", "redis://127.0.0.1:9"));
    let member = Member::of(figment);
    member.log(|| tracing::error!("payment failed"));
    member.guard.handle().flush(TIMEOUT).unwrap();
    assert_eq!(lane(&member).fleet, None);
    assert_eq!(lane(&member).delivered, 1);
}

#[test]
fn what_is_wrong_with_the_address_is_an_error_that_names_the_variable() {
    let sandbox = Sandbox::start().unwrap();
    let wrong = |url: Option<&str>| {
        let figment = sandbox.figment();
        let figment = match url {
            Some(url) => figment.merge(("fleet.url", url)),
            None => figment,
        };
        Alerts::from_figment(figment).unwrap_err().to_string()
    };
    assert!(
        wrong(None).contains("fleet.url is missing"),
        "{}",
        wrong(None)
    );
    let open = wrong(Some("redis://:hunter2@redis.example"));
    assert!(
        open.contains("fleet.allow_plain") && !open.contains("hunter2"),
        "{open}"
    );
    let strange = wrong(Some("hunter2"));
    assert!(strange.contains("expected an address like"), "{strange}");
    assert!(!strange.contains("hunter2"), "{strange}");
    let figment = sandbox.figment().merge(("fleet.name", "shop{1}"));
    let figment = figment.merge(("fleet.url", "redis://127.0.0.1"));
    let name = Alerts::from_figment(figment).unwrap_err().to_string();
    assert!(name.contains("none of {, } and control"), "{name}");
    let keys = Alerts::keys();
    let url = keys.iter().find(|key| key.path() == "fleet.url").unwrap();
    assert!(url.is_secret() && url.is_required());
    assert_eq!(url.variables(), ["LOGOUT_FLEET__URL"]);
}

#[test]
fn verify_asks_the_broker() {
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let found = |url: String| {
        let member = Member::of(sandbox.figment().merge(("fleet.url", url)));
        let findings = member.guard.handle().verify(TIMEOUT).unwrap();
        findings.last().unwrap().to_string()
    };
    let fine = found(server.url());
    assert!(
        fine.contains("the broker of the fleet `shop` answers"),
        "{fine}"
    );
    let wrong = found("redis://127.0.0.1:9".to_owned());
    assert!(wrong.contains("refused the connection"), "{wrong}");
}

#[test]
fn a_storm_in_many_members_is_a_few_messages_with_exact_counts() {
    let number = |name, unless| std::env::var(name).map_or(unless, |text| text.parse().unwrap());
    let (size, events) = (number("LOGOUT_MEMBERS", 8), number("LOGOUT_EVENTS", 4_000));
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment().merge(("fleet.url", server.url()));
    // All are taken: what is turned away at the queue is another test's.
    let figment = figment
        .merge(("remind", "off"))
        .merge(("discard_threshold", 1_000_000));
    let members: Vec<_> = (0..size).map(|_| Member::of(figment.clone())).collect();
    wait_until("somebody leads", &sandbox, || leader(&members).is_some());
    let start = Instant::now();
    std::thread::scope(|scope| {
        for member in &members {
            scope.spawn(|| {
                for order in 0..events / size {
                    member.log(|| tracing::error!(order, "payment failed"));
                }
            });
        }
    });
    let logged = (events / size * size) as u64;
    let told = || {
        texts(&sandbox)
            .iter()
            .map(|text| killed::event_count(text))
            .sum::<u64>()
    };
    let deadline = Instant::now() + 4 * TIMEOUT;
    while told() < logged {
        let stats: Vec<_> = members.iter().map(|one| one.stats().to_string()).collect();
        assert!(
            Instant::now() < deadline,
            "{} of {logged}: {stats:#?}",
            told()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let took = start.elapsed();
    let messages = texts(&sandbox).len();
    println!("{size} members, {logged} events, {messages} messages in {took:?}");
    assert_eq!(told(), logged);
    assert!(
        messages as u64 <= took.as_secs() + 3,
        "{messages} in {took:?}"
    );
    let requests = sandbox.requests();
    assert!(requests.iter().all(|one| one.status() != Some(429)));
}
