//! Levels by the names that tracing and its ancestors give them.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use tracing::level_filters::LevelFilter;

/// A level, read from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level(pub(crate) LevelFilter);

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(LevelVisitor).map(Self)
    }
}

struct LevelVisitor;

impl Visitor<'_> for LevelVisitor {
    type Value = LevelFilter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a level such as WARN, ERROR or OFF")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<LevelFilter, E> {
        parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Other("text"), &self))
    }
}

/// The level of that name, in any case.
pub(crate) fn parse(text: &str) -> Option<LevelFilter> {
    Some(match text.trim().to_ascii_lowercase().as_str() {
        "trace" => LevelFilter::TRACE,
        "debug" => LevelFilter::DEBUG,
        "info" | "notice" => LevelFilter::INFO,
        "warn" | "warning" => LevelFilter::WARN,
        "error" | "critical" | "alert" | "emergency" => LevelFilter::ERROR,
        "off" => LevelFilter::OFF,
        _ => return None,
    })
}

/// The name of `level`, as [`parse`] reads it.
pub(crate) fn name(level: LevelFilter) -> &'static str {
    match level.into_level() {
        None => "OFF",
        Some(level) => level.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::LevelFilter;

    use super::parse;

    #[test]
    fn the_ancestors_names_are_levels_too() {
        for (names, level) in [
            (&["trace"][..], LevelFilter::TRACE),
            (&["debug", "Debug"], LevelFilter::DEBUG),
            (&["info", "notice"], LevelFilter::INFO),
            (&["warn", "WARNING", " warn "], LevelFilter::WARN),
            (
                &["error", "critical", "alert", "emergency"],
                LevelFilter::ERROR,
            ),
            (&["off"], LevelFilter::OFF),
        ] {
            for name in names {
                assert_eq!(parse(name), Some(level), "{name}");
            }
        }
        assert_eq!(parse("fatal"), None);
        assert_eq!(parse("3"), None);
        assert_eq!(parse(""), None);
    }
}
