//! Secrets, which nothing that is shown holds: messages, reports, errors, `Debug`, numbers, standard error.
//!
//! What is shown here and in every other test is also kept for a search over the whole run; see
//! `.ci/secrets`, which is tested here as well.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use logout::adapter::{AdapterOptions, Request, Response, Step};
use logout::sandbox::{Sandbox, Trouble};
use logout::{Adapter, Change, Discord, Notice, Slack, Telegram, Zulip, logout};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tracing_subscriber::prelude::*;

use crate::support;
use crate::support::emitted::record;

logout! {
    struct Alerts {
        project_name: "secrets",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "alerts" }],
    }
}

/// In every secret of a sandbox.
const MARK: &str = "Sandb0x";

/// Returns every secret of this sandbox, in each spelling in which it could appear.
fn spellings(sandbox: &Sandbox) -> Vec<String> {
    let setting = |key: &str| sandbox.figment().extract_inner::<String>(key).unwrap();
    let mut secrets = vec![
        setting("slack.url"),
        setting("discord.url"),
        setting("telegram.bot_token"),
        setting("zulip.bot_api_key"),
    ];
    for url in ["slack.url", "discord.url"] {
        let url = setting(url);
        secrets.extend(url.rsplit('/').next().map(str::to_owned));
    }
    secrets.push(format!("{}/bot{}/x", setting("telegram.url"), secrets[2]));
    let login = format!("{}:{}", setting("zulip.bot_email"), secrets[3]);
    let mut spellings = vec![STANDARD.encode(&login), login.clone()];
    for secret in secrets {
        assert!(secret.contains(MARK), "{secret}");
        spellings.push(utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string());
        spellings.push(STANDARD.encode(&secret));
        spellings.push(URL_SAFE_NO_PAD.encode(&secret));
        spellings.push(format!("{secret:?}"));
        spellings.push(secret);
    }
    spellings
}

/// Records what is shown, and fails if a secret is in it.
fn show(secrets: &[String], text: &str) {
    record(text.as_bytes());
    let shown = secrets.iter().find(|secret| text.contains(*secret));
    assert_eq!(shown, None, "{text}");
    assert!(!text.contains(MARK), "{text}");
}

#[test]
fn secrets_in_the_log_are_cut_out_of_every_message() {
    let sandbox = Sandbox::start().unwrap();
    let spellings = spellings(&sandbox);
    let all = spellings.join(" ");
    support::run_and_flush(
        Alerts::from_figment(sandbox.figment())
            .unwrap()
            .start()
            .unwrap(),
        || {
            let span = tracing::info_span!("request", url = %all);
            let error = std::io::Error::other(all.clone());
            span.in_scope(|| {
                tracing::error!(
                    zulip_topic = %all,
                    error = &error as &dyn std::error::Error,
                    field = ?all,
                    "{all}"
                );
            });
        },
    );
    assert_eq!(sandbox.inbox().len(), 4);
    for exchange in sandbox.requests() {
        show(
            &spellings,
            &String::from_utf8_lossy(exchange.request().body()),
        );
        show(&spellings, &format!("{exchange:?}"));
    }
    for message in sandbox.inbox() {
        show(&spellings, message.text());
    }
}

