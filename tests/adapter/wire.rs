//! Validation of the adapters' requests against the platforms' own schemas.
//!
//! The schemas lie beside the project, in the folder that `LOGOUT_CONTRACTS` names.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jsonschema::Validator;
use logout::sandbox::{Exchange, Platform, Sandbox};
use logout::{Discord, Slack, Telegram, Zulip, logout};
use serde_json::{Map, Value};

use crate::support::process::report_skipped;
use crate::support::{TIMEOUT, run_with};

logout! {
    struct Alerts {
        project_name: "Corner Shop",
        environment: "test",
        release: "1.10.2",
        adapters: [Slack, Discord, Telegram, Zulip { stream: "123", topic: "shop" }],
    }
}

/// Something to tell, by itself and of every kind.
const STORIES: [fn(); 7] = [
    || tracing::warn!(order = 42, "the shelf is almost empty"),
    || {
        let _request = tracing::info_span!("request", id = 7, path = "/checkout").entered();
        let error = std::io::Error::other("gateway answered 402");
        tracing::error!(
            error = &error as &dyn Error,
            elapsed_ms = 12.5,
            "payment failed"
        );
    },
    || tracing::error!(zulip_topic = "stock", "two\nlines\n\n    and some room"),
    || tracing::error!("{}", "🔥".repeat(3_000)),
    || tracing::error!(body = "<b>&".repeat(2_000), "{}", "```\n".repeat(2_000)),
    || {
        tracing::error!("<!channel> @everyone @**all** </code> &amp; ``` \u{202e} \0 *_~`|>[](x)");
    },
    || {
        for kind in 0..30 {
            tracing::error!(
                fingerprint = format!("{kind:04x}"),
                kind,
                "a storm of its own"
            );
        }
    },
];

fn schema(folder: &Path, path: &str) -> Validator {
    let text = std::fs::read_to_string(folder.join(path)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// Returns the schemas for a request, and the part of it that they describe.
fn schemas_for(exchange: &Exchange) -> Option<(&'static [&'static str], Value)> {
    let path = exchange.request().path();
    Some(match exchange.platform()? {
        Platform::Slack => (
            &[
                "slack/incoming_webhook.schema.json",
                "slack/incoming_webhook.types.schema.json",
            ],
            json(exchange),
        ),
        Platform::Discord => (
            &[
                "discord/execute_webhook.schema.json",
                "discord/execute_webhook.official.schema.json",
            ],
            json(exchange),
        ),
        Platform::Telegram if path.ends_with("/sendDocument") => (
            &["telegram/send_document.schema.json"],
            Value::Object(parts(exchange)),
        ),
        Platform::Telegram => (&["telegram/send_message.schema.json"], json(exchange)),
        Platform::Zulip if path.ends_with("/user_uploads") => return None,
        Platform::Zulip => (&["zulip/send_message_form.schema.json"], form(exchange)),
        other => panic!("{other} has no schema here"),
    })
}

/// Returns the JSON body, by itself or as the part of an upload.
fn json(exchange: &Exchange) -> Value {
    if content_type(exchange).starts_with("multipart/") {
        let mut parts = parts(exchange);
        return parts.remove("payload_json").unwrap();
    }
    assert_eq!(content_type(exchange), "application/json");
    serde_json::from_slice(exchange.request().body()).unwrap()
}

fn form(exchange: &Exchange) -> Value {
    assert_eq!(content_type(exchange), "application/x-www-form-urlencoded");
    form_urlencoded::parse(exchange.request().body())
        .map(|(name, value)| (name.into_owned(), Value::from(value)))
        .collect()
}

/// Returns the parts of an upload: JSON as JSON, everything else as text.
fn parts(exchange: &Exchange) -> Map<String, Value> {
    let boundary = content_type(exchange).split_once("boundary=").unwrap().1;
    let body = String::from_utf8_lossy(exchange.request().body());
    body.split(&format!("--{boundary}"))
        .filter_map(|part| {
            let (head, value) = part.split_once("\r\n\r\n")?;
            let name = head.split_once("name=\"")?.1.split('"').next()?;
            let value = value.strip_suffix("\r\n")?;
            let is_text = head.contains("filename");
            let parsed = serde_json::from_str(value).ok().filter(|_| !is_text);
            Some((name.to_owned(), parsed.unwrap_or_else(|| value.into())))
        })
        .collect()
}

fn content_type(exchange: &Exchange) -> &str {
    exchange.request().header("content-type").unwrap()
}

#[test]
fn every_request_that_leaves_is_one_the_platforms_schema_allows() {
    let Some(folder) = std::env::var_os("LOGOUT_CONTRACTS").map(PathBuf::from) else {
        return report_skipped("LOGOUT_CONTRACTS names no folder of schemas");
    };
    let mut seen = 0;
    let mut read: BTreeMap<&str, Validator> = BTreeMap::new();
    for story in STORIES {
        let sandbox = Sandbox::start().unwrap();
        sandbox.set_rate_limits(false);
        sandbox.add_stream("123");
        let alerts = Alerts::from_figment(sandbox.figment()).unwrap();
        let guard = run_with(alerts.start().unwrap(), story);
        guard.handle().flush(TIMEOUT).unwrap();
        guard.handle().shutdown(Duration::ZERO).unwrap();
        for exchange in sandbox.requests() {
            assert_eq!(exchange.refusal(), None, "{exchange:?}");
            let Some((schemas, body)) = schemas_for(&exchange) else {
                continue;
            };
            for path in schemas {
                let schema = read.entry(path).or_insert_with(|| schema(&folder, path));
                let wrong: Vec<_> = schema.iter_errors(&body).map(|e| e.to_string()).collect();
                assert!(wrong.is_empty(), "{path}: {wrong:#?}\n{body:#}");
                seen += 1;
            }
        }
    }
    assert!(seen >= 6 * STORIES.len(), "{seen} requests were judged");
}
