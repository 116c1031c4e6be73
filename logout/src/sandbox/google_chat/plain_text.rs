//! A message as a person reads it: Chat's own syntax in `text`, a part of HTML in cards.

use serde_json::Value;

use super::super::bare_urls::find_urls;

/// A message as a person reads it, with the mentions that notify and the links that can be followed.
#[derive(Debug, Default)]
pub(super) struct ReadableMessage {
    pub(super) text: String,
    pub(super) mentions: Vec<String>,
    pub(super) links: Vec<String>,
}

pub(super) fn read(message: &Value) -> ReadableMessage {
    let mut reading = ReadableMessage::default();
    let text = string(message, "text");
    let text = reading.chat(text);
    reading.line(&text);
    // What calls stands in front; what broke stays the first line.
    let called = std::mem::take(&mut reading.text);
    for card in list(message, "cardsV2") {
        let card = card.get("card").unwrap_or(&Value::Null);
        let header = card.get("header").unwrap_or(&Value::Null);
        for key in ["title", "subtitle"] {
            reading.line(string(header, key));
        }
        for section in list(card, "sections") {
            for widget in list(section, "widgets") {
                reading.widget(widget);
            }
        }
    }
    reading.text.push_str(&called);
    let end = reading.text.trim_end().len();
    reading.text.truncate(end);
    reading
}

impl ReadableMessage {
    /// Reads `text`. What stands in a fence is read as alive: that it is not is documented nowhere.
    fn chat(&mut self, text: &str) -> String {
        let mut shown = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('<') {
            shown.push_str(before);
            match behind.split_once('>') {
                Some((control, behind)) if control.starts_with("users/") => {
                    self.mentions.push(format!("<{control}>"));
                    shown.push('@');
                    shown.push_str(control.trim_start_matches("users/"));
                    rest = behind;
                }
                Some((control, behind)) if control.starts_with("http") => {
                    let (url, label) = control.split_once('|').unwrap_or((control, control));
                    self.links.push(url.to_owned());
                    shown.push_str(label);
                    rest = behind;
                }
                _ => {
                    shown.push('<');
                    rest = behind;
                }
            }
        }
        shown.push_str(rest);
        self.links.extend(find_urls(&shown));
        without_fences(&shown)
    }

    fn widget(&mut self, widget: &Value) {
        let paragraph = widget.get("textParagraph").unwrap_or(&Value::Null);
        let text = self.html(string(paragraph, "text"));
        self.line(&text);
        let decorated = widget.get("decoratedText").unwrap_or(&Value::Null);
        let text = self.html(string(decorated, "text"));
        self.line(string(decorated, "topLabel"));
        self.line(&text);
        let buttons = widget.get("buttonList").unwrap_or(&Value::Null);
        let buttons = list(buttons, "buttons");
        let urls = buttons
            .iter()
            .filter_map(|button| button.pointer("/onClick/openLink/url")?.as_str());
        self.links.extend(urls.map(str::to_owned));
        let names: Vec<_> = buttons
            .iter()
            .map(|button| string(button, "text"))
            .collect();
        self.line(&names.join(" · "));
    }

    /// Reads the tags that a card knows; what is none is text. A bare address counts as a link, though it is
    /// documented nowhere.
    fn html(&mut self, source: &str) -> String {
        let mut shown = String::new();
        let mut rest = source;
        while let Some((before, behind)) = rest.split_once('<') {
            shown.push_str(before);
            let tag = behind.split_once('>').filter(|(tag, _)| is_tag(tag));
            let Some((tag, behind)) = tag else {
                shown.push('<');
                rest = behind;
                continue;
            };
            if let Some((_, href)) = tag.split_once("href=") {
                self.links.push(href.trim_matches(['"', '\'']).to_owned());
            }
            if tag.starts_with("br") {
                shown.push('\n');
            }
            rest = behind;
        }
        shown.push_str(rest);
        self.links.extend(find_urls(&shown));
        // A space that breaks no line is a space to the eye.
        shown
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace('\u{a0}', " ")
    }

    fn line(&mut self, text: &str) {
        if !text.is_empty() {
            self.text.push_str(text.trim_end_matches('\n'));
            self.text.push('\n');
        }
    }
}

fn is_tag(tag: &str) -> bool {
    let name = tag.trim_start_matches('/').split([' ', '/']).next();
    let known = [
        "b", "i", "u", "s", "strike", "font", "a", "br", "time", "code", "ul", "ol", "li",
    ];
    name.is_some_and(|name| known.contains(&name.to_ascii_lowercase().as_str()))
}

fn without_fences(text: &str) -> String {
    let lines = text.lines().filter(|line| line.trim() != "```");
    lines.map(|line| line.replace("```", "") + "\n").collect()
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
    fn text_and_cards_are_read_as_they_are_shown() {
        let reading = read(&json!({
            "text": "hey <users/all>, see <https://x.org|the log> or http://y.org",
            "cardsV2": [{ "card": { "sections": [{ "widgets": [
                { "textParagraph": { "text": "<b>boom</b> &lt;users/all&gt; <users/7><br>\u{a0} b" } },
                { "textParagraph": { "text": "<a href=\"https://z.org\">here</a>" } },
                { "buttonList": { "buttons": [{ "text": "trace", "onClick": { "openLink": { "url": "https://t.org" } } }] } },
            ] }] } }],
        }));
        assert_eq!(
            reading.text,
            "boom <users/all> <users/7>\n  b\nhere\ntrace\nhey @all, see the log or http://y.org"
        );
        assert_eq!(reading.mentions, ["<users/all>"]);
        assert_eq!(
            reading.links,
            [
                "https://x.org",
                "http://y.org",
                "https://z.org",
                "https://t.org"
            ]
        );
    }

    #[test]
    fn an_unescaped_tag_of_the_log_vanishes() {
        let reading = read(&json!({ "cardsV2": [{ "card": { "sections": [{ "widgets": [
            { "textParagraph": { "text": "map<b>x" } }] }] } }] }));
        assert_eq!(reading.text, "mapx");
    }
}
