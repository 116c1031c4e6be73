//! Errors as services create them: the reports of anyhow, eyre and color-eyre are parsed, with and without
//! `RUST_BACKTRACE`, and a panic shows the program's own frames. Both the variable and the hooks of eyre
//! belong to the process, so each case runs in one of its own.

use std::fmt;

use logout::sandbox::{Message, Platform, Sandbox};
use logout::{Discord, Guard, Slack, Telegram, Zulip, logout};
use tracing_subscriber::prelude::*;

use crate::support::process::{child, child_output, is_child};

logout! {
    struct Alerts {
        project_name: "reports",
        // The end of the process waits until all is sent, however slow the machine is.
        shutdown_timeout: "20s",
        truncate: "64 KiB",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

logout! {
    /// A block that keeps only a part of such a report.
    struct Short {
        project_name: "reports",
        shutdown_timeout: "20s",
        truncate: "2 KiB",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

/// Where the parent's sandbox is.
const SETTINGS: &str = "REPORTS_SETTINGS";

/// The settings that a process of a test finds its parent's sandbox by.
const KEYS: [&str; 9] = [
    "slack.url",
    "discord.url",
    "telegram.url",
    "telegram.bot_token",
    "telegram.chat_id",
    "zulip.url",
    "zulip.bot_email",
    "zulip.bot_api_key",
    "zulip.stream",
];

#[derive(Debug)]
struct Declined;

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("card declined\nby the bank")
    }
}

impl std::error::Error for Declined {}

/// Returns an anyhow error whose backtrace has this frame of the program's own.
#[inline(never)]
fn charge_by_anyhow() -> anyhow::Result<()> {
    use anyhow::Context as _;
    Err(Declined).context("bank said no").context("cannot pay")
}

/// Returns an eyre report whose backtrace has this frame of the program's own.
#[inline(never)]
fn charge_by_eyre() -> eyre::Result<()> {
    use eyre::WrapErr as _;
    Err(Declined)
        .wrap_err("bank said no")
        .wrap_err("cannot pay")
}

/// Returns the settings that the parent process gave.
fn figment() -> figment::Figment {
    let settings = std::env::var(SETTINGS).unwrap();
    let mut figment = figment::Figment::new();
    for line in settings.lines() {
        let (key, value) = line.split_once('=').unwrap();
        figment = match value.parse::<i64>() {
            Ok(number) => figment.merge((key, number)),
            Err(_) => figment.merge((key, value)),
        };
    }
    figment
}

fn start() -> Guard<Alerts> {
    let (alerts, guard) = Alerts::from_figment(figment()).unwrap().start().unwrap();
    let spans = tracing_error::ErrorLayer::default();
    tracing_subscriber::registry()
        .with(alerts)
        .with(spans)
        .init();
    guard.capture_panics();
    guard
}

/// Runs the test in a process of its own and returns what the chats received.
fn messages_of_child(test: impl Fn(), backtrace: &str) -> Vec<Message> {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment();
    let settings: Vec<String> = KEYS
        .iter()
        .filter_map(|key| {
            let text = figment.extract_inner::<String>(key).ok();
            let number = || figment.extract_inner::<i64>(key).ok();
            let value = text.or_else(|| number().map(|number| number.to_string()))?;
            Some(format!("{key}={value}"))
        })
        .collect();
    let settings = settings.join("\n");
    child_output(&child(
        test,
        &[(SETTINGS, &*settings), ("RUST_BACKTRACE", backtrace)],
    ));
    let inbox = sandbox.inbox();
    for platform in [
        Platform::Slack,
        Platform::Discord,
        Platform::Telegram,
        Platform::Zulip,
    ] {
        // A file is part of a message, though Telegram has it follow.
        let texts = inbox
            .iter()
            .filter(|message| message.platform() == platform);
        let texts = texts.filter(|message| message.text().contains("cannot pay"));
        assert_eq!(texts.count(), 1, "{platform:?}: {inbox:#?}");
    }
    inbox
}

/// Returns the first line with the error, in chats where it is a text of its own.
fn headline(message: &Message) -> String {
    let text = message.text();
    text.lines()
        .find(|line| line.contains("cannot pay"))
        .unwrap()
        .to_owned()
}

/// Checks what every chat has to say of the error.
#[track_caller]
fn assert_taken_apart(inbox: &[Message], own: Option<&str>) {
    for message in inbox
        .iter()
        .filter(|message| message.text().contains("cannot pay"))
    {
        let text = message.text();
        let headline = headline(message);
        assert!(!headline.contains("bank said no"), "{text}");
        for said in [
            "caused by: bank said no",
            "caused by: card declined",
            "by the bank",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        for noise in [
            "Caused by:",
            "0: cannot pay",
            "\x1b",
            "Stack backtrace",
            "BACKTRACE",
            "━",
        ] {
            assert!(!text.contains(noise), "{noise}: {text}");
        }
        if let Some(own) = own {
            assert!(text.contains(own), "{own}: {text}");
            assert!(text.contains("other frame"), "{text}");
            assert!(!text.contains("__libc_start"), "{text}");
            assert!(!text.contains("/registry/src/"), "{text}");
        }
    }
}

/// Asserts that every attached file holds all of `parts`.
#[track_caller]
fn assert_in_files(inbox: &[Message], parts: &[&str]) {
    let files: Vec<String> = inbox
        .iter()
        .flat_map(|message| message.files())
        .map(|file| file.text())
        .collect();
    assert!(!files.is_empty(), "{inbox:#?}");
    for file in &files {
        for part in parts {
            assert!(file.contains(part), "{part}: {file}");
        }
    }
}

#[test]
fn what_anyhow_writes_is_taken_apart() {
    if is_child(what_anyhow_writes_is_taken_apart) {
        let _guard = start();
        let error = charge_by_anyhow().unwrap_err();
        tracing::error!(e = ?error, order = 42, "checkout failed");
        return;
    }
    let inbox = messages_of_child(what_anyhow_writes_is_taken_apart, "0");
    assert_taken_apart(&inbox, None);
    assert!(headline(&inbox[0]).contains("checkout failed: cannot pay"));
    let inbox = messages_of_child(what_anyhow_writes_is_taken_apart, "1");
    assert_taken_apart(&inbox, Some("charge_by_anyhow"));
    assert_in_files(&inbox, &["Caused by:", "Stack backtrace:", "start_thread"]);
}

#[test]
fn the_programs_own_frames_are_shown_of_a_report_that_is_cut() {
    if is_child(the_programs_own_frames_are_shown_of_a_report_that_is_cut) {
        let (alerts, _guard) = Short::from_figment(figment()).unwrap().start().unwrap();
        tracing_subscriber::registry().with(alerts).init();
        let error = charge_by_anyhow().unwrap_err();
        tracing::error!(?error, "checkout failed");
        return;
    }
    let inbox = messages_of_child(
        the_programs_own_frames_are_shown_of_a_report_that_is_cut,
        "1",
    );
    assert_taken_apart(&inbox, Some("charge_by_anyhow"));
    assert_in_files(&inbox, &["Caused by:", "frames hidden", "charge_by_anyhow"]);
}

#[test]
fn what_eyre_writes_is_taken_apart() {
    if is_child(what_eyre_writes_is_taken_apart) {
        let _guard = start();
        let error = charge_by_eyre().unwrap_err();
        tracing::error!("checkout failed: {error:?}");
        return;
    }
    let inbox = messages_of_child(what_eyre_writes_is_taken_apart, "0");
    assert_taken_apart(&inbox, None);
    // Without frames the place where the error was made says most.
    assert!(
        inbox[0]
            .text()
            .contains("at tests/capture/error_reports.rs:"),
        "{inbox:#?}"
    );
    let inbox = messages_of_child(what_eyre_writes_is_taken_apart, "1");
    assert_taken_apart(&inbox, None);
}

#[test]
fn what_color_eyre_writes_is_taken_apart() {
    if is_child(what_color_eyre_writes_is_taken_apart) {
        color_eyre::install().unwrap();
        let _guard = start();
        let _request = tracing::info_span!("request", id = 7).entered();
        let error = charge_by_eyre().unwrap_err();
        tracing::error!(err = ?error, "checkout failed");
        return;
    }
    let [_, inbox] = ["0", "1"].map(|backtrace| {
        let inbox = messages_of_child(what_color_eyre_writes_is_taken_apart, backtrace);
        assert_taken_apart(&inbox, None);
        assert!(
            headline(&inbox[0]).contains("checkout failed: cannot pay"),
            "{inbox:#?}"
        );
        inbox
    });
    assert_in_files(&inbox, &["SPANTRACE", "BACKTRACE", "charge_by_eyre"]);
    for message in inbox
        .iter()
        .filter(|message| message.text().contains("cannot pay"))
    {
        assert!(message.text().contains("charge_by_eyre"), "{message:?}");
    }
}

#[test]
fn a_panic_on_unwrap_shows_what_the_error_says() {
    if is_child(a_panic_on_unwrap_shows_what_the_error_says) {
        color_eyre::install().unwrap();
        let guard = start();
        let fell = std::thread::spawn(|| charge_by_eyre().unwrap()).join();
        assert!(fell.is_err());
        drop(guard);
        return;
    }
    let inbox = messages_of_child(a_panic_on_unwrap_shows_what_the_error_says, "0");
    assert_taken_apart(&inbox, None);
    let told = "panicked: called `Result::unwrap()` on an `Err` value: cannot pay";
    assert!(
        headline(&inbox[0]).replace('\\', "").contains(told),
        "{inbox:#?}"
    );
    let inbox = messages_of_child(a_panic_on_unwrap_shows_what_the_error_says, "1");
    assert_taken_apart(&inbox, Some("at tests/capture/error_reports.rs:"));
    assert_in_files(&inbox, &["BACKTRACE", "charge_by_eyre", "start_thread"]);
    let text = inbox[0].text();
    assert!(
        text.contains("the error was made at tests/capture/error_reports.rs:"),
        "{text}"
    );
}

#[test]
fn a_panic_in_a_task_of_tokio_is_one_message_with_the_own_frames_first() {
    #[inline(never)]
    fn serve() {
        panic!("cannot pay");
    }
    if is_child(a_panic_in_a_task_of_tokio_is_one_message_with_the_own_frames_first) {
        let guard = start();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let fell = runtime.block_on(async { tokio::spawn(async { serve() }).await });
        assert!(fell.is_err());
        drop(guard);
        return;
    }
    let inbox = messages_of_child(
        a_panic_in_a_task_of_tokio_is_one_message_with_the_own_frames_first,
        "1",
    );
    for message in inbox
        .iter()
        .filter(|message| message.text().contains("cannot pay"))
    {
        let text = message.text();
        assert!(text.contains("serve"), "{text}");
        assert!(
            !text.contains("tokio::runtime") && text.contains("other frames"),
            "{text}"
        );
    }
    assert_in_files(&inbox, &["tokio::runtime"]);
}
