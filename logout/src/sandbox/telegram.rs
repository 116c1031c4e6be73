//! Telegram's Bot API.

use std::time::Duration;

use serde_json::{Value, json};

use super::answer::set;
use super::call::Call;
use super::destination::Destination;
use super::details::{Details, TelegramDetails, TelegramEntity};
use super::message::{Draft, File};
use super::pace::Rate;
use super::world::{Case, Ruled, Ruling};
use super::{Address, Answer};

mod markup;
mod parameters;
mod reading;
mod styled;

use self::parameters::Parameters;
use self::styled::Styled;

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
const BOT: Rate = Rate::Sliding {
    count: 30,
    per: Duration::from_secs(1),
};

/// Code points after parsing (<https://core.telegram.org/bots/api#sendmessage>).
const TEXT: usize = 4_096;
const CAPTION: usize = 1_024;

/// Bytes before parsing (`text.size() > (1 << 15)` in telegram-bot-api's `Client.cpp`).
const RAW: usize = 1 << 15;

/// Bytes of a file sent to the public server.
const FILE: usize = 50 << 20;

/// The sandbox's one bot.
const BOT_ID: i64 = 7_000_000_000;

/// Bytes of a token (`ClientManager.cpp`).
const TOKEN: usize = 80;

fn token_and_method(path: &str) -> Option<(&str, &str)> {
    let (token, method) = path.strip_prefix("/bot")?.split_once('/')?;
    (!token.is_empty() && !method.is_empty()).then_some((token, method))
}

/// Belongs to the chat of this bot that it names; a request of the bot that names none belongs to
/// the bot's only chat here.
pub(super) fn is_for(call: &Call, destination: &Destination) -> bool {
    let (Address::Telegram { token, chat_id }, Some((given, _))) =
        (&destination.address, token_and_method(&call.path))
    else {
        return false;
    };
    let named = Parameters::read(call).ok();
    let chat = named
        .as_ref()
        .and_then(|parameters| parameters.integer("chat_id"));
    token == given
        && chat.is_none_or(|chat| chat == *chat_id || destination.former_chat == Some(chat))
        && named.is_none_or(|named| {
            !named.text("chat_id").starts_with('@') || is_named(destination, &named)
        })
}

/// Whether a public chat is meant by its name.
fn is_named(destination: &Destination, parameters: &Parameters) -> bool {
    let name = destination.public_name.as_deref();
    name.is_some_and(|name| parameters.text("chat_id") == format!("@{name}"))
}

pub(super) fn judge(case: &mut Case<'_>) -> Ruling {
    match route(case) {
        Ok(ruling) => ruling,
        Err((answer, why)) => Ruling::Refused(answer, why),
    }
}

fn route(case: &mut Case<'_>) -> Ruled<Ruling> {
    let Some((token, method)) = token_and_method(&case.call.path) else {
        return refuse(404, "Not Found");
    };
    if !token.contains(':') || token.len() > TOKEN {
        return refuse(401, "Unauthorized: invalid token specified");
    }
    let is_known = |one: &Destination| matches!(&one.address, Address::Telegram { token: known, .. } if known == token);
    if !case.destinations.iter().any(is_known) {
        return refuse(401, "Unauthorized");
    }
    if !["GET", "POST"].contains(&case.call.method.as_str()) {
        return refuse(405, "Method Not Allowed");
    }
    let method = method.to_lowercase();
    let parameters = Parameters::read(case.call)?;
    match method.as_str() {
        "getme" => Ok(Ruling::Served(result(&json!({
            "id": BOT_ID, "is_bot": true,
            "first_name": "logout", "username": "logout_sandbox_bot",
        })))),
        "getchat" => {
            let (destination, chat_id) = chat(case, &parameters)?;
            Ok(Ruling::Served(result(&full_chat(destination, chat_id))))
        }
        "getchatmember" => {
            let (destination, _) = chat(case, &parameters)?;
            member(destination, &parameters)
        }
        "sendmessage" => {
            let (destination, chat_id) = chat(case, &parameters)?;
            pass(case, destination)?;
            let thread = thread(destination, &parameters)?;
            let styled = styled_text(&parameters, "text", "entities", TEXT)?;
            Ok(sent(case, &parameters, chat_id, thread, styled, Vec::new()))
        }
        "senddocument" => {
            let (destination, chat_id) = chat(case, &parameters)?;
            pass(case, destination)?;
            let thread = thread(destination, &parameters)?;
            let file = document(&parameters)?;
            let styled = styled_text(&parameters, "caption", "caption_entities", CAPTION)?;
            Ok(sent(case, &parameters, chat_id, thread, styled, vec![file]))
        }
        _ => refuse(404, "Not Found: method not found"),
    }
}

