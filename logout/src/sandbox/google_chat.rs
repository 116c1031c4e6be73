//! Google Chat's incoming webhooks.

use std::time::Duration;

use serde_json::{Value, json};

use super::destination::Destination;
use super::details::{Details, GoogleChatDetails};
use super::json::Fields as _;
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials};

mod card;
mod plain_text;

/// Message writes of one space, which all its apps share
/// (<https://developers.google.com/workspace/chat/limits>, an older edition).
const RATE: Rate = Rate::Sliding {
    count: 60,
    per: Duration::from_secs(60),
};

/// Bytes of a whole message, text and cards
/// (<https://developers.google.com/workspace/chat/create-messages>).
const MESSAGE: usize = 32_000;

/// Code points of `text`: what servers were seen to refuse a longer one with (calert issue 17).
const TEXT: usize = 4_096;

/// Characters of a thread's key (`Thread.thread_key` of the API).
const THREAD_KEY: usize = 4_000;

const REPLIES: [&str; 3] = [
    "MESSAGE_REPLY_OPTION_UNSPECIFIED",
    "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD",
    "REPLY_MESSAGE_OR_FAIL",
];

/// The fields of a message that a webhook may set.
#[rustfmt::skip]
const FIELDS: [&str; 6] = [
    "text", "cardsV2", "fallbackText", "thread", "accessoryWidgets", "previewText",
];

/// Returns the space of a path.
fn space(path: &str) -> Option<&str> {
    let space = path
        .strip_prefix("/v1/spaces/")?
        .strip_suffix("/messages")?;
    (!space.contains('/')).then_some(space)
}

pub(super) const LIMITS: &[(&str, Rate)] = &[("space", RATE)];

pub(super) const VARIABLES: &[(&str, &str)] = &[("GOOGLE_CHAT_WEBHOOK_URL", "url")];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/v1/spaces/")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    match (&destination.credentials, space(&raw.path)) {
        (Credentials::GoogleChat { space, .. }, Some(path)) => space == path,
        _ => false,
    }
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let Some(destination) = context.destination else {
        return refuse(404, "NOT_FOUND", "Requested entity was not found.");
    };
    admit(context, destination)?;
    if context.raw.method != "POST" {
        return refuse(404, "NOT_FOUND", "Method not found.");
    }
    context.take_slot()?;
    let message = message(context.raw)?;
    let thread = thread(context, destination, &message)?;
    let text = message.string("text");
    let fallback = message.field("fallbackText").as_str();
    let space = space(&context.raw.path).unwrap_or_default();
    let id = format!("{:011x}", context.id);
    let thread_name = thread.as_ref().map_or(&*id, |(key, _)| key.as_str());
    let answer = json!({
        "name": format!("spaces/{space}/messages/{id}.{id}"),
        "thread": { "name": format!("spaces/{space}/threads/{thread_name}") },
    });
    let details = GoogleChatDetails {
        text: text.to_owned(),
        cards: message.field("cardsV2").clone(),
        notification: fallback
            .filter(|_| text.is_empty())
            .unwrap_or(text)
            .to_owned(),
        is_reply: thread.as_ref().is_some_and(|(_, is_reply)| *is_reply),
        thread: thread.map(|(key, _)| key),
    };
    let readable = plain_text::read(&message);
    let draft = MessageContent::new(readable, Details::GoogleChat(details));
    Ok(Decision::delivered(Answer::json(200, &answer), draft))
}

/// Judges `key` and `token` of the address.
fn admit(context: &RequestContext<'_>, destination: &Destination) -> OrRefusal<()> {
    let Credentials::GoogleChat { key, token, .. } = &destination.credentials else {
        return refuse(404, "NOT_FOUND", "Requested entity was not found.");
    };
    match context.raw.query_value("key") {
        None => {
            return refuse(
                403,
                "PERMISSION_DENIED",
                "Method doesn't allow unregistered callers (callers without established identity).",
            );
        }
        Some(given) if given != *key => {
            let said = "API key not valid. Please pass a valid API key.";
            return refuse(400, "INVALID_ARGUMENT", said);
        }
        Some(_) => {}
    }
    match context.raw.query_value("token") {
        Some(given) if given == *token => Ok(()),
        _ => refuse(
            403,
            "PERMISSION_DENIED",
            "The caller does not have permission",
        ),
    }
}

