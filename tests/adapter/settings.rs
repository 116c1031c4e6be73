//! Errors for wrong settings, before anything starts and without quoting a secret.

use logout::adapter::AdapterOptions;
use logout::{Adapter, Discord, Slack, Telegram, Zulip};
use serde_json::{Value, json};

/// Returns the error for settings of which one is replaced.
fn error_for<A: Adapter + AdapterOptions>(mut settings: Value, key: &str, value: Value) -> String {
    settings
        .as_object_mut()
        .and_then(|settings| settings.insert(key.to_owned(), value));
    match serde_json::from_value::<A>(settings) {
        Ok(adapter) => adapter.check().err().unwrap_or_default(),
        Err(why) => why.to_string(),
    }
}

#[test]
fn slacks_settings_are_checked() {
    let right = json!({ "url": "https://hooks.slack.com/services/T0/B0/s3cret" });
    for (key, value, said) in [
        (
            "url",
            json!("https://hooks.slack.com/triggers/T0/1/s3cret"),
            "`url` starts a workflow",
        ),
        ("url", json!("hooks.slack.com/s3cret"), "it has no scheme"),
        (
            "url",
            json!("https://hooks.slack.com/services/"),
            "`url` is incomplete",
        ),
        (
            "url",
            json!("https://hooks.slack.com/services/T0/s3cret"),
            "`url` is incomplete",
        ),
        (
            "url",
            json!("https://slack.com/api/chat.postMessage?token=s3cret"),
            "`url` belongs to Slack's Web API",
        ),
        (
            "url",
            json!("https://app.slack.com/client/T0/s3cret"),
            "`url` is a page of Slack",
        ),
        (
            "url",
            json!("https://acme.slack.com/archives/s3cret"),
            "`url` is a page of Slack",
        ),
        ("url", json!("https://chat.example.org/hooks/s3cret"), ""),
        ("url", json!("https://notslack.com/api/s3cret"), ""),
        (
            "thread_ts",
            json!("12"),
            "`thread_ts` is not that of a message",
        ),
        ("mention", json!("ops"), "`mention` must be"),
        ("mention", json!("here"), ""),
    ] {
        let problem = error_for::<Slack>(right.clone(), key, value);
        assert!(
            problem.starts_with(said) && problem.is_empty() == said.is_empty(),
            "{problem}"
        );
        assert!(!problem.contains("s3cret"));
    }
}

#[test]
fn discords_settings_are_checked() {
    let right = json!({ "url": "https://discord.com/api/webhooks/1/s3cret" });
    for (key, value, said) in [
        (
            "url",
            json!("https://discord.com/channels/1/s3cret"),
            "`url` is not a Discord webhook",
        ),
        (
            "url",
            json!("https://discord.com/api/webhooks/1/s3cret/slack"),
            "`url` is not a Discord webhook",
        ),
        ("thread_id", json!("alerts"), "`thread_id` must be"),
        ("mention", json!("ops"), "`mention` must be"),
        ("mention", json!("&123"), ""),
    ] {
        let problem = error_for::<Discord>(right.clone(), key, value);
        assert!(
            problem.starts_with(said) && problem.is_empty() == said.is_empty(),
            "{problem}"
        );
        assert!(!problem.contains("s3cret"));
    }
}

#[test]
fn telegrams_settings_are_checked() {
    let right = json!({ "bot_token": "1:s3cret", "chat_id": -5 });
    for (key, value, said) in [
        ("bot_token", json!("s3cret"), "`bot_token` is not what"),
        (
            "url",
            json!("https://api.telegram.org/bot1:s3cret/"),
            "`url` is the server's address",
        ),
        ("url", json!("https://telegram.example.org/bots"), ""),
        (
            "chat_id",
            json!("-10012345678901234567"),
            "no chat's number is this large",
        ),
        ("chat_id", json!(0), "0 is not a chat"),
        ("chat_id", json!("alerts"), "a chat is a number"),
        ("chat_id", json!(true), "invalid type: boolean"),
        (
            "message_thread_id",
            json!(1),
            "`message_thread_id` 1 is the topic \"General\"",
        ),
        (
            "message_thread_id",
            json!(-3),
            "`message_thread_id` must be positive",
        ),
        ("mention", json!("a b"), "`mention` must be"),
        ("chat_id", json!("@shop_alerts"), ""),
    ] {
        let problem = error_for::<Telegram>(right.clone(), key, value);
        assert!(
            problem.starts_with(said) && problem.is_empty() == said.is_empty(),
            "{problem}"
        );
        assert!(!problem.contains("s3cret"));
    }
}

#[test]
fn zulips_settings_are_checked() {
    let right = json!({
        "url": "https://example.zulipchat.com", "bot_email": "bot@example.org",
        "bot_api_key": "s3cret", "stream": "alerts",
    });
    for (key, value, said) in [
        (
            "url",
            json!("https://example.zulipchat.com/api/v1/messages"),
            "`url` is the server's address alone",
        ),
        ("url", json!("https://chat.example.org/zulip/"), ""),
        ("bot_email", json!("bot"), "`bot_email` is not an address"),
        ("bot_api_key", json!(" "), "`bot_api_key` is empty"),
        ("stream", json!(""), "`stream` is empty"),
        (
            "stream",
            json!("x".repeat(61)),
            "`stream` has 61 characters",
        ),
        ("topic", json!("a\nb"), "`topic` holds a character"),
        ("mention", json!("a** @**b"), "`mention` must be"),
        ("topic", json!("é".repeat(60)), ""),
    ] {
        let problem = error_for::<Zulip>(right.clone(), key, value);
        assert!(
            problem.starts_with(said) && problem.is_empty() == said.is_empty(),
            "{problem}"
        );
        assert!(!problem.contains("s3cret"));
    }
}

#[test]
fn another_host_than_slacks_is_a_note_and_no_error() {
    for (url, is_noted) in [
        ("https://hooks.slack.com/services/T0/B0/s3cret", false),
        ("https://hooks.slack-gov.com/services/T0/B0/s3cret", false),
        ("http://127.0.0.1:8080/services/T0/B0/s3cret", false),
        ("https://chat.example.org/hooks/s3cret", true),
    ] {
        let slack: Slack = serde_json::from_value(json!({ "url": url })).unwrap();
        assert!(slack.check().is_ok(), "{url}");
        let note = slack.note();
        assert_eq!(note.is_some(), is_noted, "{url}");
        assert!(
            note.is_none_or(|note| note.contains("hooks.slack.com") && !note.contains("s3cret"))
        );
    }
}

#[test]
fn all_that_is_wrong_is_told_a_line_each() {
    let problem = error_for::<Telegram>(
        json!({ "bot_token": "s3cret", "chat_id": 5, "message_thread_id": -1 }),
        "mention",
        json!("a b"),
    );
    let keys = problem.lines().map(|line| line.split('`').nth(1));
    let keys: Vec<_> = keys.flatten().collect();
    assert_eq!(keys, ["bot_token", "message_thread_id", "mention"]);
}
