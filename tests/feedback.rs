//! What logout does while it sends never becomes an event to be sent.

use std::time::Duration;

use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

mod support;

use support::{PATIENCE, arrived};

logout! {
    struct Alerts { level: TRACE, spans: TRACE, adapters: [Slack] }
}

/// The one test of its process: the subscriber and the bridge are everybody's, as in a program.
#[test]
fn a_send_that_is_refused_and_repeated_is_told_once_and_tells_nothing_of_itself() {
    let sandbox = Sandbox::start().unwrap();
    let told_off = Trouble::rate_limited(Duration::from_millis(10));
    sandbox.trouble(Platform::Slack, told_off.times(1));
    sandbox.trouble(Platform::Slack, Trouble::status(503).times(1));
    let alerts = Alerts::from_figment(sandbox.figment_for("slack")).unwrap();
    let (alerts, guard) = alerts.start().unwrap();
    tracing_subscriber::registry().with(alerts).init();
    // `init` has installed the bridge from `log` too, where tracing-subscriber brings it.
    drop(tracing_log::LogTracer::init());

    tracing::trace!("the only event");
    guard.handle().flush(PATIENCE).unwrap();
    let before = guard.handle().stats();
    // Whatever the connection still had to say has been said by the end of the next.
    tracing::trace!("the second");
    guard.handle().flush(PATIENCE).unwrap();

    let stats = guard.handle().stats();
    let slack = stats.lane("slack").unwrap();
    assert_eq!(before.lane("slack").unwrap().accepted, 1, "{before}");
    assert_eq!((slack.accepted, slack.delivered), (2, 2), "{stats}");
    assert_eq!(arrived(&sandbox, "slack").len(), 2);
    assert_eq!(slack.requests, 4);
}
