//! Disabled lanes: they need no secret and send nothing.

use figment::Figment;
use logout::sandbox::{Platform, Sandbox};
use logout::{Discord, Slack, logout};

use crate::support;
use crate::support::{only_message, run_and_flush};

logout! {
    struct Alerts { adapters: [Slack, Discord] }
}

#[test]
fn logout_turned_off_needs_no_secret_and_has_nothing_to_flush() {
    let alerts = Alerts::from_figment(("enabled", false)).unwrap();
    let (_layer, guard) = alerts.start::<tracing_subscriber::Registry>().unwrap();
    let handle = guard.handle();
    // A program that ends with `flush(…)?` must not fail because somebody turned logout off.
    handle.flush(support::TIMEOUT).unwrap();
    handle.shutdown(support::TIMEOUT).unwrap();
    handle
        .configure(logout::Change::new().truncate(100))
        .unwrap();
    assert_eq!(handle.stats().left(), 0);
}

#[test]
fn a_program_runs_as_before_with_logout_turned_off() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment().merge(("enabled", false));
    let alerts = Alerts::from_figment(figment).unwrap();
    let guard = support::run_with(alerts.start().unwrap(), || tracing::error!("broken"));
    assert_eq!(guard.handle().stats().left(), 0);
    drop(guard);
    assert!(sandbox.requests().is_empty());
}

#[test]
fn an_instance_turned_off_needs_no_secret_and_the_others_go_on() {
    let sandbox = Sandbox::start().unwrap();
    let figment = Figment::from(sandbox.figment_for("slack")).merge(("discord.enabled", false));
    let alerts = Alerts::from_figment(figment).unwrap();
    let stats = run_and_flush(alerts.start().unwrap(), || tracing::error!("broken"));
    only_message(&sandbox, Platform::Slack);
    assert_eq!(stats.lane("discord").unwrap().accepted, 0, "{stats}");
}
