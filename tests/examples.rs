//! Every example runs to its end and shows what it promises.

use std::io::{Read, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use logout::sandbox::{Message, Platform, Sandbox};
use serde_json::Value;

mod adapter {
    pub(crate) mod contracts;
}
mod support;

use adapter::contracts::contract;
use support::process::{Running, told};
use support::{PATIENCE, only};

/// Where cargo puts the examples; `cargo test` has built them, and this is quick then.
static EXAMPLES: LazyLock<PathBuf> = LazyLock::new(|| {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let mut build = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .args(["build", "--quiet", "--examples", "--target-dir"])
        .arg(profile.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    // These tell the tests of their package; to the build scripts that read them they are changes.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            build.env_remove(&*name);
        }
    }
    if profile.ends_with("release") {
        build.arg("--release");
    }
    told(&build.output().unwrap());
    profile.join("examples")
});

/// What the example of this name prints, started with nothing but these variables.
fn run(example: &str, variables: &[(&str, String)]) -> String {
    told(&start(example, &[], variables).wait_with_output().unwrap())
}

fn start(example: &str, arguments: &[&str], variables: &[(&str, String)]) -> Child {
    Command::new(Path::new(&*EXAMPLES).join(example))
        .args(arguments)
        .env_clear()
        .envs(variables.iter().cloned())
        // No `logout.toml` of the person who runs the tests is found from there.
        .current_dir(std::env::temp_dir())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

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
    let stats = text.lines().last().unwrap_or_default();
    assert_eq!(
        stats,
        "slack: 3 accepted, 3 delivered; discord: 3 accepted, 3 delivered; \
         telegram: 2 accepted, 2 delivered; zulip: 3 accepted, 3 delivered"
    );
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

/// The card, out of the request that the example prints.
#[test]
fn the_adapter_for_teams_posts_a_card_in_which_a_log_line_is_no_markdown() {
    let text = run("teams", &[]);
    let message: Value = serde_json::from_str(&text).unwrap();
    let card = &message["attachments"][0]["content"];
    let runs: Vec<_> = card["body"].as_array().unwrap().iter().collect();
    assert!(runs.iter().all(|block| block["type"] == "RichTextBlock"));
    let text = |index: usize| runs[index]["inlines"][0]["text"].as_str().unwrap();
    assert_eq!(text(0), "🔥 payment failed: [refund](https://evil.example)");
    assert!(text(1).starts_with("Corner Shop · ") && text(1).contains("\norder: 42\n"));

    let Some(schema) = contract("teams/workflow_webhook.schema.json") else {
        return;
    };
    let schema = jsonschema::validator_for(&schema).unwrap();
    let problems: Vec<_> = schema
        .iter_errors(&message)
        .map(|error| error.to_string())
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
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
fn the_service_tells_which_request_failed_and_ends_when_it_is_told_to() {
    let sandbox = Sandbox::start().unwrap();
    let mut service = Running::of(start("axum", &[], &[slack(&sandbox)]));
    let address = service.line();
    let address = address
        .strip_prefix("http://")
        .and_then(|text| text.split('/').next())
        .unwrap();
    assert!(get(address, "/checkout/7").starts_with("HTTP/1.1 200 "));
    assert!(get(address, "/checkout/42").starts_with("HTTP/1.1 502 "));
    assert!(get(address, "/checkout/44").starts_with("HTTP/1.1 502 "));
    let status = service.terminate();
    assert_eq!(status.code(), Some(0));

    let told: String = sandbox
        .inbox()
        .iter()
        .map(|message| message.text().to_owned())
        .collect();
    assert!(
        told.contains("payment failed: gateway answered 402"),
        "{told}"
    );
    assert!(
        told.contains("request{id=2 method=GET path=/checkout/42}"),
        "{told}"
    );
    assert!(
        told.contains("order 42") && !told.contains("/checkout/7"),
        "{told}"
    );
    let events: u64 = sandbox.inbox().iter().map(events).sum();
    assert_eq!(events, 2, "what came last was sent at the end: {told}");
}

#[cfg(unix)]
#[test]
fn a_service_that_is_terminated_tells_what_it_logged_last() {
    let sandbox = Sandbox::start().unwrap();
    let mut service = Running::of(start("drain", &[], &[slack(&sandbox)]));
    assert!(service.line().ends_with(" is at work"));
    assert!(!sandbox.wait_for(1, PATIENCE).is_empty());
    // Slack takes one a second, so that some wait.
    let logged = (1..=4).filter(|_| service.line().ends_with("returned"));
    let logged = logged.count() as u64;
    let status = service.terminate();
    assert_eq!(ExitStatusExt::signal(&status), Some(15));
    let errors = service.errors();
    assert!(!errors.contains("not delivered"), "{errors}");
    let told: u64 = sandbox.inbox().iter().map(events).sum();
    assert!(logged == 4 && told >= logged, "{:#?}", sandbox.inbox());
}

/// How many events a message about one kind of them tells: `⚠️ ×3 a mail was returned`.
fn events(message: &Message) -> u64 {
    let words = message.text().split_whitespace();
    let count = words.take(2).find_map(|word| word.strip_prefix('×'));
    count.map_or(1, |count| count.parse().unwrap())
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

#[test]
fn a_rotated_secret_is_used_without_a_restart_and_a_wrong_one_is_not() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.add(Platform::Slack, "rotated").unwrap();
    let address = |name: &str| setting(&sandbox, &format!("{name}.url"));
    let secret = std::env::temp_dir().join(format!("logout-secret-{}", std::process::id()));
    // As Kubernetes does it: never half written.
    let rotate = |text: &str| {
        let next = secret.with_extension("next");
        std::fs::write(&next, text).unwrap();
        std::fs::rename(&next, &secret).unwrap();
    };
    rotate(&address("slack"));
    let file = (
        "SLACK_WEBHOOK_URL_FILE",
        secret.to_str().unwrap().to_owned(),
    );
    let mut service = Running::of(start("reload", &[], &[file]));
    let told = |name: &'static str| {
        sandbox.wait_until(PATIENCE, |inbox| {
            inbox.iter().any(|message| message.destination() == name)
        })
    };
    assert!(told("slack"));

    rotate("nonsense");
    let line = service.line();
    assert!(line.starts_with("the old address stays in use: "), "{line}");
    assert!(
        line.contains("slack.url") && !line.contains("nonsense"),
        "{line}"
    );

    rotate(&address("rotated"));
    assert_eq!(service.line(), "the new address is in use");
    assert!(told("rotated"));
    drop(service);
    std::fs::remove_file(secret).unwrap();
}

#[test]
fn the_sandbox_prints_variables_that_lead_another_program_to_it() {
    let mut sandbox = Running::of(start("sandbox", &[], &[]));
    let lines: Vec<_> = (0..10).map(|_| sandbox.line()).collect();
    let value = |variable: &str| {
        let start = format!("export {variable}=");
        let value = lines.iter().find_map(|line| line.strip_prefix(&start));
        value
            .unwrap_or_else(|| panic!("{variable}: {lines:#?}"))
            .to_owned()
    };
    for variable in [
        "DISCORD_WEBHOOK_URL",
        "TELEGRAM_CHAT_ID",
        "TELEGRAM_BOT_TOKEN",
        "ZULIP_API_KEY",
    ] {
        assert!(!value(variable).is_empty());
    }
    let variables = [("SLACK_WEBHOOK_URL", value("SLACK_WEBHOOK_URL"))];
    assert!(run("abort", &variables).contains("the till goes on"));
}

fn setting(sandbox: &Sandbox, key: &str) -> String {
    sandbox.figment().extract_inner(key).unwrap()
}

fn slack(sandbox: &Sandbox) -> (&'static str, String) {
    ("SLACK_WEBHOOK_URL", setting(sandbox, "slack.url"))
}

/// What a service answers to a request for this path.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The variables that lead all four chats to the sandbox.
fn to_sandbox(sandbox: &Sandbox) -> Vec<(&'static str, String)> {
    let setting = |key: &str| sandbox.figment().extract_inner::<String>(key).unwrap();
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
        "– slack: Slack has no question that tells whether a webhook works; a message would\n\
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
