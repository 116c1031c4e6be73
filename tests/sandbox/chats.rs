//! Posts to the sandbox, made by hand as each platform wants it.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use logout::sandbox::{Platform, Sandbox};
use serde_json::{Value, json};

use crate::client::{self, Answer};

pub(crate) const AGENT: (&str, &str) = ("User-Agent", "DiscordBot (https://example.org, 1)");
pub(crate) const JSON: (&str, &str) = ("Content-Type", "application/json");
pub(crate) const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

pub(crate) fn setting(sandbox: &Sandbox, key: &str) -> String {
    match sandbox.figment().extract_inner::<Value>(key).unwrap() {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

pub(crate) fn chat_id(sandbox: &Sandbox) -> i64 {
    setting(sandbox, "telegram.chat_id").parse().unwrap()
}

/// Returns the URL that takes messages for the destination `name`.
pub(crate) fn url(sandbox: &Sandbox, platform: Platform, name: &str) -> String {
    let url = setting(sandbox, &format!("{name}.url"));
    match platform {
        Platform::Slack => url,
        Platform::Discord => url.replace("/api/", "/api/v10/"),
        Platform::Telegram => {
            let token = setting(sandbox, &format!("{name}.bot_token"));
            format!("{url}/bot{token}/sendMessage")
        }
        Platform::Zulip => format!("{url}/api/v1/messages"),
        Platform::SlackBot => format!("{url}/api/chat.postMessage"),
        Platform::Teams | Platform::GoogleChat | Platform::Mattermost | Platform::Webhook => url,
        Platform::Ntfy => format!("{url}/"),
        Platform::PagerDuty => format!("{url}/v2/enqueue"),
        other => panic!("{other} is not told of here"),
    }
}

/// Sends a JSON body, or for Zulip a form of its fields.
pub(crate) fn try_post(
    sandbox: &Sandbox,
    platform: Platform,
    name: &str,
    body: &Value,
) -> std::io::Result<Answer> {
    let url = url(sandbox, platform, name);
    let text = body.to_string();
    match platform {
        Platform::Slack
        | Platform::Telegram
        | Platform::Teams
        | Platform::GoogleChat
        | Platform::Mattermost => client::send("POST", &url, &[JSON], text.as_bytes()),
        Platform::Ntfy => {
            let mut message = body.clone();
            if message.is_object() && message.get("topic").is_none() {
                message["topic"] = json!(setting(sandbox, &format!("{name}.topic")));
            }
            let login = format!("Bearer {}", setting(sandbox, &format!("{name}.token")));
            let headers = [("Authorization", login.as_str()), JSON];
            client::send("POST", &url, &headers, message.to_string().as_bytes())
        }
        Platform::Webhook => {
            // Each with an id of its own.
            let id = format!("msg_{}", sandbox.requests().len());
            let key = setting(sandbox, &format!("{name}.secret"));
            signed(&url, &key, &id, text.as_bytes())
        }
        Platform::SlackBot => {
            let login = format!("Bearer {}", setting(sandbox, &format!("{name}.token")));
            client::send(
                "POST",
                &url,
                &[("Authorization", &login), JSON],
                text.as_bytes(),
            )
        }
        Platform::PagerDuty => {
            let mut event = body.clone();
            if event["routing_key"].is_null() {
                event["routing_key"] = json!(setting(sandbox, &format!("{name}.routing_key")));
            }
            client::send("POST", &url, &[JSON], event.to_string().as_bytes())
        }
        Platform::Discord => client::send("POST", &url, &[AGENT, JSON], text.as_bytes()),
        Platform::Zulip => {
            let login = login(sandbox, name);
            let form = form(body);
            client::send(
                "POST",
                &url,
                &[("Authorization", &login), FORM],
                form.as_bytes(),
            )
        }
        other => panic!("{other} is not told of here"),
    }
}

/// Posts a body that is signed as Standard Webhooks has it.
pub(crate) fn signed(url: &str, key: &str, id: &str, body: &[u8]) -> std::io::Result<Answer> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let timestamp = now.to_string();
    let key = STANDARD.decode(key.trim_start_matches("whsec_")).unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let content = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let signature = STANDARD.encode(ring::hmac::sign(&key, &content));
    let signature = format!("v1,{signature}");
    let headers = [
        JSON,
        ("webhook-id", id),
        ("webhook-timestamp", &timestamp),
        ("webhook-signature", &signature),
    ];
    client::send("POST", url, &headers, body)
}

pub(crate) fn post(sandbox: &Sandbox, platform: Platform, body: &Value) -> Answer {
    try_post(sandbox, platform, platform.instance(), body).unwrap()
}

/// Returns the simplest message of each platform.
pub(crate) fn simplest_message(sandbox: &Sandbox, platform: Platform) -> Value {
    match platform {
        Platform::Slack => json!({ "text": "hello" }),
        Platform::Discord => json!({ "content": "hello" }),
        Platform::Telegram => json!({ "chat_id": chat_id(sandbox), "text": "hello" }),
        Platform::Zulip => {
            json!({ "type": "stream", "to": "\"alerts\"", "topic": "t", "content": "hello" })
        }
        Platform::SlackBot => {
            json!({ "channel": setting(sandbox, "slack_bot.channel"), "text": "hello" })
        }
        Platform::Teams => json!({ "type": "message", "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": { "type": "AdaptiveCard", "version": "1.2",
                "body": [{ "type": "TextBlock", "text": "hello" }] } }] }),
        Platform::GoogleChat | Platform::Mattermost => json!({ "text": "hello" }),
        Platform::Ntfy => json!({ "message": "hello" }),
        Platform::Webhook => json!({ "type": "logout.event", "timestamp": "2026-11-28T12:04:31Z",
            "data": { "headline": "hello" } }),
        Platform::PagerDuty => json!({ "event_action": "trigger", "dedup_key": "hello",
            "payload": { "summary": "hello", "source": "web-7", "severity": "error" } }),
        other => panic!("{other} is not told of here"),
    }
}

pub(crate) fn login(sandbox: &Sandbox, name: &str) -> String {
    let user = setting(sandbox, &format!("{name}.bot_email"));
    let key = setting(sandbox, &format!("{name}.bot_api_key"));
    basic_authorization(&format!("{user}:{key}"))
}

/// Returns Basic authentication, encoded by hand: the tests' package has no Base64.
pub(crate) fn basic_authorization(credentials: &str) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::from("Basic ");
    for chunk in credentials.as_bytes().chunks(3) {
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

/// Returns a form of an object's fields: strings as they are, all else as JSON.
pub(crate) fn form(fields: &Value) -> String {
    let fields = fields.as_object().unwrap().iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        format!("{}={}", encoded(name), encoded(&value))
    });
    fields.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
