//! A dry run, which sends nothing and prints the messages of each chat on standard error.

use std::process::Output;
use std::time::Duration;

use logout::adapter::{Request, Response, SecretUrl, Step};
use logout::transport::{Fault, Transport};
use logout::{Adapter, AlertsLayer, Dispatch, Guard, Notice, logout};
use tracing_subscriber::Registry;
use tracing_subscriber::prelude::*;

use crate::support::hook::{Hook, Recorder};
use crate::support::process::{child, child_output, is_child};
use crate::support::{TIMEOUT, run_with};

/// An adapter that posts to a server of its own without a transport.
#[derive(Debug, Default, serde::Deserialize)]
struct Serial {
    #[serde(default)]
    device: String,
    url: SecretUrl,
}

impl Adapter for Serial {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        let line = serde_json::json!({ "device": self.device, "line": notice.headline });
        request.post(self.url.expose()).json(&line);
    }

    async fn send<T: Transport>(&self, _: &Request, _: &T) -> Result<Response, Fault> {
        panic!("nothing is sent in a dry run");
    }
}

/// A transport that fails the test when it is used.
struct Never;

impl Transport for Never {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        panic!("nothing is sent in a dry run");
    }
}

logout! {
    struct Alerts {
        project_name: "Corner Shop",
        adapters: [
            Slack,
            ops: Slack { level: ERROR },
            Discord,
            Telegram,
            Zulip { stream: "alerts", topic: "shop" },
            Serial { device: "tty0" },
        ],
        env_prefix: "SHOP_",
    }
}

const DRY: (&str, &str) = ("SHOP_DRY_RUN", "1");

/// Starts from the environment, with a transport that nobody may use.
fn start() -> (AlertsLayer<Alerts, Registry>, Guard<Alerts>) {
    let alerts = Alerts::from_env().unwrap();
    alerts.transport(Never).start().unwrap()
}

