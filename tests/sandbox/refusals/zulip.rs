//! Zulip.

use logout::sandbox::Platform;
use serde_json::{Value, json};

use super::{check, start};
use crate::{chats, client};

#[test]
fn zulip_refuses_what_its_server_refuses() {
    let message = |changes: Value| {
        let mut body =
            json!({ "type": "stream", "to": "\"alerts\"", "topic": "t", "content": "x" });
        body.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        body
    };
    check(
        Platform::Zulip,
        &[
            (message(json!({})), ""),
            (message(json!({ "to": "alerts" })), ""),
            (message(json!({ "to": "nowhere" })), "STREAM_DOES_NOT_EXIST"),
            (message(json!({ "to": "123" })), "Channel with ID '123'"),
            (
                message(json!({ "to": "true" })),
                "Invalid data type for channel",
            ),
            (
                message(json!({ "to": "1.5" })),
                "Invalid data type for channel",
            ),
            (
                message(json!({ "topic": "a\nb" })),
                "Invalid character in topic, at position 2!",
            ),
            (message(json!({ "content": " \n " })), "must not be empty"),
            (message(json!({ "content": "a\0b" })), "null bytes"),
            (
                message(json!({ "content": "@**all** down" })),
                "STREAM_WILDCARD_MENTION_NOT_ALLOWED",
            ),
            (message(json!({ "content": "```text\n@**all**\n```" })), ""),
            (
                message(json!({ "content": "@**topic**" })),
                "TOPIC_WILDCARD_MENTION_NOT_ALLOWED",
            ),
            (message(json!({ "type": "room" })), "Invalid type"),
        ],
    );
}

#[test]
fn zulip_cuts_silently_but_the_message_tells() {
    let sandbox = start();
    for (topic, content, cut) in [(60, 10_000, false), (61, 1, true), (1, 10_001, true)] {
        let body = json!({ "type": "stream", "to": "\"alerts\"", "topic": "é".repeat(topic), "content": "é".repeat(content) });
        assert_eq!(chats::post(&sandbox, Platform::Zulip, &body).status, 200);
        let message = sandbox.inbox().pop().unwrap();
        let details = message.details().zulip().unwrap();
        assert_eq!(message.is_truncated(), cut);
        assert_eq!(details.topic.ends_with("..."), topic == 61);
        assert_eq!(
            details.content.ends_with("\n[message truncated]"),
            content == 10_001
        );
        assert!(details.topic.chars().count() <= 60 && details.content.chars().count() <= 10_000);
    }
}

#[test]
fn zulip_wants_a_form_and_a_key() {
    let sandbox = start();
    let url = chats::url(&sandbox, Platform::Zulip, "zulip");
    let login = chats::login(&sandbox, "zulip");
    let json = client::send(
        "POST",
        &url,
        &[("Authorization", &login), chats::JSON],
        b"{}",
    )
    .unwrap();
    assert_eq!(
        (json.status, json.json()["code"].as_str()),
        (400, Some("REQUEST_VARIABLE_MISSING"))
    );
    let none = client::send("POST", &url, &[chats::FORM], b"").unwrap();
    assert_eq!(
        (none.status, none.json()["code"].as_str()),
        (401, Some("UNAUTHORIZED"))
    );
    assert_eq!(
        none.header("www-authenticate"),
        Some("Basic realm=\"zulip\"")
    );
    let wrong = chats::basic_authorization(&format!("a@b:{}", "x".repeat(32)));
    let wrong = client::send("POST", &url, &[("Authorization", &wrong), chats::FORM], b"").unwrap();
    assert_eq!(wrong.json()["msg"], "Invalid API key");
}

#[test]
fn zulip_attaches_what_was_uploaded() {
    let sandbox = start();
    let login = chats::login(&sandbox, "zulip");
    let url = format!(
        "{}/api/v1/user_uploads",
        chats::setting(&sandbox, "zulip.url")
    );
    let body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"log.txt\"\r\n\r\nwhole\r\n--b--\r\n";
    let kind = ("Content-Type", "multipart/form-data; boundary=b");
    let answer = client::send(
        "POST",
        &url,
        &[("Authorization", &login), kind],
        body.as_bytes(),
    )
    .unwrap();
    let path = answer.json()["url"].as_str().unwrap().to_owned();
    assert!(path.starts_with("/user_uploads/"));
    let mut body = chats::simplest_message(&sandbox, Platform::Zulip);
    body["content"] = json!(format!("[log.txt]({path})"));
    chats::post(&sandbox, Platform::Zulip, &body);
    let message = sandbox.inbox().pop().unwrap();
    assert_eq!(message.files()[0].text(), "whole");
}
