//! The names of levels, in tracing and other libraries.

use tracing::level_filters::LevelFilter;

/// A description of what [`parse`] accepts, for errors.
pub(super) const EXPECTED: &str = "a level such as WARN, ERROR or OFF";

/// Returns the level of that name, in any case.
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

/// Returns the name of `level`, as [`parse`] reads it.
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
