//! PagerDuty's Events API v2.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::destination::Destination;
use super::details::{Details, PagerDutyDetails};
use super::json::Fields as _;
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::readable::ReadableMessage;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials};

/// "Approximately 120 calls/minute per integration key", "over a 60 second window looking back"
/// (PagerDuty/developer-docs, `events-API-v2/05-Rate-Limits.md`).
const RATE: Rate = Rate::Sliding {
    count: 120,
    per: Duration::from_secs(60),
};

/// Bytes of an event: "512 KB", read as thousands.
const EVENT: usize = 512_000;

/// The length of a key, and what texts may have, in code points: the documentation speaks of characters.
const ROUTING_KEY: usize = 32;
const DEDUP_KEY: usize = 255;
const SUMMARY: usize = 1_024;

const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];

/// Returns the key that an event names.
fn routing_key(raw: &RawRequest) -> Option<String> {
    let event = serde_json::from_slice::<Value>(&raw.body).ok()?;
    event.get("routing_key")?.as_str().map(str::to_owned)
}

pub(super) const LIMITS: &[(&str, Rate)] = &[("key", RATE)];

pub(super) const VARIABLES: &[(&str, &str)] = &[("PAGERDUTY_ROUTING_KEY", "routing_key")];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/v2/")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    match (&destination.credentials, routing_key(raw)) {
        (Credentials::PagerDuty { key }, Some(given)) => *key == given,
        _ => false,
    }
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let is_change = match context.raw.path.as_str() {
        "/v2/enqueue" => false,
        "/v2/change/enqueue" => true,
        _ => return Err((Answer::new(404), "there is no such endpoint".to_owned())),
    };
    if context.raw.method != "POST" {
        return Err((Answer::new(405), "the method is not POST".to_owned()));
    }
    if context.raw.body.len() > EVENT {
        return invalid(&format!("the event has over {EVENT} bytes"));
    }
    let Ok(Value::Object(event)) = serde_json::from_slice::<Value>(&context.raw.body) else {
        return invalid("the body is no JSON object");
    };
    let key = text(&event, "routing_key")?;
    if key.chars().count() != ROUTING_KEY {
        return invalid("Length of 'routing_key' is incorrect (should be 32 characters)");
    }
    let Some(destination) = context.destination else {
        // The API is asynchronous: that no service has such a key is told to nobody.
        let why = "no service has this key, which its sender is not told";
        return Err((accepted(""), why.to_owned()));
    };
    if is_change && key.starts_with('R') {
        return invalid("'routing_key' of a ruleset takes no change events");
    }
    context.take_slot()?;
    if is_change {
        return change(&event);
    }
    alert(context, destination, &event)
}

fn alert(
    context: &mut RequestContext<'_>,
    destination: &Destination,
    event: &Map<String, Value>,
) -> OrRefusal<Decision> {
    let action = text(event, "event_action")?;
    if !["trigger", "acknowledge", "resolve"].contains(&action) {
        return invalid("'event_action' is not one of trigger, acknowledge, resolve");
    }
    let key = match event.get("dedup_key") {
        None => format!("{:032x}", fastrand::u128(..)),
        Some(Value::String(key)) if (1..=DEDUP_KEY).contains(&key.chars().count()) => key.clone(),
        Some(_) => return invalid("Length of 'dedup_key' is incorrect (at most 255 characters)"),
    };
    let payload = event.field("payload").as_object();
    let empty = Map::new();
    let payload = match (payload, action) {
        (Some(payload), _) => payload,
        (None, "trigger") => return invalid("'payload' is missing or blank"),
        (None, _) => &empty,
    };
    if action == "trigger" {
        check_payload(payload, true)?;
    }
    check_links(event)?;
    let known = format!("{}/{key}", destination.name);
    let was_open = context.remembered.contains(&known);
    match (action, was_open) {
        ("trigger", _) => {
            context.remembered.insert(known);
        }
        (_, false) => return Ok(Decision::served(accepted(&key))),
        ("resolve", true) => {
            context.remembered.remove(&known);
        }
        _ => {}
    }
    let details = PagerDutyDetails {
        action: action.to_owned(),
        dedup_key: key.clone(),
        severity: payload.string("severity").to_owned(),
        source: payload.string("source").to_owned(),
        custom_details: payload.field("custom_details").clone(),
        rings: action == "trigger" && !was_open,
    };
    let draft = draft(event, payload, details);
    Ok(Decision::delivered(accepted(&key), draft))
}

fn change(event: &Map<String, Value>) -> OrRefusal<Decision> {
    let Some(payload) = event.field("payload").as_object() else {
        return invalid("'payload' is missing or blank");
    };
    check_payload(payload, false)?;
    check_links(event)?;
    let details = PagerDutyDetails {
        action: "change".to_owned(),
        source: payload.string("source").to_owned(),
        custom_details: payload.field("custom_details").clone(),
        ..PagerDutyDetails::default()
    };
    let answer = json!({ "status": "success", "message": "Change event processed" });
    let draft = draft(event, payload, details);
    Ok(Decision::delivered(Answer::json(202, &answer), draft))
}

