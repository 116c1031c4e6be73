//! Records of the `log` crate, by the feature `log` alone: nothing here installs the bridge.

use logout::sandbox::{Platform, Sandbox};
use logout::{Slack, logout};
use tracing_log::log;
use tracing_subscriber::prelude::*;

use crate::support;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "records",
        adapters: [Slack],
        ignore: [target: "noisy"],
    }
}

#[test]
fn a_record_arrives_with_its_own_place() {
    if !is_alone(a_record_arrives_with_its_own_place) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))
        .unwrap()
        .start()
        .unwrap();
    tracing_subscriber::registry().with(alerts).init();

    log::info!("below the level");
    log::error!(target: "noisy::part", "ignored by its target");
    let line = line!() + 1;
    log::error!(target: "shop::disk", "almost full");
    guard.handle().flush(support::TIMEOUT).unwrap();

    let message = support::only_message(&sandbox, Platform::Slack);
    let text = message.text();
    assert!(text.starts_with("🔥 almost full"), "{text}");
    let place = format!("shop::disk capture::log_records tests/capture/log_records.rs:{line}");
    assert!(text.contains(&place), "{place} is not in {text}");
    assert!(
        !text.contains("log.target") && !text.contains("log event"),
        "{text}"
    );
}