#[test]
fn nothing_of_the_library_shows_a_secret() {
    let sandbox = Sandbox::start().unwrap();
    let secrets = spellings(&sandbox);
    let show = |text: String| show(&secrets, &text);
    let figment = sandbox.figment().merge(("zulip.stream", "alerts"));

    fn adapter<A: Adapter + AdapterOptions + std::fmt::Debug>(
        figment: &figment::Figment,
        name: &str,
        show: impl Fn(String),
    ) {
        let adapter: A = figment.extract_inner(name).unwrap();
        let mut request = Request::new();
        adapter.render(
            &Notice::new(tracing::Level::ERROR, "x"),
            Step::default(),
            &mut request,
        );
        let windows: Vec<_> = adapter.pace().into_iter().collect();
        show(format!(
            "{adapter:?} {request:?} {windows:?} {:?}",
            request.url()
        ));
    }
    adapter::<Slack>(&figment, "slack", show);
    adapter::<Discord>(&figment, "discord", show);
    adapter::<Telegram>(&figment, "telegram", show);
    adapter::<Zulip>(&figment, "zulip", show);

    // Each value where it does not belong.
    for key in [
        "level",
        "truncate",
        "slack.allow_http",
        "telegram.chat_id",
        "discord.url",
        "slack.nonsense",
    ] {
        let wrong = sandbox.figment().merge((key, &secrets[secrets.len() - 1]));
        let Err(error) = Alerts::from_figment(wrong) else {
            panic!("{key} is taken");
        };
        show(format!("{error} {error:?} {error:#?}"));
    }

    for name in ["slack", "discord", "telegram", "zulip"] {
        sandbox.trouble(name, Trouble::gone().times(1));
    }
    let builder = Alerts::from_figment(sandbox.figment()).unwrap();
    show(format!("{builder:?}"));
    let (alerts, guard) = builder.start().unwrap();
    show(format!("{alerts:?} {guard:?} {:?}", guard.handle()));
    let subscriber = tracing_subscriber::registry().with(alerts);
    tracing::subscriber::with_default(subscriber, || tracing::error!("lost"));
    let flushed = guard.handle().flush(support::TIMEOUT);
    let reloaded = guard
        .handle()
        .reload_from(("slack.url", &secrets[secrets.len() - 1]));
    let changed = guard.handle().configure(Change::new().discard_threshold(0));
    show(format!("{flushed:?} {reloaded:?} {changed:?}"));
    let stats = guard.handle().stats();
    show(format!("{stats} {stats:?}"));
    let mut response = Response::new(500);
    response.set_body("no secret of ours");
    show(format!(
        "{response:?} {:?}",
        guard.handle().shutdown(Duration::from_secs(5))
    ));
    for exchange in sandbox.requests() {
        show(format!("{exchange:?} {:?}", exchange.answer()));
    }
}

/// Returns whether the search finds nothing, and its output.
fn run_search(folder: &Path) -> (bool, String) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/secrets");
    let output = Command::new(script).arg(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), said)
}

#[test]
fn the_search_over_a_run_finds_a_planted_secret_in_every_spelling() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("planted");
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(folder.join("below")).unwrap();
    assert!(!run_search(&folder).0, "nothing was recorded");
    let harmless = "POST /services/T0/B0/…\nnothing to see: sandbox, secret\n";
    std::fs::write(folder.join("below/harmless"), harmless).unwrap();
    let (nothing, said) = run_search(&folder);
    assert!(
        nothing && said.starts_with("no secret in 1 files"),
        "{said}"
    );

    let sandbox = Sandbox::start().unwrap();
    let mut planted = spellings(&sandbox);
    planted.extend(["s3cret".to_owned(), "a geheim b".to_owned()]);
    let shifted = ["", "a", "ab", "abc"].map(|shift| format!("{shift}{MARK}rest"));
    planted.extend(shifted.map(|text| STANDARD.encode(text)));
    for (number, secret) in planted.iter().enumerate() {
        let text = format!("text\0{secret}\n");
        std::fs::write(folder.join(format!("below/planted-{number}-")), text).unwrap();
    }
    let (nothing, said) = run_search(&folder);
    assert!(!nothing && !said.contains("harmless"), "{said}");
    for (number, secret) in planted.iter().enumerate() {
        assert!(said.contains(&format!("/planted-{number}-")), "{secret}");
    }
}

#[test]
fn an_instance_that_is_off_has_its_secrets_kept_out_too() {
    let sandbox = Sandbox::start().unwrap();
    let spellings = spellings(&sandbox);
    let figment = sandbox
        .figment()
        .merge(("slack.enabled", false))
        .merge(("telegram.enabled", false));
    let all = spellings.join(" ");
    support::run_and_flush(
        Alerts::from_figment(figment).unwrap().start().unwrap(),
        || {
            tracing::error!("{all}");
        },
    );
    let inbox = sandbox.inbox();
    assert_eq!(inbox.len(), 2);
    for message in inbox {
        show(&spellings, &message.to_string());
    }
}
