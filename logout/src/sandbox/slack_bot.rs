//! Slack's Web API, as a bot posts with it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::destination::Destination;
use super::details::Details;
use super::json::Fields as _;
use super::message::MessageContent;
use super::rate_limit::Rate;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials, slack};

mod file;

/// "1 per second per channel", "short bursts >1 allowed" (<https://docs.slack.dev/apis/web-api/rate-limits>). How long
/// a burst may be is a cautious guess, as with webhooks.
const RATE: Rate = Rate::Bucket {
    burst: 3,
    every: Duration::from_secs(1),
};

/// All text of a message, from where on `chat.postMessage` answers `msg_blocks_too_long` (bolt-js issue 2867, which saw it
/// between 12,000 and 13,000 characters).
const MESSAGE: usize = 12_000;

/// Characters of `text` above which it is refused, or cut (<https://docs.slack.dev/reference/methods/chat.postMessage>).
const TEXT: usize = 40_000;

const METHODS: [&str; 4] = [
    "auth.test",
    "chat.postMessage",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
];

pub(super) const LIMITS: &[(&str, Rate)] = &[("channel", RATE)];

pub(super) const VARIABLES: &[(&str, &str)] = &[("SLACK_BOT_TOKEN", "token")];

pub(super) fn is_path(path: &str) -> bool {
    // Zulip's and Discord's begin in the same way.
    let method = path.strip_prefix("/api/").unwrap_or_default();
    method.contains('.') && !method.contains('/') || path.starts_with(file::UPLOAD)
}

fn token(raw: &RawRequest) -> Option<&str> {
    raw.header("authorization")?.strip_prefix("Bearer ")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    match (&destination.credentials, token(raw)) {
        (Credentials::SlackBot { .. }, None) => file::is_for(raw, destination),
        (Credentials::SlackBot { token, .. }, Some(given)) => token == given,
        _ => false,
    }
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    if context.raw.path.starts_with(file::UPLOAD) {
        return file::receive_upload(context).map(Decision::served);
    }
    let method = context.raw.path.trim_start_matches("/api/");
    if !METHODS.contains(&method) {
        return refuse("unknown_method", "there is no such method here");
    }
    let Some(destination) = context.destination else {
        return match token(context.raw) {
            None => refuse("not_authed", "there is no token"),
            Some(_) => refuse("invalid_auth", "the token is not known"),
        };
    };
    match method {
        "auth.test" => Ok(Decision::served(ok(&json!({
            "ok": true, "url": "https://sandbox.slack.com/", "team": "Sandbox", "user": "logout",
            "team_id": "T0SANDBOX", "user_id": "U0SANDBOX", "bot_id": "B0SANDBOX",
        })))),
        "files.getUploadURLExternal" => {
            file::upload_url(context, destination).map(Decision::served)
        }
        "files.completeUploadExternal" => file::complete_upload(context, destination),
        _ => post(context, destination),
    }
}

fn post(context: &mut RequestContext<'_>, destination: &Destination) -> OrRefusal<Decision> {
    context.take_slot()?;
    let mut payload = payload(context.raw)?;
    let channel = payload.remove("channel");
    let Credentials::SlackBot { channel: own, .. } = &destination.credentials else {
        return refuse("channel_not_found", "the destination is no channel");
    };
    if channel.as_ref().and_then(Value::as_str) != Some(own) {
        return refuse("channel_not_found", "the channel is not the destination's");
    }
    // A webhook's message is a bot's without the channel; what is wrong in it has the same words.
    let text = slack::check(&payload).map_err(|(answer, why)| (error(&answer.text()), why))?;
    if text.chars().count() > TEXT {
        return refuse("msg_too_long", "the text has over 40,000 characters");
    }
    let length = characters(&payload);
    if length > MESSAGE {
        let why = format!("{length} characters in all, at most {MESSAGE}");
        return refuse("msg_blocks_too_long", &why);
    }
    let thread = thread(context, destination, &payload)?;
    let ts = format!("1764331471.{:06}", context.id);
    context
        .remembered
        .insert(format!("{}/{ts}", destination.name));
    let mut draft: MessageContent = slack::draft(destination, &payload, text);
    if let Details::Slack(details) = &mut draft.details {
        details.thread.clone_from(&thread);
    }
    let answer = ok(&json!({
        "ok": true, "channel": own, "ts": ts,
        "message": { "type": "message", "ts": ts, "thread_ts": thread, "bot_id": "B0SANDBOX" },
    }));
    Ok(Decision::delivered(answer, draft))
}

fn payload(raw: &RawRequest) -> OrRefusal<Map<String, Value>> {
    if raw.method != "POST" || raw.media_type() != "application/json" {
        return refuse("invalid_post_type", "the request is no POST of JSON");
    }
    match serde_json::from_slice(&raw.body) {
        Ok(Value::Object(payload)) => Ok(payload),
        _ => refuse("invalid_json", "the body is not a JSON object"),
    }
}

fn thread(
    context: &RequestContext<'_>,
    destination: &Destination,
    payload: &Map<String, Value>,
) -> OrRefusal<Option<String>> {
    let Some(ts) = payload.field("thread_ts").as_str() else {
        return Ok(None);
    };
    let known = format!("{}/{ts}", destination.name);
    if context.remembered.contains(&known) || destination.threads.contains(ts) {
        return Ok(Some(ts.to_owned()));
    }
    refuse(
        "thread_not_found",
        "there is no message with this `ts` in the channel",
    )
}

/// Returns how long all texts of a message are together.
fn characters(payload: &Map<String, Value>) -> usize {
    fn of(value: &Value) -> usize {
        match value {
            Value::Array(items) => items.iter().map(of).sum(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| match value {
                    Value::String(text) if name == "text" => text.chars().count(),
                    other => of(other),
                })
                .sum(),
            _ => 0,
        }
    }
    ["blocks", "attachments"]
        .iter()
        .filter_map(|name| payload.get(*name))
        .map(of)
        .sum()
}

/// Refuses, with status 200 as the Web API does.
fn refuse<T>(word: &str, why: &str) -> OrRefusal<T> {
    Err((error(word), format!("{word}: {why}")))
}

fn error(word: &str) -> Answer {
    Answer::json(200, &json!({ "ok": false, "error": word }))
}

/// Returns an answer that names the scopes of the token, as every answer does.
fn ok(answer: &Value) -> Answer {
    Answer::json(200, answer).header("X-OAuth-Scopes", "chat:write,files:write")
}

pub(super) fn rate_limited(wait: Duration) -> Answer {
    Answer::json(429, &json!({ "ok": false, "error": "ratelimited" }))
        .header("Retry-After", super::whole_seconds(wait).to_string())
}

pub(super) fn gone() -> Answer {
    error("token_revoked")
}
