//! Every example runs to its end and shows what it promises.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use logout::sandbox::{Platform, Sandbox};

mod support;

use support::only;
use support::process::told;

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
    let mut command = Command::new(Path::new(&*EXAMPLES).join(example));
    command.env_clear().envs(variables.iter().cloned());
    // No `logout.toml` of the person who runs the tests is found from there.
    told(&command.current_dir(std::env::temp_dir()).output().unwrap())
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
    let message: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
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
    let setting = |key: &str| sandbox.figment().extract_inner::<String>(key).unwrap();
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
