//! Mattermost.

use logout::sandbox::Platform;
use serde_json::json;

use super::{check, start};
use crate::{chats, client};

#[test]
fn mattermost_refuses_what_its_server_does() {
    check(
        Platform::Mattermost,
        &[
            (json!({ "text": "x" }), ""),
            (json!({ "attachments": [{ "text": "x" }] }), ""),
            (json!({ "text": "" }), "web.incoming_webhook.text.app_error"),
            (json!({ "username": "x" }), "No text specified."),
            (
                json!({ "text": 7 }),
                "model.incoming_hook.parse_data.app_error",
            ),
            (
                json!({ "text": "x", "attachments": {} }),
                "Unable to parse incoming data.",
            ),
            (
                json!({ "text": "x", "attachments": ["x"] }),
                "Unable to parse incoming data.",
            ),
            (json!(["x"]), "Unable to parse incoming data."),
            (json!({ "text": "x", "channel": "town-square" }), ""),
            (json!({ "text": "x", "channel": "#alerts" }), ""),
            (json!({ "text": "x", "channel": "@ann" }), ""),
            (
                json!({ "text": "x", "channel": "nowhere" }),
                "web.incoming_webhook.channel.app_error",
            ),
            (
                json!({ "text": "x", "type": "system_generic" }),
                "api.context.invalid_param.app_error",
            ),
            (json!({ "text": "x", "type": "custom_alarm" }), ""),
            (
                json!({ "text": "x", "priority": { "requested_ack": true } }),
                "api.context.invalid_param",
            ),
            (
                json!({ "text": "x".repeat(300_000) }),
                "request_body_too_large",
            ),
        ],
    );
}

#[test]
fn a_webhook_that_does_not_exist_is_no_404() {
    let sandbox = start();
    let url = format!("{}/hooks/nobodys", sandbox.url());
    let answer = client::send("POST", &url, &[chats::JSON], br#"{"text":"x"}"#).unwrap();
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.json()["id"],
        "web.incoming_webhook.invalid.app_error"
    );
}

#[test]
fn a_text_of_more_than_16_383_characters_becomes_several_posts() {
    let sandbox = start();
    for (length, pieces) in [(16_383, 1), (16_384, 2), (40_000, 3)] {
        let body = json!({ "text": "é".repeat(length) });
        assert_eq!(
            chats::post(&sandbox, Platform::Mattermost, &body).status,
            200
        );
        let message = sandbox.inbox().pop().unwrap();
        assert_eq!(message.details().mattermost().unwrap().pieces, pieces);
    }
}

#[test]
fn what_looks_like_slacks_is_translated_even_in_code() {
    let sandbox = start();
    let body = json!({ "text": "`<!here>` <!all> <https://a.example|b>", "attachments": [{ "text": "<!channel>" }] });
    chats::post(&sandbox, Platform::Mattermost, &body);
    let message = sandbox.inbox().pop().unwrap();
    assert_eq!(message.mentions(), ["@all", "@channel"]);
    assert_eq!(message.links(), ["https://a.example"]);
    assert_eq!(message.text(), "@here @all b\n@channel");
}
