//! Changes of settings while logout runs.

use std::time::{Duration, Instant};

use figment::Provider;

use super::{Handle, REPLY_GRACE, deadline_after};
use crate::config::{self, Error, Settings};
use crate::event::{Fingerprint, FingerprintError};
use crate::worker::change::Change;
use crate::worker::control::Command;
use crate::worker::dispatch::Dispatch;
use crate::worker::settings::LiveSettings;

impl<D: Dispatch> Handle<D> {
    /// Lets an instance take events again: one that was [disabled](Self::disable), or one whose
    /// destination was gone, which is then tried again.
    ///
    /// Events that it missed in between are not sent later.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack, logout::Discord] } }
    /// # use tracing_subscriber::Registry;
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let config = figment::Figment::from(url).merge(("discord.enabled", false));
    /// # let (_alerts, guard) = Alerts::from_figment(config)?.start::<Registry>()?;
    /// let handle = guard.handle();
    /// handle.disable(AlertsAdapter::Slack, Duration::from_secs(3))?;
    /// handle.enable(AlertsAdapter::Slack)?;
    ///
    /// // This one has `enabled = false` in its configuration.
    /// assert!(handle.enable(AlertsAdapter::Discord).unwrap_err().is_config());
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_config`](Error::is_config) for an instance that its configuration disables, because its
    /// settings were not checked; [`is_stopped`](Error::is_stopped) after a shutdown.
    pub fn enable(&self, instance: D::Instance) -> Result<(), Error> {
        let index = D::index(instance);
        self.shared.change(|settings| {
            let live = settings.instances.get_mut(index);
            let Some(live) = live.filter(|live| live.configured) else {
                let name = D::BLOCK.instances.get(index);
                let name = name.map_or("it", |instance| instance.name);
                return Err(Error::change(format!(
                    "`{name}` is disabled by its configuration, so its settings were not checked; set `enabled = true` for `{name}` and call `reload`"
                )));
            };
            live.disabled = false;
            live.enables += 1;
            Ok(())
        })
    }

    /// Stops an instance from taking events. What is pending is sent first, for `timeout` at most,
    /// and the rest is counted as lost.
    ///
    /// For a planned outage of a chat, until [`enable`](Self::enable). Events in between are
    /// counted as [`Disabled`](crate::stats::Reason::Disabled).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use tracing_subscriber::prelude::*;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let (alerts, guard) = Alerts::from_figment(("dry_run", true))?.start()?;
    /// # let subscriber = tracing_subscriber::registry().with(alerts);
    /// let handle = guard.handle();
    /// handle.disable(AlertsAdapter::Slack, Duration::from_secs(3))?;
    /// # tracing::subscriber::with_default(subscriber, || {
    /// tracing::error!("payment failed");
    /// # });
    /// handle.flush(Duration::from_secs(3))?;
    /// assert_eq!(handle.stats().lanes[0].discarded.get(logout::stats::Reason::Disabled), 1);
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_timeout`](Error::is_timeout) if the worker did not answer, or
    /// [`is_stopped`](Error::is_stopped) after a shutdown.
    pub fn disable(&self, instance: D::Instance, timeout: Duration) -> Result<(), Error> {
        let deadline = deadline_after(timeout);
        let lane = D::index(instance);
        self.check_thread()?;
        let reply = self.shared.change(|settings| {
            if let Some(live) = settings.instances.get_mut(lane) {
                live.disabled = true;
            }
            // Sent under the lock, so that whoever enables it afterwards does so afterwards.
            self.send(|reply| Command::Disable {
                lane,
                deadline,
                reply,
            })
        })?;
        self.wait(&reply, deadline + REPLY_GRACE)
    }

    /// Counts events of this problem for `duration` instead of sending them. The fingerprint is at
    /// the end of each of its messages, `3fa9c1` or `#3fa9c1`; all sixteen digits are accepted too.
    ///
    /// A later call replaces an earlier one, and [`Duration::ZERO`] does what
    /// [`unmute`](Self::unmute) does. It does not shorten the setting `mute`. Muted events are
    /// counted as [`Muted`](crate::stats::Reason::Muted).
    ///
    /// In a [fleet](crate::guide::fleet) this mutes for all processes, within some seconds.
    ///
    /// If another problem appears whose fingerprint begins with the same digits, neither is muted
    /// from then on. Both are shown with more digits, and a message says which to write.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// handle.mute("#3fa9c1", Duration::from_secs(3_600))?;
    /// assert!(handle.mute("the noisy one", Duration::ZERO).unwrap_err().is_config());
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_config`](Error::is_config) if it is not a fingerprint of six to sixteen digits, or if
    /// it fits several known problems, which the error lists; [`is_stopped`](Error::is_stopped)
    /// after a shutdown.
    pub fn mute(&self, fingerprint: &str, duration: Duration) -> Result<(), Error> {
        if duration.is_zero() {
            return self.unmute(fingerprint);
        }
        let written = parse(fingerprint)?;
        let (now, until) = (Instant::now(), deadline_after(duration));
        self.shared.change(|settings| {
            if let Some(problems) = self.shared.fingerprints.ambiguity(written) {
                return Err(Error::change(format!(
                    "`{written}` could be several problems: write {problems}"
                )));
            }
            settings.mutes.mute(written, until, now);
            Ok(())
        })
    }

    /// Sends events of this problem again, no matter whether [`mute`](Self::mute) or the setting
    /// `mute` muted them, and with how many digits. What the setting names is muted again after a
    /// [`reload`](Self::reload).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// handle.mute("#3fa9c1", Duration::from_secs(3_600))?;
    /// handle.unmute("#3fa9c1")?;
    /// assert!(handle.unmute("#3fa9").unwrap_err().to_string().contains("six to sixteen"));
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_config`](Error::is_config) if it is not a fingerprint of six to sixteen digits, or
    /// [`is_stopped`](Error::is_stopped) after a shutdown.
    pub fn unmute(&self, fingerprint: &str) -> Result<(), Error> {
        let fingerprint = parse(fingerprint)?;
        self.shared.change(|settings| {
            settings.mutes.unmute(fingerprint);
            Ok(())
        })
    }

    /// Changes settings of the block and of all its instances, from the next event on.
    ///
    /// The change holds until the program ends or [`reload`](Self::reload) puts the configured
    /// values back.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    /// use tracing::level_filters::LevelFilter;
    ///
    /// let handle = guard.handle();
    /// handle.configure(Change::new().level(LevelFilter::ERROR).truncate(1_024))?;
    /// assert!(handle.configure(Change::new().discard_threshold(0)).is_err());
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_config`](Error::is_config) if the new values contradict each other, and then nothing
    /// changes; [`is_stopped`](Error::is_stopped) after a shutdown.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a change is made for the call, and `&` would be noise in every one"
    )]
    pub fn configure(&self, change: Change) -> Result<(), Error> {
        let block = self.shared.block;
        self.shared
            .change(|settings| settings.apply(block, None, &change))
    }

    /// Changes settings of one instance, from the next event on: its levels, format, metadata,
    /// reminders or mentions.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::Change;
    /// use tracing::level_filters::LevelFilter;
    ///
    /// let handle = guard.handle();
    /// handle.configure_instance(AlertsAdapter::Slack, Change::new().metadata(["order"]))?;
    /// let wider = Change::new().level(LevelFilter::TRACE);
    /// assert!(handle.configure_instance(AlertsAdapter::Slack, wider).is_err());
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_config`](Error::is_config) if the level is wider than the block's or the change names a
    /// setting of the whole block, and then nothing changes; [`is_stopped`](Error::is_stopped)
    /// after a shutdown.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a change is made for the call, and `&` would be noise in every one"
    )]
    pub fn configure_instance(&self, instance: D::Instance, change: Change) -> Result<(), Error> {
        if change.is_of_the_block() {
            return Err(Error::change(format!(
                "the change names a setting of the whole block; an instance such as {instance:?} has only levels, a format, metadata, reminders and mentions of its own"
            )));
        }
        let (block, index) = (self.shared.block, D::index(instance));
        self.shared
            .change(|settings| settings.apply(block, Some(index), &change))
    }

    /// Reads `logout.toml` and the environment again. A rotated secret takes effect without a
    /// restart, and a destination that was switched off is tried again. The file is the one that
    /// was read at the start, even if the working directory has changed.
    ///
    /// Call it on SIGHUP, for example. It also reads certificates again: those that `SSL_CERT_FILE`
    /// names, or the system's. Levels can only become narrower than in the block, and
    /// `memory_limit` and `shutdown_timeout` keep their values. Changes by
    /// [`configure`](Self::configure) are undone; fingerprints muted by [`mute`](Self::mute) stay
    /// muted.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack], env_prefix: "SHOP_ALERTS_" } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// // Nothing is set here, so it says what is missing, and goes on with what it had.
    /// let error = guard.handle().reload().unwrap_err();
    /// assert!(error.to_string().contains("SHOP_ALERTS_SLACK__URL"));
    /// guard.handle().flush(Duration::from_secs(3))?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_config`](Error::is_config) if what was read is wrong or the file is gone, and then
    /// nothing changes; [`is_stopped`](Error::is_stopped) after a shutdown, or if logout was turned
    /// off (`enabled = false`) when it started.
    pub fn reload(&self) -> Result<(), Error> {
        let before = self.shared.settings();
        let (next, settings) = config::from_env_again(D::read, &before.file)?;
        self.adopt(&next, settings)
    }

    /// Reloads from a figment of yours instead of file and environment, for a program that started
    /// with [`Builder::from_figment`](crate::Builder::from_figment).
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let rotated = ("slack.url", "https://hooks.slack.com/services/T0/B0/y");
    /// guard.handle().reload_from(rotated)?;
    /// assert!(guard.handle().reload_from(("slack.url", "")).unwrap_err().is_config());
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`reload`](Self::reload).
    pub fn reload_from(&self, provider: impl Provider) -> Result<(), Error> {
        let (next, settings) = config::from_figment(D::read, provider)?;
        self.adopt(&next, settings)
    }

    fn adopt(&self, next: &D, settings: Settings) -> Result<(), Error> {
        if !self.shared.enabled {
            return Err(Error::stopped());
        }
        self.shared.change(|live| {
            *live = LiveSettings::new(self.shared.block, settings).succeeding(live);
            self.dispatch.succeed(next);
            Ok(())
        })
    }
}

fn parse(fingerprint: &str) -> Result<Fingerprint, Error> {
    let parsed: Result<Fingerprint, FingerprintError> = fingerprint.parse();
    parsed.map_err(|why| Error::change(why.to_string()))
}
