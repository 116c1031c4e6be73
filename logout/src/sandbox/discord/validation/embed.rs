//! The validation of an embed, the cards of Discord's messages.

use serde_json::Value;

use super::{FormErrors, list, no_object, required, text, url};

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

pub(super) fn check(errors: &mut FormErrors, embed: &Value, path: &str) {
    let Some(embed) = embed.as_object() else {
        return no_object(errors, path);
    };
    text(errors, embed, "title", &format!("{path}.title"), 0, TITLE);
    text(
        errors,
        embed,
        "description",
        &format!("{path}.description"),
        0,
        DESCRIPTION,
    );
    url(errors, embed, "url", path);
    let given = |name: &str| embed.get(name).filter(|value| !value.is_null());
    if let Some(color) = given("color") {
        check_color(errors, color, &format!("{path}.color"));
    }
    if let Some(timestamp) = given("timestamp") {
        check_timestamp(errors, timestamp, &format!("{path}.timestamp"));
    }
    let within = |name: &str| embed.get(name).and_then(Value::as_object);
    if let Some(footer) = within("footer") {
        required(
            errors,
            footer,
            "text",
            &format!("{path}.footer.text"),
            FOOTER,
        );
    }
    if let Some(author) = within("author") {
        required(
            errors,
            author,
            "name",
            &format!("{path}.author.name"),
            AUTHOR,
        );
        url(errors, author, "url", &format!("{path}.author"));
    }
    let fields = list(errors, embed, "fields", &format!("{path}.fields"), FIELDS);
    for (index, field) in fields.into_iter().flatten().enumerate() {
        check_field(errors, field, &format!("{path}.fields.{index}"));
    }
}

fn check_color(errors: &mut FormErrors, color: &Value, path: &str) {
    match color.as_u64() {
        Some(color) if color <= COLOR => {}
        Some(_) => errors.add(
            path,
            "NUMBER_TYPE_MAX",
            format!("int value should be less than or equal to {COLOR}."),
        ),
        None => errors.add(
            path,
            "NUMBER_TYPE_COERCE",
            format!("Value {color} is not int."),
        ),
    }
}

fn check_timestamp(errors: &mut FormErrors, timestamp: &Value, path: &str) {
    if !timestamp.as_str().is_some_and(is_timestamp) {
        let message = "Could not parse it. Should be ISO8601.";
        errors.add(path, "DATE_TIME_TYPE_PARSE", message);
    }
}

fn check_field(errors: &mut FormErrors, field: &Value, path: &str) {
    match field.as_object() {
        Some(field) => {
            required(errors, field, "name", &format!("{path}.name"), FIELD_NAME);
            required(
                errors,
                field,
                "value",
                &format!("{path}.value"),
                FIELD_VALUE,
            );
        }
        None => no_object(errors, path),
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
    let length = |value: Option<&Value>| {
        let text = value.and_then(Value::as_str).unwrap_or_default();
        text.trim().chars().count()
    };
    let fields = embed.get("fields").and_then(Value::as_array);
    let fields = fields.into_iter().flatten();
    length(embed.get("title"))
        + length(embed.get("description"))
        + length(embed.pointer("/footer/text"))
        + length(embed.pointer("/author/name"))
        + fields
            .map(|field| length(field.get("name")) + length(field.get("value")))
            .sum::<usize>()
}
