//! A Slack message as a person reads it.

use serde_json::{Map, Value};

use super::mrkdwn;

/// A message as a person reads it, with the mentions that notify and the links that can be followed.
#[derive(Debug, Default)]
pub(super) struct ReadableMessage {
    pub(super) text: String,
    pub(super) mentions: Vec<String>,
    pub(super) links: Vec<String>,
}

/// Reads a message. The top-level text is shown only without blocks, but it notifies in any case.
pub(super) fn read(text: &str, payload: &Map<String, Value>) -> ReadableMessage {
    let mut reading = ReadableMessage::default();
    let blocks = list(payload, "blocks");
    if blocks.is_empty() {
        let formatted = reading.mrkdwn(text, false);
        if payload.get("mrkdwn") == Some(&Value::Bool(false)) {
            reading.line(&mrkdwn::unformatted(text));
        } else {
            reading.line(&formatted);
        }
    } else {
        reading.mentions.extend(mrkdwn::mentions(text));
    }
    if matches!(
        payload.get("link_names"),
        Some(Value::Bool(true)) | Some(Value::Number(_))
    ) {
        reading.mentions.extend(mrkdwn::names(text));
    }
    for block in blocks {
        reading.block(block);
    }
    for attachment in list(payload, "attachments") {
        reading.attachment(attachment);
    }
    let lines = reading.text.trim_end().len();
    reading.text.truncate(lines);
    reading
}

fn list<'v>(object: &'v Map<String, Value>, name: &str) -> &'v [Value] {
    object
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn string<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl ReadableMessage {
    fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(text.trim_end_matches('\n'));
            self.text.push('\n');
        }
    }

    fn mrkdwn_line(&mut self, text: &str, verbatim: bool) {
        let shown = self.mrkdwn(text, verbatim);
        self.line(&shown);
    }

    fn mrkdwn(&mut self, text: &str, verbatim: bool) -> String {
        self.mentions.extend(mrkdwn::mentions(text));
        self.links.extend(mrkdwn::links(text, verbatim));
        mrkdwn::plain(text)
    }

    /// Reads a text object.
    fn object(&mut self, object: &Value) -> String {
        let text = string(object, "text");
        if string(object, "type") == "mrkdwn" {
            let verbatim = object.get("verbatim") == Some(&Value::Bool(true));
            self.mrkdwn(text, verbatim)
        } else {
            text.to_owned()
        }
    }

    fn block(&mut self, block: &Value) {
        let Some(fields) = block.as_object() else {
            return;
        };
        let text = match string(block, "type") {
            "context" => {
                let elements = list(fields, "elements").iter();
                let shown: Vec<_> = elements.map(|element| self.object(element)).collect();
                shown.join(" ")
            }
            "rich_text" => {
                for element in list(fields, "elements") {
                    self.rich_text(element);
                }
                return;
            }
            "markdown" => string(block, "text").to_owned(),
            "image" => string(block, "alt_text").to_owned(),
            "divider" => "────".to_owned(),
            _ => fields
                .get("text")
                .map(|text| self.object(text))
                .unwrap_or_default(),
        };
        self.line(&text);
        for field in list(fields, "fields") {
            let text = self.object(field);
            self.line(&text);
        }
    }

    fn rich_text(&mut self, element: &Value) {
        let Some(fields) = element.as_object() else {
            return;
        };
        let elements = list(fields, "elements");
        if string(element, "type") == "rich_text_list" {
            for item in elements {
                self.text.push_str("• ");
                self.rich_text(item);
            }
            return;
        }
        let mut text = String::new();
        for leaf in elements {
            text.push_str(&self.leaf(leaf));
        }
        self.line(&text);
    }

    fn leaf(&mut self, leaf: &Value) -> String {
        match string(leaf, "type") {
            "text" => string(leaf, "text").to_owned(),
            "link" => {
                let url = string(leaf, "url");
                self.links.push(url.to_owned());
                match string(leaf, "text") {
                    "" => url.to_owned(),
                    label => label.to_owned(),
                }
            }
            "user" => self.mention('@', string(leaf, "user_id")),
            "usergroup" => self.mention('!', string(leaf, "usergroup_id")),
            "broadcast" => self.mention('!', string(leaf, "range")),
            "channel" => format!("#{}", string(leaf, "channel_id")),
            "emoji" => format!(":{}:", string(leaf, "name")),
            "date" => string(leaf, "fallback").to_owned(),
            "color" => string(leaf, "value").to_owned(),
            _ => String::new(),
        }
    }

    fn mention(&mut self, sign: char, name: &str) -> String {
        self.mentions.push(format!("<{sign}{name}>"));
        format!("@{name}")
    }

    /// Reads an attachment, the form before blocks: texts and fields beside a coloured bar, or blocks in
    /// it.
    fn attachment(&mut self, attachment: &Value) {
        let Some(fields) = attachment.as_object() else {
            return;
        };
        for name in ["pretext", "author_name", "title", "text"] {
            self.mrkdwn_line(string(attachment, name), false);
        }
        if !string(attachment, "title_link").is_empty() {
            self.links.push(string(attachment, "title_link").to_owned());
        }
        for field in list(fields, "fields") {
            let value = self.mrkdwn(string(field, "value"), false);
            self.line(&format!("{}: {value}", string(field, "title")));
        }
        for block in list(fields, "blocks") {
            self.block(block);
        }
        self.mrkdwn_line(string(attachment, "footer"), true);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_is_read_in_order() {
        let payload = json!({ "text": "n <!here>", "blocks": [
            { "type": "header", "text": { "type": "plain_text", "text": "boom <!channel>" } },
            { "type": "context", "elements": [{ "type": "mrkdwn", "text": "shop &amp; co" }] },
            { "type": "rich_text", "elements": [
                { "type": "rich_text_preformatted", "elements": [{ "type": "text", "text": "a\n  ``` <@U1>" }] },
                { "type": "rich_text_section", "elements": [
                    { "type": "text", "text": "order ", "style": { "bold": true } },
                    { "type": "text", "text": "42" }, { "type": "broadcast", "range": "here" }] }] },
            { "type": "section", "fields": [{ "type": "plain_text", "text": "one" }] },
        ], "attachments": [{ "color": "#f00", "blocks": [
            { "type": "section", "text": { "type": "mrkdwn", "text": "last" } }] }] });
        let reading = read("n <!here>", payload.as_object().unwrap());
        assert_eq!(
            reading.text,
            "boom <!channel>\nshop & co\na\n  ``` <@U1>\norder 42@here\none\nlast"
        );
        assert_eq!(reading.mentions, ["<!here>", "<!here>"]);
    }
}
