//! The preview of a message as Teams shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::log_text::{list_at, string_at};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let Ok(message) = serde_json::from_slice::<Value>(request.body()) else {
        return Preview::from_request(request);
    };
    let mut reading = Preview::default();
    for attachment in list_at(&message, "attachments") {
        let card = attachment.get("content").unwrap_or(&Value::Null);
        list_at(card, "body").for_each(|element| read_element(element, &mut reading));
        read_actions(card, &mut reading);
    }
    reading
}

fn read_element(element: &Value, reading: &mut Preview) {
    match string_at(element, "type") {
        "Container" => list_at(element, "items").for_each(|item| read_element(item, reading)),
        "RichTextBlock" => {
            let runs = list_at(element, "inlines").map(|run| string_at(run, "text"));
            reading.add(&runs.collect::<String>());
        }
        "TextBlock" => reading.add(&own_text(string_at(element, "text"))),
        "CodeBlock" => reading.add(string_at(element, "codeSnippet")),
        "FactSet" => {
            let facts = list_at(element, "facts")
                .map(|fact| format!("{} {}", string_at(fact, "title"), string_at(fact, "value")));
            reading.add(&facts.collect::<Vec<_>>().join("\n"));
        }
        "ActionSet" => read_actions(element, reading),
        _ => {}
    }
}

fn read_actions(holder: &Value, reading: &mut Preview) {
    let names = list_at(holder, "actions").map(|action| string_at(action, "title"));
    reading.add(&names.collect::<Vec<_>>().join(" · "));
}

/// Returns our text as it is shown: a mention by its name, or a time.
fn own_text(text: &str) -> String {
    let time = text
        .strip_prefix("{{DATE(")
        .and_then(|time| time.split_once(','));
    match time {
        Some((time, _)) => time.replacen('T', " ", 1).replacen('Z', " UTC", 1),
        None => text.replace("<at>", "@").replace("</at>", ""),
    }
}
