//! The validation of an embed, the cards of Discord's messages.

use serde_json::Value;

use super::super::super::json::Fields as _;
use super::FormObject;

/// Limits of <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>, in
/// code points and items.
const TITLE: usize = 256;
const DESCRIPTION: usize = 4_096;
const FIELDS: usize = 25;
const FIELD_NAME: usize = 256;
const FIELD_VALUE: usize = 1_024;
const FOOTER: usize = 2_048;
const AUTHOR: usize = 256;
const COLOR: u64 = 0xFF_FFFF;

impl FormObject<'_> {
    pub(super) fn check_embed(&mut self) {
        let fields = self.fields;
        self.text("title", 0, TITLE);
        self.text("description", 0, DESCRIPTION);
        self.url("url");
        match fields.field("color") {
            Value::Null => {}
            color => self.check_color(color),
        }
        let timestamp = fields.field("timestamp");
        if !timestamp.is_null() && !timestamp.as_str().is_some_and(is_timestamp) {
            let message = "Could not parse it. Should be ISO8601.";
            self.add("timestamp", "DATE_TIME_TYPE_PARSE", message);
        }
        if let footer @ Value::Object(_) = fields.field("footer")
            && let Some(mut footer) = self.object("footer", footer)
        {
            footer.required("text", FOOTER);
        }
        if let author @ Value::Object(_) = fields.field("author")
            && let Some(mut author) = self.object("author", author)
        {
            author.required("name", AUTHOR);
            author.url("url");
        }
        let fields = self.list("fields", FIELDS).unwrap_or_default();
        for (index, field) in fields.iter().enumerate() {
            if let Some(mut field) = self.object(&format!("fields.{index}"), field) {
                field.required("name", FIELD_NAME);
                field.required("value", FIELD_VALUE);
            }
        }
    }

    fn check_color(&mut self, color: &Value) {
        let (code, message) = match color.as_u64() {
            Some(color) if color <= COLOR => return,
            Some(_) => (
                "NUMBER_TYPE_MAX",
                format!("int value should be less than or equal to {COLOR}."),
            ),
            None => ("NUMBER_TYPE_COERCE", format!("Value {color} is not int.")),
        };
        self.add("color", code, message);
    }
}

/// Returns whether it is a date and time of ISO 8601, down to minutes at least.
fn is_timestamp(text: &str) -> bool {
    let shape: String = text
        .chars()
        .map(|sign| if sign.is_ascii_digit() { '0' } else { sign })
        .collect();
    shape.starts_with("0000-00-00T00:00") || shape.starts_with("0000-00-00 00:00")
}

/// Returns what an embed adds to the sum over all of them.
pub(super) fn size(embed: &Value) -> usize {
    let length = |text: &str| text.trim().chars().count();
    let fields = embed.list("fields").iter();
    length(embed.string("title"))
        + length(embed.string("description"))
        + length(embed.field("footer").string("text"))
        + length(embed.field("author").string("name"))
        + fields
            .map(|field| length(field.string("name")) + length(field.string("value")))
            .sum::<usize>()
}