fn chat<'a>(case: &Case<'a>, parameters: &Parameters) -> Ruled<(&'a Destination, i64)> {
    match parameters.value("chat_id") {
        None => return refuse(400, "Bad Request: chat_id is empty"),
        Some(Value::String(text)) if text.is_empty() => {
            return refuse(400, "Bad Request: chat_id is empty");
        }
        Some(_) => {}
    }
    let named = parameters.integer("chat_id");
    let found = case.destination;
    let found = found.filter(|one| named.is_some() || is_named(one, parameters));
    match found.map(|destination| (destination, &destination.address)) {
        Some((destination, Address::Telegram { chat_id, .. })) => {
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

/// The group became a supergroup, and has another id since.
fn upgraded(chat_id: i64) -> (Answer, String) {
    let description = "Bad Request: group chat was upgraded to a supergroup chat";
    let body = json!({ "ok": false, "error_code": 400, "description": description,
        "parameters": { "migrate_to_chat_id": chat_id } });
    (Answer::json(400, &body), description.to_owned())
}

pub(super) fn limits(destination: &Destination) -> Vec<(String, Rate)> {
    let mut limits = destination.limits([("chat", CHAT), ("group", GROUP)]);
    if let (None, Address::Telegram { token, .. }) = (destination.limit, &destination.address) {
        limits.push((format!("bot/{token}"), BOT));
    }
    limits
}

fn pass(case: &mut Case<'_>, destination: &Destination) -> Ruled<()> {
    if destination.bot_is_out {
        return refuse(403, "Forbidden: bot is not a member of the channel chat");
    }
    case.pass(&limits(destination))
        .map_err(|early| (too_early(early.wait), "too many requests".to_owned()))
}

/// The forum topic. General has no id that could be sent: 1 is refused like any that does not
/// exist.
fn thread(destination: &Destination, parameters: &Parameters) -> Ruled<Option<i64>> {
    match parameters.value("message_thread_id") {
        None => Ok(None),
        Some(_) => match parameters.integer("message_thread_id") {
            Some(0) => Ok(None),
            Some(id) if id != 1 && destination.threads.contains(&id.to_string()) => Ok(Some(id)),
            _ => refuse(400, "Bad Request: message thread not found"),
        },
    }
}

fn document(parameters: &Parameters) -> Ruled<File> {
    let by_name = |name: &str| {
        let found = parameters.files.iter().find(|(field, _)| field == name);
        found.map(|(_, file)| file.clone())
    };
    let named = parameters.text("document");
    let file = match named.strip_prefix("attach://") {
        Some(name) => by_name(name),
        None => by_name("document"),
    };
    match file {
        Some(file) if file.size == 0 => refuse(400, "Bad Request: file must be non-empty"),
        Some(file) if file.size > FILE => refuse(413, "Request Entity Too Large"),
        Some(file) => Ok(file),
        None if named.is_empty() => refuse(400, "Bad Request: there is no document in the request"),
        None => refuse(
            400,
            "Bad Request: wrong remote file identifier specified: Wrong padding length",
        ),
    }
}

/// The text of a request after parsing and cleaning.
fn styled_text(parameters: &Parameters, name: &str, entities: &str, most: usize) -> Ruled<Styled> {
    let raw = parameters.text(name);
    let is_caption = name == "caption";
    if raw.is_empty() && !is_caption {
        return refuse(400, "Bad Request: message text is empty");
    }
    if raw.len() > RAW {
        return refuse(400, "Bad Request: text is too long");
    }
    let unparsed =
        |why: String| refuse::<Styled>(400, &format!("Bad Request: can't parse entities: {why}"));
    // With a parse mode, entities are ignored without a word.
    let parsed = match parameters.text("parse_mode").to_lowercase().as_str() {
        "" => match parameters.json(entities) {
            None => Ok(Styled::plain(raw)),
            Some(entities) => Styled::with_entities(raw, &entities),
        },
        "html" => markup::html(raw),
        "markdownv2" => markup::markdown_v2(raw),
        "markdown" => markup::markdown(raw),
        _ => return refuse(400, "Bad Request: unsupported parse_mode"),
    };
    let styled = match parsed {
        Ok(styled) => styled,
        Err(why) => return unparsed(why),
    };
    let styled = match styled.cleaned() {
        Ok(styled) => styled,
        Err(why) => return refuse(400, &format!("Bad Request: {why}")),
    };
    if styled.text.is_empty() && !is_caption {
        return refuse(400, "Bad Request: text must be non-empty");
    }
    if styled.text.chars().count() > most {
        let what = if is_caption {
            "message caption"
        } else {
            "message"
        };
        return refuse(400, &format!("Bad Request: {what} is too long"));
    }
    Ok(styled)
}

fn sent(
    case: &Case<'_>,
    parameters: &Parameters,
    chat_id: i64,
    thread: Option<i64>,
    styled: Styled,
    files: Vec<File>,
) -> Ruling {
    let date = case.epoch().floor();
    let mut message = json!({
        "message_id": case.id,
        "from": { "id": BOT_ID, "is_bot": true, "first_name": "logout",
            "username": "logout_sandbox_bot" },
        "chat": chat_json(chat_id),
        "date": date as u64,
    });
    let (text_key, entities_key) = if files.is_empty() {
        ("text", "entities")
    } else {
        ("caption", "caption_entities")
    };
    if let Some(file) = files.first() {
        let document = json!({ "file_name": file.name, "file_size": file.size,
            "file_id": format!("sandbox-{}", case.id), "file_unique_id": case.id.to_string() });
        set(&mut message, "document", document);
    }
    if !styled.text.is_empty() {
        set(&mut message, text_key, styled.text.as_str());
    }
    if !styled.entities.is_empty() {
        let entities: Vec<_> = styled.entities.iter().map(entity_json).collect();
        set(&mut message, entities_key, entities);
    }
    if let Some(thread) = thread {
        set(&mut message, "message_thread_id", thread);
        set(&mut message, "is_topic_message", true);
    }
    let preview = parameters.json("link_preview_options");
    let disabled = preview
        .as_ref()
        .and_then(|options| options.get("is_disabled"));
    let draft = Draft {
        text: styled.text.clone(),
        mentions: reading::mentions(&styled),
        links: reading::links(&styled),
        truncated: false,
        files,
        details: Details::Telegram(TelegramDetails {
            text: styled.text,
            entities: styled.entities,
            dropped_entities: styled.dropped,
            silent: parameters.is_true("disable_notification"),
            previews: disabled != Some(&Value::Bool(true))
                && !parameters.is_true("disable_web_page_preview"),
            thread,
            id: case.id,
        }),
    };
    Ruling::Delivered(result(&message), Box::new(draft))
}

fn chat_json(chat_id: i64) -> Value {
    json!({ "id": chat_id, "title": "Sandbox", "type": "supergroup" })
}

/// A chat as `getChat` tells it: with its topics, if it has any, and its name, if it is public.
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

/// The bot itself as a member; of others a bot that is no administrator learns nothing
/// (<https://core.telegram.org/bots/api#getchatmember>).
fn member(destination: &Destination, parameters: &Parameters) -> Ruled<Ruling> {
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
    Ok(Ruling::Served(result(&member)))
}

fn entity_json(entity: &TelegramEntity) -> Value {
    let mut json = json!({ "type": entity.kind, "offset": entity.offset, "length": entity.length });
    if let Some(language) = &entity.language {
        set(&mut json, "language", language.as_str());
    }
    if let Some(url) = &entity.url {
        set(&mut json, "url", url.as_str());
    }
    json
}

fn result(value: &Value) -> Answer {
    Answer::json(200, &json!({ "ok": true, "result": value }))
}

fn refuse<T>(status: u16, description: &str) -> Ruled<T> {
    Err((error(status, description), description.to_owned()))
}

fn error(status: u16, description: &str) -> Answer {
    let body = json!({ "ok": false, "error_code": status, "description": description });
    Answer::json(status, &body)
}

/// Whole seconds, the same in the body and in the header.
pub(super) fn too_early(wait: Duration) -> Answer {
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
