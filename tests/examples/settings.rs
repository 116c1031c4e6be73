//! Every example runs to its end and shows what it promises.

use logout::sandbox::{Platform, Sandbox};
use serde_json::Value;

use crate::support::example::{run, setting, slack, start};
use crate::support::only;

#[test]
fn the_quick_start_shows_what_arrived_in_four_chats() {
    let text = run("quickstart", &[]);
    let chats = ["Slack", "Discord", "Telegram", "Zulip"];
    for chat in chats {
        assert!(text.contains(&format!("━━━━ {chat} ━━━━")), "{text}");
    }
    assert_eq!(text.matches("#alerts > stock").count(), 1, "{text}");
    assert!(text.contains("payment failed: card declined"), "{text}");
    assert!(text.contains("caused by: gateway answered 402"), "{text}");
    assert!(!text.contains("the shop is open"), "{text}");
    // The problem goes on: it is told once, counted, and told once more; what is new goes before that.
    assert!(text.contains("17 more counted, told at "), "{text}");
    assert_eq!(text.matches("×18 payment failed").count(), 4, "{text}");
    assert_eq!(text.matches(", +17 in the last ").count(), 4, "{text}");
    // Each of the three messages that tell what is new leads on, in Telegram two, and no reminder does.
    assert_eq!(text.matches("source · runbook").count(), 11, "{text}");
    let slack = text.split("━━━━").nth(2).unwrap_or_default();
    let (new, reminder) = (slack.find("inventory is negative"), slack.find("×18"));
    assert!(new.is_some() && new < reminder, "{slack}");
    let stats = text.lines().last().unwrap_or_default();
    assert_eq!(
        stats,
        "slack: 20 accepted, 20 delivered; discord: 20 accepted, 20 delivered; \
         telegram: 19 accepted, 19 delivered; zulip: 20 accepted, 20 delivered"
    );
}

#[test]
fn one_error_and_one_reminder_are_shown_at_all_eleven_destinations() {
    let text = run("everywhere", &[]);
    let destinations: Vec<_> = text.split("━━━━ ").skip(1).collect();
    assert_eq!(destinations.len(), 11, "{text}");
    for destination in destinations {
        let count = |what: &str| destination.matches(what).count();
        assert_eq!(count("payment failed: card declined"), 2, "{destination}");
        assert_eq!(count("×18 payment failed"), 1, "{destination}");
        assert_eq!(count(", +17 in the last "), 1, "{destination}");
    }
    assert!(text.contains("\n0 requests were refused\n"), "{text}");
    assert_eq!(text.matches(": 18 accepted, 18 delivered").count(), 11);
}

/// Where there is no server, the example says how to get one.
#[test]
fn a_fleet_of_twelve_speaks_with_one_voice_also_when_the_one_that_sends_is_killed() {
    let path = std::env::var("PATH").unwrap_or_default();
    let text = run("fleet", &[("PATH", path)]);
    if text.contains("There is no redis-server") {
        let may_skip = std::env::var_os("LOGOUT_NO_SKIP").is_none();
        assert!(
            may_skip && text.contains("apt install redis-server"),
            "{text}"
        );
        eprintln!("skipped: {text}");
        return;
    }
    assert!(text.contains("Messages in the chat: 1\n"), "{text}");
    assert!(text.contains("×12 payment failed: timeout"), "{text}");
    assert!(text.contains("in 12 of 12 processes"), "{text}");
    assert!(text.contains("×11 the till is stuck"), "{text}");
}