fn message(raw: &RawRequest) -> OrRefusal<Value> {
    let invalid = |why: &str| refuse(400, "INVALID_ARGUMENT", why);
    if raw.media_type() != "application/json" {
        return invalid("Invalid content type.");
    }
    if raw.body.len() > MESSAGE {
        return invalid("Message is longer than 32000 bytes.");
    }
    let Ok(message @ Value::Object(_)) = serde_json::from_slice::<Value>(&raw.body) else {
        return invalid("Invalid JSON payload received.");
    };
    let fields = message.as_object().into_iter().flatten();
    for (name, _) in fields {
        if !FIELDS.contains(&name.as_str()) {
            let said = format!(
                "Invalid JSON payload received. Unknown name \"{name}\": Cannot find field."
            );
            return invalid(&said);
        }
    }
    let text = match message.get("text") {
        None => "",
        Some(Value::String(text)) => text,
        Some(_) => return invalid("Invalid value at 'message.text' (TYPE_STRING)."),
    };
    if text.chars().count() > TEXT {
        return invalid(&format!("Message is longer than {TEXT} characters."));
    }
    let cards = message.field("cardsV2");
    if let Err(why) = card::check(cards) {
        return invalid(&why);
    }
    if text.trim().is_empty() && cards.as_array().is_none_or(Vec::is_empty) {
        return invalid("Message cannot be empty.");
    }
    Ok(message)
}

/// Returns the thread's key, and whether there is such a thread already.
fn thread(
    context: &mut RequestContext<'_>,
    destination: &Destination,
    message: &Value,
) -> OrRefusal<Option<(String, bool)>> {
    let reply = context
        .raw
        .query_value("messageReplyOption")
        .unwrap_or_default();
    if !reply.is_empty() && !REPLIES.contains(&reply.as_str()) {
        let said = format!("Invalid value at 'message_reply_option': \"{reply}\"");
        return refuse(400, "INVALID_ARGUMENT", &said);
    }
    let Some(key) = message.pointer("/thread/threadKey") else {
        return Ok(None);
    };
    let key = key.as_str().unwrap_or_default();
    if key.is_empty() || key.chars().count() > THREAD_KEY {
        return refuse(400, "INVALID_ARGUMENT", "Invalid thread key.");
    }
    if !reply.starts_with("REPLY") {
        // It is ignored then.
        return Ok(None);
    }
    let known = format!("{}/{key}", destination.name);
    let is_reply = context.remembered.contains(&known);
    if !is_reply && reply == "REPLY_MESSAGE_OR_FAIL" {
        return refuse(404, "NOT_FOUND", "The thread was not found.");
    }
    context.remembered.insert(known);
    Ok(Some((key.to_owned(), is_reply)))
}

fn refuse<T>(status: u16, code: &str, message: &str) -> OrRefusal<T> {
    Err((error(status, code, message), format!("{code}: {message}")))
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let error = json!({ "error": { "code": status, "message": message, "status": code } });
    Answer::json(status, &error)
}

/// Returns the answer to a request that came too early. No wait is documented; `Retry-After` is sent so that
/// tests can rely on it.
pub(super) fn rate_limited(wait: Duration) -> Answer {
    error(
        429,
        "RESOURCE_EXHAUSTED",
        "Resource has been exhausted (e.g. check quota).",
    )
    .header("Retry-After", super::whole_seconds(wait).to_string())
}

pub(super) fn gone() -> Answer {
    error(404, "NOT_FOUND", "Requested entity was not found.")
}
