//! The preview of a message as Slack shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::answer_json::{list_at, string_at};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let Ok(message) = serde_json::from_slice::<Value>(request.body()) else {
        return Preview::from_request(request);
    };
    let mut preview = Preview::default();
    blocks(&message, &mut preview);
    for attachment in list_at(&message, "attachments") {
        blocks(attachment, &mut preview);
    }
    if preview.text().is_empty() {
        preview.add(&unescaped(string_at(&message, "text")));
    }
    let [channel, thread] = ["channel", "thread_ts"].map(|key| string_at(&message, key));
    match (channel, thread) {
        ("", "") => preview,
        ("", thread) => preview.at(format!("thread {thread}")),
        (channel, "") => preview.at(channel),
        (channel, thread) => preview.at(format!("{channel}, thread {thread}")),
    }
}

fn blocks(message: &Value, preview: &mut Preview) {
    for block in list_at(message, "blocks") {
        match string_at(block, "type") {
            "rich_text" => list_at(block, "elements").for_each(|part| preview.add(&runs(part))),
            "context" => {
                let elements: Vec<_> = list_at(block, "elements").map(text).collect();
                // Slack sets them side by side.
                preview.add(&elements.join(" · "));
            }
            _ => preview.add(&block.get("text").map(text).unwrap_or_default()),
        }
    }
}

/// Returns the runs of a rich text, which are raw.
fn runs(part: &Value) -> String {
    list_at(part, "elements")
        .map(|run| string_at(run, "text"))
        .collect()
}

/// Returns the text of a text object.
fn text(object: &Value) -> String {
    let text = string_at(object, "text");
    match string_at(object, "type") {
        "mrkdwn" => unescaped(text),
        _ => text.to_owned(),
    }
}

/// Returns our mrkdwn as it is shown: a time by its text, a mention by its name.
fn unescaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('<') {
        shown.push_str(before);
        let (inside, behind) = inside.split_once('>').unwrap_or((inside, ""));
        match (inside.rsplit_once('|'), inside.strip_prefix('!')) {
            (Some((_, text)), _) => shown.push_str(text),
            (None, Some(all)) => shown.push_str(&format!("@{all}")),
            (None, None) => shown.push_str(inside),
        }
        rest = behind;
    }
    shown.push_str(rest);
    shown
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}