#[test]
#[cfg(unix)]
fn the_tour_shows_a_life_a_trail_a_storm_an_outage_a_crash_and_a_fleet_in_eighty_columns() {
    let path = std::env::var("PATH").unwrap_or_default();
    let tour = start("tour", &["--fast"], &[("PATH", path)])
        .wait_with_output()
        .unwrap();
    let text = String::from_utf8(tour.stdout).unwrap();
    let errors = String::from_utf8_lossy(&tour.stderr);
    assert!(tour.status.success(), "{text}\n{errors}");
    let parts: Vec<_> = text.split("\n━━ ").collect();
    let [
        _,
        told,
        reminded,
        worse,
        quiet,
        trail,
        storm,
        outage,
        crash,
        fleet,
    ] = parts.as_slice()
    else {
        panic!("{} parts: {text}", parts.len() - 1);
    };
    assert!(
        told.contains("┌ Slack, calls <!here>\n│ 🔥 payment failed: card declined"),
        "{told}"
    );
    assert!(reminded.contains("40 more counted, told at "), "{reminded}");
    assert!(
        reminded.contains("│ 🔥 ×41 payment failed") && !reminded.contains("calls"),
        "{reminded}"
    );
    let warning = worse.find("│ ⚠️ the gateway is slow").unwrap();
    assert!(
        worse[warning..].contains("┌ Slack, calls <!here>\n│ 🔥 ×2 the gateway is slow"),
        "{worse}"
    );
    assert_eq!(quiet.matches("no more for ").count(), 2, "{quiet}");
    assert!(
        trail.contains(" INFO the stock is reserved sku=tea-250\n"),
        "{trail}"
    );
    assert!(!trail.contains("the shelf is listed"), "{trail}");
    for all in [
        "×4,500 the order cannot be saved",
        "×1,200 the stock cannot be read",
        "×300 the cache is cold",
    ] {
        assert!(storm.contains(all), "{all}: {storm}");
    }
    let (before, after) = outage.split_once("2 pending").unwrap();
    assert!(!before.contains('┌'), "{outage}");
    assert!(
        after.contains("the replica is behind") && after.contains("the disk is full"),
        "{outage}"
    );
    let (before, after) = crash.split_once("SIGKILL").unwrap();
    assert!(!before.contains('┌'), "{crash}");
    for all in [
        "Corner Shop ended without closing logout",
        "from before a restart",
        "the gift card cannot be read",
        "the shelf is empty",
    ] {
        assert!(after.contains(all), "{all}: {crash}");
    }
    if fleet.contains("There is no redis-server") {
        let may_skip = std::env::var_os("LOGOUT_NO_SKIP").is_none();
        assert!(may_skip, "{fleet}");
        eprintln!("skipped: {fleet}");
    } else {
        assert!(fleet.contains("│ 🔥 ×3 the till is stuck"), "{fleet}");
        assert_eq!(fleet.matches('┌').count(), 1, "{fleet}");
    }
    // With the crash, and without the fleet, whose processes count for themselves.
    assert!(
        fleet.contains(" messages told 6049 events, and 0 were lost.\n"),
        "{fleet}"
    );
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
#[cfg(unix)]
fn a_shop_that_was_killed_is_told_of_with_what_it_had_not_sent() {
    let text = run("crash", &[]);
    let (before, after) = text.split_once("SIGKILL").unwrap();
    assert!(!before.contains("payment failed"), "{text}");
    for all in [
        "Corner Shop ended without closing logout",
        "4 events follow that it had not sent",
        "from before a restart",
        "×3 payment failed: timeout",
        "the shelf is empty",
    ] {
        assert!(after.contains(all), "{all}: {text}");
    }
    assert!(!text.contains("4111"), "{text}");
    let stats = text.lines().last().unwrap_or_default();
    assert_eq!(stats, "slack: 5 accepted, 5 delivered");
}

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
        only(&sandbox, Platform::Slack)
            .text()
            .contains("a test of logout")
    );
    only(&sandbox, Platform::Zulip);
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
    let output = start("cli", &["broken.csv"], &[slack(&sandbox)])
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = only(&sandbox, Platform::Slack);
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
    let text = run("abort", &[slack(&sandbox)]);
    assert_eq!(text, "the till goes on: true\n");
    let message = only(&sandbox, Platform::Slack);
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

/// The variables that lead all four chats to the sandbox.
fn to_sandbox(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
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
    let text = run("doctor", &to_sandbox(&sandbox));
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
    let mut variables = to_sandbox(&sandbox);
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
