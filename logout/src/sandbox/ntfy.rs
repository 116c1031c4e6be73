//! ntfy's server, with a topic that only a token's user may write to.

use std::time::Duration;

use hyper::body::Bytes;
use serde_json::{Map, Value, json};

use super::destination::Destination;
use super::details::{Details, NtfyDetails};
use super::json::Fields as _;
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::readable::ReadableMessage;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials, bare_urls};

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

pub(super) const LIMITS: &[(&str, Rate)] = &[("visitor", RATE)];

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
    let Credentials::Ntfy { topic, token } = &destination.credentials else {
        return false;
    };
    match (topic_of(raw), bearer(raw)) {
        (Some(named), _) => named == *topic,
        (None, Some(given)) => given == token,
        (None, None) => true,
    }
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    context.take_slot()?;
    match (context.raw.method.as_str(), context.raw.path.as_str()) {
        ("GET", "/v1/health") => {
            let answer = json!({ "healthy": true });
            Ok(Decision::served(Answer::json(200, &answer)))
        }
        ("GET", "/v1/account") => account(context).map(Decision::served),
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
    let credentials = context
        .destination
        .map(|destination| &destination.credentials);
    let known = match credentials {
        Some(Credentials::Ntfy { token, .. }) => token.as_str(),
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
    Ok(Decision::delivered(Answer::json(200, &answer), draft))
}

fn text<'m>(message: &'m Map<String, Value>, name: &str) -> OrRefusal<&'m str> {
    match message.field(name) {
        Value::Null => Ok(""),
        Value::String(text) => Ok(text),
        _ => refuse(40_024, "invalid request: request body must be message JSON"),
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
    let list = |name: &str| match message.field(name) {
        Value::Null => Ok(Vec::new()),
        Value::Array(list) => Ok(list.clone()),
        _ => refuse(40_024, "invalid request: request body must be message JSON"),
    };
    let tags: Vec<String> = list("tags")?
        .iter()
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect();
    if tags.iter().map(|tag| tag.len() + 1).sum::<usize>() > TAGS {
        return refuse(40_058, "invalid request: tags too long");
    }
    let priority = message.field("priority");
    let number = priority.as_u64().map(u8::try_from);
    let priority = match number {
        None if priority.is_null() => 3,
        Some(Ok(0)) => 3,
        Some(Ok(priority @ 1..=5)) => priority,
        _ => return refuse(40_007, "invalid priority parameter"),
    };
    let actions = list("actions")?;
    let fits = |action: &Value| {
        let has_texts = ["label", "url"]
            .iter()
            .all(|name| !action.string(name).is_empty());
        has_texts && matches!(action.string("action"), "view" | "http")
    };
    if actions.len() > ACTIONS || !actions.iter().all(fits) {
        return refuse(40_018, "invalid request: actions invalid");
    }
    let details = NtfyDetails {
        title: title.to_owned(),
        message: text(message, "message")?.to_owned(),
        priority,
        tags,
        click: Some(text(message, "click")?.to_owned()).filter(|click| !click.is_empty()),
        actions,
    };
    Ok(draft(details))
}

/// Returns the message with these details, but for what stands there instead of a long one.
fn draft(mut details: NtfyDetails) -> MessageContent {
    let mut files = Vec::new();
    if details.message.len() > MESSAGE {
        let shown = "You received a file: attachment.txt".to_owned();
        let whole = Bytes::from(std::mem::replace(&mut details.message, shown));
        files.push(RequestContext::file("attachment.txt", "text/plain", &whole));
    } else if details.message.is_empty() {
        details.message = "triggered".to_owned();
    }
    let emoji = details.tags.iter().filter_map(|tag| {
        let mut known = EMOJI.iter();
        known.find(|(name, _)| name == tag).map(|(_, emoji)| *emoji)
    });
    let head = emoji.chain([details.title.as_str()]);
    let head: Vec<_> = head.filter(|part| !part.is_empty()).collect();
    let mut lines = vec![head.join(" "), details.message.clone()];
    let mut links = bare_urls::find_urls(&details.message);
    links.extend(details.click.clone());
    for action in &details.actions {
        let url = action.string("url");
        lines.push(format!("{}: {url}", action.string("label")));
        links.push(url.to_owned());
    }
    lines.retain(|line| !line.is_empty());
    let readable = ReadableMessage {
        text: lines.join("\n"),
        links,
        ..ReadableMessage::default()
    };
    MessageContent {
        files,
        ..MessageContent::new(readable, Details::Ntfy(details))
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
