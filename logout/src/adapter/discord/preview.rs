//! The preview of a message as Discord shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::answer_json::{list_at, string_at};
use crate::adapter::strip_markdown::{Dialect, strip_markdown};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let payload = request.parts().find(|part| part.name() == "payload_json");
    let payload = payload.map_or(request.body(), |part| part.bytes());
    let Ok(message) = serde_json::from_slice::<Value>(payload) else {
        return Preview::from_request(request);
    };
    let mut preview = Preview::new(shown(&message, "content"));
    for embed in list_at(&message, "embeds") {
        read_embed(embed, &mut preview);
    }
    for part in request.parts() {
        if let Some(name) = part.file_name() {
            preview = preview.with_file(name, part.bytes().len());
        }
    }
    match request.url().parameter("thread_id") {
        Some(thread) => preview.at(format!("thread {thread}")),
        None => preview,
    }
}

fn read_embed(embed: &Value, preview: &mut Preview) {
    preview.add(&shown(embed, "description"));
    for field in list_at(embed, "fields") {
        let name = shown(field, "name");
        let value = shown(field, "value");
        let apart = if value.contains('\n') { ":\n" } else { ": " };
        preview.add(&format!("{name}{apart}{value}"));
    }
    // A footer has no markup.
    let footer = embed.get("footer").map(|footer| string_at(footer, "text"));
    let foot = [footer.unwrap_or_default(), string_at(embed, "timestamp")];
    let foot: Vec<_> = foot.into_iter().filter(|part| !part.is_empty()).collect();
    preview.add(&foot.join(" · "));
}

/// Returns a text of the message without its markup.
fn shown(value: &Value, key: &str) -> String {
    strip_markdown(string_at(value, key), Dialect::Discord)
}
