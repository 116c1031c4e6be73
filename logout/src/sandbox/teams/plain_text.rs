//! A card as a person reads it.

use serde_json::Value;

use super::super::json::Fields as _;
use super::super::readable::ReadableMessage;
use super::markdown;

pub(super) fn read(card: &Value) -> ReadableMessage {
    let mut reading = ReadableMessage::default();
    let called = card.field("msteams").list("entities");
    let called: Vec<_> = called.iter().map(|entity| entity.string("text")).collect();
    for element in card.list("body") {
        reading.element(element, &called);
    }
    reading.actions(card);
    reading.trimmed()
}

impl ReadableMessage {
    fn element(&mut self, element: &Value, called: &[&str]) {
        match element.string("type") {
            "Container" => {
                for item in element.list("items") {
                    self.element(item, called);
                }
            }
            "TextBlock" => {
                let text = self.markdown(element.string("text"), called);
                self.line(&text);
            }
            "RichTextBlock" => {
                let runs = element.list("inlines").iter();
                let runs = runs.map(|run| run.as_str().unwrap_or_else(|| run.string("text")));
                let text = without_functions(&runs.collect::<String>());
                self.line(&text);
            }
            "CodeBlock" => self.line(element.string("codeSnippet")),
            "FactSet" => {
                for fact in element.list("facts") {
                    let title = self.markdown(fact.string("title"), called);
                    let value = self.markdown(fact.string("value"), called);
                    self.line(&format!("{title} {value}"));
                }
            }
            "ActionSet" => self.actions(element),
            _ => {}
        }
    }

    fn actions(&mut self, holder: &Value) {
        let actions = holder.list("actions").iter();
        let urls = actions
            .clone()
            .map(|action| action.string("url").to_owned());
        self.links.extend(urls);
        let names: Vec<_> = actions.map(|action| action.string("title")).collect();
        self.line(&names.join(" · "));
    }

    /// Reads a text that may mention: by `<at>…</at>` with an entity of the same text.
    fn markdown(&mut self, text: &str, called: &[&str]) -> String {
        let mut text = without_functions(text);
        for call in called {
            if text.contains(call) {
                self.mentions.push((*call).to_owned());
                let name = call.trim_start_matches("<at>").trim_end_matches("</at>");
                text = text.replace(call, &format!("@{name}"));
            }
        }
        let read = markdown::read(&text);
        self.links.extend(read.links);
        read.text
    }
}

/// Returns the text with `{{DATE(…)}}` and `{{TIME(…)}}` as a reader in UTC sees them.
fn without_functions(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        shown.push_str(before);
        match function(behind) {
            Some((value, behind)) => {
                shown.push_str(&value);
                rest = behind;
            }
            None => {
                shown.push_str("{{");
                rest = behind;
            }
        }
    }
    shown.push_str(rest);
    shown
}

fn function(behind: &str) -> Option<(String, &str)> {
    let (inside, rest) = behind.split_once(")}}")?;
    let (name, argument) = inside.split_once('(')?;
    let time = argument.split(',').next().unwrap_or_default();
    let (date, clock) = time.split_once('T')?;
    let is_time = date.len() == 10 && clock.len() >= 9;
    let value = match name {
        "DATE" => date.to_owned(),
        "TIME" => clock.get(..5)?.to_owned(),
        _ => return None,
    };
    is_time.then_some((value, rest))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn every_element_is_read_in_order() {
        let card = json!({ "type": "AdaptiveCard", "version": "1.2",
            "msteams": { "entities": [{ "type": "mention", "text": "<at>Ann</at>", "mentioned": { "id": "a@b.c", "name": "Ann" } }] },
            "body": [
                { "type": "Container", "items": [{ "type": "RichTextBlock", "inlines": [
                    { "type": "TextRun", "text": "boom [x](y) " }, "<at>Ann</at>"] }] },
                { "type": "TextBlock", "text": "<at>Ann</at>" },
                { "type": "TextBlock", "text": "{{DATE(2017-02-14T06:08:00Z, SHORT)}} {{TIME(2017-02-14T06:08:00Z)}}" },
                { "type": "CodeBlock", "codeSnippet": "a\n  b", "language": "PlainText" },
                { "type": "FactSet", "facts": [{ "title": "order", "value": "[42](https://x.org)" }] },
            ],
            "actions": [{ "type": "Action.OpenUrl", "title": "trace", "url": "https://y.org" }] });
        let reading = read(&card);
        assert_eq!(
            reading.text,
            "boom [x](y) <at>Ann</at>\n@Ann\n2017-02-14 06:08\na\n  b\norder 42\ntrace"
        );
        assert_eq!(reading.mentions, ["<at>Ann</at>"]);
        assert_eq!(reading.links, ["https://x.org", "https://y.org"]);
    }
}
