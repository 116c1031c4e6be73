//! ntfy.

use logout::sandbox::Platform;
use serde_json::json;

use super::{check, start};
use crate::{chats, client};

#[test]
fn ntfy_refuses_what_its_server_does() {
    let action = json!({ "action": "view", "label": "x", "url": "https://a.example" });
    check(
        Platform::Ntfy,
        &[
            (json!({ "message": "x" }), ""),
            (
                json!({ "message": "x", "priority": 5, "tags": ["fire"] }),
                "",
            ),
            (json!({ "message": "x", "priority": 6 }), "40007"),
            (json!({ "message": "x", "priority": "high" }), "40007"),
            (json!({ "message": 7 }), "40024"),
            (json!(["x"]), "40024"),
            (json!({ "topic": "a b", "message": "x" }), "40009"),
            (json!({ "topic": "a".repeat(65), "message": "x" }), "40009"),
            (json!({ "topic": "anothers", "message": "x" }), "40301"),
            (json!({ "message": "x", "title": "é".repeat(512) }), ""),
            (json!({ "message": "x", "title": "é".repeat(513) }), "40057"),
            (
                json!({ "message": "x", "tags": vec!["x".repeat(63); 8] }),
                "",
            ),
            (
                json!({ "message": "x", "tags": vec!["x".repeat(64); 8] }),
                "40058",
            ),
            (
                json!({ "message": "x", "actions": vec![action.clone(); 3] }),
                "",
            ),
            (
                json!({ "message": "x", "actions": vec![action; 4] }),
                "40018",
            ),
            (
                json!({ "message": "x", "actions": [{ "action": "view" }] }),
                "40018",
            ),
            (json!({ "message": "x".repeat(8_192) }), "41303"),
        ],
    );
}

#[test]
fn a_message_of_more_than_4_096_bytes_becomes_a_file() {
    let sandbox = start();
    for (length, files) in [(4_096, 0), (4_097, 1)] {
        let body = json!({ "message": "x".repeat(length) });
        assert_eq!(chats::post(&sandbox, Platform::Ntfy, &body).status, 200);
        assert_eq!(sandbox.inbox().pop().unwrap().files().len(), files);
    }
}

#[test]
fn a_token_is_asked_for_and_known() {
    let sandbox = start();
    let topic = chats::setting(&sandbox, "ntfy.topic");
    let url = format!("{}/", chats::setting(&sandbox, "ntfy.url"));
    let body = json!({ "topic": topic, "message": "x" }).to_string();
    let post =
        |headers: &[(&str, &str)]| client::send("POST", &url, headers, body.as_bytes()).unwrap();
    assert_eq!(post(&[]).json()["code"], 40_301);
    assert_eq!(
        post(&[("Authorization", "Bearer tk_wrong")]).json()["code"],
        40_101
    );
    let get = |path: &str, headers: &[(&str, &str)]| {
        client::send("GET", &format!("{url}{path}"), headers, b"").unwrap()
    };
    assert_eq!(get("v1/health", &[]).json()["healthy"], true);
    assert_eq!(get("v1/account", &[]).json()["role"], "anonymous");
    assert_eq!(
        get("v1/account", &[("Authorization", "Bearer tk_wrong")]).status,
        401
    );
    let bearer = format!("Bearer {}", chats::setting(&sandbox, "ntfy.token"));
    assert_eq!(
        get("v1/account", &[("Authorization", &bearer)]).json()["username"],
        "alarms"
    );
}

#[test]
fn sixty_at_once_and_then_one_every_five_seconds_without_a_word_about_how_long() {
    let sandbox = logout::sandbox::Sandbox::start().unwrap();
    let hello = chats::simplest_message(&sandbox, Platform::Ntfy);
    let answers: Vec<_> = (0..61)
        .map(|_| chats::post(&sandbox, Platform::Ntfy, &hello))
        .collect();
    assert!(answers[..60].iter().all(|answer| answer.status == 200));
    assert_eq!(answers[60].json()["code"], 42_901);
    assert_eq!(answers[60].header("retry-after"), None);
}
