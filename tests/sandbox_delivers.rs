//! What each platform accepts stands in the inbox, as a person would read it.

use std::time::Duration;

use logout::sandbox::{Platform, Sandbox};
use serde_json::{Value, json};

#[path = "sandbox_client/client.rs"]
mod client;

const AGENT: (&str, &str) = ("User-Agent", "DiscordBot (https://example.org, 1)");
const JSON: (&str, &str) = ("Content-Type", "application/json");
const TIMEOUT: Duration = Duration::from_secs(5);

fn setting(sandbox: &Sandbox, key: &str) -> String {
    match sandbox.figment().extract_inner::<Value>(key).unwrap() {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[test]
fn slack_takes_blocks() {
    let sandbox = Sandbox::start().unwrap();
    let body = json!({ "text": "boom", "blocks": [
        { "type": "header", "text": { "type": "plain_text", "text": "🔥 boom" } },
        { "type": "section", "text": { "type": "mrkdwn", "text": "a &lt;b&gt;" } },
    ]});
    let url = setting(&sandbox, "slack.url");
    let answer = client::send("POST", &url, &[JSON], body.to_string().as_bytes()).unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    let inbox = sandbox.wait_for(1, TIMEOUT);
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].text(), "🔥 boom\na <b>");
    assert_eq!(inbox[0].platform(), Platform::Slack);
    assert_eq!(inbox[0].status(), Some(200));
    assert_eq!(inbox[0].details().slack().unwrap().notification, "boom");
    assert_eq!(inbox[0].to_string(), "Slack\n  🔥 boom\n  a <b>");
}

#[test]
fn discord_answers_with_the_message_only_when_asked_to_wait() {
    let sandbox = Sandbox::start().unwrap();
    let body = json!({ "content": "**boom**", "embeds": [{ "title": "t",
        "description": "```text\nwhy\n```", "fields": [{ "name": "order", "value": "42" }],
        "footer": { "text": "shop" } }], "allowed_mentions": { "parse": [] }, "flags": 4096 });
    let body = body.to_string();
    let url = setting(&sandbox, "discord.url");
    let url = url.replace("/api/", "/api/v10/");
    let quiet = client::send("POST", &url, &[AGENT, JSON], body.as_bytes()).unwrap();
    assert_eq!((quiet.status, quiet.body.len()), (204, 0));
    assert_eq!(quiet.header("x-ratelimit-remaining"), Some("4"));
    let url = format!("{url}?wait=true");
    let told = client::send("POST", &url, &[AGENT, JSON], body.as_bytes()).unwrap();
    assert_eq!(told.status, 200);
    assert_eq!(told.json()["content"], "**boom**");
    let inbox = sandbox.wait_for(2, TIMEOUT);
    assert_eq!(inbox[1].text(), "boom\nt\nwhy\norder: 42\nshop");
    assert!(inbox[1].details().discord().unwrap().silent);
}

#[test]
fn telegram_counts_entities_in_utf16_units() {
    let sandbox = Sandbox::start().unwrap();
    let url = format!(
        "{}/bot{}/sendMessage",
        setting(&sandbox, "telegram.url"),
        setting(&sandbox, "telegram.bot_token")
    );
    let chat: i64 = setting(&sandbox, "telegram.chat_id").parse().unwrap();
    let body = json!({ "chat_id": chat, "text": "  🔥 boom\tx ", "disable_notification": true,
        "entities": [{ "type": "bold", "offset": 5, "length": 4 }] });
    let answer = client::send("POST", &url, &[JSON], body.to_string().as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["result"]["text"], "🔥 boom x");
    let inbox = sandbox.wait_for(1, TIMEOUT);
    let details = inbox[0].details().telegram().unwrap();
    assert!(details.silent);
    assert_eq!(
        (details.entities[0].offset, details.entities[0].length),
        (3, 4)
    );
}

#[test]
fn zulip_takes_a_form() {
    let sandbox = Sandbox::start().unwrap();
    let answer = zulip(
        &sandbox,
        "type=stream&to=%22alerts%22&topic=shop&content=%60%60%60text%0Aboom%0A%60%60%60",
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["result"], "success");
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("199"));
    let inbox = sandbox.wait_for(1, TIMEOUT);
    assert_eq!(inbox[0].text(), "boom");
    let details = inbox[0].details().zulip().unwrap();
    assert_eq!(
        (details.stream.as_str(), details.topic.as_str()),
        ("alerts", "shop")
    );
}

fn zulip(sandbox: &Sandbox, form: &str) -> client::Answer {
    let url = format!("{}/api/v1/messages", setting(sandbox, "zulip.url"));
    let login = basic(
        &setting(sandbox, "zulip.bot_email"),
        &setting(sandbox, "zulip.bot_api_key"),
    );
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    client::send(
        "POST",
        &url,
        &[("Authorization", &login), kind],
        form.as_bytes(),
    )
    .unwrap()
}

/// Basic authentication, encoded by hand: the tests' package has no Base64.
fn basic(user: &str, password: &str) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::from("Basic ");
    for chunk in format!("{user}:{password}").as_bytes().chunks(3) {
        let bits = chunk
            .iter()
            .fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * place) & 63) as usize];
            encoded.push(if place <= chunk.len() {
                char::from(sign)
            } else {
                '='
            });
        }
    }
    encoded
}
