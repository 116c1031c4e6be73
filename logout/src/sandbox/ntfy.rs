//! ntfy's server, with a topic that only a token's user may write to.

use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Map, Value, json};

use super::destination::Destination;
use super::details::{Details, NtfyDetails};
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Address, Answer, bare_urls};

/// "60 requests per visitor, and then one every 5 seconds" (<https://docs.ntfy.sh/publish/#limitations>,
/// `visitor-request-limit-burst`, `visitor-request-limit-replenish`).
const RATE: Rate = Rate::Bucket {
    burst: 60,
    every: Duration::from_secs(5),
};

/// Bytes of a message (`message-size-limit`); what is longer becomes an attachment. JSON may be twice as
/// long.
const MESSAGE: usize = 4_096;
/// Bytes of a title, and of all tags together (release notes of 2.28).
const TITLE: usize = 1_024;
const TAGS: usize = 512;
const ACTIONS: usize = 3;

/// The tags of logout's messages among those that the apps show as emoji.
const EMOJI: [(&str, &str); 8] = [
    ("chart_with_downwards_trend", "📉"),
    ("mag", "🔍"),
    ("bug", "🐛"),
    ("information_source", "ℹ️"),
    ("warning", "⚠️"),
    ("fire", "🔥"),
    ("boom", "💥"),
    ("rotating_light", "🚨"),
];

pub(super) const VARIABLES: &[(&str, &str)] = &[("NTFY_TOPIC", "topic"), ("NTFY_TOKEN", "token")];

pub(super) fn is_path(path: &str) -> bool {
    matches!(path, "/" | "/v1/account" | "/v1/health")
}

fn topic_of(raw: &RawRequest) -> Option<String> {
    let message = serde_json::from_slice::<Value>(&raw.body).ok()?;
    message.get("topic")?.as_str().map(str::to_owned)
}

fn bearer(raw: &RawRequest) -> Option<&str> {
    let (scheme, token) = raw.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    let Address::Ntfy { topic, token } = &destination.address else {
        return false;
    };
    match (topic_of(raw), bearer(raw)) {
        (Some(named), _) => named == *topic,
        (None, Some(given)) => given == token,
        (None, None) => true,
    }
}

pub(super) fn limits(destination: &Destination) -> Vec<(String, Rate)> {
    destination.limits([("visitor", RATE)])
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> Decision {
    match route(context) {
        Ok(decision) => decision,
        Err((answer, why)) => Decision::Refused(answer, why),
    }
}

fn route(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    if let Some(destination) = context.destination {
        context
            .take_slot(&limits(destination))
            .map_err(|early| (rate_limited(early.wait), "too many requests".to_owned()))?;
    }
    match (context.raw.method.as_str(), context.raw.path.as_str()) {
        ("GET", "/v1/health") => {
            let answer = json!({ "healthy": true });
            Ok(Decision::Served(Answer::json(200, &answer)))
        }
        ("GET", "/v1/account") => account(context).map(Decision::Served),
        ("POST" | "PUT", "/") => publish(context),
        _ => refuse(40_401, "page not found"),
    }
}

/// Returns the user that a token is of; nobody's is no mistake.
fn account(context: &RequestContext<'_>) -> OrRefusal<Answer> {
    let answer = match (bearer(context.raw), is_known(context)) {
        (None, _) => json!({ "username": "*", "role": "anonymous" }),
        (Some(_), true) => json!({ "username": "alarms", "role": "user" }),
        (Some(_), false) => return refuse(40_101, "unauthorized"),
    };
    Ok(Answer::json(200, &answer))
}

/// Returns whether the token is that of the destination.
fn is_known(context: &RequestContext<'_>) -> bool {
    let address = context.destination.map(|destination| &destination.address);
    let known = match address {
        Some(Address::Ntfy { token, .. }) => token.as_str(),
        _ => return false,
    };
    bearer(context.raw) == Some(known)
}

fn publish(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let raw = context.raw;
    if raw.body.len() > 2 * MESSAGE {
        return refuse(41_303, "JSON body too large");
    }
    let Ok(Value::Object(message)) = serde_json::from_slice(&raw.body) else {
        return refuse(40_024, "invalid request: request body must be message JSON");
    };
    let draft = check(&message)?;
    match (bearer(raw), is_known(context)) {
        (_, true) => {}
        (Some(_), false) if context.destination.is_some() => return refuse(40_101, "unauthorized"),
        _ => return refuse(40_301, "forbidden"),
    }
    let id = format!("{:012x}", context.id);
    let now = context.epoch();
    let answer = json!({ "id": id, "time": now as u64, "expires": now as u64 + 43_200,
        "event": "message", "topic": "…" });
    Ok(Decision::Delivered(
        Answer::json(200, &answer),
        Box::new(draft),
    ))
}

fn text<'m>(message: &'m Map<String, Value>, name: &str) -> OrRefusal<&'m str> {
    match message.get(name) {
        None | Some(Value::Null) => Ok(""),
        Some(Value::String(text)) => Ok(text),
        Some(_) => refuse(40_024, "invalid request: request body must be message JSON"),
    }
}

