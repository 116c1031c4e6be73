//! A Slack message as a person reads it.

use serde_json::{Map, Value};

use super::super::json::Fields as _;
use super::super::readable::ReadableMessage;
use super::mrkdwn;

/// Reads a message. The top-level text is shown only without blocks, but it notifies in any case.
pub(super) fn read(text: &str, payload: &Map<String, Value>) -> ReadableMessage {
    let mut reading = ReadableMessage::default();
    let blocks = payload.list("blocks");
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
    for attachment in payload.list("attachments") {
        reading.attachment(attachment);
    }
    reading.trimmed()
}

impl ReadableMessage {
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
        let text = object.string("text");
        if object.string("type") == "mrkdwn" {
            let verbatim = object.get("verbatim") == Some(&Value::Bool(true));
            self.mrkdwn(text, verbatim)
        } else {
            text.to_owned()
        }
    }

    fn block(&mut self, block: &Value) {
        let text = match block.string("type") {
            "context" => {
                let elements = block.list("elements").iter();
                let shown: Vec<_> = elements.map(|element| self.object(element)).collect();
                shown.join(" ")
            }
            "rich_text" => {
                for element in block.list("elements") {
                    self.rich_text(element);
                }
                return;
            }
            "markdown" => block.string("text").to_owned(),
            "image" => block.string("alt_text").to_owned(),
            "divider" => "────".to_owned(),
            _ => self.object(block.field("text")),
        };
        self.line(&text);
        for field in block.list("fields") {
            let text = self.object(field);
            self.line(&text);
        }
    }

    fn rich_text(&mut self, element: &Value) {
        let elements = element.list("elements");
        if element.string("type") == "rich_text_list" {
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
        match leaf.string("type") {
            "text" => leaf.string("text").to_owned(),
            "link" => {
                let url = leaf.string("url");
                self.links.push(url.to_owned());
                match leaf.string("text") {
                    "" => url.to_owned(),
                    label => label.to_owned(),
                }
            }
            "user" => self.mention('@', leaf.string("user_id")),
            "usergroup" => self.mention('!', leaf.string("usergroup_id")),
            "broadcast" => self.mention('!', leaf.string("range")),
            "channel" => format!("#{}", leaf.string("channel_id")),
            "emoji" => format!(":{}:", leaf.string("name")),
            "date" => leaf.string("fallback").to_owned(),
            "color" => leaf.string("value").to_owned(),
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
        for name in ["pretext", "author_name", "title", "text"] {
            self.mrkdwn_line(attachment.string(name), false);
        }
        if !attachment.string("title_link").is_empty() {
            self.links.push(attachment.string("title_link").to_owned());
        }
        for field in attachment.list("fields") {
            let value = self.mrkdwn(field.string("value"), false);
            self.line(&format!("{}: {value}", field.string("title")));
        }
        for block in attachment.list("blocks") {
            self.block(block);
        }
        self.mrkdwn_line(attachment.string("footer"), true);
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
