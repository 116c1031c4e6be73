//! The severity of a notice, and the emoji for it.

use std::fmt;

use tracing::Level;

/// The severity of a notice: a log level, a panic, or logout's own report.
///
/// Severities are ordered: a report is the least, a panic the most.
///
/// ```
/// use logout::adapter::Severity;
///
/// assert!(Severity::Panic > Severity::Error && Severity::Warn > Severity::Report);
/// assert_eq!(Severity::from(tracing::Level::INFO), Severity::Info);
/// assert_eq!(format!("{:>7}", Severity::Error), "  ERROR");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// logout's own report about what was not delivered.
    Report,
    /// An event of level TRACE.
    Trace,
    /// An event of level DEBUG.
    Debug,
    /// An event of level INFO.
    Info,
    /// An event of level WARN.
    Warn,
    /// An event of level ERROR.
    Error,
    /// A panic.
    Panic,
}

impl Severity {
    /// Returns the emoji that a message of this severity begins with.
    ///
    /// ```
    /// assert_eq!(logout::adapter::Severity::Panic.emoji(), "💥");
    /// ```
    #[must_use]
    pub fn emoji(self) -> &'static str {
        match self {
            Self::Report => "📉",
            Self::Trace => "🔍",
            Self::Debug => "🐛",
            Self::Info => "ℹ️",
            Self::Warn => "⚠️",
            Self::Error => "🔥",
            Self::Panic => "💥",
        }
    }

    /// Returns the word for it: a level's name as tracing writes it, `PANIC` or `REPORT`.
    ///
    /// ```
    /// assert_eq!(logout::adapter::Severity::Panic.as_str(), "PANIC");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Report => "REPORT",
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Panic => "PANIC",
        }
    }
}

/// The [word](Severity::as_str) for it.
impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::TRACE => Self::Trace,
            Level::DEBUG => Self::Debug,
            Level::INFO => Self::Info,
            Level::WARN => Self::Warn,
            Level::ERROR => Self::Error,
        }
    }
}

/// Returns the emoji for a level or a [`Severity`]: trace 🔍, debug 🐛, info ℹ️, warn ⚠️, error 🔥,
/// panic 💥, report 📉.
///
/// ```
/// let notice = logout::Notice::new(tracing::Level::WARN, "disk almost full");
/// assert_eq!(logout::get_emoji(notice.severity), "⚠️");
/// assert_eq!(logout::get_emoji(tracing::Level::ERROR), "🔥");
/// ```
#[must_use]
pub fn get_emoji(severity: impl Into<Severity>) -> &'static str {
    severity.into().emoji()
}
