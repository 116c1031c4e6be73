//! The contract of adapters, which the built-in ones keep as well as those of other authors.

use logout::adapter::{Request, Response, Verdict};
use logout::adapter_contract;
use logout::testing::{Contract, outside_code, values};
use logout::{Discord, Slack, Telegram, Zulip};
use serde_json::Value;

use crate::judge::telegram::detected;

fn answer(status: u16, body: &str) -> Response {
    let mut response = Response::new(status);
    response.set_body(body);
    response
}

fn json(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap_or_default()
}

fn any() -> String {
    String::new()
}

mod slack {
    use super::*;

    adapter_contract!(Slack, contract());

    fn contract() -> Contract<Slack> {
        Contract::new()
            .setting(
                "url",
                "https://hooks.slack.com/services/T0AB1CD2/B0AB1CD2/XyZ0XyZ1XyZ2XyZ3XyZ4XyZ5",
            )
            .refuses("mention", "ops", "`mention` must be")
            .refuses("thread_ts", "12", "`thread_ts` is not that of a message")
            // Beyond that Slack splits it, through any fence.
            .text(|request| {
                json(request)["text"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned()
            })
            .most_characters(4_000)
            .never(&["<", ">"])
            .every_request(|request| {
                let longest = values(request, "text")
                    .iter()
                    .map(|text| text.chars().count())
                    .max();
                match longest {
                    Some(1..=3_500) => Ok(()),
                    other => Err(format!("a text of {other:?} characters")),
                }
            })
            .answer(answer(200, "ok"), Verdict::Delivered)
            .answer(
                answer(404, "no_service"),
                Verdict::Gone("no_service".to_owned()),
            )
            .answer(answer(500, "no_text"), Verdict::Refused(any()))
    }
}

mod discord {
    use super::*;

    adapter_contract!(Discord, contract());

    fn contract() -> Contract<Discord> {
        Contract::new()
            .setting(
                "url",
                "https://discord.com/api/webhooks/123456789012345678/aBcDeFgHiJkLmNoPqRsTuVwXyZ",
            )
            .refuses("thread_id", "alerts", "`thread_id` must be")
            .refuses(
                "url",
                "https://discord.com/channels/1/aBcDeFgHiJkLmNoPqRsTuVwXyZ",
                "`url` is not a Discord webhook",
            )
            .text(|request| values(request, "content").concat())
            .most_characters(2_000)
            // Blocks are broken up by marks that CommonMark does not know.
            .inert(|text| {
                let text = without_escapes(&outside_code(&text.replace("`\u{200b}", "'")));
                let is_link = |(_, rest): (&str, &str)| rest.contains("](");
                let marks = ["@everyone", "@here", "<@", "<#", "<:", "://", "*", "`"];
                !text.split_once('[').is_some_and(is_link)
                    && !marks.iter().any(|mark| text.contains(mark))
            })
            .every_request(|request| {
                let body = String::from_utf8_lossy(request.body());
                match body.contains(r#""allowed_mentions":{"parse":[]}"#) {
                    true => Ok(()),
                    false => Err("mentions are allowed".to_owned()),
                }
            })
            .most_bytes(10 * 1024 * 1024)
            .answer(answer(200, r#"{"id":"1"}"#), Verdict::Delivered)
            .answer(
                answer(404, r#"{"code":10015,"message":"Unknown Webhook"}"#),
                Verdict::GoneForGood(any()),
            )
    }
}

/// Replaces each backslash in a text of Discord's, and the sign behind it, by a letter.
fn without_escapes(text: &str) -> String {
    let mut bare = String::new();
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if signs.next().is_some() => bare.push('x'),
            sign => bare.push(sign),
        }
    }
    bare
}

mod telegram {
    use super::*;

    adapter_contract!(Telegram, contract());

    fn contract() -> Contract<Telegram> {
        Contract::new()
            .setting("bot_token", "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw")
            .setting("chat_id", -1_001_234_567_890_i64)
            .refuses("chat_id", 0, "is not a chat")
            .refuses(
                "message_thread_id",
                -3,
                "`message_thread_id` must be positive",
            )
            .text(|request| values(request, "text").concat())
            .most_characters(4_096)
            // Nothing is parsed; what Telegram finds by itself is looked for in each request.
            .inert(|_| true)
            .every_request(|request| match detected(&json(request)).as_slice() {
                [] => Ok(()),
                alive => Err(format!("would come alive: {alive:?}")),
            })
            .every_request(|request| match values(request, "parse_mode").as_slice() {
                [] => Ok(()),
                _ => Err("text of the log is parsed".to_owned()),
            })
            .answer(
                answer(200, r#"{"ok":true,"result":{"message_id":365}}"#),
                Verdict::Delivered,
            )
            .answer(
                answer(
                    400,
                    r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#,
                ),
                Verdict::Gone("Bad Request: chat not found".to_owned()),
            )
    }
}

mod zulip {
    use super::*;

    adapter_contract!(Zulip, contract());

    /// Leaves out the lines that hold nothing but links of a block, to the hosts that it names.
    fn without_links(text: &str) -> String {
        let is_link = |link: &str| {
            let parts = link
                .strip_prefix('[')
                .and_then(|rest| rest.split_once("](https://"));
            parts.is_some_and(|(_, address)| {
                let host = address.split('/').next().unwrap_or_default();
                let ends_once = address.ends_with(')') && address.matches([')', '[']).count() == 1;
                host.ends_with(".example.org") && ends_once
            })
        };
        let lines = text.lines();
        let lines = lines.filter(|line| !line.split(" · ").all(is_link));
        lines.map(|line| format!("{line}\n")).collect()
    }

    fn contract() -> Contract<Zulip> {
        Contract::new()
            .setting("url", "https://example.zulipchat.com")
            .setting("bot_email", "alerts-bot@example.org")
            .setting("bot_api_key", "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4")
            .setting("stream", "alerts")
            .refuses("stream", "x".repeat(61), "`stream` has 61 characters")
            .refuses("bot_email", "bot", "`bot_email` is not an address")
            .text(|request| values(request, "content").concat())
            .most_characters(10_000)
            // What is no code is written by numeric references; the links are those of the notices.
            .inert(|text| {
                let text = outside_code(&without_links(text).replace("&#", ""));
                !text.contains(['@', '[', '#'])
            })
            .every_request(|request| match values(request, "topic").as_slice() {
                [topic] if topic.chars().count() > 60 => Err(format!("the topic {topic:?}")),
                _ => Ok(()),
            })
            .answer(answer(200, r#"{"result":"success","msg":"","id":42}"#), Verdict::Delivered)
            .answer(
                answer(400, r#"{"result":"error","msg":"Stream 'x' does not exist","code":"STREAM_DOES_NOT_EXIST"}"#),
                Verdict::Gone(any()),
            )
    }
}