fn stderr_text(output: &Output) -> String {
    child_output(output);
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Returns head and text of every frame.
fn frames(said: &str) -> Vec<(String, String)> {
    let frames = said.split("┌ ").skip(1);
    let frames = frames.map(|frame| frame.split_once("\n└").unwrap().0);
    let frames = frames.map(|frame| frame.split_once('\n').unwrap_or((frame, "")));
    frames
        .map(|(head, text)| (head.to_owned(), text.to_owned()))
        .collect()
}

fn settled<D: Dispatch>(guard: &Guard<D>) {
    let handle = guard.handle();
    handle.flush(TIMEOUT).unwrap();
    for lane in handle.stats().lanes {
        assert_eq!(lane.accepted, lane.delivered, "{lane:?}");
        assert_eq!((lane.pending, lane.requests), (0, 0), "{lane:?}");
    }
}

#[test]
fn a_newcomer_without_any_account_sees_every_alert() {
    if is_child(a_newcomer_without_any_account_sees_every_alert) {
        let guard = run_with(start(), || tracing::error!(order = 42, "payment failed"));
        return settled(&guard);
    }
    let said = stderr_text(&child(
        a_newcomer_without_any_account_sees_every_alert,
        &[DRY],
    ));
    let frames = frames(&said);
    let mut heads: Vec<_> = frames.iter().map(|(head, _)| head.as_str()).collect();
    heads.sort_unstable();
    assert_eq!(
        heads,
        [
            "discord · Discord",
            "ops · Slack",
            "serial · Serial",
            "slack · Slack",
            "telegram · Telegram",
            "zulip · Zulip · #alerts > shop"
        ]
    );
    for (head, text) in &frames {
        assert!(text.contains("payment failed"), "{head}\n{text}");
        assert!(text.lines().all(|line| line.starts_with('│')), "{text}");
    }
    let serial = frames.iter().find(|(head, _)| head.starts_with("serial"));
    let shown = &serial.unwrap().1;
    assert!(shown.contains("POST https://localhost/\n"), "{shown}");
    assert!(shown.contains("\"device\": \"tty0\""), "{shown}");
    // And how it becomes more than a dry run.
    for note in [
        "logout: dry run: nothing is sent; what each chat would get is shown here instead",
        "logout: dry run: slack.url is missing: set SLACK_WEBHOOK_URL or SHOP_SLACK__URL",
        "logout: dry run: ops.url is missing: set SHOP_OPS__URL",
        "logout: dry run: telegram.chat_id is missing: set TELEGRAM_CHAT_ID or SHOP_TELEGRAM__CHAT_ID",
        "logout: dry run: serial.url is missing: set SHOP_SERIAL__URL",
    ] {
        assert!(
            said.lines().any(|line| line.starts_with(note)),
            "{note}\n{said}"
        );
    }
}

#[test]
fn what_is_given_is_still_checked() {
    if is_child(what_is_given_is_still_checked) {
        let error = Alerts::from_env().unwrap_err().to_string();
        assert!(error.contains("slack.url is wrong"), "{error}");
        assert!(error.contains("sync_threshold is wrong"), "{error}");
        assert!(!error.contains("missing"), "{error}");
        return;
    }
    child_output(&child(
        what_is_given_is_still_checked,
        &[
            DRY,
            ("SLACK_WEBHOOK_URL", "hooks.slack.com"),
            ("SHOP_SYNC_THRESHOLD", "9999"),
            // As in a template that nobody has filled in yet.
            ("DISCORD_WEBHOOK_URL", ""),
        ],
    ));
}

#[test]
fn no_secret_that_is_given_is_shown() {
    const HOOK: &str = "https://hooks.slack.com/services/T0000/B0000/geheim1234567890";
    const SERIAL: &str = "https://serial.example.org/geheim0987654321";
    const TOKEN: &str = "123456:geheimABCDEF";
    if is_child(no_secret_that_is_given_is_shown) {
        let guard = run_with(start(), || {
            tracing::error!(hook = HOOK, "cannot reach {SERIAL} with {TOKEN}");
        });
        return settled(&guard);
    }
    let said = stderr_text(&child(
        no_secret_that_is_given_is_shown,
        &[
            DRY,
            ("SLACK_WEBHOOK_URL", HOOK),
            ("SHOP_SERIAL__URL", SERIAL),
            ("TELEGRAM_BOT_TOKEN", TOKEN),
            ("TELEGRAM_CHAT_ID", "-1001234567890"),
        ],
    ));
    assert_eq!(frames(&said).len(), 6, "{said}");
    assert!(!said.contains("geheim"), "{said}");
    assert!(said.contains("POST https://serial.example.org/…"), "{said}");
    assert!(
        said.contains("telegram · Telegram · chat -1001234567890"),
        "{said}"
    );
}

#[test]
fn a_storm_is_shown_in_as_few_messages_as_the_chats_would_get() {
    if is_child(a_storm_is_shown_in_as_few_messages_as_the_chats_would_get) {
        let guard = run_with(start(), || {
            for order in 0..200 {
                tracing::error!(order, "payment failed");
            }
        });
        settled(&guard);
        for lane in guard.handle().stats().lanes {
            assert_eq!(lane.delivered, 200);
            println!("{}: {}", lane.name, lane.messages);
        }
        return;
    }
    let output = child(
        a_storm_is_shown_in_as_few_messages_as_the_chats_would_get,
        &[DRY, ("SHOP_SYNC_TIMEOUT", "10s")],
    );
    let (text, said) = (child_output(&output), stderr_text(&output));
    let frames = frames(&said);
    for name in ["slack", "ops", "telegram"] {
        let of_it = frames.iter().filter(|(head, _)| head.starts_with(name));
        let shown = of_it.clone().count();
        // One a second: the first alone, and the rest in what little of a second it takes.
        assert!((1..20).contains(&shown), "{name}: {shown}\n{text}");
        assert!(text.contains(&format!("{name}: {shown}\n")), "{text}");
        assert!(of_it.clone().any(|(_, text)| text.contains("×")), "{said}");
    }
}

#[test]
fn all_of_logout_can_still_be_turned_off() {
    if is_child(all_of_logout_can_still_be_turned_off) {
        let guard = run_with(start(), || tracing::error!("payment failed"));
        return settled(&guard);
    }
    let said = stderr_text(&child(
        all_of_logout_can_still_be_turned_off,
        &[DRY, ("SHOP_ENABLED", "false")],
    ));
    assert!(
        !said.contains("logout:") && frames(&said).is_empty(),
        "{said}"
    );
}

#[test]
fn the_key_is_listed_with_the_others() {
    let keys = Alerts::keys();
    let key = keys.iter().find(|key| key.path() == "dry_run").unwrap();
    assert_eq!(key.variables(), ["SHOP_DRY_RUN"]);
    assert_eq!(key.default(), Some("false"));
    assert!(Alerts::env_template().contains("\n# SHOP_DRY_RUN=false\n"));
    assert!(Alerts::toml_template().contains("\n# dry_run = false\n"));
}

logout! {
    struct Hooked { adapters: [hook: Hook] }
}

#[test]
fn a_dry_run_ends_when_the_configuration_is_read_again_without_it() {
    let recorder = Recorder::answering(200);
    let alerts = Hooked::from_figment(("dry_run", true)).unwrap();
    let (layer, guard) = alerts.transport(recorder.clone()).start().unwrap();
    let handle = guard.handle();
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        tracing::error!("in the dry");
        handle.flush(TIMEOUT).unwrap();
        assert!(recorder.sent_to("hook.example").is_empty());

        // What is missing is missing now.
        let error = handle.reload_from(("dry_run", false)).unwrap_err();
        assert!(error.to_string().contains("hook.url is missing"), "{error}");

        handle
            .reload_from(("hook.url", "https://hook.example/x"))
            .unwrap();
        tracing::error!("in the rain");
        handle.flush(TIMEOUT).unwrap();
    });
    let sent = recorder.sent_to("hook.example");
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("in the rain"));
    let stats = handle.stats();
    assert_eq!(stats.lane("hook").unwrap().delivered, 2);
    assert_eq!(stats.lane("hook").unwrap().requests, 1);
    handle.shutdown(Duration::from_secs(3)).unwrap();
}
