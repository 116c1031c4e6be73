//! A change of settings while the program runs.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::block::MentionWhen;
use crate::block::mask::check_entries;
use crate::config::{Error, FieldSelection};
use crate::message::Template;

mod notification;

/// New values for some settings, for [`Handle::configure`](crate::Handle::configure) and
/// [`Handle::configure_instance`](crate::Handle::configure_instance).
///
/// Settings that you do not name stay as they are. An instance has its own levels, format,
/// metadata, reminders and mentions; all other settings belong to the whole block, and an instance
/// refuses them.
///
/// ```
/// use logout::Change;
/// use tracing::level_filters::LevelFilter;
///
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
/// let quieter = Change::new()
///     .level(LevelFilter::ERROR)
///     .sync_threshold(50)
///     .format("$time $levelpad$level $message")?;
/// guard.handle().configure(quieter.clone())?;
///
/// // An instance has no threshold of its own.
/// let refused = guard.handle().configure_instance(AlertsAdapter::Slack, quieter);
/// assert!(refused.unwrap_err().is_config());
/// # Ok::<(), logout::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a change does nothing until it is given to `configure`"]
pub struct Change {
    pub(crate) level: Option<LevelFilter>,
    pub(crate) max_level: Option<LevelFilter>,
    /// The steps; none is `off`.
    pub(crate) remind: Option<Vec<Duration>>,
    pub(crate) remind_from: Option<LevelFilter>,
    pub(crate) quiet: Option<Duration>,
    pub(crate) quiet_notice: Option<bool>,
    pub(crate) mention_when: Option<MentionWhen>,
    pub(crate) mention_every: Option<Duration>,
    pub(crate) format: Option<Template>,
    pub(crate) metadata: Option<FieldSelection>,
    /// The entries added to the mask; those with a `-` are removed from it.
    pub(crate) mask: Option<Vec<String>>,
    pub(crate) truncate: Option<usize>,
    pub(crate) utc_log: Option<bool>,
    pub(crate) sync_threshold: Option<usize>,
    pub(crate) discard_threshold: Option<usize>,
    pub(crate) sync_timeout: Option<Duration>,
    pub(crate) discard_threshold_periodic_check: Option<Duration>,
    pub(crate) max_age: Option<Duration>,
}

impl Change {
    /// Returns a change of nothing.
    ///
    /// Each setter takes the change and returns it.
    ///
    /// ```
    /// let quieter = logout::Change::new().sync_threshold(50).utc_log(true);
    /// assert!(format!("{quieter:?}").contains("sync_threshold: Some(50)"));
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the minimum level. It cannot be below the block's level, which is what makes a disabled
    /// event free. `OFF` stops sending.
    ///
    /// Use it during an incident ("errors only, until it is over") and after it. An instance whose
    /// own level in the block is narrower keeps that level.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    /// use tracing::level_filters::LevelFilter;
    ///
    /// let handle = guard.handle();
    /// handle.configure(Change::new().level(LevelFilter::OFF))?;
    /// handle.configure(Change::new().level(LevelFilter::WARN))?; // back to the block's
    ///
    /// // A level that cannot be had is an error, as it is in a file or a variable.
    /// let wider = Change::new().level(LevelFilter::INFO);
    /// assert!(handle.configure(wider.clone()).unwrap_err().is_config());
    /// assert!(handle.configure_instance(AlertsAdapter::Slack, wider).unwrap_err().is_config());
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn level(mut self, level: LevelFilter) -> Self {
        self.level = Some(level);
        self
    }

    /// Sets the maximum level: events above it are not sent, except panics. With
    /// [`level`](Self::level) WARN and this WARN, an instance is a channel of warnings.
    ///
    /// It cannot be above the block's own `max_level`, nor such that no level is left between it
    /// and `level`.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    /// use tracing::level_filters::LevelFilter;
    ///
    /// let handle = guard.handle();
    /// handle.configure_instance(AlertsAdapter::Slack, Change::new().max_level(LevelFilter::WARN))?;
    ///
    /// let silent = Change::new().level(LevelFilter::ERROR).max_level(LevelFilter::WARN);
    /// assert!(handle.configure(silent).unwrap_err().is_config());
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn max_level(mut self, level: LevelFilter) -> Self {
        self.max_level = Some(level);
        self
    }

    /// Sets the template of a message's text, of `$date`, `$time`, `$level`, `$levelpad`,
    /// `$message`, `$metadata` and `$node`.
    ///
    /// On a lock screen the message comes first whatever the template says; the template makes the
    /// text below.
    ///
    /// ```
    /// use logout::Change;
    ///
    /// assert!(Change::new().format("$time [$level] $message").is_ok());
    /// let error = Change::new().format("$tiem $message").unwrap_err();
    /// assert!(error.is_config() && error.to_string().contains("tiem"));
    /// ```
    ///
    /// # Errors
    ///
    /// If the template has a `$word` that is not in the list above.
    pub fn format(mut self, template: &str) -> Result<Self, Error> {
        self.format = Some(Template::parse(template).map_err(Error::change)?);
        Ok(self)
    }

