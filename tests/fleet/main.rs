//! Many processes, or as many workers of one, speak with one voice over a real server of Redis.

use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::{Guard, Slack, Stats, logout};
use tracing_subscriber::prelude::*;

use self::server::Server;
use self::support::PATIENCE;

mod server;
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

/// One member of the fleet, in this process.
struct Member {
    layer: tracing::Dispatch,
    guard: Guard<Alerts>,
}

impl Member {
    fn start(sandbox: &Sandbox, server: &Server) -> Self {
        let figment = sandbox.figment().merge(("fleet.url", server.url()));
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
    let deadline = Instant::now() + PATIENCE;
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
