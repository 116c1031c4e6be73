//! One destination's trouble is no other's.

use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox, Trouble};
use logout::{Discord, Slack, logout};

mod support;

use support::{PATIENCE, arrived, under};

logout! {
    struct Alerts {
        shutdown_timeout: Duration::ZERO,
        adapters: [Slack, Discord],
    }
}

/// What fifty milliseconds become on a machine that builds something else beside the tests.
const AT_ONCE: Duration = Duration::from_millis(500);

#[test]
fn a_hanging_slack_delays_no_discord() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble(Platform::Slack, Trouble::hang());
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let mut logged = Instant::now();
    let _guard = under(alerts.start().unwrap(), || {
        tracing::error!("before");
        // Slack has the first and never answers.
        let _requests = sandbox.wait_for_requests(2, PATIENCE);
        logged = Instant::now();
        tracing::error!("after");
    });
    assert!(sandbox.wait_until(PATIENCE, |inbox| inbox.len() == 2));
    let inbox = arrived(&sandbox, "discord");
    assert!(inbox[1].text().contains("after"), "{inbox:#?}");
    let delay = inbox[1].arrived_at().saturating_duration_since(logged);
    assert!(delay < AT_ONCE, "{delay:?}");
}

#[test]
fn a_slack_that_refuses_connections_delays_no_discord() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.refuse_connections(Platform::Slack);
    let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
    let logged = Instant::now();
    let _guard = under(alerts.start().unwrap(), || tracing::error!("broken"));
    let inbox = sandbox.wait_for(1, PATIENCE);
    assert_eq!(inbox[0].platform(), Platform::Discord);
    let delay = inbox[0].arrived_at().saturating_duration_since(logged);
    assert!(delay < AT_ONCE, "{delay:?}");
}
