//! One of the events that led to another.

use std::fmt;
use std::time::SystemTime;

use tracing::Level;

use crate::text::timestamp::Timestamp;

/// One of the events that led to the reported one: an entry of the block's `trail`.
///
/// Its `Display` is the line that messages show.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let time = SystemTime::UNIX_EPOCH + Duration::from_millis(43_471_120);
/// let line = logout::adapter::TrailLine::new(time, tracing::Level::INFO, "charging card=visa");
/// assert_eq!(line.to_string(), "12:04:31.120 INFO charging card=visa");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrailLine {
    /// When it happened.
    pub time: SystemTime,
    /// Its level.
    pub level: Level,
    /// Its message and its fields, on one line.
    pub text: String,
    /// Whether the time is written in UTC.
    pub(crate) utc: bool,
}

impl TrailLine {
    /// Creates a line whose time is written in UTC.
    pub fn new(time: SystemTime, level: Level, text: impl Into<String>) -> Self {
        Self {
            time,
            level,
            text: text.into(),
            utc: true,
        }
    }
}

impl fmt::Display for TrailLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = Timestamp::new(self.time)
            .map_or_else(|| "?".to_owned(), |time| time.date_and_time(self.utc).1);
        write!(f, "{time} {} {}", self.level, self.text)
    }
}
