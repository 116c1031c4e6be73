//! Files of Slack's Web API, which arrive in three requests
//! (<https://docs.slack.dev/reference/methods/files.getUploadURLExternal>).

use serde_json::{Map, Value, json};

use super::super::destination::Destination;
use super::super::json::Fields as _;
use super::super::request::{RawRequest, form_pairs};
use super::super::state::{Decision, OrRefusal, RequestContext};
use super::super::{Answer, Credentials};
use super::{Details, MessageContent, ok, payload, refuse, slack, thread};

/// Where files are taken. The address is its own permission.
pub(super) const UPLOAD: &str = "/upload/v1/";

/// The largest file (<https://slack.com/help/articles/201330736>).
const LARGEST: usize = 1 << 30;

/// A file that was announced.
struct UploadTicket<'c> {
    destination: &'c str,
    id: &'c str,
    length: usize,
    name: &'c str,
}

impl<'c> UploadTicket<'c> {
    /// Reads an entry of the platform's memory.
    fn of(remembered: &'c str) -> Option<Self> {
        let mut parts = remembered.strip_prefix("file/")?.splitn(4, '/');
        Some(Self {
            destination: parts.next()?,
            id: parts.next()?,
            length: parts.next()?.parse().ok()?,
            name: parts.next()?,
        })
    }
}

pub(super) fn is_for(raw: &RawRequest, destination: &Destination) -> bool {
    let rest = raw.path.strip_prefix(UPLOAD).unwrap_or_default();
    rest.split('/').next() == Some(&destination.name)
}

/// Answers with the address for a file.
pub(super) fn upload_url(
    context: &mut RequestContext<'_>,
    destination: &Destination,
) -> OrRefusal<Answer> {
    if context.raw.media_type() != "application/x-www-form-urlencoded" {
        return refuse("invalid_post_type", "the request is no form");
    }
    let form = form_pairs(&context.raw.body);
    let value = |name: &str| {
        let found = form.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let (name, length) = (value("filename"), value("length"));
    if name.is_empty() || length.is_empty() {
        return refuse("missing_argument", "there is no `filename` or no `length`");
    }
    let Some(length) = length.parse::<usize>().ok().filter(|length| *length > 0) else {
        return refuse("invalid_arguments", "`length` is no number of bytes");
    };
    if length > LARGEST {
        return refuse("file_upload_size_restricted", "the file is over 1 GiB");
    }
    let id = format!("F{:09X}", fastrand::u32(..));
    let name = name.replace('/', "-");
    let known = format!("file/{}/{id}/{length}/{name}", destination.name);
    context.remembered.insert(known);
    let host = context.raw.header("host").unwrap_or_default();
    let url = format!("http://{host}{UPLOAD}{}/{id}", destination.name);
    Ok(ok(&json!({ "ok": true, "upload_url": url, "file_id": id })))
}

/// Takes the bytes of a file, once.
pub(super) fn receive_upload(context: &mut RequestContext<'_>) -> OrRefusal<Answer> {
    let path = context.raw.path.clone();
    let id = path.rsplit('/').next().unwrap_or_default();
    let refused = |status: u16, why: &str| Err((Answer::new(status).body(why), why.to_owned()));
    let mut tickets = context
        .remembered
        .iter()
        .filter_map(|text| UploadTicket::of(text));
    let Some(ticket) = tickets.find(|ticket| ticket.id == id) else {
        return refused(404, "no file was announced here");
    };
    let taken = context.raw.body.len();
    if taken != ticket.length {
        return refused(400, "the file has another length than was announced");
    }
    let kind = context.raw.media_type();
    let file = RequestContext::file(ticket.name, &kind, &context.raw.body);
    drop(tickets);
    if context.uploads.iter().any(|(known, _)| *known == path) {
        return refused(400, "the file was taken before");
    }
    context.uploads.push((path, file));
    Ok(Answer::new(200).body(format!("OK - {taken}")))
}

/// Shows a file in the channel.
pub(super) fn complete_upload(
    context: &mut RequestContext<'_>,
    destination: &Destination,
) -> OrRefusal<Decision> {
    let payload: Map<String, Value> = payload(context.raw)?;
    let Credentials::SlackBot { channel: own, .. } = &destination.credentials else {
        return refuse("channel_not_found", "the destination is no channel");
    };
    let Some(id) = payload
        .list("files")
        .first()
        .and_then(|file| file.field("id").as_str())
    else {
        return refuse("invalid_arguments", "`files` names no file");
    };
    // "input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]" (bolt-js issue 2115).
    let channel = payload.field("channel_id").as_str();
    let is_id = |text: &str| {
        let is_sign = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        text.len() >= 9 && text.starts_with(['C', 'G', 'D', 'Z']) && text.bytes().all(is_sign)
    };
    match channel {
        Some(channel) if !is_id(channel) => {
            return refuse("invalid_arguments", "`channel_id` is no id of a channel");
        }
        Some(channel) if channel == own => {}
        _ => return refuse("channel_not_found", "the channel is not the destination's"),
    }
    let path = format!("{UPLOAD}{}/{id}", destination.name);
    let file = context.uploads.iter().find(|(known, _)| *known == path);
    let Some((_, file)) = file.cloned() else {
        return refuse("file_not_found", "no file was taken for this id");
    };
    let thread = thread(context, destination, &payload)?;
    context.uploads.retain(|(known, _)| *known != path);
    context.remembered.retain(|text| {
        let ticket = UploadTicket::of(text);
        ticket.is_none_or(|ticket| ticket.destination != destination.name || ticket.id != id)
    });
    let mut draft: MessageContent = slack::draft(destination, &Map::new(), "");
    if let Details::Slack(details) = &mut draft.details {
        details.thread = thread;
    }
    let answer = ok(&json!({ "ok": true, "files": [{ "id": id, "title": file.name() }] }));
    draft.files = vec![file];
    Ok(Decision::delivered(answer, draft))
}
