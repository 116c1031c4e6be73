//! Mattermost's incoming webhooks.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::destination::Destination;
use super::details::{Details, MattermostDetails};
use super::json::Fields as _;
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::readable::ReadableMessage;
use super::request::{RawRequest, form_pairs};
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials};

mod markdown;
mod slack_syntax;

/// Runes of a text above which the server divides it into several posts
/// (<https://developers.mattermost.com/integrate/webhooks/incoming/>, `SplitWebhookPost`).
const TEXT: usize = 16_383;

/// `ServiceSettings.MaximumPayloadSizeBytes` unless the server says otherwise. What is answered to a larger
/// body differs between versions; this is one of the answers.
const BODY: usize = 300_000;

/// Returns the limits that a test has set: a server has none by default.
pub(super) const LIMITS: &[(&str, Rate)] = &[];

pub(super) const VARIABLES: &[(&str, &str)] = &[("MATTERMOST_WEBHOOK_URL", "url")];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/hooks/")
}

fn id_of(path: &str) -> &str {
    path.strip_prefix("/hooks/").unwrap_or_default()
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    matches!(&destination.credentials, Credentials::Mattermost { id } if id == id_of(&raw.path))
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let raw = context.raw;
    if raw.method != "POST" {
        return refuse(404, "api.context.404.app_error", "the method is not POST");
    }
    context.take_slot()?;
    if raw.body.len() > BODY {
        let id = "api.context.request_body_too_large.app_error";
        let why = format!("{} bytes, at most {BODY}", raw.body.len());
        return refuse(413, id, &why);
    }
    let payload = payload(raw)?;
    let text = text_of(&payload)?;
    if context.destination.is_none() {
        let id = "web.incoming_webhook.invalid.app_error";
        return refuse(400, id, "there is no such webhook");
    }
    let channel = channel(context, &payload)?;
    let answer = Answer::new(200)
        .header("Content-Type", "text/plain")
        .body("ok");
    Ok(Decision::delivered(answer, draft(&payload, text, channel)))
}

/// Reads the body: JSON, or JSON in the field `payload` of a form.
fn payload(raw: &RawRequest) -> OrRefusal<Map<String, Value>> {
    let form = raw.media_type() == "application/x-www-form-urlencoded";
    let of_form = || {
        let mut pairs = form_pairs(&raw.body).into_iter();
        pairs.find_map(|(name, value)| (name == "payload").then_some(value))
    };
    let parsed = match form {
        true => serde_json::from_str(&of_form().unwrap_or_default()),
        false => serde_json::from_slice(&raw.body),
    };
    match parsed {
        Ok(Value::Object(payload)) => Ok(payload),
        _ => unparsable("the body is not a JSON object"),
    }
}

/// Judges a payload by the types of its fields, and finds its text.
fn text_of(payload: &Map<String, Value>) -> OrRefusal<&str> {
    for name in ["username", "icon_url", "icon_emoji", "channel", "type"] {
        if !matches!(payload.field(name), Value::Null | Value::String(_)) {
            return unparsable(&format!("`{name}` is not a string"));
        }
    }
    let text = match payload.field("text") {
        Value::Null => "",
        Value::String(text) => text,
        _ => return unparsable("`text` is not a string"),
    };
    let attachments = payload.field("attachments");
    match attachments {
        Value::Null => {}
        Value::Array(list) if list.iter().all(Value::is_object) => {}
        _ => return unparsable("`attachments` is not a list of objects"),
    }
    if text.is_empty() && attachments.is_null() {
        let id = "web.incoming_webhook.text.app_error";
        return refuse(400, id, "there is neither text nor an attachment");
    }
    let kind = payload.string("type");
    if kind.starts_with("system_") {
        let id = "api.context.invalid_param.app_error";
        return refuse(400, id, "a webhook's `type` begins with `custom_`");
    }
    let priority = payload.field("priority");
    if priority.is_object() && !priority.get("priority").is_some_and(Value::is_string) {
        let id = "api.context.invalid_param.app_error";
        return refuse(400, id, "`priority` lacks its own `priority`");
    }
    Ok(text)
}

