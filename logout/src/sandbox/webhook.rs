//! A receiver of Standard Webhooks 1.0, as strict as the specification.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::Value;

use super::destination::Destination;
use super::details::{Details, WebhookDetails};
use super::json::Fields as _;
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::readable::ReadableMessage;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials, bare_urls};

/// "A tolerance of five minutes" in the libraries of the specification.
const TOLERANCE: u64 = 5 * 60;

/// The largest body that is recommended ("Payload size").
const BODY: usize = 20_000;

/// Returns the limits that a test has set: Standard Webhooks names none.
pub(super) const LIMITS: &[(&str, Rate)] = &[];

pub(super) const VARIABLES: &[(&str, &str)] = &[];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/webhook/")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    let given = raw.path.strip_prefix("/webhook/");
    matches!(&destination.credentials, Credentials::Webhook { path, .. } if given == Some(path))
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let raw = context.raw;
    let Some(destination) = context.destination else {
        return refuse(404, "there is no such webhook");
    };
    context.take_slot()?;
    if raw.method != "POST" || raw.media_type() != "application/json" {
        return refuse(400, "a webhook is posted as application/json");
    }
    let id = raw.header("webhook-id").unwrap_or_default().to_owned();
    check_signature(raw, destination, &id, context.epoch() as u64)?;
    let document = check_document(raw)?;
    let seen = format!("{}/{id}", destination.name);
    if !context.remembered.insert(seen) {
        // A repetition is acknowledged and left out.
        return Ok(Decision::served(Answer::new(204)));
    }
    Ok(Decision::delivered(Answer::new(204), draft(document, id)))
}

fn check_signature(
    raw: &RawRequest,
    destination: &Destination,
    id: &str,
    now: u64,
) -> OrRefusal<()> {
    let Credentials::Webhook { key, .. } = &destination.credentials else {
        return refuse(404, "there is no such webhook");
    };
    let header = |name: &str| raw.header(name).unwrap_or_default();
    let timestamp = header("webhook-timestamp");
    if id.is_empty() || id.contains('.') {
        return refuse(400, "`webhook-id` is missing or has a dot");
    }
    let Ok(sent) = timestamp.parse::<u64>() else {
        return refuse(400, "`webhook-timestamp` is no number of seconds");
    };
    if now.abs_diff(sent) > TOLERANCE {
        return refuse(400, "`webhook-timestamp` is more than five minutes away");
    }
    let encoded = key.strip_prefix("whsec_").unwrap_or(key);
    let key = STANDARD.decode(encoded).unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", &raw.body].concat();
    let mut signatures = header("webhook-signature").split(' ');
    let is_right = signatures.any(|signature| {
        let encoded = signature.strip_prefix("v1,").unwrap_or_default();
        let given = STANDARD.decode(encoded).unwrap_or_default();
        hmac::verify(&key, &signed, &given).is_ok()
    });
    match is_right {
        true => Ok(()),
        false => refuse(401, "no signature is right"),
    }
}

fn check_document(raw: &RawRequest) -> OrRefusal<Value> {
    if raw.body.len() > BODY {
        let why = format!("{} bytes, at most {BODY} are recommended", raw.body.len());
        return refuse(413, &why);
    }
    let Ok(document) = serde_json::from_slice::<Value>(&raw.body) else {
        return refuse(400, "the body is not JSON");
    };
    let kind = document.string("type");
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.');
    if kind.is_empty() || !kind.bytes().all(is_sign) {
        return refuse(
            400,
            "`type` is missing or has other signs than letters, digits, `_` and `.`",
        );
    }
    if !document.field("timestamp").is_string() {
        return refuse(400, "`timestamp` is missing");
    }
    if !document.field("data").is_object() {
        return refuse(400, "`data` is no object");
    }
    Ok(document)
}

/// Returns the message as a person would read it who has nothing but the document.
fn draft(document: Value, id: String) -> MessageContent {
    let data = document.field("data");
    let part = |name: &str| data.string(name);
    let emoji = match part("severity") {
        "report" => "📉",
        "trace" => "🔍",
        "debug" => "🐛",
        "info" => "ℹ️",
        "warn" => "⚠️",
        "panic" => "💥",
        _ => "🔥",
    };
    let mut context = Vec::new();
    if data.get("possible_repeat") == Some(&Value::Bool(true)) {
        context.push("possible repeat");
    }
    context.extend(["project", "environment", "host", "release"].map(part));
    context.retain(|part| !part.is_empty());
    let mut lines = vec![
        format!("{emoji} {}", part("headline")),
        context.join(" · "),
        part("text").to_owned(),
        part("body").to_owned(),
    ];
    let fields = data.field("fields").as_object();
    for (name, value) in fields.into_iter().flatten() {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        lines.push(format!("{name}: {value}"));
    }
    let place = [part("module"), part("file")].join(" ");
    let line = data.field("line").as_u64();
    let line = line.map_or_else(String::new, |line| format!(":{line}"));
    let mark = match part("fingerprint") {
        "" => String::new(),
        fingerprint => format!(" · #{fingerprint}"),
    };
    let place = format!("{place}{line}{mark}");
    lines.push(place.trim_start_matches([' ', '·']).to_owned());
    lines.push(part("backtrace").to_owned());
    let links = data.list("links").iter();
    let links = links.flat_map(|link| bare_urls::find_urls(link.string("url")));
    let links = links.collect();
    lines.retain(|line| !line.is_empty());
    let readable = ReadableMessage {
        text: lines.join("\n"),
        links,
        ..ReadableMessage::default()
    };
    MessageContent::new(readable, Details::Webhook(WebhookDetails { id, document }))
}

fn refuse<T>(status: u16, why: &str) -> OrRefusal<T> {
    Err((Answer::new(status).body(why), why.to_owned()))
}

pub(super) fn rate_limited(wait: Duration) -> Answer {
    Answer::new(429).header("Retry-After", super::whole_seconds(wait).to_string())
}

/// Returns "410 Gone": the receiver wants no more.
pub(super) fn gone() -> Answer {
    Answer::new(410)
}