    /// Shows only these fields, in this order.
    ///
    /// Names are written as in the macro, with dots (`http.status`). Filters and routing still see
    /// the other fields. A name that an event does not have is not an error.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    ///
    /// let shown = Change::new().metadata(["order", "customer"]);
    /// guard.handle().configure_instance(AlertsAdapter::Slack, shown)?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn metadata<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.metadata = Some(FieldSelection::Only(
            names.into_iter().map(Into::into).collect(),
        ));
        self
    }

    /// Shows all fields.
    ///
    /// Fields with names of credentials stay masked.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// guard.handle().configure(logout::Change::new().metadata_all())?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn metadata_all(mut self) -> Self {
        self.metadata = Some(FieldSelection::All);
        self
    }

    /// Masks fields of these names, too. `-name` removes a name, and `-default` the [default
    /// list](crate::guide::settings#mask).
    ///
    /// Use it for a field that turns out to contain what nobody should read, until the program is
    /// fixed.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    ///
    /// guard.handle().configure(Change::new().mask(["iban"])?)?;
    ///
    /// let error = Change::new().mask(["iban", "-pasword"]).unwrap_err();
    /// assert!(error.to_string().contains("did you mean `-password`"));
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_config`](crate::Error::is_config) if the list is empty or contains something that
    /// cannot be a name.
    pub fn mask<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, Error> {
        let names = names.into_iter().map(|name| name.as_ref().to_owned());
        let names: Vec<_> = names.collect();
        check_entries(&names).map_err(|why| Error::change(format!("`mask` is wrong: {why}")))?;
        self.mask.get_or_insert_default().extend(names);
        Ok(self)
    }

    /// Sets how many bytes of a text are captured; with `usize::MAX`, only the 256 KiB of an event
    /// limit it.
    ///
    /// It applies to the message and to each field, in bytes of UTF-8. The cut is at a character
    /// boundary, with `(truncated)` at the end. A backtrace has its own limit, 64 KiB.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    ///
    /// let handle = guard.handle();
    /// handle.configure(Change::new().truncate(32 * 1024))?;
    ///
    /// // All instances get what was captured once.
    /// let of_one = Change::new().truncate(1_024);
    /// assert!(handle.configure_instance(AlertsAdapter::Slack, of_one).is_err());
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn truncate(mut self, bytes: usize) -> Self {
        self.truncate = Some(bytes);
        self
    }

    /// Writes times in UTC instead of the machine's zone.
    ///
    /// It applies to `$date` and `$time` of a [`format`](Self::format); the platforms show their
    /// own times in each reader's zone. Without the feature `local-time` they are always UTC.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// guard.handle().configure(logout::Change::new().utc_log(true))?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn utc_log(mut self, utc: bool) -> Self {
        self.utc_log = Some(utc);
        self
    }

    /// Sets the number of queued events from which callers wait.
    ///
    /// Zero makes every caller wait. Equal to `discard_threshold`, no caller waits. Above that, it
    /// is refused.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// guard.handle().configure(logout::Change::new().sync_threshold(100))?;
    /// assert!(guard.handle().configure(logout::Change::new().sync_threshold(501)).is_err());
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn sync_threshold(mut self, events: usize) -> Self {
        self.sync_threshold = Some(events);
        self
    }

    /// Sets the number of queued events from which new ones are counted and dropped.
    ///
    /// At least one. ERROR has a tenth more room. `memory_limit` also limits the queue in bytes.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// guard.handle().configure(logout::Change::new().discard_threshold(2_000))?;
    /// assert!(guard.handle().configure(logout::Change::new().discard_threshold(0)).is_err());
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn discard_threshold(mut self, events: usize) -> Self {
        self.discard_threshold = Some(events);
        self
    }

    /// Sets how long a caller waits at most. Zero never waits.
    ///
    /// Use it in programs in which a thread must not block, such as an executor's. A caller that
    /// has waited that long continues, and its event is queued all the same.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// guard.handle().configure(logout::Change::new().sync_timeout(std::time::Duration::ZERO))?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn sync_timeout(mut self, timeout: Duration) -> Self {
        self.sync_timeout = Some(timeout);
        self
    }

    /// Sets how often losses are reported.
    ///
    /// They are reported while something is lost, and once when that is over.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use std::time::Duration;
    /// use logout::Change;
    ///
    /// let rarely = Change::new().discard_threshold_periodic_check(Duration::from_secs(300));
    /// guard.handle().configure(rarely)?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn discard_threshold_periodic_check(mut self, period: Duration) -> Self {
        self.discard_threshold_periodic_check = Some(period);
        self
    }

    /// Sets the age at which undelivered events are given up.
    ///
    /// The age is counted on a monotonic clock from the moment the event happened. Make it short if
    /// old alarms are worth nothing, long if the network is often down.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// guard.handle().configure(logout::Change::new().max_age(std::time::Duration::from_secs(600)))?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Returns whether it names a setting that belongs to the whole block.
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
