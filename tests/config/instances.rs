//! Blocks with no adapter, many, two of one type, or one from elsewhere.

#![expect(
    clippy::allow_attributes,
    reason = "it is what is written before a block without adapters"
)]

use figment::Figment;
use logout::sandbox::{Platform, Sandbox};
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::support::hook::{Hook, Recorder};
use crate::support::{TIMEOUT, delivered, inbox_of, run_and_flush, run_with};

logout! {
    #[allow(deprecated, reason = "the warning is for those who do not mean it")]
    struct Nobody { adapters: [] }
}

logout! {
    struct Twice { adapters: [Slack, ops: Slack { level: ERROR }] }
}

logout! {
    struct Mixed { adapters: [Slack, Hook { channel: "#ops " }] }
}

logout! {
    struct Conditional {
        adapters: [
            here: Hook,
            #[cfg(any())]
            absent: nowhere::Adapter { topic: 5 },
        ],
    }
}

logout! {
    struct Twelve {
        adapters: [
            a: Hook, b: Hook, c: Hook, d: Hook, e: Hook, f: Hook,
            g: Hook, h: Hook, i: Hook, j: Hook, k: Hook, l: Hook { level: ERROR },
        ],
    }
}

#[test]
fn a_block_without_adapters_runs_and_does_nothing() {
    let alerts = Nobody::from_figment(Figment::new()).unwrap();
    let stats = run_and_flush(alerts.start().unwrap(), || tracing::error!("broken"));
    assert!(stats.lanes.is_empty());
    assert_eq!(stats.left(), 0);
}

#[test]
fn two_of_one_type_are_two_destinations_with_a_level_each() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add(Platform::Slack, "ops").unwrap();
    let alerts = Twice::from_figment(sandbox.figment_for(Platform::Slack)).unwrap();
    let guard = run_with(alerts.start().unwrap(), || {
        tracing::warn!("the shelf is almost empty");
    });
    guard.handle().flush(TIMEOUT).unwrap();
    assert_eq!(inbox_of(&sandbox, "slack").len(), 1);
    assert_eq!(inbox_of(&sandbox, "ops").len(), 0);
    let names: Vec<_> = guard
        .handle()
        .stats()
        .lanes
        .iter()
        .map(|lane| lane.name)
        .collect();
    assert_eq!(names, ["slack", "ops"]);
}

#[test]
fn an_instance_is_switched_off_and_on_by_its_name() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add(Platform::Slack, "ops").unwrap();
    let alerts = Twice::from_figment(sandbox.figment_for(Platform::Slack)).unwrap();
    let (layer, guard) = alerts.start().unwrap();
    let handle = guard.handle();
    handle.disable(TwiceAdapter::Slack, TIMEOUT).unwrap();
    let _guard = run_with((layer, guard), || {
        tracing::error!("broken");
        handle.flush(TIMEOUT).unwrap();
        assert_eq!(inbox_of(&sandbox, "slack").len(), 0);
        assert_eq!(inbox_of(&sandbox, "ops").len(), 1);
        handle.enable(TwiceAdapter::Slack).unwrap();
        tracing::error!("broken again");
        handle.flush(TIMEOUT).unwrap();
    });
    assert_eq!(inbox_of(&sandbox, "slack").len(), 1);
    assert_eq!(inbox_of(&sandbox, "ops").len(), 2);
}

#[test]
fn an_adapter_from_outside_the_library_works_beside_a_built_in_one() {
    let sandbox = Sandbox::start().unwrap();
    let recorder = Recorder::answering(200);
    let figment = sandbox
        .figment_for("slack")
        .merge(("hook.url", "https://hook.example/secret"));
    let alerts = Mixed::from_figment(figment).unwrap();
    let stats = run_and_flush(alerts.transport(recorder.clone()).start().unwrap(), || {
        tracing::error!(order = 42, "payment failed");
    });
    assert_eq!(delivered(&stats, "hook"), 1);
    assert_eq!(delivered(&stats, "slack"), 1);
    let sent = recorder.sent_to("hook.example");
    assert!(sent[0].starts_with("#ops 🔥 payment failed\n"), "{sent:?}");
    assert!(sent[0].contains("\norder: 42\n"), "{sent:?}");
}

#[test]
fn an_instance_that_is_compiled_out_needs_no_configuration() {
    let recorder = Recorder::answering(200);
    let alerts = Conditional::from_figment(("here.url", "https://here.example")).unwrap();
    let stats = run_and_flush(alerts.transport(recorder).start().unwrap(), || {
        tracing::error!("broken");
    });
    assert_eq!(stats.lanes.len(), 1);
    assert_eq!(delivered(&stats, "here"), 1);
}

#[test]
fn twelve_adapters_run_side_by_side() {
    let recorder = Recorder::answering(200);
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let figment = names.iter().fold(Figment::new(), |figment, name| {
        figment.merge((format!("{name}.url"), format!("https://{name}.example")))
    });
    let alerts = Twelve::from_figment(figment).unwrap();
    let stats = run_and_flush(alerts.transport(recorder.clone()).start().unwrap(), || {
        tracing::error!("broken");
        tracing::warn!("bent");
    });
    for name in names {
        let wanted = if name == "l" { 1 } else { 2 };
        assert_eq!(delivered(&stats, name), wanted, "{name}");
        assert!(!recorder.sent_to(&format!("{name}.example")).is_empty());
    }
}

#[test]
fn two_blocks_in_one_program_go_their_own_ways() {
    let (near, far) = (Recorder::answering(200), Recorder::answering(200));
    let first = Conditional::from_figment(("here.url", "https://here.example")).unwrap();
    let second = Conditional::from_figment(("here.url", "https://there.example")).unwrap();
    let (layer, first) = first.transport(near.clone()).start().unwrap();
    let (other, second) = second.transport(far.clone()).start().unwrap();
    let both = tracing_subscriber::registry().with(layer).with(other);
    tracing::subscriber::with_default(both, || tracing::error!("broken"));
    first.handle().flush(TIMEOUT).unwrap();
    second.handle().flush(TIMEOUT).unwrap();
    assert_eq!(near.sent_to("here.example").len(), 1);
    assert_eq!(far.sent_to("there.example").len(), 1);
}