fn check_payload(payload: &Map<String, Value>, is_alert: bool) -> OrRefusal<()> {
    let summary = text(payload, "summary")?;
    if summary.chars().count() > SUMMARY {
        return invalid("Length of 'payload.summary' is incorrect (at most 1024 characters)");
    }
    if is_alert {
        text(payload, "source")?;
        if !SEVERITIES.contains(&text(payload, "severity")?) {
            return invalid(
                "'payload.severity' is invalid (must be one of critical, error, warning, info)",
            );
        }
    }
    if payload
        .get("custom_details")
        .is_some_and(|details| !details.is_object())
    {
        return invalid("'payload.custom_details' is not an object");
    }
    for name in ["component", "group", "class"] {
        if payload.get(name).is_some_and(|text| !text.is_string()) {
            return invalid(&format!("'payload.{name}' is not a string"));
        }
    }
    match payload.get("timestamp").map(Value::as_str) {
        None => Ok(()),
        Some(Some(time)) if time.len() >= 20 && time.contains('T') => Ok(()),
        Some(_) => invalid("'payload.timestamp' is not an ISO 8601 timestamp"),
    }
}

fn check_links(event: &Map<String, Value>) -> OrRefusal<()> {
    for link in event.list("links") {
        if link.string("href").is_empty() {
            return invalid("'link href' is missing or blank");
        }
    }
    for image in event.list("images") {
        if !image.string("src").starts_with("https://") {
            return invalid("'image src' is missing or blank");
        }
    }
    Ok(())
}

fn text<'v>(object: &'v Map<String, Value>, name: &str) -> OrRefusal<&'v str> {
    match object.string(name) {
        "" => invalid(&format!("'{name}' is missing or blank")),
        text => Ok(text),
    }
}

/// Reads an event as an incident shows it. Where other chats have an emoji, PagerDuty draws the severity.
fn draft(
    event: &Map<String, Value>,
    payload: &Map<String, Value>,
    details: PagerDutyDetails,
) -> MessageContent {
    let mark = match details.severity.as_str() {
        "critical" => "💥 ",
        "error" => "🔥 ",
        "warning" => "⚠️ ",
        "info" => "ℹ️ ",
        _ if details.action == "change" => "📉 ",
        _ => "",
    };
    let mut lines = vec![format!("{mark}{}", payload.string("summary"))];
    let custom = details.custom_details.as_object();
    // What says whose it is stands below the summary, as everywhere.
    let first = custom.and_then(|custom| custom.get("context")?.as_str());
    lines.push(first.unwrap_or(&details.source).to_owned());
    for (name, value) in custom
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "context")
    {
        add(&mut lines, name, value);
    }
    let links = event.list("links").iter();
    let links: Vec<_> = links
        .filter_map(|link| link.get("href")?.as_str())
        .collect();
    lines.extend(links.iter().map(|link| (*link).to_owned()));
    let readable = ReadableMessage {
        text: lines.join("\n"),
        links: links.into_iter().map(str::to_owned).collect(),
        ..ReadableMessage::default()
    };
    MessageContent::new(readable, Details::PagerDuty(details))
}

fn add(lines: &mut Vec<String>, name: &str, value: &Value) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| add(lines, name, value)),
        Value::String(text) if ["message", "place", "spans", "backtrace"].contains(&name) => {
            lines.push(text.clone());
        }
        Value::String(text) if name == "fingerprint" => lines.push(format!("#{text}")),
        Value::String(text) if text.contains('\n') => lines.push(format!("{name}:\n{text}")),
        Value::String(text) => lines.push(format!("{name}: {text}")),
        other => lines.push(format!("{name}: {other}")),
    }
}

fn accepted(dedup_key: &str) -> Answer {
    let mut answer = json!({ "status": "success", "message": "Event processed" });
    if !dedup_key.is_empty() {
        super::answer::set(&mut answer, "dedup_key", dedup_key);
    }
    Answer::json(202, &answer)
}

fn invalid<T>(error: &str) -> OrRefusal<T> {
    let answer = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": [error] });
    Err((Answer::json(400, &answer), error.to_owned()))
}

/// Returns "429 - Request Limit Exceeded". No wait is documented; `Retry-After` is sent so that tests can
/// rely on it.
pub(super) fn rate_limited(wait: Duration) -> Answer {
    Answer::new(429)
        .header("Retry-After", super::whole_seconds(wait).to_string())
        .body("Request Limit Exceeded")
}

pub(super) fn gone() -> Answer {
    let error = "Length of 'routing_key' is incorrect (should be 32 characters)";
    let answer = json!({ "status": "invalid event", "message": "Event object is invalid", "errors": [error] });
    Answer::json(400, &answer)
}
