//! A message of ours, as Zulip shows it.

use crate::adapter::marks::unmarked;
use crate::reading::form;
use crate::{Reading, Request};

pub(super) fn read(request: &Request) -> Reading {
    let file = request
        .parts()
        .find_map(|part| Some((part.file_name()?, part.bytes().len())));
    if let Some((name, bytes)) = file {
        // The message that links it follows.
        return Reading::default().with_file(name, bytes);
    }
    let fields = form(request);
    let field = |name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let stream: String = serde_json::from_str(field("to")).unwrap_or_default();
    Reading::new(unmarked(field("content"))).at(format!("#{stream} > {}", field("topic")))
}
