//! The preview of a message as Teams shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::answer_json::{list_at, string_at};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let Ok(message) = serde_json::from_slice::<Value>(request.body()) else {
        return Preview::from_request(request);
    };
    let mut preview = Preview::default();
    for attachment in list_at(&message, "attachments") {
        let card = attachment.get("content").unwrap_or(&Value::Null);
        list_at(card, "body").for_each(|element| read_element(element, &mut preview));
        read_actions(card, &mut preview);
    }
    preview
}

fn read_element(element: &Value, preview: &mut Preview) {
    match string_at(element, "type") {
        "Container" => list_at(element, "items").for_each(|item| read_element(item, preview)),
        "RichTextBlock" => {
            let runs = list_at(element, "inlines").map(|run| string_at(run, "text"));
            preview.add(&runs.collect::<String>());
        }
        "TextBlock" => preview.add(&own_text(string_at(element, "text"))),
        "CodeBlock" => preview.add(string_at(element, "codeSnippet")),
        "FactSet" => {
            let facts = list_at(element, "facts")
                .map(|fact| format!("{} {}", string_at(fact, "title"), string_at(fact, "value")));
            preview.add(&facts.collect::<Vec<_>>().join("\n"));
        }
        "ActionSet" => read_actions(element, preview),
        _ => {}
    }
}

fn read_actions(holder: &Value, preview: &mut Preview) {
    let names = list_at(holder, "actions").map(|action| string_at(action, "title"));
    preview.add(&names.collect::<Vec<_>>().join(" · "));
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
