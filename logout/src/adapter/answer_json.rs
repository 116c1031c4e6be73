//! The reading of values in platforms' answers in JSON.

use serde_json::Value;

/// Returns a text of an answer; empty if it is missing or of another type.
pub(super) fn string_at<'a>(answer: &'a Value, key: &str) -> &'a str {
    let text = answer.get(key).and_then(Value::as_str);
    text.unwrap_or_default()
}

/// Returns the items of a list in JSON; none if it is missing or of another type.
pub(super) fn list_at<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    let list = value.get(key).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// Returns a wait of an answer: a number of seconds, whole or not, or a text that holds one.
pub(super) fn wait_at(answer: &Value, pointer: &str) -> Option<std::time::Duration> {
    let value = answer.pointer(pointer)?;
    let number = value
        .as_f64()
        .or_else(|| crate::text::human::parse_number(value.as_str()?))?;
    crate::transport::response::seconds(number)
}
