//! The setting `trail`: the events kept to be shown with a later one.

use tracing::level_filters::LevelFilter;

/// The most events a trail may have.
pub(crate) const MOST_EVENTS: usize = 200;

/// The smallest and the largest size of a trail, in bytes.
pub(crate) const LEAST_BYTES: usize = 1 << 10;
pub(crate) const MOST_BYTES: usize = 64 << 10;

/// The setting `trail`.
#[derive(Clone, Copy, Debug)]
pub struct Trail {
    /// How many events are kept.
    pub(crate) events: usize,
    /// The lowest level of the events that are kept.
    pub(crate) level: LevelFilter,
    /// The most bytes they take.
    pub(crate) bytes: usize,
    /// The span that holds them, if it is not the outermost.
    pub(crate) span: Option<&'static str>,
}

impl Trail {
    /// Creates a trail of this many events from INFO up, in 8 KiB.
    ///
    /// # Panics
    ///
    /// Unless there are from 1 to 200 of them.
    #[must_use]
    #[track_caller]
    pub const fn new(events: usize) -> Self {
        assert!(
            events > 0 && events <= MOST_EVENTS,
            "a `trail` has from 1 to 200 events\nhelp: write a value like 20, or remove `trail`"
        );
        Self {
            events,
            level: LevelFilter::INFO,
            bytes: 8 << 10,
            span: None,
        }
    }

    /// Keeps events from this level up.
    ///
    /// # Panics
    ///
    /// If that is `OFF`.
    #[must_use]
    #[track_caller]
    pub const fn level(mut self, level: LevelFilter) -> Self {
        assert!(
            !matches!(level, LevelFilter::OFF),
            "a `trail` of no level keeps nothing\nhelp: remove `trail`, or write `level: INFO`"
        );
        self.level = level;
        self
    }

    /// Keeps this many bytes of them.
    ///
    /// # Panics
    ///
    /// Unless that is from 1 KiB to 64 KiB.
    #[must_use]
    #[track_caller]
    pub const fn bytes(mut self, bytes: usize) -> Self {
        assert!(
            bytes >= LEAST_BYTES && bytes <= MOST_BYTES,
            "a `trail` takes from 1 KiB to 64 KiB\nhelp: write a value like \"8 KiB\""
        );
        self.bytes = bytes;
        self
    }

    /// Keeps them in the outermost span of this name.
    #[must_use]
    pub const fn span(mut self, span: &'static str) -> Self {
        self.span = Some(span);
        self
    }
}
