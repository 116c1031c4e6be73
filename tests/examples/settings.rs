//! Examples that run to their end, and what they show.

use logout::sandbox::{Platform, Sandbox};
use serde_json::Value;

use crate::support::example::{run, setting, slack_variable, start};
use crate::support::only_message;

#[test]
fn the_custom_adapter_posts_what_mattermost_takes() {
    let text = run("custom_adapter", &[]);
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("POST https://mattermost.example.com/hooks/x1")
    );
    let message: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(message["channel"], "ops");
    assert_eq!(message["username"], "🔥 Corner Shop");
    let body = message["text"].as_str().unwrap();
    assert!(body.starts_with("```text\n🔥 payment failed\n"), "{body}");
    assert!(body.contains("\norder: 42\n"), "{body}");
    assert!(body.ends_with("\n```"), "{body}");
    assert_eq!(lines.next(), Some("mattermost: 1 accepted, 1 delivered"));
}

#[test]
fn the_real_one_says_what_each_chat_answered_and_what_is_left_out() {
    let sandbox = Sandbox::start().unwrap();
    let setting = |key: &str| setting(&sandbox, key);
    let text = run(
        "real",
        &[
            ("SLACK_WEBHOOK_URL", setting("slack.url")),
            ("ZULIP_URL", setting("zulip.url")),
            ("ZULIP_BOT_EMAIL", setting("zulip.bot_email")),
            ("ZULIP_API_KEY", setting("zulip.bot_api_key")),
            ("TELEGRAM_BOT_TOKEN", "123456:ABC".to_owned()),
        ],
    );
    for line in [
        "discord: left out, since DISCORD_WEBHOOK_URL is not set",
        "telegram: left out, since TELEGRAM_CHAT_ID is not set",
        "127.0.0.1 answered 200 ok",
        "slack: delivered",
        "zulip: delivered",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
    assert!(
        only_message(&sandbox, Platform::Slack)
            .text()
            .contains("a test of logout")
    );
    only_message(&sandbox, Platform::Zulip);
}

#[test]
fn the_real_one_without_any_chat_says_so_and_ends() {
    let text = run("real", &[]);
    assert_eq!(text.matches("left out").count(), 4, "{text}");
}

#[test]
fn the_adapter_for_rocket_chat_posts_a_log_line_that_calls_nobody() {
    let text = run("rocket_chat", &[]);
    let message: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(message["channel"], "#ops");
    let text = message["text"].as_str().unwrap();
    let code = text.strip_prefix("```\n").unwrap();
    let code = code.strip_suffix("\n```").unwrap();
    assert!(
        code.contains("payment failed: @all [refund](https://evil.example)"),
        "{code}"
    );
    assert!(code.contains("order: 42"), "{code}");
    assert!(!code.contains("```"), "{code}");
}

#[test]
fn the_smol_program_tells_what_a_task_logged() {
    let text = run("smol", &[]);
    assert_eq!(text.matches("Slack").count(), 1, "{text}");
    assert!(text.contains("🔥 the valve does not open"), "{text}");
    assert!(text.contains("water{bed=2}"), "{text}");
}

#[test]
fn the_programs_own_file_and_profile_decide_what_is_told() {
    let text = run("figment", &[]);
    assert_eq!(
        text.matches("Corner Shop · staging · ").count(),
        2,
        "{text}"
    );
    assert!(
        text.contains("shop.port 8080") && !text.contains("@here"),
        "{text}"
    );

    let text = run("figment", &[("SHOP_PROFILE", "production".to_owned())]);
    assert_eq!(
        text.matches("Corner Shop · production · ").count(),
        1,
        "{text}"
    );
    assert!(text.contains("🔥 the shop cannot open"), "{text}");
    assert!(
        text.contains("shop.port 80\n") && text.contains("@here"),
        "{text}"
    );
}

#[test]
fn the_command_that_ends_at_once_has_told_its_failure() {
    let sandbox = Sandbox::start().unwrap();
    let output = start("cli", &["broken.csv"], &[slack_variable(&sandbox)])
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = only_message(&sandbox, Platform::Slack);
    assert!(
        message.text().starts_with("🔥 import failed: No such file"),
        "{message}"
    );
    assert!(message.text().contains("file broken.csv"), "{message}");
}

#[test]
fn what_needs_an_account_shows_without_one_what_it_would_send() {
    let dry = [("LOGOUT_DRY_RUN", "1".to_owned())];
    let command = start("cli", &["broken.csv"], &dry);
    let output = command.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.contains("🔥 import failed: No such file"), "{shown}");
}