/// Judges a message by its fields.
fn check(message: &Map<String, Value>) -> OrRefusal<MessageContent> {
    let topic = text(message, "topic")?;
    let is_sign = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    if !(1..=64).contains(&topic.len()) || !topic.bytes().all(is_sign) {
        return refuse(40_009, "invalid request: topic invalid");
    }
    let title = text(message, "title")?;
    if title.len() > TITLE {
        return refuse(40_057, "invalid request: title too long");
    }
    let list = |name: &str| match message.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) => Ok(list.clone()),
        Some(_) => refuse(40_024, "invalid request: request body must be message JSON"),
    };
    let tags: Vec<String> = list("tags")?
        .iter()
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect();
    if tags.iter().map(|tag| tag.len() + 1).sum::<usize>() > TAGS {
        return refuse(40_058, "invalid request: tags too long");
    }
    let priority = match message.get("priority") {
        None | Some(Value::Null) => 3,
        Some(priority) => match priority
            .as_u64()
            .and_then(|priority| u8::try_from(priority).ok())
        {
            Some(0) => 3,
            Some(priority @ 1..=5) => priority,
            _ => return refuse(40_007, "invalid priority parameter"),
        },
    };
    let actions = list("actions")?;
    let fits = |action: &Value| {
        let is_text = |name: &str| {
            action
                .get(name)
                .and_then(Value::as_str)
                .is_some_and(|text| !text.is_empty())
        };
        let kind = action.get("action").and_then(Value::as_str);
        is_text("label") && matches!(kind, Some("view" | "http")) && is_text("url")
    };
    if actions.len() > ACTIONS || !actions.iter().all(fits) {
        return refuse(40_018, "invalid request: actions invalid");
    }
    let click = text(message, "click")?;
    Ok(draft(
        title,
        text(message, "message")?,
        tags,
        priority,
        click,
        actions,
    ))
}

fn draft(
    title: &str,
    message: &str,
    tags: Vec<String>,
    priority: u8,
    click: &str,
    actions: Vec<Value>,
) -> MessageContent {
    let is_long = message.len() > MESSAGE;
    let shown = match message {
        "" => "triggered",
        _ if is_long => "You received a file: attachment.txt",
        message => message,
    };
    let emoji = tags.iter().filter_map(|tag| {
        let mut known = EMOJI.iter();
        known.find(|(name, _)| name == tag).map(|(_, emoji)| *emoji)
    });
    let head: Vec<_> = emoji
        .chain([title])
        .filter(|part| !part.is_empty())
        .collect();
    let mut lines = vec![head.join(" "), shown.to_owned()];
    let mut links = bare_urls::find_urls(shown);
    links.extend((!click.is_empty()).then(|| click.to_owned()));
    for action in &actions {
        let part = |name: &str| action.get(name).and_then(Value::as_str).unwrap_or_default();
        lines.push(format!("{}: {}", part("label"), part("url")));
        links.push(part("url").to_owned());
    }
    lines.retain(|line| !line.is_empty());
    let file = RequestContext::file(
        "attachment.txt",
        "text/plain",
        &Bytes::copy_from_slice(message.as_bytes()),
    );
    MessageContent {
        text: lines.join("\n"),
        mentions: Vec::new(),
        links,
        truncated: false,
        files: if is_long { vec![file] } else { Vec::new() },
        details: Details::Ntfy(NtfyDetails {
            title: title.to_owned(),
            message: shown.to_owned(),
            priority,
            tags,
            click: (!click.is_empty()).then(|| click.to_owned()),
            actions,
        }),
    }
}

fn refuse<T>(code: u64, why: &str) -> OrRefusal<T> {
    Err((error(code, why), format!("{code}: {why}")))
}

/// Returns an error: the code is the status and a number behind it.
fn error(code: u64, why: &str) -> Answer {
    let status = u16::try_from(code / 100).unwrap_or(500);
    Answer::json(
        status,
        &json!({ "code": code, "http": status, "error": why, "link": "https://ntfy.sh/docs/publish/" }),
    )
}

/// Returns the answer to a request that came too early; the server does not say how long to wait.
pub(super) fn rate_limited(_: Duration) -> Answer {
    error(42_901, "limit reached: too many requests")
}

pub(super) fn gone() -> Answer {
    error(40_301, "forbidden")
}
