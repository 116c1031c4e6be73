//! Slack.

use logout::sandbox::Platform;
use serde_json::{Value, json};

use super::{check, start};
use crate::{chats, client};

fn section(text: &str) -> Value {
    json!({ "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": text } }] })
}

#[test]
fn slack_refuses_wrong_blocks() {
    let block = |block: Value| json!({ "text": "x", "blocks": [block] });
    let leaf = |leaf: Value| {
        json!({ "blocks": [{ "type": "rich_text", "elements": [
            { "type": "rich_text_preformatted", "elements": [leaf] }] }] })
    };
    check(
        Platform::Slack,
        &[
            (section(&"é".repeat(3000)), ""),
            (section(&"é".repeat(3001)), "invalid_blocks"),
            (section(""), "invalid_blocks"),
            (block(json!({ "type": "divider", "block_id": "x" })), ""),
            (
                block(json!({ "type": "divider", "block_id": "x".repeat(256) })),
                "invalid_blocks",
            ),
            (
                json!({ "blocks": [{ "type": "divider", "block_id": "x" }, { "type": "divider", "block_id": "x" }] }),
                "invalid_blocks",
            ),
            (
                block(json!({ "type": "divider", "colour": "red" })),
                "invalid_blocks",
            ),
            (
                block(json!({ "type": "context", "elements": [] })),
                "invalid_blocks",
            ),
            (leaf(json!({ "type": "text", "text": "a" })), ""),
            (
                leaf(json!({ "type": "text", "text": "" })),
                "invalid_blocks",
            ),
            (
                leaf(json!({ "type": "broadcast", "range": "here" })),
                "invalid_blocks",
            ),
            (
                json!({ "text": "x", "attachments": [{ "color": "#f00" }] }),
                "missing_text",
            ),
            (
                json!({ "text": "x", "attachments": [section("")] }),
                "invalid_blocks",
            ),
            (json!({ "attachments": [section("a")] }), ""),
            (
                json!({ "text": "x", "channel": "#ops" }),
                "channel_not_found",
            ),
        ],
    );
}

#[test]
fn slack_splits_and_cuts_long_texts_silently() {
    let sandbox = start();
    for (length, pieces, cut) in [(4_040, 1, false), (4_041, 2, false), (40_001, 10, true)] {
        chats::post(
            &sandbox,
            Platform::Slack,
            &json!({ "text": "é".repeat(length) }),
        );
        let message = sandbox.inbox().pop().unwrap();
        assert_eq!(message.details().slack().unwrap().pieces, pieces);
        assert_eq!(message.is_truncated(), cut);
    }
}

#[test]
fn slack_tells_which_part_of_its_url_is_wrong() {
    let sandbox = start();
    let url = chats::url(&sandbox, Platform::Slack, "slack");
    let parts: Vec<&str> = url.split('/').collect();
    for (index, status, said) in [
        (4, 404, "no_team"),
        (5, 404, "no_service"),
        (6, 403, "invalid_token"),
    ] {
        let mut parts = parts.clone();
        parts[index] = "T1";
        let answer = client::send(
            "POST",
            &parts.join("/"),
            &[chats::JSON],
            b"{\"text\":\"x\"}",
        )
        .unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (status, said));
    }
    for (kind, body) in [
        ("text/plain", "{\"text\":\"x\"}"),
        ("application/json", "{"),
        ("application/json", "[]"),
    ] {
        let answer =
            client::send("POST", &url, &[("Content-Type", kind)], body.as_bytes()).unwrap();
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (400, "invalid_payload")
        );
    }
}
