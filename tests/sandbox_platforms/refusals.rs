//! What a platform refuses is refused, and each limit is in the platform's own unit.

use logout::sandbox::{Platform, Sandbox};
use serde_json::{Value, json};

use crate::{chats, client};

fn start() -> Sandbox {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    sandbox
}

/// Every body with what the answer says of it; `""` for one that is taken.
fn check(platform: Platform, cases: &[(Value, &str)]) {
    let sandbox = start();
    for (body, said) in cases {
        let arrived = sandbox.inbox().len();
        let mut body = body.clone();
        if platform == Platform::Telegram && body.get("chat_id").is_none() {
            body["chat_id"] = json!(chats::chat_id(&sandbox));
        }
        let answer = chats::post(&sandbox, platform, &body);
        let short: String = body.to_string().chars().take(200).collect();
        assert_eq!(
            answer.status < 300,
            said.is_empty(),
            "{short}: {}",
            answer.text()
        );
        assert!(answer.text().contains(said), "{short}: {}", answer.text());
        let delivered = sandbox.inbox().len() - arrived;
        assert_eq!(delivered, usize::from(said.is_empty()), "{short}");
        let last = sandbox.requests().pop().unwrap();
        assert_eq!(last.refusal().is_none(), said.is_empty(), "{short}");
    }
}

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
    let wrong = chats::basic(&format!("a@b:{}", "x".repeat(32)));
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
    let mut body = chats::hello(&sandbox, Platform::Zulip);
    body["content"] = json!(format!("[log.txt]({path})"));
    chats::post(&sandbox, Platform::Zulip, &body);
    let message = sandbox.inbox().pop().unwrap();
    assert_eq!(message.files()[0].text(), "whole");
}