#[test]
fn a_panic_is_told_with_its_thread_and_span() {
    let sandbox = Sandbox::start().unwrap();
    // The span has to be read within half of the time that the panic waits.
    let patient = ("LOGOUT_PANIC_TIMEOUT", "20s".to_owned());
    let text = run("abort", &[slack_variable(&sandbox), patient]);
    assert_eq!(text, "the till goes on: true\n");
    let message = only_message(&sandbox, Platform::Slack);
    assert!(
        message
            .text()
            .starts_with("💥 panicked: index out of bounds"),
        "{message}"
    );
    for part in ["thread receipt", "receipt{order=42}", "examples/abort.rs:"] {
        assert!(message.text().contains(part), "{part}: {message}");
    }
}

/// Returns the variables that lead all four chats to the sandbox.
fn sandbox_variables(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let setting = |key: &str| setting(sandbox, key);
    let chat: i64 = sandbox.figment().extract_inner("telegram.chat_id").unwrap();
    vec![
        ("SLACK_WEBHOOK_URL", setting("slack.url")),
        ("DISCORD_WEBHOOK_URL", setting("discord.url")),
        ("LOGOUT_TELEGRAM__URL", setting("telegram.url")),
        ("TELEGRAM_BOT_TOKEN", setting("telegram.bot_token")),
        ("TELEGRAM_CHAT_ID", chat.to_string()),
        ("ZULIP_URL", setting("zulip.url")),
        ("ZULIP_BOT_EMAIL", setting("zulip.bot_email")),
        ("ZULIP_API_KEY", setting("zulip.bot_api_key")),
    ]
}

#[test]
fn the_doctor_has_nothing_to_say_against_good_credentials() {
    let sandbox = Sandbox::start().unwrap();
    let text = run("doctor", &sandbox_variables(&sandbox));
    assert_eq!(
        text,
        "– slack: Slack cannot say whether a webhook works; only a message would show it\n\
         ✓ discord: the webhook “discord” writes to channel 199737254929760256\n\
         ✓ telegram: @logout_sandbox_bot writes to “Sandbox”\n\
         ✓ zulip: zulip-bot writes to #alerts\n"
    );
    assert!(sandbox.inbox().is_empty());
}

#[test]
fn the_doctor_tells_what_is_wrong_and_which_variable_to_set() {
    let sandbox = Sandbox::start().unwrap();
    let mut variables = sandbox_variables(&sandbox);
    for (name, value) in &mut variables {
        match *name {
            "DISCORD_WEBHOOK_URL" => value.push('x'),
            "TELEGRAM_CHAT_ID" => *value = "-1009999999999".to_owned(),
            "ZULIP_API_KEY" => *value = "abcdefghijklmnopqrstuvwxyzABCDEF".to_owned(),
            _ => {}
        }
    }
    let output = start("doctor", &[], &variables).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    for (line, (mark, set)) in lines.iter().zip([
        ("– slack: ", ""),
        ("✗ discord: ", "set DISCORD_WEBHOOK_URL or LOGOUT_DISCORD__URL"),
        ("✗ telegram: ", "set TELEGRAM_CHAT_ID or LOGOUT_TELEGRAM__CHAT_ID"),
        (
            "✗ zulip: ",
            "set ZULIP_BOT_EMAIL or LOGOUT_ZULIP__BOT_EMAIL, ZULIP_API_KEY or LOGOUT_ZULIP__BOT_API_KEY",
        ),
    ]) {
        assert!(line.starts_with(mark) && line.ends_with(set), "{line}");
    }
    assert!(!text.contains("abcdefghij"), "{text}");
}

#[test]
fn the_doctor_tells_of_an_incomplete_configuration_in_the_same_way() {
    let off = |name: &'static str| (name, "false".to_owned());
    let output = start(
        "doctor",
        &[],
        &[
            off("LOGOUT_SLACK__ENABLED"),
            off("LOGOUT_ZULIP__ENABLED"),
            ("TELEGRAM_CHAT_ID", "-5".to_owned()),
        ],
    )
    .wait_with_output()
    .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text,
        "✗ discord.url is missing: set DISCORD_WEBHOOK_URL or LOGOUT_DISCORD__URL, or discord.url in logout.toml\n\
         ✗ telegram.bot_token is missing: set TELEGRAM_BOT_TOKEN or LOGOUT_TELEGRAM__BOT_TOKEN, or telegram.bot_token in logout.toml\n\
         Turn off what you do not use: LOGOUT_SLACK__ENABLED=false.\n"
    );
}
