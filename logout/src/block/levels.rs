//! Comparisons of levels in constants.

use tracing::level_filters::LevelFilter;

/// Returns the verbosity of a level as a number.
#[inline]
pub(crate) const fn verbosity(level: LevelFilter) -> u8 {
    match level {
        LevelFilter::OFF => 0,
        LevelFilter::ERROR => 1,
        LevelFilter::WARN => 2,
        LevelFilter::INFO => 3,
        LevelFilter::DEBUG => 4,
        LevelFilter::TRACE => 5,
    }
}

/// Returns whether an instance that sends events from `level` up to `max_level` sends any, or is
/// meant to be off.
pub(crate) const fn some_level_passes(level: LevelFilter, max_level: LevelFilter) -> bool {
    verbosity(max_level) <= verbosity(level) || matches!(level, LevelFilter::OFF)
}
