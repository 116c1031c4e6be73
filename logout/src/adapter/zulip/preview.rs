//! The preview of a message as Zulip shows it.

use crate::adapter::Preview;
use crate::adapter::preview::form;
use crate::adapter::strip_markdown::{Dialect, strip_markdown};
use crate::transport::Request;

pub(super) fn read(request: &Request) -> Preview {
    if let Some(file) = Preview::of_file(request) {
        // The next message links it.
        return file;
    }
    let fields = form(request);
    let field = |name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let stream: String = serde_json::from_str(field("to")).unwrap_or_default();
    let text = strip_markdown(field("content"), Dialect::Zulip);
    Preview::new(text).at(format!("#{stream} > {}", field("topic")))
}
