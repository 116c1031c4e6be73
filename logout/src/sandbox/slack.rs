//! Slack's incoming webhooks.

use std::time::Duration;

use serde_json::{Map, Value};

use super::destination::Destination;
use super::details::{Details, SlackDetails};
use super::json::Fields as _;
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials};

mod blocks;
mod mrkdwn;
mod plain_text;

/// "1 per second", "short bursts >1 allowed"
/// (<https://docs.slack.dev/apis/web-api/rate-limits>). Slack does not say how long a burst may
/// be; this is a cautious guess.
const RATE: Rate = Rate::Bucket {
    burst: 3,
    every: Duration::from_secs(1),
};

/// Characters of `text` above which the rest is cut off
/// (<https://docs.slack.dev/reference/methods/chat.postMessage>).
const TEXT: usize = 40_000;

/// Characters of `text` that still arrive as one message, and of each piece above that
/// (measured; the documentation speaks of 4,000).
const WHOLE: usize = 4_040;
const PIECE: usize = 4_000;

const ATTACHMENTS: usize = 100;

fn segments(path: &str) -> Option<(&str, &str, &str)> {
    let mut segments = path.strip_prefix("/services/")?.split('/');
    let found = (segments.next()?, segments.next()?, segments.next()?);
    segments.next().is_none().then_some(found)
}

pub(super) const LIMITS: &[(&str, Rate)] = &[("webhook", RATE)];

pub(super) const VARIABLES: &[(&str, &str)] = &[("SLACK_WEBHOOK_URL", "url")];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/services/")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    match (&destination.credentials, segments(&raw.path)) {
        (Credentials::Slack { team, service, .. }, Some(path)) => {
            path.0 == team.as_str() && path.1 == service.as_str()
        }
        _ => false,
    }
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let destination = admit(context)?;
    let payload = payload(context.raw)?;
    let text = check(&payload)?;
    let draft = draft(destination, &payload, text);
    Ok(Decision::delivered(Answer::html(200, "ok"), draft))
}

/// Finds the webhook that is posted to, if it may be now.
fn admit<'a>(context: &mut RequestContext<'a>) -> OrRefusal<&'a Destination> {
    let Some((team, _, given)) = segments(&context.raw.path) else {
        return refuse(404, "no_team", "the path is not /services/T…/B…/secret");
    };
    let Some(destination) = context.destination else {
        let known = |credentials: &Credentials| matches!(credentials, Credentials::Slack { team: t, .. } if t == team);
        return if context
            .destinations
            .iter()
            .any(|one| known(&one.credentials))
        {
            refuse(404, "no_service", "the team has no such webhook")
        } else {
            refuse(404, "no_team", "there is no such team")
        };
    };
    if !matches!(&destination.credentials, Credentials::Slack { secret, .. } if secret == given) {
        return refuse(403, "invalid_token", "the webhook's secret is another one");
    }
    context.take_slot()?;
    Ok(destination)
}

fn payload(raw: &RawRequest) -> OrRefusal<Map<String, Value>> {
    if raw.method != "POST" {
        return refuse(400, "invalid_payload", "the method is not POST");
    }
    if raw.media_type() != "application/json" {
        return refuse(
            400,
            "invalid_payload",
            "the content type is not application/json",
        );
    }
    match serde_json::from_slice::<Value>(&raw.body) {
        Ok(Value::Object(payload)) => Ok(payload),
        _ => refuse(400, "invalid_payload", "the body is not a JSON object"),
    }
}

/// Judges a payload by its fields, and finds its text.
pub(super) fn check(payload: &Map<String, Value>) -> OrRefusal<&str> {
    if !payload.field("channel").is_null() {
        return refuse(
            404,
            "channel_not_found",
            "a webhook cannot choose its channel",
        );
    }
    let text = match payload.field("text") {
        Value::Null => "",
        Value::String(text) => text,
        _ => return refuse(400, "invalid_payload", "`text` is not a string"),
    };
    let (blocks, attachments) = (payload.field("blocks"), payload.field("attachments"));
    if let Err(why) = blocks::check_message(blocks) {
        return refuse(400, "invalid_blocks", &why);
    }
    check_attachments(attachments)?;
    let lists = ["blocks", "attachments"];
    if text.is_empty() && lists.iter().all(|name| payload.list(name).is_empty()) {
        return refuse(
            400,
            "no_text",
            "there is neither text nor blocks nor attachments",
        );
    }
    Ok(text)
}

pub(super) fn draft(
    destination: &Destination,
    payload: &Map<String, Value>,
    text: &str,
) -> MessageContent {
    let length = text.chars().count();
    let shown: String = text.chars().take(TEXT).collect();
    let readable = plain_text::read(&shown, payload);
    let thread = payload.field("thread_ts").as_str();
    let thread = thread.filter(|thread| destination.threads.contains(*thread));
    let is_whole = length <= WHOLE || !payload.list("blocks").is_empty();
    let details = SlackDetails {
        notification: mrkdwn::plain(&shown),
        blocks: payload.field("blocks").clone(),
        attachments: payload.field("attachments").clone(),
        thread: thread.map(str::to_owned),
        pieces: match is_whole {
            true => 1,
            false => length.min(TEXT).div_ceil(PIECE),
        },
    };
    MessageContent {
        truncated: length > TEXT,
        ..MessageContent::new(readable, Details::Slack(details))
    }
}

fn check_attachments(attachments: &Value) -> OrRefusal<()> {
    let list = match attachments {
        Value::Null => return Ok(()),
        Value::Array(list) => list,
        _ => return refuse(400, "invalid_attachments", "`attachments` is not a list"),
    };
    if list.len() > ATTACHMENTS {
        let why = format!("{} attachments, at most {ATTACHMENTS}", list.len());
        return refuse(400, "too_many_attachments", &why);
    }
    for (index, attachment) in list.iter().enumerate() {
        let Some(fields) = attachment.as_object() else {
            let why = format!("attachment {index} is not an object");
            return refuse(400, "invalid_attachments", &why);
        };
        let blocks = fields.field("blocks");
        if let Err(why) = blocks::check_message(blocks) {
            let why = format!("attachment {index}: {why}");
            return refuse(400, "invalid_blocks", &why);
        }
        let says = |name: &&str| match fields.get(*name) {
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(list)) => !list.is_empty(),
            _ => false,
        };
        let content = [
            "blocks",
            "text",
            "fallback",
            "title",
            "pretext",
            "fields",
            "image_url",
        ];
        if !content.iter().any(says) {
            let why = format!("attachment {index} has nothing to show");
            return refuse(400, "missing_text_or_fallback_or_attachments", &why);
        }
    }
    Ok(())
}

fn refuse<T>(status: u16, word: &str, why: &str) -> OrRefusal<T> {
    Err((Answer::html(status, word), format!("{word}: {why}")))
}

/// Returns `Retry-After` in whole seconds; the body is not documented, and empty here.
pub(super) fn rate_limited(wait: Duration) -> Answer {
    Answer::new(429).header("Retry-After", super::whole_seconds(wait).to_string())
}

pub(super) fn gone() -> Answer {
    Answer::html(404, "no_service")
}
