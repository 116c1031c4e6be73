//! What can be changed while the program runs.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::block::mask::check_entries;
use crate::block::{MentionWhen, mention, remind};
use crate::config::{Error, FieldSelection};
use crate::message::Template;

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
    /// What is added to the mask, and with a `-` taken away.
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

    /// Sets how long after its first message a known problem is sent again. After the last step,
    /// steps of that length follow. Without steps every event is sent as the rate limits allow.
    ///
    /// One to eight steps, above zero and growing; otherwise `configure` refuses the change.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use std::time::Duration;
    ///
    /// use logout::Change;
    ///
    /// let handle = guard.handle();
    /// let steps = |minutes: &[u64]| -> Vec<_> {
    ///     minutes.iter().map(|minutes| Duration::from_secs(60 * minutes)).collect()
    /// };
    /// handle.configure(Change::new().remind(steps(&[10, 60])))?;
    /// handle.configure_instance(AlertsAdapter::Slack, Change::new().remind([]))?; // off
    ///
    /// let error = handle.configure(Change::new().remind(steps(&[60, 10]))).unwrap_err();
    /// assert!(error.is_config());
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn remind(mut self, steps: impl IntoIterator<Item = Duration>) -> Self {
        self.remind = Some(steps.into_iter().collect());
        self
    }

    /// Sets the minimum level of problems that are counted and reminded of. Events below it are
    /// sent one by one.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    /// use tracing::level_filters::LevelFilter;
    ///
    /// guard.handle().configure(Change::new().remind_from(LevelFilter::ERROR))?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn remind_from(mut self, level: LevelFilter) -> Self {
        self.remind_from = Some(level);
        self
    }

    /// Sets how long after its last event a problem is over. What was counted is then sent.
    ///
    /// It must be above zero.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use std::time::Duration;
    ///
    /// use logout::Change;
    ///
    /// guard.handle().configure(Change::new().quiet(Duration::from_secs(5 * 60)))?;
    /// assert!(guard.handle().configure(Change::new().quiet(Duration::ZERO)).is_err());
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn quiet(mut self, span: Duration) -> Self {
        self.quiet = Some(span);
        self
    }

    /// Sends a silent line when a problem is over that was told more than once.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// guard.handle().configure(logout::Change::new().quiet_notice(true))?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn quiet_notice(mut self, notice: bool) -> Self {
        self.quiet_notice = Some(notice);
        self
    }

    /// Sets which messages call whom the adapter's `mention` names.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    /// use logout::config::MentionWhen;
    ///
    /// guard.handle().configure(Change::new().mention_when(MentionWhen::Always))?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn mention_when(mut self, when: MentionWhen) -> Self {
        self.mention_when = Some(when);
        self
    }

    /// Sets the time in which at most one message calls. A more severe problem and a new panic
    /// always call. Zero sets no limit.
    ///
    /// The maximum is one hour, because whoever is called less often misses the second outage.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use std::time::Duration;
    ///
    /// use logout::Change;
    ///
    /// let handle = guard.handle();
    /// handle.configure(Change::new().mention_every(Duration::from_secs(600)))?;
    ///
    /// let a_day = Change::new().mention_every(Duration::from_secs(86_400));
    /// assert!(handle.configure(a_day).unwrap_err().is_config());
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn mention_every(mut self, span: Duration) -> Self {
        self.mention_every = Some(span);
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
    /// If a `$word` is not one of these.
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

    /// Checks what it says of reminders and mentions.
    pub(crate) fn check_notification(&self) -> Result<(), Error> {
        let wrong_steps = self.remind.as_deref().and_then(remind::wrong_steps);
        let too_long = self
            .mention_every
            .is_some_and(|span| span > mention::LONGEST_EVERY);
        let wrong = match wrong_steps {
            Some(wrong) => Some(("remind", wrong.as_str())),
            None => too_long.then_some(("mention_every", mention::TOO_LONG)),
        };
        match wrong {
            Some((key, why)) => Err(Error::change(format!("`{key}` is wrong: {why}"))),
            None => Ok(()),
        }
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
