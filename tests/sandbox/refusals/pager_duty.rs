//! PagerDuty.

use logout::sandbox::Platform;
use serde_json::{Value, json};

use super::{check, start};
use crate::chats;

fn trigger(more: Value) -> Value {
    let mut event = json!({ "event_action": "trigger", "dedup_key": "k",
        "payload": { "summary": "x", "source": "web-7", "severity": "error" } });
    let Value::Object(more) = more else {
        panic!("{more} is no object");
    };
    event.as_object_mut().unwrap().extend(more);
    event
}

fn payload(name: &str, value: Value) -> Value {
    let mut event = trigger(json!({}));
    event["payload"][name] = value;
    event
}

#[test]
fn pager_duty_refuses_what_it_does_not_know_and_what_is_too_long() {
    check(
        Platform::PagerDuty,
        &[
            (trigger(json!({})), ""),
            (payload("summary", json!("é".repeat(1_024))), ""),
            (
                payload("summary", json!("é".repeat(1_025))),
                "'payload.summary'",
            ),
            (
                payload("summary", json!("")),
                "'summary' is missing or blank",
            ),
            (payload("source", json!("")), "'source' is missing or blank"),
            (payload("severity", json!("fatal")), "'payload.severity'"),
            (
                payload("timestamp", json!("yesterday")),
                "'payload.timestamp'",
            ),
            (
                payload("custom_details", json!("text")),
                "'payload.custom_details'",
            ),
            (
                payload("custom_details", json!({ "x": "y".repeat(512_000) })),
                "over 512000 bytes",
            ),
            (trigger(json!({ "dedup_key": "k".repeat(255) })), ""),
            (
                trigger(json!({ "dedup_key": "k".repeat(256) })),
                "'dedup_key'",
            ),
            (
                trigger(json!({ "event_action": "shout" })),
                "'event_action'",
            ),
            (
                trigger(json!({ "links": [{ "text": "x" }] })),
                "'link href' is missing or blank",
            ),
            (
                trigger(json!({ "images": [{ "src": "http://x.org/a.png" }] })),
                "'image src' is missing or blank",
            ),
            (
                trigger(json!({ "payload": null })),
                "'payload' is missing or blank",
            ),
            (
                trigger(json!({ "routing_key": "short" })),
                "should be 32 characters",
            ),
        ],
    );
}

#[test]
fn an_alert_is_opened_once_and_resolved_once() {
    let sandbox = start();
    let post = |action: &str| {
        let answer = chats::post(
            &sandbox,
            Platform::PagerDuty,
            &trigger(json!({ "event_action": action })),
        );
        assert_eq!(
            (answer.status, &answer.json()["status"]),
            (202, &json!("success"))
        );
        assert_eq!(answer.json()["dedup_key"], "k");
        sandbox.inbox().len()
    };
    assert_eq!(post("resolve"), 0, "of an alert that is not open");
    assert_eq!(post("trigger"), 1);
    assert_eq!(post("trigger"), 2);
    assert_eq!(post("resolve"), 3);
    assert_eq!(post("resolve"), 3);
    assert_eq!(post("trigger"), 4);
    let rings = sandbox.inbox().into_iter();
    let rings: Vec<_> = rings
        .map(|message| message.details().pager_duty().unwrap().rings)
        .collect();
    assert_eq!(rings, [true, false, false, true]);
}

#[test]
fn a_key_that_no_service_has_is_told_to_nobody() {
    let sandbox = start();
    let event = trigger(json!({ "routing_key": "0123456789abcdef0123456789abcdef" }));
    let answer = chats::post(&sandbox, Platform::PagerDuty, &event);
    assert_eq!(
        (answer.status, &answer.json()["status"]),
        (202, &json!("success"))
    );
    assert!(sandbox.inbox().is_empty());
    let last = sandbox.requests().pop().unwrap();
    assert!(last.refusal().unwrap().contains("no service has this key"));
}
