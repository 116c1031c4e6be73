//! Messages that the platforms accept, and their text in the inbox.

use std::time::Duration;

use logout::sandbox::{Platform, Sandbox};
use serde_json::json;

use crate::chats::{chat_id, post, try_post, url};
use crate::{chats, client};

const TIMEOUT: Duration = Duration::from_secs(5);

#[test]
fn slack_takes_blocks() {
    let sandbox = Sandbox::start().unwrap();
    let body = json!({ "text": "boom", "blocks": [
        { "type": "header", "text": { "type": "plain_text", "text": "🔥 boom" } },
        { "type": "section", "text": { "type": "mrkdwn", "text": "a &lt;b&gt;" } },
    ]});
    let answer = post(&sandbox, Platform::Slack, &body);
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
    let quiet = post(&sandbox, Platform::Discord, &body);
    assert_eq!((quiet.status, quiet.body.len()), (204, 0));
    assert_eq!(quiet.header("x-ratelimit-remaining"), Some("4"));
    let url = url(&sandbox, Platform::Discord, "discord") + "?wait=true";
    let headers = [chats::AGENT, chats::JSON];
    let told = client::send("POST", &url, &headers, body.to_string().as_bytes()).unwrap();
    assert_eq!(told.status, 200);
    assert_eq!(told.json()["content"], "**boom**");
    let inbox = sandbox.wait_for(2, TIMEOUT);
    assert_eq!(inbox[1].text(), "boom\nt\nwhy\norder: 42\nshop");
    assert!(inbox[1].details().discord().unwrap().silent);
}

#[test]
fn telegram_counts_entities_in_utf16_units() {
    let sandbox = Sandbox::start().unwrap();
    let body = json!({ "chat_id": chat_id(&sandbox), "text": "  🔥 boom\tx ", "disable_notification": true,
        "entities": [{ "type": "bold", "offset": 5, "length": 4 }] });
    let answer = post(&sandbox, Platform::Telegram, &body);
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
    let body = json!({ "type": "stream", "to": "\"alerts\"", "topic": "shop",
        "content": "```text\nboom\n```" });
    let answer = post(&sandbox, Platform::Zulip, &body);
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

#[test]
fn an_added_destination_has_a_secret_and_messages_of_its_own() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add(Platform::Slack, "ops").unwrap();
    assert!(sandbox.add(Platform::Discord, "ops").is_err());
    let urls = ["slack", "ops"].map(|name| url(&sandbox, Platform::Slack, name));
    assert_ne!(urls[0], urls[1]);
    try_post(
        &sandbox,
        Platform::Slack,
        "ops",
        &json!({ "text": "hello" }),
    )
    .unwrap();
    let inbox = sandbox.wait_for(1, TIMEOUT);
    assert_eq!(inbox[0].destination(), "ops");
    assert_eq!(inbox[0].to_string(), "Slack (ops)\n  hello");
}
