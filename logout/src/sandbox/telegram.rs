//! Telegram's Bot API.

use std::time::Duration;

use serde_json::{Value, json};

use super::answer::set;
use super::destination::Destination;
use super::rate_limit::Rate;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{Answer, Credentials};

mod detection;
mod markup;
mod message;
mod parameters;
mod styled;

use self::parameters::Parameters;

/// "avoid sending more than one message per second" to one chat; "short bursts that go over this
/// limit" are tolerated (<https://core.telegram.org/bots/faq>), how long ones is not said.
const CHAT: Rate = Rate::Bucket {
    burst: 3,
    every: Duration::from_secs(1),
};

/// "20 messages per minute to the same group" (the same page).
const GROUP: Rate = Rate::Sliding {
    count: 20,
    per: Duration::from_secs(60),
};

/// "about 30 messages per second" of one bot (the same page).
pub(super) const BOT: Rate = Rate::Sliding {
    count: 30,
    per: Duration::from_secs(1),
};

/// The sandbox's one bot.
const BOT_ID: i64 = 7_000_000_000;

/// Bytes of a token (`ClientManager.cpp`).
const TOKEN: usize = 80;

fn token_and_method(path: &str) -> Option<(&str, &str)> {
    let (token, method) = path.strip_prefix("/bot")?.split_once('/')?;
    (!token.is_empty() && !method.is_empty()).then_some((token, method))
}

pub(super) const LIMITS: &[(&str, Rate)] = &[("chat", CHAT), ("group", GROUP)];

pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("TELEGRAM_BOT_TOKEN", "bot_token"),
    ("TELEGRAM_CHAT_ID", "chat_id"),
];

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with("/bot")
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    let (Credentials::Telegram { token, chat_id }, Some((given, _))) =
        (&destination.credentials, token_and_method(&raw.path))
    else {
        return false;
    };
    let named = Parameters::read(raw).ok();
    let chat = named
        .as_ref()
        .and_then(|parameters| parameters.integer("chat_id"));
    token == given
        && chat.is_none_or(|chat| chat == *chat_id || destination.former_chat == Some(chat))
        && named.is_none_or(|named| {
            !named.text("chat_id").starts_with('@') || is_named(destination, &named)
        })
}

/// Returns whether a public chat is meant by its name.
fn is_named(destination: &Destination, parameters: &Parameters) -> bool {
    let name = destination.public_name.as_deref();
    name.is_some_and(|name| parameters.text("chat_id") == format!("@{name}"))
}

pub(super) fn judge(context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
    let Some((token, method)) = token_and_method(&context.raw.path) else {
        return refuse(404, "Not Found");
    };
    if !token.contains(':') || token.len() > TOKEN {
        return refuse(401, "Unauthorized: invalid token specified");
    }
    let is_known = |one: &Destination| matches!(&one.credentials, Credentials::Telegram { token: known, .. } if known == token);
    if !context.destinations.iter().any(is_known) {
        return refuse(401, "Unauthorized");
    }
    if !["GET", "POST"].contains(&context.raw.method.as_str()) {
        return refuse(405, "Method Not Allowed");
    }
    let method = method.to_lowercase();
    let parameters = Parameters::read(context.raw)?;
    match method.as_str() {
        "getme" => Ok(Decision::served(result(&json!({
            "id": BOT_ID, "is_bot": true,
            "first_name": "logout", "username": "logout_sandbox_bot",
        })))),
        "getchat" => {
            let (destination, chat_id) = chat(context, &parameters)?;
            Ok(Decision::served(result(&full_chat(destination, chat_id))))
        }
        "getchatmember" => {
            let (destination, _) = chat(context, &parameters)?;
            member(destination, &parameters)
        }
        "sendmessage" | "senddocument" => {
            let (destination, chat_id) = chat(context, &parameters)?;
            take_slot(context, destination)?;
            let is_document = method == "senddocument";
            message::send(context, destination, &parameters, chat_id, is_document)
        }
        _ => refuse(404, "Not Found: method not found"),
    }
}

