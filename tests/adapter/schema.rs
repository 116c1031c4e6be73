//! Validation of every request against the platform's own schema.

use jsonschema::Validator;
use logout::adapter::{Request, Response, Step};
use logout::testing::samples;
use logout::{Adapter, Discord, Notice, Slack, Telegram, Zulip};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::judge::fields::fields;
use crate::judge::hostile;
use crate::judge::rendered_request::rendered;
use crate::judge::settings::adapter;
use crate::support::contracts::contract;

fn schema(path: &str) -> Option<Validator> {
    let schema = contract(path)?;
    Some(jsonschema::validator_for(&schema).unwrap())
}

/// Calls `judge` with every part of a notice, in both forms.
fn judge(adapter: &impl Adapter, notice: &Notice, judge: &mut impl FnMut(&Request, Value)) {
    let mut uploaded = Response::new(200);
    uploaded
        .set_body(r#"{"ok":true,"result":{"message_id":365},"url":"/user_uploads/2/a/log.txt"}"#);
    for mut step in [Step::default(), Step::plain()] {
        loop {
            let request = rendered(adapter, notice, step);
            judge(&request, fields(&request));
            if !request.is_followed() {
                break;
            }
            step = step.next(&uploaded);
            assert!(step.part < 5, "there is no end of parts");
        }
    }
}

/// Calls `judged` with the known kinds of notice and with 200 hostile ones.
fn judge_all(adapter: &impl Adapter, mut judged: impl FnMut(&Request, Value)) {
    for (_, notice) in samples() {
        judge(adapter, notice, &mut judged);
    }
    let judged = std::cell::RefCell::new(judged);
    let mut runner = TestRunner::new(Config::with_cases(200));
    let run = runner.run(&hostile::notice(), |notice| {
        judge(adapter, &notice, &mut *judged.borrow_mut());
        Ok(())
    });
    run.unwrap();
}

fn allows(schema: &Validator, body: &Value) {
    let problems: Vec<_> = schema
        .iter_errors(body)
        .map(|error| error.to_string())
        .collect();
    assert!(problems.is_empty(), "{problems:#?}\n{body:#}");
}

#[test]
fn slack_takes_every_message() {
    let Some(schema) = schema("slack/incoming_webhook.schema.json") else {
        return;
    };
    let slack: Slack = adapter(json!({ "url": "https://hooks.slack.com/services/T0/B0/x" }));
    judge_all(&slack, |_, body| allows(&schema, &body));
}

#[test]
fn discord_takes_every_message() {
    let Some(schema) = schema("discord/execute_webhook.schema.json") else {
        return;
    };
    let discord: Discord = adapter(json!({ "url": "https://discord.com/api/webhooks/1/a" }));
    judge_all(&discord, |_, body| {
        allows(&schema, body.get("payload_json").unwrap_or(&body));
    });
}

#[test]
fn telegram_takes_every_message() {
    let Some(message) = schema("telegram/send_message.schema.json") else {
        return;
    };
    let Some(document) = schema("telegram/send_document.schema.json") else {
        return;
    };
    let telegram: Telegram = adapter(json!({ "bot_token": "1:a", "chat_id": -5 }));
    judge_all(&telegram, |request, body| {
        let is_document = request.url().as_str().ends_with("/sendDocument");
        allows(if is_document { &document } else { &message }, &body);
    });
}

#[test]
fn zulip_takes_every_message() {
    let Some(decoded) = schema("zulip/send_message.schema.json") else {
        return;
    };
    let Some(form) = schema("zulip/send_message_form.schema.json") else {
        return;
    };
    let zulip: Zulip = adapter(json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "k", "stream": "alerts",
    }));
    judge_all(&zulip, |request, mut body| {
        if request.url().as_str().ends_with("/api/v1/messages") {
            allows(&form, &body);
            body["to"] = serde_json::from_str(body["to"].as_str().unwrap()).unwrap();
            allows(&decoded, &body);
        }
    });
}
