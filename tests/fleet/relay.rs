//! The example that sends for a fleet and logs nothing itself.

use std::os::unix::process::ExitStatusExt as _;

use logout::sandbox::Sandbox;
use logout::stats::FleetState;

use super::{Member, Server, lane, texts, wait_until};
use crate::support::example::{slack_variable, start};
use crate::support::process::Running;

/// The key of the lease of the lane that the example and the members of these tests share.
const LEASE: &str = "GET {logout:shop:Alerts.slack}lease";

fn relay(sandbox: &Sandbox, server: &Server) -> Running {
    let broker = ("LOGOUT_FLEET__URL", server.url());
    let mut relay = Running::of(start("relay", &[], &[slack_variable(sandbox), broker]));
    let line = relay.line();
    assert!(line.starts_with("healthy"), "{line}");
    relay
}

#[test]
fn a_relay_sends_for_a_member_without_the_work_and_hands_over_when_it_is_told_to_end() {
    let Some(server) = Server::start() else {
        return;
    };
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment().merge(("fleet.url", server.url()));
    let figment = figment
        .merge(("fleet.lead", false))
        .merge(("fleet.alone", false));
    let member = Member::of(figment);
    let mut first = relay(&sandbox, &server);
    member.log(|| tracing::error!("payment failed"));
    wait_until("the relay tells it", &sandbox, || {
        texts(&sandbox).len() == 1
    });
    assert!(texts(&sandbox)[0].contains("payment failed"));
    // The relay may be quicker than the broker's answer to the member.
    wait_until("it is handed over", &sandbox, || {
        lane(&member).forwarded == 1
    });
    let stats = lane(&member);
    assert_eq!(stats.delivered, 0, "{stats:?}");
    assert_eq!(stats.fleet, Some(FleetState::Joined));

    let mut second = relay(&sandbox, &server);
    let led = server.command(&[LEASE]);
    assert!(led.contains(":1\r\n"), "{led}");
    let status = first.terminate();
    assert_eq!(status.signal(), Some(15), "{status:?}");
    // It is given up, and not left to run out.
    assert_ne!(server.command(&[LEASE]), led);
    member.log(|| tracing::error!("the shelf fell"));
    wait_until("the other tells it", &sandbox, || {
        texts(&sandbox).len() == 2
    });
    let told = texts(&sandbox);
    assert!(told[1].contains("the shelf fell"), "{told:#?}");
    assert!(!told.concat().contains("possible repeat"), "{told:#?}");
    second.terminate();
    let left = server.command(&[LEASE]);
    assert!(left.starts_with("$-1\r\n"), "{left}");
}
