//! Comparisons of levels in constants.

use tracing::level_filters::LevelFilter;

/// Returns a number that grows with what a level lets through.
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

/// Whether events pass an instance that sends those from `level` up to `max_level`; one that is off
/// is meant to send none.
pub(crate) const fn pass_something(level: LevelFilter, max_level: LevelFilter) -> bool {
    verbosity(max_level) <= verbosity(level) || matches!(level, LevelFilter::OFF)
}
