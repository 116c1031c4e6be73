//! The preview of a message as Telegram shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::answer_json::string_at;
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    if let Some(file) = Preview::of_file(request) {
        // It replies to the message, and so appears in the same place.
        return file;
    }
    let Ok(message) = serde_json::from_slice::<Value>(request.body()) else {
        return Preview::from_request(request);
    };
    let chat = match message.get("chat_id") {
        Some(Value::String(name)) => name.clone(),
        // No group has this number: it means that no chat is configured yet.
        Some(Value::Number(number)) if number.as_i64() != Some(1) => format!("chat {number}"),
        _ => String::new(),
    };
    let topic = message.get("message_thread_id").and_then(Value::as_i64);
    let topic = topic.map(|topic| format!("topic {topic}"));
    let place: Vec<_> = std::iter::once(chat)
        .chain(topic)
        .filter(|part| !part.is_empty())
        .collect();
    Preview::new(string_at(&message, "text")).at(place.join(", "))
}
