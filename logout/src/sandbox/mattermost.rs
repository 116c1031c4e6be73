//! Mattermost's incoming webhooks.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::destination::Destination;
use super::details::{Details, MattermostDetails};
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::request::{RawRequest, form_pairs};
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Address, Answer};

mod markdown;
mod slack_syntax;

/// Runes of a text above which the server divides it into several posts
/// (<https://developers.mattermost.com/integrate/webhooks/incoming/>, `SplitWebhookPost`).
const TEXT: usize = 16_383;

/// `ServiceSettings.MaximumPayloadSizeBytes` unless the server says otherwise. What is answered to a larger
/// body differs between versions; this is one of the answers.
const BODY: usize = 300_000;

pub(super) const VARIABLES: &[(&str, &str)] = &[("MATTERMOST_WEBHOOK_URL", "url")];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/hooks/")
}

fn id_of(path: &str) -> &str {
    path.strip_prefix("/hooks/").unwrap_or_default()
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    matches!(&destination.address, Address::Mattermost { id } if id == id_of(&raw.path))
}

/// Returns the limits that a test has set: a server has none by default.
pub(super) fn limits(destination: &Destination) -> Vec<(String, Rate)> {
    destination.limits([])
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> Decision {
    match post(context) {
        Ok(draft) => Decision::Delivered(ok(), Box::new(draft)),
        Err((answer, why)) => Decision::Refused(answer, why),
    }
}

fn ok() -> Answer {
    Answer::new(200)
        .header("Content-Type", "text/plain")
        .body("ok")
}

fn post(context: &mut RequestContext<'_>) -> OrRefusal<MessageContent> {
    let raw = context.raw;
    if raw.method != "POST" {
        return refuse(404, "api.context.404.app_error", "the method is not POST");
    }
    if let Some(destination) = context.destination {
        context
            .take_slot(&limits(destination))
            .map_err(|early| (rate_limited(early.wait), "too many requests".to_owned()))?;
    }
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
    Ok(draft(&payload, text, channel))
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

fn field<'p>(payload: &'p Map<String, Value>, name: &str) -> &'p Value {
    payload.get(name).unwrap_or(&Value::Null)
}

/// Judges a payload by the types of its fields, and finds its text.
fn text_of(payload: &Map<String, Value>) -> OrRefusal<&str> {
    for name in ["username", "icon_url", "icon_emoji", "channel", "type"] {
        if !matches!(field(payload, name), Value::Null | Value::String(_)) {
            return unparsable(&format!("`{name}` is not a string"));
        }
    }
    let text = match field(payload, "text") {
        Value::Null => "",
        Value::String(text) => text,
        _ => return unparsable("`text` is not a string"),
    };
    let attachments = field(payload, "attachments");
    match attachments {
        Value::Null => {}
        Value::Array(list) if list.iter().all(Value::is_object) => {}
        _ => return unparsable("`attachments` is not a list of objects"),
    }
    if text.is_empty() && attachments.is_null() {
        let id = "web.incoming_webhook.text.app_error";
        return refuse(400, id, "there is neither text nor an attachment");
    }
    let kind = field(payload, "type").as_str().unwrap_or_default();
    if kind.starts_with("system_") {
        let id = "api.context.invalid_param.app_error";
        return refuse(400, id, "a webhook's `type` begins with `custom_`");
    }
    let priority = field(payload, "priority");
    if priority.is_object() && !priority.get("priority").is_some_and(Value::is_string) {
        let id = "api.context.invalid_param.app_error";
        return refuse(400, id, "`priority` lacks its own `priority`");
    }
    Ok(text)
}

/// Returns the channel that is asked for instead of the webhook's own, if it exists.
fn channel(context: &RequestContext<'_>, payload: &Map<String, Value>) -> OrRefusal<String> {
    let asked = field(payload, "channel").as_str().unwrap_or_default();
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
    let attachments = field(payload, "attachments");
    let mut rendered = markdown::Rendered::default();
    rendered.add(&text);
    for attachment in attachments.as_array().into_iter().flatten() {
        read_attachment(attachment, &mut rendered);
    }
    let string = |name: &str| field(payload, name).as_str().map(str::to_owned);
    let card = field(payload, "props").get("card");
    MessageContent {
        text: rendered.text.trim_end().to_owned(),
        mentions: rendered.mentions,
        links: rendered.links,
        truncated: false,
        files: Vec::new(),
        details: Details::Mattermost(MattermostDetails {
            channel,
            pieces: text.chars().count().div_ceil(TEXT).max(1),
            text,
            attachments: attachments.clone(),
            card: card.and_then(Value::as_str).map(str::to_owned),
            username: string("username"),
            silent: field(payload, "silent") == &Value::Bool(true),
        }),
    }
}

fn read_attachment(attachment: &Value, rendered: &mut markdown::Rendered) {
    let text = |value: &Value, name: &str| {
        let text = value.get(name).and_then(Value::as_str).unwrap_or_default();
        slack_syntax::translate(text)
    };
    rendered.add(&text(attachment, "pretext"));
    rendered.add_plain(&text(attachment, "author_name"));
    rendered.add(&text(attachment, "title"));
    rendered.add(&text(attachment, "text"));
    let fields = attachment.get("fields").and_then(Value::as_array);
    for field in fields.into_iter().flatten() {
        let value = match field.get("value") {
            Some(Value::String(_)) | None => text(field, "value"),
            Some(other) => other.to_string(),
        };
        rendered.add(&format!("{}: {value}", text(field, "title")));
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
