//! Mutes of one process, which hold for the whole fleet, whoever leads.

use std::time::Duration;

use logout::sandbox::Sandbox;
use logout::stats::Reason;

use super::server::Server;
use super::{Member, lane, leader, texts, wait_until};

const HOUR: Duration = Duration::from_secs(3_600);

/// Returns how many events the leader of these members has counted as muted.
fn muted_events(members: &[Member]) -> u64 {
    let leader = leader(members).map(|index| lane(&members[index]));
    leader.map_or(0, |lane| lane.discarded.get(Reason::Muted))
}

/// Logs the problem on the last member until `is_enough` returns true.
fn log_until(what: &str, sandbox: &Sandbox, members: &[Member], is_enough: impl Fn() -> bool) {
    wait_until(what, sandbox, || {
        members[members.len() - 1].log(|| tracing::error!("payment failed"));
        is_enough()
    });
}

#[test]
fn what_one_process_mutes_is_muted_for_all_until_one_unmutes_it() {
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let start = || {
        let figment = sandbox.figment().merge(("fleet.url", server.url()));
        Member::of(figment.merge(("remind", "off")))
    };
    let mut members: Vec<_> = (0..3).map(|_| start()).collect();
    wait_until("somebody leads", &sandbox, || leader(&members).is_some());
    // The one that leads comes first, and neither mutes nor logs.
    let first = leader(&members).unwrap();
    members.swap(0, first);
    members[2].log(|| tracing::error!("payment failed"));
    wait_until("it is told", &sandbox, || texts(&sandbox).len() == 1);
    let told = texts(&sandbox).remove(0);
    let at = told.find('#').unwrap();
    let fingerprint = &told[at..at + 7];

    members[1].guard.handle().mute(fingerprint, HOUR).unwrap();
    log_until("it is muted", &sandbox, &members, || {
        muted_events(&members) > 0
    });

    // Whoever follows knows of it.
    drop(members.remove(0));
    wait_until("another leads", &sandbox, || leader(&members).is_some());
    let before = muted_events(&members);
    log_until("it is still muted", &sandbox, &members, || {
        muted_events(&members) > before
    });

    let one = 1 - leader(&members).unwrap();
    members[one].guard.handle().unmute(fingerprint).unwrap();
    let told = texts(&sandbox).len();
    log_until("it is told again", &sandbox, &members, || {
        texts(&sandbox).len() > told
    });
}
