//! The preview of an event as an incident shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::log_text::{list_at, string_at};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let Ok(event) = serde_json::from_slice::<Value>(request.body()) else {
        // Not the request itself, since its body holds the key.
        return Preview::default();
    };
    let payload = event.get("payload").unwrap_or(&Value::Null);
    let mut reading = Preview::new(string_at(payload, "summary"));
    let source = [string_at(payload, "severity"), string_at(payload, "source")];
    let source = source.into_iter().filter(|text| !text.is_empty());
    reading.add(&source.collect::<Vec<_>>().join(" · "));
    let details = payload.get("custom_details").and_then(Value::as_object);
    for (name, value) in details.into_iter().flatten() {
        add(&mut reading, name, value);
    }
    for link in list_at(&event, "links") {
        reading.add(&format!(
            "{}: {}",
            string_at(link, "text"),
            string_at(link, "href")
        ));
    }
    let action = match string_at(&event, "event_action") {
        "" => "change event",
        action => action,
    };
    match string_at(&event, "dedup_key") {
        "" => reading.at(action),
        key => reading.at(format!("{action} {key}")),
    }
}

fn add(reading: &mut Preview, name: &str, value: &Value) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| add(reading, name, value)),
        Value::String(text) if text.contains('\n') => reading.add(&format!("{name}:\n{text}")),
        Value::String(text) => reading.add(&format!("{name}: {text}")),
        other => reading.add(&format!("{name}: {other}")),
    }
}
