//! A panic is told like an event, with where it happened.

use std::panic::catch_unwind;

use logout::sandbox::{Platform, Sandbox};
use logout::{Discord, logout};

mod support;

use support::{PATIENCE, only, under};

logout! {
    struct Alerts { project_name: "shop", adapters: [Discord { level: ERROR }] }
}

/// The one test of its process, which has one panic hook.
#[test]
fn a_panic_is_told_with_its_place_its_thread_and_its_spans() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for("discord")).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    guard.capture_panics();
    let guard = under((layer, guard), || {
        let _request = tracing::info_span!("request", id = 7).entered();
        let caught = catch_unwind(|| panic!("the till is on fire"));
        assert!(caught.is_err());
    });
    guard.handle().flush(PATIENCE).unwrap();
    let message = only(&sandbox, Platform::Discord);
    for part in [
        "💥",
        "the till is on fire",
        "panics.rs:",
        "request{id=7}",
        "a_panic_is_told_with_its_place_its_thread_and_its_spans",
    ] {
        assert!(message.text().contains(part), "{part}: {message}");
    }
    assert_eq!(guard.handle().stats().lane("discord").unwrap().delivered, 1);
}
