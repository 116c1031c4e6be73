//! A broker that is a cluster, one whose password changes, and one that is away.

use std::time::{Duration, Instant};

use logout::adapter::Outcome;
use logout::sandbox::Sandbox;
use logout::stats::FleetState;

use super::{Member, Server, lane, leader, texts, wait_until};
use crate::support::TIMEOUT;

#[test]
fn the_node_that_has_the_keys_is_followed() {
    let settings = ["--cluster-enabled", "yes"];
    let (Some(asked), Some(has)) = (Server::start_with(&settings), Server::start_with(&settings))
    else {
        return;
    };
    // One by one, since Redis 6.2 takes no range; half of them fit into a line.
    for slots in [0..8_192, 8_192..16_384] {
        let slots: String = slots.map(|slot| format!(" {slot}")).collect();
        let given = has.command(&[&format!("CLUSTER ADDSLOTS{slots}")]);
        assert!(given.starts_with("+OK"), "{given}");
    }
    asked.command(&[&format!("CLUSTER MEET 127.0.0.1 {}", has.port)]);
    let deadline = Instant::now() + 4 * TIMEOUT;
    let is_ready = |server: &Server| {
        server
            .command(&["CLUSTER INFO"])
            .contains("cluster_state:ok")
    };
    while !(is_ready(&asked) && is_ready(&has)) {
        assert!(Instant::now() < deadline, "the cluster does not form");
        std::thread::sleep(Duration::from_millis(50));
    }
    let sandbox = Sandbox::start().unwrap();
    let member = Member::start(&sandbox, &asked);
    member.log(|| tracing::error!("payment failed"));
    wait_until("it is told", &sandbox, || texts(&sandbox).len() == 1);
    assert_eq!(lane(&member).fleet, Some(FleetState::Leading));
    assert!(asked.command(&["DBSIZE"]).starts_with(":0\r\n"));
    assert!(!has.command(&["DBSIZE"]).starts_with(":0\r\n"));
    let findings = member.guard.handle().verify(TIMEOUT).unwrap();
    let found = findings.last().unwrap();
    assert_eq!(found.outcome(), Outcome::Fine, "{found}");
}

#[test]
fn a_password_that_is_changed_makes_members_speak_for_themselves_until_it_is_right() {
    let Some(server) = Server::start_with(&["--requirepass", "right"]) else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let url = format!("redis://:right@127.0.0.1:{}", server.port);
    let start = || {
        let figment = sandbox.figment().merge(("fleet.url", url.clone()));
        Member::of(figment.merge(("fleet.timeout", "1s")))
    };
    let members = [start(), start()];
    wait_until("somebody leads", &sandbox, || leader(&members).is_some());
    let others = "CLIENT KILL TYPE normal SKIPME yes";
    server.command(&["AUTH right", "CONFIG SET requirepass changed", others]);
    let is_alone = |member| lane(member).fleet == Some(FleetState::Alone);
    wait_until("all are alone", &sandbox, || members.iter().all(is_alone));
    members[0].log(|| tracing::error!("payment failed"));
    let deadline = Instant::now() + 4 * TIMEOUT;
    while texts(&sandbox).is_empty() {
        assert!(Instant::now() < deadline, "it is told by nobody");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(texts(&sandbox)[0].contains("speaks for itself"));
    let findings = members[0].guard.handle().verify(TIMEOUT).unwrap();
    let found = findings.last().unwrap().to_string();
    assert!(found.contains("WRONGPASS"), "{found}");
    assert!(!found.contains("right@"), "{found}");

    server.command(&["AUTH changed", "CONFIG SET requirepass right", others]);
    let deadline = Instant::now() + 8 * TIMEOUT;
    while members.iter().any(is_alone) {
        assert!(Instant::now() < deadline, "it does not return");
        std::thread::sleep(Duration::from_millis(50));
    }
    members[1].log(|| tracing::error!("the shelf fell"));
    wait_until("it is told", &sandbox, || texts(&sandbox).len() == 2);
    let told = texts(&sandbox);
    assert!(!told[1].contains("speaks for itself"), "{told:#?}");
}

#[test]
fn while_the_broker_is_away_each_speaks_for_itself_and_then_one_sends_for_all_again() {
    let Some(mut server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let start = || {
        let figment = sandbox.figment().merge(("fleet.url", server.url()));
        Member::of(figment.merge(("fleet.timeout", "1s")))
    };
    let members = [start(), start()];
    wait_until("somebody leads", &sandbox, || leader(&members).is_some());
    // Each hears every 3 s how many there are: the second time it knows of the other.
    std::thread::sleep(Duration::from_secs(5));
    server.stop();
    let is_alone = |member| lane(member).fleet == Some(FleetState::Alone);
    wait_until("all are alone", &sandbox, || members.iter().all(is_alone));
    members[0].log(|| tracing::error!("payment failed"));
    members[1].log(|| tracing::error!("the shelf fell"));
    wait_until("both are told", &sandbox, || texts(&sandbox).len() == 2);
    let told = texts(&sandbox);
    assert!(
        told.iter()
            .all(|text| text.contains("speaks for itself (1 of 2)")),
        "{told:#?}"
    );
    assert!(!told.concat().contains("possible repeat"), "{told:#?}");
    server.start_again();
    let is_back = |member| !is_alone(member);
    let deadline = Instant::now() + 4 * TIMEOUT;
    while !members.iter().all(is_back) {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(50));
    }
    for member in &members {
        member.log(|| tracing::error!("the till is stuck"));
    }
    wait_until("it is told", &sandbox, || texts(&sandbox).len() == 3);
    std::thread::sleep(Duration::from_secs(2));
    let told = texts(&sandbox);
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(!told[2].contains("speaks for itself"), "{told:#?}");
}
