//! A card as a person reads it.

use serde_json::Value;

use super::markdown;

/// A card as a person reads it, with the mentions that notify and the links that can be followed.
#[derive(Debug, Default)]
pub(super) struct ReadableCard {
    pub(super) text: String,
    pub(super) mentions: Vec<String>,
    pub(super) links: Vec<String>,
}

pub(super) fn read(card: &Value) -> ReadableCard {
    let mut reading = ReadableCard::default();
    let called = list(card.get("msteams").unwrap_or(&Value::Null), "entities");
    let called: Vec<_> = called.iter().map(|entity| string(entity, "text")).collect();
    for element in list(card, "body") {
        reading.element(element, &called);
    }
    reading.actions(card);
    let end = reading.text.trim_end().len();
    reading.text.truncate(end);
    reading
}

impl ReadableCard {
    fn element(&mut self, element: &Value, called: &[&str]) {
        match string(element, "type") {
            "Container" => {
                for item in list(element, "items") {
                    self.element(item, called);
                }
            }
            "TextBlock" => {
                let text = self.markdown(string(element, "text"), called);
                self.line(&text);
            }
            "RichTextBlock" => {
                let runs = list(element, "inlines").iter();
                let runs = runs.map(|run| run.as_str().unwrap_or_else(|| string(run, "text")));
                let text = without_functions(&runs.collect::<String>());
                self.line(&text);
            }
            "CodeBlock" => self.line(string(element, "codeSnippet")),
            "FactSet" => {
                for fact in list(element, "facts") {
                    let title = self.markdown(string(fact, "title"), called);
                    let value = self.markdown(string(fact, "value"), called);
                    self.line(&format!("{title} {value}"));
                }
            }
            "ActionSet" => self.actions(element),
            _ => {}
        }
    }

    fn actions(&mut self, holder: &Value) {
        let actions = list(holder, "actions");
        self.links.extend(
            actions
                .iter()
                .map(|action| string(action, "url").to_owned()),
        );
        let names: Vec<_> = actions
            .iter()
            .map(|action| string(action, "title"))
            .collect();
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

    fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(text.trim_end_matches('\n'));
            self.text.push('\n');
        }
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

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    let list = value.get(key).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn string<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
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
