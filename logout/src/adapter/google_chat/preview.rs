//! The preview of a message as Google Chat shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::answer_json::{list_at, string_at};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let Ok(message) = serde_json::from_slice::<Value>(request.body()) else {
        return Preview::from_request(request);
    };
    let text = string_at(&message, "text");
    let text = text.replace("```\n", "").replace("\n```", "");
    let mut preview = Preview::new(shown(&text.replace("<users/", "@").replace('>', "")));
    for card in list_at(&message, "cardsV2") {
        let card = card.get("card").unwrap_or(&Value::Null);
        for section in list_at(card, "sections") {
            list_at(section, "widgets").for_each(|widget| read_widget(widget, &mut preview));
        }
    }
    match message.pointer("/thread/threadKey").and_then(Value::as_str) {
        Some(key) => preview.at(format!("thread {key}")),
        None => preview,
    }
}

fn read_widget(widget: &Value, preview: &mut Preview) {
    if let Some(paragraph) = widget.get("textParagraph") {
        preview.add(&shown(&without_tags(string_at(paragraph, "text"))));
    }
    if let Some(buttons) = widget.get("buttonList") {
        let names = list_at(buttons, "buttons").map(|button| string_at(button, "text"));
        preview.add(&names.collect::<Vec<_>>().join(" · "));
    }
}

/// Returns the text without the characters that were inserted to keep it plain.
fn shown(text: &str) -> String {
    text.replace('\u{200b}', "")
        .replace('\u{a0}', " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Returns our HTML without its tags; log text in it has none.
fn without_tags(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        shown.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, behind)| behind);
    }
    shown.push_str(rest);
    shown
}