fn chat<'a>(
    context: &RequestContext<'a>,
    parameters: &Parameters,
) -> OrRefusal<(&'a Destination, i64)> {
    match parameters.value("chat_id") {
        None => return refuse(400, "Bad Request: chat_id is empty"),
        Some(Value::String(text)) if text.is_empty() => {
            return refuse(400, "Bad Request: chat_id is empty");
        }
        Some(_) => {}
    }
    let named = parameters.integer("chat_id");
    let found = context.destination;
    let found = found.filter(|one| named.is_some() || is_named(one, parameters));
    match found.map(|destination| (destination, &destination.credentials)) {
        Some((destination, Credentials::Telegram { chat_id, .. })) => {
            if destination.bot_is_out && destination.public_name.is_none() {
                refuse(403, "Forbidden: bot was kicked from the supergroup chat")
            } else if named == Some(*chat_id) || is_named(destination, parameters) {
                Ok((destination, *chat_id))
            } else {
                Err(upgraded(*chat_id))
            }
        }
        _ => refuse(400, "Bad Request: chat not found"),
    }
}

/// Refuses a group's old id: it became a supergroup and has another id since.
fn upgraded(chat_id: i64) -> (Answer, String) {
    let description = "Bad Request: group chat was upgraded to a supergroup chat";
    let body = json!({ "ok": false, "error_code": 400, "description": description,
        "parameters": { "migrate_to_chat_id": chat_id } });
    (Answer::json(400, &body), description.to_owned())
}

fn take_slot(context: &mut RequestContext<'_>, destination: &Destination) -> OrRefusal<()> {
    if destination.bot_is_out {
        return refuse(403, "Forbidden: bot is not a member of the channel chat");
    }
    context.take_slot()
}

fn chat_json(chat_id: i64) -> Value {
    json!({ "id": chat_id, "title": "Sandbox", "type": "supergroup" })
}

/// Returns a chat as `getChat` tells it: with its topics, if it has any, and its name, if it is
/// public.
fn full_chat(destination: &Destination, chat_id: i64) -> Value {
    let mut chat = chat_json(chat_id);
    if !destination.threads.is_empty() {
        set(&mut chat, "is_forum", true);
    }
    if let Some(name) = &destination.public_name {
        set(&mut chat, "username", name.as_str());
        set(&mut chat, "type", "channel");
    }
    chat
}

/// Returns the bot itself as a member; of others a bot that is no administrator learns nothing
/// (<https://core.telegram.org/bots/api#getchatmember>).
fn member(destination: &Destination, parameters: &Parameters) -> OrRefusal<Decision> {
    if parameters.integer("user_id") != Some(BOT_ID) {
        return refuse(400, "Bad Request: PARTICIPANT_ID_INVALID");
    }
    let mut member = json!({ "user": { "id": BOT_ID, "is_bot": true, "first_name": "logout" } });
    if destination.bot_is_out {
        set(&mut member, "status", "left");
    } else {
        set(&mut member, "status", "administrator");
        set(&mut member, "can_post_messages", true);
    }
    Ok(Decision::served(result(&member)))
}

fn result(value: &Value) -> Answer {
    Answer::json(200, &json!({ "ok": true, "result": value }))
}

fn refuse<T>(status: u16, description: &str) -> OrRefusal<T> {
    Err((error(status, description), description.to_owned()))
}

fn error(status: u16, description: &str) -> Answer {
    let body = json!({ "ok": false, "error_code": status, "description": description });
    Answer::json(status, &body)
}

/// Returns whole seconds, the same in the body and in the header.
pub(super) fn rate_limited(wait: Duration) -> Answer {
    let seconds = super::whole_seconds(wait);
    let body = json!({
        "ok": false,
        "error_code": 429,
        "description": format!("Too Many Requests: retry after {seconds}"),
        "parameters": { "retry_after": seconds },
    });
    Answer::json(429, &body).header("Retry-After", seconds.to_string())
}

pub(super) fn gone() -> Answer {
    error(401, "Unauthorized")
}
