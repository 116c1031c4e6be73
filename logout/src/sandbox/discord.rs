//! Discord's webhooks.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::destination::Destination;
use super::details::{Details, DiscordDetails};
use super::json::Fields as _;
use super::message::{File, MessageContent};
use super::rate_limit::Rate;
use super::readable::ReadableMessage;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials};

mod payload;
mod plain_text;
mod validation;

/// What one webhook may: reported by `X-RateLimit-…`, 5 in 2 s in practice
/// (discord-api-docs#367).
const WEBHOOK: Rate = Rate::Fixed {
    count: 5,
    per: Duration::from_secs(2),
};

/// What its channel may, shared with whoever else writes there (the same thread).
const CHANNEL: Rate = Rate::Fixed {
    count: 30,
    per: Duration::from_secs(60),
};

/// The channel of every webhook here.
const CHANNEL_ID: &str = "199737254929760256";

const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;

/// A webhook's path.
struct WebhookPath<'c> {
    /// Missing means version 6, which counts in milliseconds.
    version: Option<&'c str>,
    id: &'c str,
    token: &'c str,
}

impl<'c> WebhookPath<'c> {
    fn read(path: &'c str) -> Option<Self> {
        let path = path.strip_prefix("/api/")?;
        let (version, path) = match path.strip_prefix('v') {
            Some(rest) => {
                let (version, path) = rest.split_once('/')?;
                (Some(version), path)
            }
            None => (None, path),
        };
        let (id, token) = path.strip_prefix("webhooks/")?.split_once('/')?;
        (!token.contains('/')).then_some(Self { version, id, token })
    }

    fn counts_milliseconds(&self) -> bool {
        matches!(self.version, None | Some("6" | "7"))
    }
}

pub(super) const LIMITS: &[(&str, Rate)] = &[("webhook", WEBHOOK), ("channel", CHANNEL)];

pub(super) const VARIABLES: &[(&str, &str)] = &[("DISCORD_WEBHOOK_URL", "url")];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/api/") && path.contains("/webhooks/")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    match (&destination.credentials, WebhookPath::read(&raw.path)) {
        (Credentials::Discord { id, .. }, Some(path)) => id.as_str() == path.id,
        _ => false,
    }
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let judged = answer(context);
    context.with_allowance(judged, |answer, allowance, reset| {
        let after = allowance.reset_after.as_secs_f64();
        answer
            .header("X-RateLimit-Reset", format!("{reset:.3}"))
            .header("X-RateLimit-Reset-After", format!("{after:.3}"))
            .header("X-RateLimit-Bucket", "sandboxwebhooks")
    })
}

fn answer(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let agent = context.raw.header("user-agent").unwrap_or_default();
    if agent.is_empty() || agent.starts_with("Mozilla/") {
        return refuse(
            403,
            40333,
            "internal network error",
            "there is no User-Agent, or a browser's",
        );
    }
    let Some(path) = WebhookPath::read(&context.raw.path) else {
        return refuse(404, 0, "404: Not Found", "the path is no webhook's");
    };
    let Some(destination) = context.destination else {
        return refuse(
            404,
            10015,
            "Unknown Webhook",
            "there is no webhook of this id",
        );
    };
    if !matches!(&destination.credentials, Credentials::Discord { token, .. } if token == path.token)
    {
        return refuse(
            401,
            50027,
            "Invalid Webhook Token",
            "the webhook's token is another one",
        );
    }
    take_slot(context, &path)?;
    match context.raw.method.as_str() {
        "GET" => Ok(Decision::served(webhook(destination, &path))),
        "POST" => {
            let (answer, draft) = post(context, path.id)?;
            Ok(Decision::delivered(answer, draft))
        }
        _ => refuse(
            405,
            0,
            "405: Method Not Allowed",
            "the method is neither GET nor POST",
        ),
    }
}

/// Returns the webhook itself
/// (<https://discord.com/developers/docs/resources/webhook#get-webhook-with-token>).
fn webhook(destination: &Destination, path: &WebhookPath<'_>) -> Answer {
    Answer::json(
        200,
        &json!({ "id": path.id, "token": path.token, "type": 1, "name": destination.name,
            "avatar": null, "channel_id": CHANNEL_ID, "guild_id": "199737254929760255",
            "application_id": null }),
    )
}

fn post(context: &RequestContext<'_>, webhook: &str) -> OrRefusal<(Answer, MessageContent)> {
    let (payload, files) = payload::read(context.raw)?;
    validation::check(&payload).map_err(|errors| {
        let why = errors.to_string();
        (Answer::json(400, &errors.answer()), why)
    })?;
    let thread = thread(context, &payload)?;
    let wait = flag(context, "wait")?;
    let with_components = flag(context, "with_components")?;
    if validation::is_empty(&payload, with_components) && files.is_empty() {
        return refuse(
            400,
            50006,
            "Cannot send an empty message",
            "there is neither content nor embeds nor a file",
        );
    }
    let draft = draft(context, &payload, files, thread);
    let answer = if wait {
        created(&draft, webhook)
    } else {
        Answer::new(204)
    };
    Ok((answer, draft))
}

/// Reads a boolean of the query, which is false by default.
fn flag(context: &RequestContext<'_>, name: &str) -> OrRefusal<bool> {
    match context.raw.query_value(name).as_deref() {
        None | Some("false" | "False" | "0") => Ok(false),
        Some("true" | "True" | "1") => Ok(true),
        Some(_) => invalid_form(&format!("`{name}` is not a boolean")),
    }
}

