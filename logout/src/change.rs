//! What can be changed while the program runs.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::compose::{Mask, Template};
use crate::config::Shown;

/// New values for some settings, for [`Handle::configure`](crate::Handle::configure) and
/// [`Handle::configure_instance`](crate::Handle::configure_instance).
///
/// What is not named stays as it is.
///
/// ```
/// use tracing::level_filters::LevelFilter;
///
/// let change = logout::Change::new()
///     .level(LevelFilter::ERROR)
///     .sync_threshold(50)
///     .format("$time $levelpad$level $message")?;
/// # let _ = change;
/// # Ok::<(), logout::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a change does nothing until it is given to `configure`"]
pub struct Change {
    pub(crate) level: Option<LevelFilter>,
    pub(crate) format: Option<Template>,
    pub(crate) metadata: Option<Shown>,
    pub(crate) mask: Option<Mask>,
    pub(crate) truncate: Option<usize>,
    pub(crate) utc_log: Option<bool>,
    pub(crate) sync_threshold: Option<usize>,
    pub(crate) discard_threshold: Option<usize>,
    pub(crate) sync_timeout: Option<Duration>,
    pub(crate) discard_threshold_periodic_check: Option<Duration>,
    pub(crate) max_age: Option<Duration>,
}

impl Change {
    /// A change of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends only events of this level and graver ones. The block's level is the promise on which
    /// disabled events cost nothing, so nothing below it can be asked for; `OFF` stops sending.
    pub fn level(mut self, level: LevelFilter) -> Self {
        self.level = Some(level);
        self
    }

    /// Makes the text of messages by a template of `$date`, `$time`, `$level`, `$levelpad`,
    /// `$message`, `$metadata` and `$node`.
    ///
    /// # Errors
    ///
    /// When a `$word` is none of these.
    pub fn format(mut self, template: &str) -> Result<Self, crate::Error> {
        self.format = Some(Template::parse(template).map_err(crate::Error::change)?);
        Ok(self)
    }

    /// Shows only these fields, in this order.
    pub fn metadata<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.metadata = Some(Shown::Only(names.into_iter().map(Into::into).collect()));
        self
    }

    /// Shows all fields.
    pub fn metadata_all(mut self) -> Self {
        self.metadata = Some(Shown::All);
        self
    }

    /// Shows fields of these names without their values. The name `default` stands for the default
    /// list; without it that list no longer holds.
    pub fn mask<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.mask = Some(Mask::new(names));
        self
    }

    /// Captures so many bytes of a text; `usize::MAX` bounds it by an event's 256 KiB alone.
    pub fn truncate(mut self, bytes: usize) -> Self {
        self.truncate = Some(bytes);
        self
    }

    /// Writes times in UTC, or in the machine's zone.
    pub fn utc_log(mut self, utc: bool) -> Self {
        self.utc_log = Some(utc);
        self
    }

    /// Lets callers wait from so many waiting events on.
    pub fn sync_threshold(mut self, events: usize) -> Self {
        self.sync_threshold = Some(events);
        self
    }

    /// Discards events from so many waiting ones on.
    pub fn discard_threshold(mut self, events: usize) -> Self {
        self.discard_threshold = Some(events);
        self
    }

    /// Lets a caller wait so long at the most; zero means never.
    pub fn sync_timeout(mut self, timeout: Duration) -> Self {
        self.sync_timeout = Some(timeout);
        self
    }

    /// Reports losses so often.
    pub fn discard_threshold_periodic_check(mut self, period: Duration) -> Self {
        self.discard_threshold_periodic_check = Some(period);
        self
    }

    /// Gives events up that are older.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Whether it names a setting that instances do not have of their own.
    pub(crate) fn is_of_the_block(&self) -> bool {
        self.truncate.is_some()
            || self.mask.is_some()
            || self.utc_log.is_some()
            || self.sync_threshold.is_some()
            || self.discard_threshold.is_some()
            || self.sync_timeout.is_some()
            || self.discard_threshold_periodic_check.is_some()
            || self.max_age.is_some()
    }
}