/// Returns the channel that is asked for instead of the webhook's own, if it exists.
fn channel(context: &RequestContext<'_>, payload: &Map<String, Value>) -> OrRefusal<String> {
    let asked = payload.string("channel");
    let name = asked.strip_prefix('#').unwrap_or(asked);
    let exists = name.starts_with('@') || name == "town-square" || context.streams.contains(name);
    if name.is_empty() || exists {
        return Ok(name.to_owned());
    }
    let id = "web.incoming_webhook.channel.app_error";
    refuse(404, id, &format!("there is no channel `{name}`"))
}

fn draft(payload: &Map<String, Value>, text: &str, channel: String) -> MessageContent {
    let text = slack_syntax::translate_text(text);
    let mut readable = ReadableMessage::default();
    readable.add_markdown(&text);
    for attachment in payload.list("attachments") {
        read_attachment(attachment, &mut readable);
    }
    let string = |value: &Value| value.as_str().map(str::to_owned);
    let details = MattermostDetails {
        channel,
        pieces: text.chars().count().div_ceil(TEXT).max(1),
        text,
        attachments: payload.field("attachments").clone(),
        card: string(payload.field("props").field("card")),
        username: string(payload.field("username")),
        silent: payload.field("silent") == &Value::Bool(true),
    };
    MessageContent::new(readable.trimmed(), Details::Mattermost(details))
}

fn read_attachment(attachment: &Value, rendered: &mut ReadableMessage) {
    let text = |value: &Value, name: &str| slack_syntax::translate(value.string(name));
    rendered.add_markdown(&text(attachment, "pretext"));
    rendered.add_plain(&text(attachment, "author_name"));
    rendered.add_markdown(&text(attachment, "title"));
    rendered.add_markdown(&text(attachment, "text"));
    for field in attachment.list("fields") {
        let value = match field.get("value") {
            Some(Value::String(_)) | None => text(field, "value"),
            Some(other) => other.to_string(),
        };
        rendered.add_markdown(&format!("{}: {value}", text(field, "title")));
    }
    rendered.add_plain(&text(attachment, "footer"));
}

fn unparsable<T>(why: &str) -> OrRefusal<T> {
    refuse(400, "model.incoming_hook.parse_data.app_error", why)
}

fn refuse<T>(status: u16, id: &str, why: &str) -> OrRefusal<T> {
    Err((error(status, id), format!("{id}: {why}")))
}

/// Returns an error as the server writes it. The words of most are not documented.
fn error(status: u16, id: &str) -> Answer {
    let message = match id {
        "web.incoming_webhook.invalid.app_error" => "Invalid webhook.",
        "web.incoming_webhook.text.app_error" => "No text specified.",
        "web.incoming_webhook.channel.app_error" => "Couldn't find the channel.",
        "model.incoming_hook.parse_data.app_error" => "Unable to parse incoming data.",
        other => other,
    };
    Answer::json(
        status,
        &json!({ "id": id, "message": message, "detailed_error": "",
            "request_id": "hoan6o9ws7rp5xj7wu9rmysrte", "status_code": status }),
    )
}

/// Returns the answer of a server that limits, with the wait in whole seconds. That it sends the wait is not
/// confirmed.
pub(super) fn rate_limited(wait: Duration) -> Answer {
    let seconds = super::whole_seconds(wait).to_string();
    Answer::new(429)
        .header("Content-Type", "text/plain")
        .header("Retry-After", seconds.as_str())
        .header("X-RateLimit-Remaining", "0")
        .header("X-RateLimit-Reset", seconds.as_str())
        .body("limit exceeded\n")
}

pub(super) fn gone() -> Answer {
    error(400, "web.incoming_webhook.invalid.app_error")
}
