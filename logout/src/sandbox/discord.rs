//! Discord's webhooks.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::call::Call;
use super::destination::Destination;
use super::details::{Details, DiscordDetails};
use super::message::{Draft, File};
use super::pace::{Allowance, Rate};
use super::world::{Case, Ruled, Ruling};
use super::{Address, Answer};

mod form;
mod payload;
mod reading;

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
struct Path<'c> {
    /// Missing means version 6, which counts in milliseconds.
    version: Option<&'c str>,
    id: &'c str,
    token: &'c str,
}

impl<'c> Path<'c> {
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

pub(super) fn is_for(call: &Call, address: &Address) -> bool {
    match (address, Path::read(&call.path)) {
        (Address::Discord { id, .. }, Some(path)) => id.as_str() == path.id,
        _ => false,
    }
}

pub(super) fn limits(destination: &Destination) -> Vec<(String, Rate)> {
    destination.limits([("webhook", WEBHOOK), ("channel", CHANNEL)])
}

pub(super) fn judge(case: &mut Case<'_>) -> Ruling {
    let limits = case.destination.map(limits).unwrap_or_default();
    let ruling = match answer(case) {
        Ok(ruling) => ruling,
        Err((answer, why)) => Ruling::Refused(answer, why),
    };
    let Some(allowance) = case.allowance(&limits) else {
        return ruling;
    };
    let reset = case.epoch() + allowance.reset_after.as_secs_f64();
    match ruling {
        Ruling::Delivered(answer, draft) => {
            Ruling::Delivered(told(answer, allowance, reset), draft)
        }
        Ruling::Served(answer) => Ruling::Served(told(answer, allowance, reset)),
        Ruling::Refused(answer, why) => Ruling::Refused(told(answer, allowance, reset), why),
    }
}

fn told(answer: Answer, allowance: Allowance, reset: f64) -> Answer {
    let after = allowance.reset_after.as_secs_f64();
    answer
        .header("X-RateLimit-Limit", allowance.limit.to_string())
        .header("X-RateLimit-Remaining", allowance.remaining.to_string())
        .header("X-RateLimit-Reset", format!("{reset:.3}"))
        .header("X-RateLimit-Reset-After", format!("{after:.3}"))
        .header("X-RateLimit-Bucket", "sandboxwebhooks")
}

fn answer(case: &mut Case<'_>) -> Ruled<Ruling> {
    let agent = case.call.header("user-agent").unwrap_or_default();
    if agent.is_empty() || agent.starts_with("Mozilla/") {
        return refuse(
            403,
            40333,
            "internal network error",
            "there is no User-Agent, or a browser's",
        );
    }
    let Some(path) = Path::read(&case.call.path) else {
        return refuse(404, 0, "404: Not Found", "the path is no webhook's");
    };
    let Some(destination) = case.destination else {
        return refuse(
            404,
            10015,
            "Unknown Webhook",
            "there is no webhook of this id",
        );
    };
    if !matches!(&destination.address, Address::Discord { token, .. } if token == path.token) {
        return refuse(
            401,
            50027,
            "Invalid Webhook Token",
            "the webhook's token is another one",
        );
    }
    pass(case, &path)?;
    match case.call.method.as_str() {
        "GET" => Ok(Ruling::Served(webhook(destination, &path))),
        "POST" => {
            let (answer, draft) = post(case, path.id)?;
            Ok(Ruling::Delivered(answer, Box::new(draft)))
        }
        _ => refuse(
            405,
            0,
            "405: Method Not Allowed",
            "the method is neither GET nor POST",
        ),
    }
}

/// The webhook itself (<https://discord.com/developers/docs/resources/webhook#get-webhook-with-token>).
fn webhook(destination: &Destination, path: &Path<'_>) -> Answer {
    Answer::json(
        200,
        &json!({ "id": path.id, "token": path.token, "type": 1, "name": destination.name,
            "avatar": null, "channel_id": CHANNEL_ID, "guild_id": "199737254929760255",
            "application_id": null }),
    )
}

fn post(case: &Case<'_>, webhook: &str) -> Ruled<(Answer, Draft)> {
    let (payload, files) = payload::read(case.call)?;
    form::check(&payload).map_err(|problems| {
        let why = problems.to_string();
        (Answer::json(400, &problems.answer()), why)
    })?;
    let thread = thread(case, &payload)?;
    let wait = match case.call.query_value("wait").as_deref() {
        None | Some("false" | "False" | "0") => false,
        Some("true" | "True" | "1") => true,
        Some(_) => return refuse(400, 50035, "Invalid Form Body", "`wait` is not a boolean"),
    };
    if form::is_empty(&payload) && files.is_empty() {
        return refuse(
            400,
            50006,
            "Cannot send an empty message",
            "there is neither content nor embeds nor a file",
        );
    }
    let draft = draft(case, &payload, files, thread);
    let answer = if wait {
        created(&draft, webhook)
    } else {
        Answer::new(204)
    };
    Ok((answer, draft))
}

fn pass(case: &mut Case<'_>, path: &Path<'_>) -> Ruled<()> {
    let Some(destination) = case.destination else {
        return Ok(());
    };
    case.pass(&limits(destination)).map_err(|early| {
        let milliseconds = path.counts_milliseconds();
        let answer = if early.limit == 0 {
            too_early(early.wait, milliseconds)
        } else {
            shared(early.wait, milliseconds)
        };
        (answer, "too many requests".to_owned())
    })
}

/// The thread that the message goes to: an existing one, or a forum post that it opens.
fn thread(case: &Case<'_>, payload: &Map<String, Value>) -> Ruled<Option<String>> {
    let Some(destination) = case.destination else {
        return Ok(None);
    };
    let name = payload.get("thread_name").and_then(Value::as_str);
    match (case.call.query_value("thread_id"), name) {
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
        (None, Some(_)) => Ok(Some(snowflake(case.id))),
        (None, None) if destination.forum => refuse(
            400,
            220_001,
            "Webhooks posted to forum channels must have a thread_name or thread_id",
            "a forum needs `thread_id` or `thread_name`",
        ),
        (None, None) => Ok(None),
    }
}

/// An id as Discord shapes them.
fn snowflake(id: u64) -> String {
    (1_234_500_000_000_000_000_u64.saturating_add(id)).to_string()
}

fn draft(
    case: &Case<'_>,
    payload: &Map<String, Value>,
    files: Vec<File>,
    thread: Option<String>,
) -> Draft {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
    let content = text("content").unwrap_or_default().trim().to_owned();
    let embeds = payload.get("embeds").and_then(Value::as_array);
    let embeds = embeds.cloned().unwrap_or_default();
    let flags = payload.get("flags").and_then(Value::as_u64).unwrap_or(0);
    Draft {
        text: reading::text(&content, &embeds),
        mentions: reading::mentions(&content, payload.get("allowed_mentions")),
        links: reading::links(&content, &embeds),
        truncated: false,
        files,
        details: Details::Discord(DiscordDetails {
            content,
            embeds,
            username: text("username"),
            silent: flags & SUPPRESS_NOTIFICATIONS != 0,
            thread,
            id: snowflake(case.id),
        }),
    }
}

/// The message as `?wait=true` tells it.
fn created(draft: &Draft, webhook: &str) -> Answer {
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

fn refuse<T>(status: u16, code: u32, message: &str, why: &str) -> Ruled<T> {
    Err((error(status, code, message), format!("{code}: {why}")))
}

fn error(status: u16, code: u32, message: &str) -> Answer {
    Answer::json(status, &json!({ "message": message, "code": code }))
}

/// The answer to a request that came too early for its webhook.
pub(super) fn too_early(wait: Duration, milliseconds: bool) -> Answer {
    limited("You are being rate limited.", "user", wait, milliseconds)
}

/// The answer to one that came too early for a channel that others write to as well.
fn shared(wait: Duration, milliseconds: bool) -> Answer {
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
