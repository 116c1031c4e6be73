//! Snapshots of each kind of notice on each platform.
//!
//! After a change of looks, `INSTA_UPDATE=always cargo test --test adapter looks` writes the files
//! in `snapshots` anew, to be looked at in the diff.

use std::collections::BTreeMap;

use logout::adapter::{Request, Response, Step};
use logout::testing::samples;
use logout::{Adapter, Discord, Slack, Telegram, Zulip};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;

/// A JSON value with its keys in order, whatever the features of `serde_json` in this build.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Sorted {
    Object(BTreeMap<String, Sorted>),
    Array(Vec<Sorted>),
    Other(Value),
}

pub(crate) fn pretty(request: &Request) -> String {
    let body = String::from_utf8_lossy(request.body());
    let json = |text: &str| {
        let sorted: Sorted = serde_json::from_str(text).unwrap();
        serde_json::to_string_pretty(&sorted).unwrap()
    };
    let Some((_, boundary)) = request
        .header("content-type")
        .and_then(|kind| kind.split_once("boundary="))
    else {
        return json(&body);
    };
    // A message with its file.
    let boundary = format!("--{boundary}");
    let parts = body
        .split(&*boundary)
        .filter_map(|part| part.split_once("\r\n\r\n"));
    let contents = parts.map(|(_, content)| match content.trim_end() {
        payload if payload.starts_with('{') => json(payload),
        file => format!("--- log.txt\n{file}"),
    });
    contents.collect::<Vec<_>>().join("\n")
}

/// Returns the decoded fields of a form, one a line.
fn decoded(request: &Request) -> String {
    let pairs = form_urlencoded::parse(request.body());
    let lines = pairs.map(|(name, value)| format!("{name}={value}"));
    lines.collect::<Vec<_>>().join("\n")
}

pub(crate) fn gallery(adapter: &impl Adapter, show: impl Fn(&Request) -> String) -> String {
    let mut uploaded = Response::new(200);
    uploaded.set_body(r#"{"result":"success","url":"/user_uploads/2/a/log.txt"}"#);
    let messages = samples().iter().map(|(kind, notice)| {
        let mut request = rendered(adapter, notice, Step::default());
        if request.url().as_str().ends_with("/user_uploads") {
            let step = Step::default().next(&uploaded);
            request = rendered(adapter, notice, step);
        }
        format!("=== {kind}\n{}\n", show(&request))
    });
    messages.collect()
}

#[test]
fn slack_looks_as_it_did() {
    let slack: Slack = adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }));
    insta::assert_snapshot!("slack", gallery(&slack, pretty));
}

#[test]
fn discord_looks_as_it_did() {
    let discord: Discord = adapter(json!({ "url": "https://discord.com/api/webhooks/1/a" }));
    insta::assert_snapshot!("discord", gallery(&discord, pretty));
}

#[test]
fn telegram_looks_as_it_did() {
    let telegram: Telegram = adapter(json!({ "bot_token": "1:a", "chat_id": -5 }));
    insta::assert_snapshot!("telegram", gallery(&telegram, pretty));
}

#[test]
fn zulip_looks_as_it_did() {
    let zulip: Zulip = adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "alerts",
    }));
    insta::assert_snapshot!("zulip", gallery(&zulip, decoded));
}