fn take_slot(context: &mut RequestContext<'_>, path: &WebhookPath<'_>) -> OrRefusal<()> {
    context.try_to_take_slot().map_err(|early| {
        let milliseconds = path.counts_milliseconds();
        let answer = if early.limit == 0 {
            webhook_rate_limited(early.wait, milliseconds)
        } else {
            channel_rate_limited(early.wait, milliseconds)
        };
        (answer, "too many requests".to_owned())
    })
}

/// Returns the thread that the message goes to: an existing one, or a forum post that it opens.
fn thread(context: &RequestContext<'_>, payload: &Map<String, Value>) -> OrRefusal<Option<String>> {
    let Some(destination) = context.destination else {
        return Ok(None);
    };
    let name = payload.field("thread_name").as_str();
    match (context.raw.query_value("thread_id"), name) {
        (Some(_), Some(_)) => refuse(
            400,
            220_002,
            "Webhooks posted to forum channels cannot have both a thread_name and thread_id",
            "`thread_id` and `thread_name` are both given",
        ),
        (Some(id), None) if destination.threads.contains(&id) => Ok(Some(id)),
        (Some(_), None) => refuse(404, 10003, "Unknown Channel", "there is no such thread"),
        (None, Some(_)) if !destination.forum => refuse(
            400,
            220_003,
            "Webhooks can only create threads in forum channels",
            "`thread_name` outside a forum",
        ),
        (None, Some(_)) => Ok(Some(snowflake(context.id))),
        (None, None) if destination.forum => refuse(
            400,
            220_001,
            "Webhooks posted to forum channels must have a thread_name or thread_id",
            "a forum needs `thread_id` or `thread_name`",
        ),
        (None, None) => Ok(None),
    }
}

/// Returns an id as Discord shapes them.
fn snowflake(id: u64) -> String {
    (1_234_500_000_000_000_000_u64.saturating_add(id)).to_string()
}

fn draft(
    context: &RequestContext<'_>,
    payload: &Map<String, Value>,
    files: Vec<File>,
    thread: Option<String>,
) -> MessageContent {
    let text = |name: &str| payload.field(name).as_str().map(str::to_owned);
    let content = payload.string("content").trim().to_owned();
    let embeds = payload.list("embeds").to_vec();
    let flags = payload.field("flags").as_u64().unwrap_or(0);
    let readable = ReadableMessage {
        text: plain_text::text(&content, &embeds),
        mentions: plain_text::mentions(&content, payload.field("allowed_mentions")),
        links: plain_text::links(&content, &embeds),
    };
    let details = DiscordDetails {
        content,
        embeds,
        username: text("username"),
        silent: flags & SUPPRESS_NOTIFICATIONS != 0,
        thread,
        id: snowflake(context.id),
    };
    MessageContent {
        files,
        ..MessageContent::new(readable, Details::Discord(details))
    }
}

/// Returns the message as `?wait=true` tells it.
fn created(draft: &MessageContent, webhook: &str) -> Answer {
    let details = draft.details.discord();
    let channel = details.and_then(|details| details.thread.clone());
    let message = json!({
        "id": details.map(|details| details.id.as_str()),
        "channel_id": channel.unwrap_or_else(|| CHANNEL_ID.to_owned()),
        "content": details.map(|details| details.content.as_str()),
        "embeds": details.map(|details| details.embeds.as_slice()),
        "type": 0,
        "webhook_id": webhook,
    });
    Answer::json(200, &message)
}

fn refuse<T>(status: u16, code: u32, message: &str, why: &str) -> OrRefusal<T> {
    Err((error(status, code, message), format!("{code}: {why}")))
}

fn invalid_form<T>(why: &str) -> OrRefusal<T> {
    refuse(400, 50035, "Invalid Form Body", why)
}

fn error(status: u16, code: u32, message: &str) -> Answer {
    Answer::json(status, &json!({ "message": message, "code": code }))
}

/// Returns the answer to a request that came too early for its webhook.
pub(super) fn rate_limited(wait: Duration) -> Answer {
    webhook_rate_limited(wait, false)
}

/// Returns the answer of [`rate_limited`]; in milliseconds where the path names no version of the API.
fn webhook_rate_limited(wait: Duration, milliseconds: bool) -> Answer {
    limited("You are being rate limited.", "user", wait, milliseconds)
}

/// Returns the answer to a request that came too early for a channel that others write to as well.
fn channel_rate_limited(wait: Duration, milliseconds: bool) -> Answer {
    limited(
        "The resource is being rate limited.",
        "shared",
        wait,
        milliseconds,
    )
}

fn limited(message: &str, scope: &str, wait: Duration, milliseconds: bool) -> Answer {
    let (body, header) = if milliseconds {
        let whole = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1);
        (json!(whole), whole)
    } else {
        let rounded = (wait.as_secs_f64() * 1000.0).ceil() / 1000.0;
        (json!(rounded), super::whole_seconds(wait))
    };
    let answer = json!({ "message": message, "retry_after": body, "global": false });
    Answer::json(429, &answer)
        .header("Retry-After", header.to_string())
        .header("X-RateLimit-Scope", scope)
}

pub(super) fn gone() -> Answer {
    error(404, 10015, "Unknown Webhook")
}
