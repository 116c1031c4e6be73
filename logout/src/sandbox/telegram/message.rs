//! The messages that `sendMessage` and `sendDocument` make.

use serde_json::{Value, json};

use super::super::answer::set;
use super::super::destination::Destination;
use super::super::details::{Details, TelegramDetails, TelegramEntity};
use super::super::json::Fields as _;
use super::super::message::{File, MessageContent};
use super::super::readable::ReadableMessage;
use super::super::state::{Decision, OrRefusal, RequestContext};
use super::parameters::Parameters;
use super::styled::Styled;
use super::{BOT_ID, chat_json, detection, error, markup, refuse, result};

/// Code points after parsing (<https://core.telegram.org/bots/api#sendmessage>).
const TEXT: usize = 4_096;
const CAPTION: usize = 1_024;

/// Bytes before parsing (`text.size() > (1 << 15)` in telegram-bot-api's `Client.cpp`).
const RAW: usize = 1 << 15;

/// Bytes of a file sent to the public server.
const FILE: usize = 50 << 20;

/// A message for the chat that it was found to be for.
struct NewMessage {
    chat_id: i64,
    thread: Option<i64>,
    styled: Styled,
    file: Option<File>,
}

/// Answers `sendMessage` and `sendDocument`.
pub(super) fn send(
    context: &RequestContext<'_>,
    destination: &Destination,
    parameters: &Parameters,
    chat_id: i64,
    is_document: bool,
) -> OrRefusal<Decision> {
    let thread = thread(destination, parameters)?;
    let (file, styled) = if is_document {
        let file = file(parameters)?;
        let caption = styled_text(parameters, "caption", "caption_entities", CAPTION)?;
        (Some(file), caption)
    } else {
        (None, styled_text(parameters, "text", "entities", TEXT)?)
    };
    let parts = NewMessage {
        chat_id,
        thread,
        styled,
        file,
    };
    Ok(sent(context, parameters, parts))
}

/// Returns the forum topic. General has no id that could be sent: 1 is refused like any that does
/// not exist.
fn thread(destination: &Destination, parameters: &Parameters) -> OrRefusal<Option<i64>> {
    match parameters.value("message_thread_id") {
        None => Ok(None),
        Some(_) => match parameters.integer("message_thread_id") {
            Some(0) => Ok(None),
            Some(id) if id != 1 && destination.threads.contains(&id.to_string()) => Ok(Some(id)),
            _ => refuse(400, "Bad Request: message thread not found"),
        },
    }
}

fn file(parameters: &Parameters) -> OrRefusal<File> {
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

/// Returns the text of a request after parsing and cleaning.
fn styled_text(
    parameters: &Parameters,
    name: &str,
    entities: &str,
    most: usize,
) -> OrRefusal<Styled> {
    let raw = parameters.text(name);
    let is_caption = name == "caption";
    if raw.is_empty() && !is_caption {
        return refuse(400, "Bad Request: message text is empty");
    }
    if raw.len() > RAW {
        return refuse(400, "Bad Request: text is too long");
    }
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
    let refused = |why: &str| (error(400, why), why.to_owned());
    let parsed =
        parsed.map_err(|why| refused(&format!("Bad Request: can't parse entities: {why}")))?;
    let styled = parsed.cleaned();
    let styled = styled.map_err(|why| refused(&format!("Bad Request: {why}")))?;
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

fn sent(context: &RequestContext<'_>, parameters: &Parameters, parts: NewMessage) -> Decision {
    let message = message_json(context, &parts);
    let styled = parts.styled;
    let readable = ReadableMessage {
        text: styled.text.clone(),
        mentions: detection::mentions(&styled),
        links: detection::links(&styled),
    };
    let details = TelegramDetails {
        text: styled.text,
        entities: styled.entities,
        dropped_entities: styled.dropped,
        silent: parameters.is_true("disable_notification"),
        previews: has_previews(parameters),
        thread: parts.thread,
        id: context.id,
    };
    let draft = MessageContent {
        files: parts.file.into_iter().collect(),
        ..MessageContent::new(readable, Details::Telegram(details))
    };
    Decision::delivered(result(&message), draft)
}

/// Returns a message as the answer tells it.
fn message_json(context: &RequestContext<'_>, parts: &NewMessage) -> Value {
    let date = context.epoch().floor();
    let mut message = json!({
        "message_id": context.id,
        "from": { "id": BOT_ID, "is_bot": true, "first_name": "logout",
            "username": "logout_sandbox_bot" },
        "chat": chat_json(parts.chat_id),
        "date": date as u64,
    });
    let (text_key, entities_key) = match &parts.file {
        None => ("text", "entities"),
        Some(file) => {
            let document = json!({ "file_name": file.name, "file_size": file.size,
                "file_id": format!("sandbox-{}", context.id), "file_unique_id": context.id.to_string() });
            set(&mut message, "document", document);
            ("caption", "caption_entities")
        }
    };
    let styled = &parts.styled;
    if !styled.text.is_empty() {
        set(&mut message, text_key, styled.text.as_str());
    }
    if !styled.entities.is_empty() {
        let entities: Vec<_> = styled.entities.iter().map(entity_json).collect();
        set(&mut message, entities_key, entities);
    }
    if let Some(thread) = parts.thread {
        set(&mut message, "message_thread_id", thread);
        set(&mut message, "is_topic_message", true);
    }
    message
}

fn has_previews(parameters: &Parameters) -> bool {
    let options = parameters.json("link_preview_options").unwrap_or_default();
    let is_disabled = options.field("is_disabled") == &Value::Bool(true);
    !is_disabled && !parameters.is_true("disable_web_page_preview")
}

fn entity_json(entity: &TelegramEntity) -> Value {
    let mut json = json!({ "type": entity.kind, "offset": entity.offset, "length": entity.length });
    if let Some(language) = &entity.language {
        set(&mut json, "language", language.as_str());
    }
    if let Some(time) = entity.unix_time {
        set(&mut json, "unix_time", time);
    }
    if let Some(format) = &entity.date_time_format {
        set(&mut json, "date_time_format", format.as_str());
    }
    if let Some(url) = &entity.url {
        set(&mut json, "url", url.as_str());
    }
    json
}
