//! The place of a value in a figment, in words for an error.

use figment::error::Kind;
use figment::value::{Tag, Value};
use figment::{Error, Figment, Metadata, Source};

use crate::config::environment::FILE_NAME;

/// The place of values with this tag.
pub(super) struct ValueOrigin {
    pub(super) tag: Tag,
    pub(super) place: String,
    pub(super) is_ambient: bool,
}

/// Collects the places of a value and of the values in it.
pub(super) fn collect_origins(figment: &Figment, value: &Value, origins: &mut Vec<ValueOrigin>) {
    let tag = value.tag();
    if let Some(metadata) = figment.get_metadata(tag)
        && !origins.iter().any(|origin| origin.tag == tag)
    {
        let mut place = describe(metadata);
        if tag.profile().is_none() {
            place.push_str(", profile ");
            place.push_str(figment.profile().as_str().as_str());
        }
        let is_ambient = metadata.name.contains("environment variable");
        origins.push(ValueOrigin {
            tag,
            place,
            is_ambient,
        });
    }
    let mut note = |value| collect_origins(figment, value, origins);
    match value {
        Value::Dict(_, values) => values.values().for_each(&mut note),
        Value::Array(_, values) => values.iter().for_each(&mut note),
        _ => {}
    }
}

/// Returns a provider's name, with the file or the line of code that it names. The source that a
/// foreign provider names may be an address with a password in it.
fn describe(metadata: &Metadata) -> String {
    match &metadata.source {
        Some(Source::File(path)) if metadata.name == FILE_NAME => path.display().to_string(),
        Some(Source::File(path)) => format!("{} {}", metadata.name, path.display()),
        Some(Source::Code(place)) => format!("{} at {place}", metadata.name),
        _ => metadata.name.to_string(),
    }
}

/// Returns a provider's error without its message, which may quote what it read.
pub(super) fn unreadable(error: &Error) -> String {
    let place = error
        .metadata
        .as_ref()
        .map_or_else(|| "the figment".to_owned(), describe);
    let position = match &error.kind {
        // All other kinds are about values, none of which was asked for yet.
        Kind::Message(message) => line_and_column(message),
        _ => None,
    };
    match position {
        Some(position) => format!("{place} cannot be read: look at {position}"),
        None => format!("{place} cannot be read"),
    }
}

/// Returns `line 3, column 7` from a parser's message.
fn line_and_column(message: &str) -> Option<String> {
    let number = |word: &str| {
        let (_, rest) = message.split_once(word)?;
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest.get(..end).filter(|digits| !digits.is_empty())
    };
    let line = number("line ")?;
    Some(match number("column ") {
        Some(column) => format!("line {line}, column {column}"),
        None => format!("line {line}"),
    })
}
