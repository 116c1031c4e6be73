//! The preview of an event as an incident shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::answer_json::{list_at, string_at};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let Ok(event) = serde_json::from_slice::<Value>(request.body()) else {
        // Not the request itself, since its body holds the key.
        return Preview::default();
    };
    let payload = event.get("payload").unwrap_or(&Value::Null);
    let mut preview = Preview::new(string_at(payload, "summary"));
    let source = [string_at(payload, "severity"), string_at(payload, "source")];
    let source = source.into_iter().filter(|text| !text.is_empty());
    preview.add(&source.collect::<Vec<_>>().join(" · "));
    let details = payload.get("custom_details").and_then(Value::as_object);
    for (name, value) in details.into_iter().flatten() {
        add(&mut preview, name, value);
    }
    for link in list_at(&event, "links") {
        preview.add(&format!(
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
        "" => preview.at(action),
        key => preview.at(format!("{action} {key}")),
    }
}

fn add(preview: &mut Preview, name: &str, value: &Value) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| add(preview, name, value)),
        Value::String(text) if text.contains('\n') => preview.add(&format!("{name}:\n{text}")),
        Value::String(text) => preview.add(&format!("{name}: {text}")),
        other => preview.add(&format!("{name}: {other}")),
    }
}
