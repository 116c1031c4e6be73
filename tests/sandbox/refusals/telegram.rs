//! Telegram.

use logout::sandbox::Platform;
use serde_json::json;

use super::{check, start};
use crate::{chats, client};

#[test]
fn telegram_counts_code_points_after_and_bytes_before_parsing() {
    let text = |length| json!({ "text": "😀".repeat(length) });
    let entity = |offset: i64, length: i64| json!({ "text": "😀 ab", "entities": [{ "type": "code", "offset": offset, "length": length }] });
    let html = |text: &str| json!({ "text": text, "parse_mode": "HTML" });
    check(
        Platform::Telegram,
        &[
            (text(4096), ""),
            (text(4097), "message is too long"),
            (html(&"&lt;".repeat(4096)), ""),
            (html(&"&lt;".repeat(4097)), "message is too long"),
            (html(&"&lt;".repeat(8193)), "text is too long"),
            (json!({ "text": "" }), "message text is empty"),
            (json!({ "text": " \n\t\r" }), "text must be non-empty"),
            // Removed, as all that piles up.
            (
                json!({ "text": "\u{30a}\u{333}\u{33f}" }),
                "text must be non-empty",
            ),
            (text(4095), ""),
            (
                json!({ "text": format!("{}\u{333}", "x".repeat(4096)) }),
                "",
            ),
            (
                html("Vec<T>"),
                "Unsupported start tag \\\"t\\\" at byte offset 3",
            ),
            (
                json!({ "text": "a_b", "parse_mode": "Markdown" }),
                "can't parse entities",
            ),
            (
                json!({ "text": "a.b", "parse_mode": "MarkdownV2" }),
                "is reserved",
            ),
            (
                json!({ "text": "a", "parse_mode": "BB" }),
                "unsupported parse_mode",
            ),
            (entity(0, 2), ""),
            (entity(0, 5), ""),
            (entity(0, 6), "ends after the end of the text"),
            (entity(1, 1), "in a middle of a UTF-16 symbol"),
            (entity(0, 1), "in a middle of a UTF-16 symbol"),
            (
                json!({ "text": "x", "message_thread_id": 1 }),
                "message thread not found",
            ),
            (
                json!({ "text": "x", "message_thread_id": 7 }),
                "message thread not found",
            ),
            (json!({ "text": "x", "chat_id": -7 }), "chat not found"),
            (json!({ "text": "x", "chat_id": "" }), "chat_id is empty"),
        ],
    );
}

#[test]
fn telegram_knows_how_a_date_may_be_shown() {
    let date = |fields: serde_json::Value| {
        let mut entity = json!({ "type": "date_time", "offset": 0, "length": 4 });
        for (name, value) in fields.as_object().unwrap() {
            entity[name] = value.clone();
        }
        json!({ "text": "2026", "entities": [entity] })
    };
    let format =
        |format: &str| date(json!({ "unix_time": 1_764_331_471, "date_time_format": format }));
    let html = |format: &str| {
        let text = format!("<tg-time unix=\"1764331471\" format=\"{format}\">2026</tg-time>");
        json!({ "text": text, "parse_mode": "HTML" })
    };
    check(
        Platform::Telegram,
        &[
            (format("dT"), ""),
            (format(""), ""),
            (format("r"), ""),
            (format("wDt"), ""),
            (date(json!({ "unix_time": 1_764_331_471 })), ""),
            (format("tr"), "Invalid date format used"),
            (format("Td"), "Invalid date format used"),
            (date(json!({})), "unix_time"),
            (html("dT"), ""),
            (html("tr"), "Invalid date format used"),
        ],
    );
}

#[test]
fn telegram_removes_marks_that_pile_up_and_moves_the_entities_along() {
    let sandbox = start();
    let entities = [json!({ "type": "code", "offset": 2, "length": 3 })];
    let text = "a\u{30a}b\u{333}\u{33f}c e\u{301}";
    let body = json!({ "chat_id": chats::chat_id(&sandbox), "text": text, "entities": entities });
    assert_eq!(chats::post(&sandbox, Platform::Telegram, &body).status, 200);
    let message = sandbox.inbox().pop().unwrap();
    assert_eq!(message.text(), "abc e\u{301}");
    let entity = &message.details().telegram().unwrap().entities[0];
    assert_eq!((entity.offset, entity.length), (1, 1));
}

#[test]
fn telegram_drops_code_past_the_hundredth_entity() {
    let sandbox = start();
    let entities: Vec<_> = (0..101)
        .map(|at| json!({ "type": "code", "offset": at * 6, "length": 5 }))
        .collect();
    let body = json!({ "chat_id": chats::chat_id(&sandbox), "text": "@name ".repeat(101), "entities": entities });
    assert_eq!(chats::post(&sandbox, Platform::Telegram, &body).status, 200);
    let message = sandbox.inbox().pop().unwrap();
    assert_eq!(message.details().telegram().unwrap().dropped_entities, 1);
    assert_eq!(message.mentions(), ["@name"]);
}

#[test]
fn telegram_knows_its_tokens_and_moves_upgraded_chats() {
    let sandbox = start();
    let base = chats::setting(&sandbox, "telegram.url");
    for (path, status) in [
        ("/bot1:a/sendMessage", 401),
        ("/botx/sendMessage", 401),
        ("/bot1:a", 404),
    ] {
        let answer = client::send("POST", &format!("{base}{path}"), &[], b"").unwrap();
        assert_eq!(answer.status, status);
        assert_eq!(answer.json()["error_code"], status);
    }
    let old = json!({ "chat_id": chats::chat_id(&sandbox), "text": "x" });
    let new = sandbox.upgrade_chat("telegram").unwrap();
    let answer = chats::post(&sandbox, Platform::Telegram, &old);
    assert_eq!(answer.json()["parameters"]["migrate_to_chat_id"], new);
    let moved = json!({ "chat_id": new, "text": "x" });
    assert_eq!(
        chats::post(&sandbox, Platform::Telegram, &moved).status,
        200
    );
}
