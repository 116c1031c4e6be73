//! The form of a message.

use serde_json::Value;

use super::super::Answer;
use super::super::answer::set;
use super::super::details::{Details, ZulipDetails};
use super::super::message::{File, MessageContent};
use super::super::request::{RawRequest, form_pairs};
use super::super::state::{OrRefusal, RequestContext};
use super::{error_body, markdown, refuse};

/// Code points of a message's content: `MAX_MESSAGE_LENGTH` of the server's settings.
const CONTENT: usize = 10_000;
const CONTENT_CUT: &str = "\n[message truncated]";

/// Code points of a topic: `MAX_TOPIC_NAME_LENGTH` in `zerver/models/constants.py`.
const TOPIC: usize = 60;
const TOPIC_CUT: &str = "...";

/// The parameters that the server knows.
#[rustfmt::skip]
const KNOWN: [&str; 8] = [
    "type", "to", "topic", "subject", "content", "read_by_sender", "queue_id", "local_id",
];

struct FormFields(Vec<(String, String)>);

impl FormFields {
    fn read(raw: &RawRequest) -> Self {
        let is_form = raw.media_type() == "application/x-www-form-urlencoded";
        Self(if is_form {
            form_pairs(&raw.body)
        } else {
            Vec::new()
        })
    }

    fn value(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn required(&self, name: &str) -> OrRefusal<&str> {
        self.value(name).ok_or_else(|| {
            let mut answer = error_body(
                "REQUEST_VARIABLE_MISSING",
                &format!("Missing '{name}' argument"),
            );
            set(&mut answer, "var_name", name);
            (
                Answer::json(400, &answer),
                format!("the form has no `{name}`"),
            )
        })
    }

    fn ignored(&self) -> Vec<String> {
        let keys = self.0.iter().map(|(key, _)| key.clone());
        keys.filter(|key| !KNOWN.contains(&key.as_str())).collect()
    }
}

/// The stream and the topic that a message goes to.
struct Recipient {
    stream: String,
    topic: String,
    topic_was_cut: bool,
}

/// Makes the message, and names the parameters that the server does not know.
pub(super) fn post(context: &RequestContext<'_>) -> OrRefusal<(MessageContent, Vec<String>)> {
    let form = FormFields::read(context.raw);
    let kind = form.required("type")?;
    let to = form.required("to")?;
    let content = form.required("content")?;
    let place = place(context, &form, kind, to)?;
    let (content, was_cut) = stored(content)?;
    let found = markdown::read(&content);
    if let Some(wildcard) = found.wildcards.first() {
        return refuse_wildcard(wildcard);
    }
    let files = linked(context, &content);
    let details = ZulipDetails {
        stream: place.stream,
        topic: place.topic,
        content,
        id: context.id,
    };
    let draft = MessageContent {
        truncated: was_cut || place.topic_was_cut,
        files,
        ..MessageContent::new(found.readable, Details::Zulip(details))
    };
    Ok((draft, form.ignored()))
}

fn place(
    context: &RequestContext<'_>,
    form: &FormFields,
    kind: &str,
    to: &str,
) -> OrRefusal<Recipient> {
    match kind {
        "stream" | "channel" => {
            let stream = stream(context, to)?;
            let topic = form.value("topic").or_else(|| form.value("subject"));
            let (topic, topic_was_cut) = topic_name(topic)?;
            Ok(Recipient {
                stream,
                topic,
                topic_was_cut,
            })
        }
        "direct" | "private" => Ok(Recipient {
            stream: recipients(to)?,
            topic: String::new(),
            topic_was_cut: false,
        }),
        _ => refuse("BAD_REQUEST", "Invalid type"),
    }
}

fn refuse_wildcard<T>(wildcard: &str) -> OrRefusal<T> {
    let (code, kind) = if wildcard == "topic" {
        ("TOPIC_WILDCARD_MENTION_NOT_ALLOWED", "topic")
    } else {
        ("STREAM_WILDCARD_MENTION_NOT_ALLOWED", "channel")
    };
    let msg = format!("You do not have permission to use {kind} wildcard mentions in this {kind}.");
    refuse(code, &msg)
}

/// Returns the uploaded files that a content links to.
fn linked(context: &RequestContext<'_>, content: &str) -> Vec<File> {
    let uploads = context.uploads.iter();
    uploads
        .filter(|(path, _)| content.contains(path.as_str()))
        .map(|(_, file)| file.clone())
        .collect()
}

/// Returns the channel that `to` names. The server reads it as JSON first: `123` is an id, `true`
/// an error, and only what is no JSON is a bare name (`extract_stream_indicator` in
/// `zerver/actions/message_send.py`).
fn stream(context: &RequestContext<'_>, to: &str) -> OrRefusal<String> {
    let wrong = || refuse("BAD_REQUEST", "Invalid data type for channel");
    let named = match serde_json::from_str::<Value>(to) {
        Err(_) => Value::from(to),
        Ok(Value::Array(list)) => match <[Value; 1]>::try_from(list) {
            Ok([one]) => one,
            Err(_) => return refuse("BAD_REQUEST", "Expected exactly one channel"),
        },
        Ok(one) => one,
    };
    let (known, missing, key) = match &named {
        Value::String(name) => (
            context
                .streams
                .iter()
                .find(|known| known.to_lowercase() == name.to_lowercase()),
            format!("Channel '{name}' does not exist"),
            "stream",
        ),
        Value::Number(id) => {
            let Some(number) = id.as_u64() else {
                return wrong();
            };
            // Ids are given in alphabetical order, from 1 on.
            let index = usize::try_from(number)
                .ok()
                .and_then(|id| id.checked_sub(1));
            (
                index.and_then(|index| context.streams.iter().nth(index)),
                format!("Channel with ID '{id}' does not exist"),
                "stream_id",
            )
        }
        _ => return wrong(),
    };
    known.cloned().ok_or_else(|| {
        let mut answer = error_body("STREAM_DOES_NOT_EXIST", &missing);
        set(&mut answer, key, named.clone());
        (Answer::json(400, &answer), missing)
    })
}

fn recipients(to: &str) -> OrRefusal<String> {
    match serde_json::from_str::<Value>(to) {
        Ok(Value::Array(list)) if !list.is_empty() => {
            let names = list.iter().map(|one| match one {
                Value::String(email) => email.clone(),
                other => other.to_string(),
            });
            Ok(names.collect::<Vec<_>>().join(", "))
        }
        _ => refuse("BAD_REQUEST", "Invalid data type for recipients"),
    }
}

/// Returns the topic as it is stored, and whether it was cut for that.
fn topic_name(topic: Option<&str>) -> OrRefusal<(String, bool)> {
    let Some(topic) = topic.map(str::trim) else {
        return refuse("BAD_REQUEST", "Missing topic");
    };
    if let Some(position) = topic
        .chars()
        .position(|sign| sign.is_control() || is_noncharacter(sign))
    {
        let msg = format!("Invalid character in topic, at position {}!", position + 1);
        return refuse("BAD_REQUEST", &msg);
    }
    if topic.is_empty() || topic == "(no topic)" {
        return refuse("BAD_REQUEST", "Topics are required in this organization.");
    }
    if topic.chars().count() <= TOPIC {
        return Ok((topic.to_owned(), false));
    }
    let head: String = topic.chars().take(TOPIC - TOPIC_CUT.len()).collect();
    Ok((head + TOPIC_CUT, true))
}

fn is_noncharacter(sign: char) -> bool {
    let code = u32::from(sign);
    (0xFDD0..=0xFDEF).contains(&code) || code & 0xFFFE == 0xFFFE
}

/// Returns the content as it is stored, and whether it was cut for that.
fn stored(content: &str) -> OrRefusal<(String, bool)> {
    let content = content.trim_end();
    if content.is_empty() {
        return refuse("BAD_REQUEST", "Message must not be empty");
    }
    if content.contains('\0') {
        return refuse("BAD_REQUEST", "Message must not contain null bytes");
    }
    if content.chars().count() <= CONTENT {
        return Ok((content.to_owned(), false));
    }
    let head: String = content.chars().take(CONTENT - CONTENT_CUT.len()).collect();
    Ok((head + CONTENT_CUT, true))
}
