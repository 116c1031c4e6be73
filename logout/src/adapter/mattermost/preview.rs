//! The preview of a message as Mattermost shows it.

use serde_json::Value;

use crate::adapter::Preview;
use crate::adapter::answer_json::{list_at, string_at};
use crate::adapter::strip_markdown::{Dialect, strip_markdown};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    let Ok(message) = serde_json::from_slice::<Value>(request.body()) else {
        return Preview::from_request(request);
    };
    let mut preview = Preview::new(shown(&message, "text"));
    for attachment in list_at(&message, "attachments") {
        preview.add(&shown(attachment, "text"));
    }
    match string_at(&message, "channel") {
        "" => preview,
        user if user.starts_with('@') => preview.at(user),
        channel => preview.at(format!("~{}", channel.trim_start_matches('#'))),
    }
}

/// Returns a text of the message without its markup.
fn shown(value: &Value, key: &str) -> String {
    strip_markdown(string_at(value, key), Dialect::Mattermost)
}
