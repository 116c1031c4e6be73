//! A message of ours, as Teams shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::log_text::string_at;
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let Ok(message) = serde_json::from_slice::<Value>(request.body()) else {
        return Preview::from_request(request);
    };
    let mut reading = Preview::default();
    for attachment in list(&message, "attachments") {
        let card = attachment.get("content").unwrap_or(&Value::Null);
        list(card, "body").for_each(|element| read_element(element, &mut reading));
    }
    reading
}

fn read_element(element: &Value, reading: &mut Preview) {
    match string_at(element, "type") {
        "Container" => list(element, "items").for_each(|item| read_element(item, reading)),
        "RichTextBlock" => {
            let runs = list(element, "inlines").map(|run| string_at(run, "text"));
            reading.add(&runs.collect::<String>());
        }
        "TextBlock" => reading.add(&own_text(string_at(element, "text"))),
        "CodeBlock" => reading.add(string_at(element, "codeSnippet")),
        "FactSet" => {
            let facts = list(element, "facts")
                .map(|fact| format!("{} {}", string_at(fact, "title"), string_at(fact, "value")));
            reading.add(&facts.collect::<Vec<_>>().join("\n"));
        }
        "ActionSet" => {
            let names = list(element, "actions").map(|action| string_at(action, "title"));
            reading.add(&names.collect::<Vec<_>>().join(" · "));
        }
        _ => {}
    }
}

/// Returns a text of ours as it is shown: whom it calls, or a time.
fn own_text(text: &str) -> String {
    let time = text
        .strip_prefix("{{DATE(")
        .and_then(|time| time.split_once(','));
    match time {
        Some((time, _)) => time.replacen('T', " ", 1).replacen('Z', " UTC", 1),
        None => text.replace("<at>", "@").replace("</at>", ""),
    }
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    let list = value.get(key).and_then(Value::as_array);
    list.into_iter().flatten()
}
