//! Changes of reminders and mentions.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

use super::Change;
use crate::block::{MentionWhen, mention, remind};
use crate::config::Error;

impl Change {
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

    /// Checks what it says of reminders and mentions.
    pub(crate) fn check_notification(&self) -> Result<(), Error> {
        let wrong_steps = self.remind.as_deref().and_then(remind::wrong_steps);
        let too_long = self.mention_every > Some(mention::LONGEST_EVERY);
        let wrong = match wrong_steps {
            Some(wrong) => Some(("remind", wrong.as_str())),
            None => too_long.then_some(("mention_every", mention::TOO_LONG)),
        };
        match wrong {
            Some((key, why)) => Err(Error::change(format!("`{key}` is wrong: {why}"))),
            None => Ok(()),
        }
    }
}
