//! Discord.

use logout::sandbox::Platform;
use serde_json::{Value, json};

use super::{check, start};
use crate::{chats, client};

#[test]
fn discord_counts_code_points_and_names_every_wrong_field() {
    let embed = |embed: Value| json!({ "embeds": [embed] });
    let text = |length| "😀".repeat(length);
    check(
        Platform::Discord,
        &[
            (json!({ "content": text(2000) }), ""),
            (json!({ "content": format!("  {}\n", text(2000)) }), ""),
            (json!({ "content": text(2001) }), "BASE_TYPE_MAX_LENGTH"),
            (json!({ "content": " \n " }), "50006"),
            (embed(json!({})), "50006"),
            (
                embed(json!({ "title": text(256), "description": text(4096) })),
                "",
            ),
            (embed(json!({ "title": text(257) })), "256 or fewer"),
            (embed(json!({ "description": text(4097) })), "4096 or fewer"),
            (
                json!({ "embeds": [{ "description": text(3000) }, { "description": text(3000) }] }),
                "",
            ),
            (
                json!({ "embeds": [{ "description": text(3000) }, { "description": text(2999), "title": "ab" }] }),
                "MAX_EMBED_SIZE_EXCEEDED",
            ),
            (
                embed(json!({ "fields": [{ "name": " ", "value": "x" }] })),
                "BASE_TYPE_REQUIRED",
            ),
            (
                embed(json!({ "title": "x", "timestamp": "yesterday" })),
                "DATE_TIME_TYPE_PARSE",
            ),
            (
                embed(json!({ "title": "x", "timestamp": "2026-11-20T04:37:04.123Z" })),
                "",
            ),
            (
                embed(json!({ "title": "x", "url": "ftp://x" })),
                "URL_TYPE_INVALID_SCHEME",
            ),
            (
                embed(json!({ "title": "x", "footer": { "text": text(2049) } })),
                "2048 or fewer",
            ),
            (json!({ "content": "x", "thread_name": "t" }), "220003"),
            (
                json!({ "content": "x", "username": "My Clyde" }),
                r#"cannot contain \"clyde\""#,
            ),
            (
                json!({ "content": "x", "username": "disCORD" }),
                r#"cannot contain \"discord\""#,
            ),
            (json!({ "content": "x", "username": "shop" }), ""),
            (
                json!({ "content": "x", "tts": "yes" }),
                "BOOLEAN_TYPE_CONVERT",
            ),
            (json!({ "content": "x", "tts": false }), ""),
            (json!({ "content": "x", "flags": 4 | 4096 }), ""),
            (
                json!({ "content": "x", "flags": 64 }),
                "flags that can be set",
            ),
            (
                json!({ "content": "x", "flags": 1 << 15 }),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            ),
            (
                json!({ "components": [{ "type": 10, "content": "x" }], "flags": 1 << 15 }),
                "50006",
            ),
        ],
    );
    let sandbox = start();
    let body =
        json!({ "embeds": [{ "title": "x", "fields": [{ "name": "n", "value": text(1025) }] }] });
    let answer = chats::post(&sandbox, Platform::Discord, &body).json();
    assert_eq!(answer["code"], 50035);
    let problem = &answer["errors"]["embeds"]["0"]["fields"]["0"]["value"]["_errors"][0];
    assert_eq!(problem["message"], "Must be 1024 or fewer in length.");
}

#[test]
fn discord_wants_a_bots_user_agent_and_a_known_webhook() {
    let sandbox = start();
    let url = chats::url(&sandbox, Platform::Discord, "discord");
    let body = br#"{"content":"x"}"#;
    let browser = ("User-Agent", "Mozilla/5.0 (X11)");
    for headers in [&[chats::JSON][..], &[chats::JSON, browser]] {
        let answer = client::send("POST", &url, headers, body).unwrap();
        assert_eq!(
            (answer.status, answer.json()["code"].as_u64()),
            (403, Some(40333))
        );
    }
    let parts: Vec<&str> = url.split('/').collect();
    for (index, status, code) in [(6, 404, 10015), (7, 401, 50027)] {
        let mut parts = parts.clone();
        parts[index] = "1";
        let url = parts.join("/");
        let answer = client::send("POST", &url, &[chats::AGENT, chats::JSON], body).unwrap();
        assert_eq!(
            (answer.status, answer.json()["code"].as_u64()),
            (status, Some(code))
        );
    }
    let answer = client::send("POST", &url, &[chats::AGENT, chats::JSON], b"{").unwrap();
    assert_eq!(answer.json()["code"], 50109);
    let answer = client::send("POST", &url, &[chats::AGENT], body).unwrap();
    assert_eq!(answer.json()["code"], 50035);
}

#[test]
fn discord_takes_files_and_threads_that_exist() {
    let sandbox = start();
    sandbox.add_thread("discord", "77");
    let url = chats::url(&sandbox, Platform::Discord, "discord");
    let body = "--b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{\"content\":\"head\"}\r\n\
                --b\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"log.txt\"\r\n\
                Content-Type: text/plain\r\n\r\nwhole\r\n--b--\r\n";
    let headers = [
        chats::AGENT,
        ("Content-Type", "multipart/form-data; boundary=b"),
    ];
    let known = client::send(
        "POST",
        &format!("{url}?thread_id=77"),
        &headers,
        body.as_bytes(),
    )
    .unwrap();
    assert_eq!(known.status, 204, "{}", known.text());
    let message = sandbox.inbox().pop().unwrap();
    assert_eq!(
        (
            message.files()[0].name(),
            message.files()[0].text().as_str()
        ),
        ("log.txt", "whole")
    );
    assert_eq!(
        message.details().discord().unwrap().thread.as_deref(),
        Some("77")
    );
    let unknown = client::send(
        "POST",
        &format!("{url}?thread_id=78"),
        &headers,
        body.as_bytes(),
    )
    .unwrap();
    assert_eq!(unknown.json()["code"], 10003);
    sandbox.make_forum("discord");
    let answer = chats::post(&sandbox, Platform::Discord, &json!({ "content": "x" }));
    assert_eq!(answer.json()["code"], 220_001);
}
