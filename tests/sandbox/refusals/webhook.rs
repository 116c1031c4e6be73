//! A receiver of Standard Webhooks.

use logout::sandbox::Platform;
use serde_json::json;

use super::{check, start};
use crate::{chats, client};

#[test]
fn a_receiver_refuses_what_the_specification_does_not_know() {
    let document =
        json!({ "type": "logout.event", "timestamp": "2026-11-28T12:04:31Z", "data": {} });
    let with = |name: &str, value: serde_json::Value| {
        let mut document = document.clone();
        document[name] = value;
        document
    };
    check(
        Platform::Webhook,
        &[
            (document.clone(), ""),
            (with("type", json!("a b")), "`type` is missing"),
            (with("type", json!(null)), "`type` is missing"),
            (with("timestamp", json!(7)), "`timestamp` is missing"),
            (with("data", json!([])), "`data` is no object"),
            (
                with("data", json!({ "x": "x".repeat(20_000) })),
                "at most 20000 are recommended",
            ),
        ],
    );
}

#[test]
fn a_signature_is_checked_and_a_repetition_left_out() {
    let sandbox = start();
    let url = chats::url(&sandbox, Platform::Webhook, "webhook");
    let key = chats::setting(&sandbox, "webhook.secret");
    let body = chats::simplest_message(&sandbox, Platform::Webhook).to_string();
    let signed = |key: &str, id: &str| chats::signed(&url, key, id, body.as_bytes()).unwrap();
    assert_eq!(signed(&key, "msg_1").status, 204);
    assert_eq!(signed(&key, "msg_1").status, 204);
    assert_eq!(sandbox.inbox().len(), 1);
    assert_eq!(
        signed("whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY", "msg_2").status,
        401
    );
    assert_eq!(signed(&key, "a.b").status, 400);
    let bare = client::send("POST", &url, &[chats::JSON], body.as_bytes()).unwrap();
    assert_eq!(bare.status, 400);
    let old = [
        chats::JSON,
        ("webhook-id", "msg_3"),
        ("webhook-timestamp", "1614265330"),
    ];
    let answer = client::send("POST", &url, &old, body.as_bytes()).unwrap();
    assert!(answer.text().contains("more than five minutes away"));
}
