//! Verification of credentials with the platforms.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Handle, answer_to, deadline_after};
use crate::adapter::{Finding, Outcome};
use crate::capture::filter::hidden_below;
use crate::config::Error;
use crate::event::ReentryGuard;
#[cfg(feature = "fleet")]
use crate::fleet::BrokerFault;
use crate::worker::control::{Command, ReplyState, Verification};
use crate::worker::dispatch::Dispatch;

/// Time before the caller's deadline at which the lanes give up, so that their findings arrive in
/// time.
const MARGIN: Duration = Duration::from_millis(100);

impl<D: Dispatch> Handle<D> {
    /// Asks each platform, without posting, whether the credentials work and the place exists, for
    /// `timeout` at most. Returns a finding per instance, in the order of the block. One more,
    /// under the block's name, reports a filter of this thread's whole subscriber that hides events
    /// from the layer. With `spool`, one more says whether the directory can be written to, which is tried, and with
    /// `fleet` one whether the broker does all that a fleet needs.
    ///
    /// Telegram names the bot and the chat, Zulip the bot and the stream, Discord the webhook.
    /// Slack cannot be asked, and [its finding](Outcome::Unasked) says so. Each request counts
    /// against the destination's rate limit, so three seconds are short for Telegram and ten are
    /// plenty.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// use logout::adapter::Outcome;
    ///
    /// let findings = guard.handle().verify(Duration::from_secs(10))?;
    /// for finding in &findings {
    ///     println!("{finding}");
    /// }
    /// assert_eq!(findings[0].outcome(), Outcome::Unasked);
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// A platform that does not answer in time is a [finding](Outcome::Wrong) too. If logout is
    /// turned off (`enabled = false`), and in a dry run, nothing is asked.
    ///
    /// # Errors
    ///
    /// [`is_stopped`](Error::is_stopped) after a shutdown or if one interrupts it;
    /// [`is_config`](Error::is_config) on logout's own thread and on one that runs the worker
    /// itself ([`Builder::start_on`](crate::Builder::start_on)), where you await
    /// [`verify_async`](Self::verify_async).
    pub fn verify(&self, timeout: Duration) -> Result<Vec<Finding>, Error> {
        if ReentryGuard::is_active() || self.shared.queue.is_worker_thread() {
            return Err(Error::change(
                "`verify` was called on the thread that would have to ask; call it from another \
                thread, or await `verify_async`"
                    .to_owned(),
            ));
        }
        // Before anything of async-io runs: where nothing is asked it would make a reactor for nothing, and
        // in a fork it may hang.
        if !self.shared.enabled {
            return Ok(turned_off::<D>());
        }
        self.shared.check_process()?;
        async_io::block_on(self.verify_async(timeout))
    }

    /// Asks as [`verify`](Self::verify) does, without blocking the thread.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// let findings = smol::block_on(handle.verify_async(Duration::from_secs(10)))?;
    /// assert!(findings.iter().all(|finding| finding.outcome() != logout::adapter::Outcome::Wrong));
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_stopped`](Error::is_stopped) as [`verify`](Self::verify).
    pub async fn verify_async(&self, timeout: Duration) -> Result<Vec<Finding>, Error> {
        if !self.shared.enabled {
            return Ok(turned_off::<D>());
        }
        let deadline = deadline_after(timeout);
        let verification = self.start_verification(timeout, deadline)?;
        let hiding = hiding_filter::<D>();
        // Late or not, the findings so far are returned.
        let answer = answer_to(&verification.reply, deadline).await;
        if answer == Some(ReplyState::Hopeless) {
            return Err(Error::stopped());
        }
        #[cfg(feature = "fleet")]
        let hiding = hiding.into_iter().chain(self.broker(timeout).await);
        Ok(self.all_findings(&verification, timeout, hiding))
    }

    /// Returns the finding on the fleet's broker, if there is a fleet.
    #[cfg(feature = "fleet")]
    async fn broker(&self, timeout: Duration) -> Option<Finding> {
        let settings = self.shared.fleet.as_ref()?;
        let asked = self.dispatch.verify_broker(settings.name.clone());
        let late = async {
            async_io::Timer::after(timeout).await;
            Some(Err(BrokerFault::late(timeout)))
        };
        let (outcome, text) = match futures_lite::future::or(asked, late).await? {
            Ok(notes) if notes.is_empty() => {
                let text = format!("the broker of the fleet `{}` answers", settings.name);
                (Outcome::Fine, text)
            }
            Ok(notes) => {
                let text = format!("the broker of the fleet: {}", notes.join("; "));
                (Outcome::Wrong, text)
            }
            Err(fault) => (Outcome::Wrong, format!("the broker of the fleet: {fault}")),
        };
        Some(Finding::new(D::BLOCK.name, outcome, text))
    }

    /// Asks the lanes, and the disk where there is one.
    fn start_verification(
        &self,
        timeout: Duration,
        deadline: Instant,
    ) -> Result<Arc<Verification>, Error> {
        self.shared.check_process()?;
        let given_up = deadline - MARGIN.min(timeout / 4);
        let has_disk = self.shared.spool_directory().is_some();
        let asked = D::BLOCK.instances.len() + usize::from(has_disk);
        let verification = Arc::new(Verification::new(asked, given_up));
        if asked == 0 {
            verification.reply.done();
        }
        let command = Command::Verify(Arc::clone(&verification));
        if !self.shared.control.send(command) {
            return Err(self.shared.end_error());
        }
        Ok(verification)
    }

    /// Returns the findings so far, with the reason for a lane that has none, followed by `beside`
    /// and the disk's.
    fn all_findings(
        &self,
        verification: &Verification,
        timeout: Duration,
        beside: impl IntoIterator<Item = Finding>,
    ) -> Vec<Finding> {
        let late = format!(
            "there was no answer within {}",
            crate::text::human::format_duration(timeout)
        );
        let mut found = verification.findings().into_iter();
        let lanes = D::BLOCK.instances.iter().zip(found.by_ref());
        let mut findings: Vec<_> = lanes
            .map(|(instance, finding)| {
                finding.unwrap_or_else(|| Finding::new(instance.name, Outcome::Wrong, late.clone()))
            })
            .collect();
        findings.extend(beside);
        findings.extend(found.map(|disk| disk.unwrap_or_else(|| self.late_disk(&late))));
        findings
    }

    /// Returns the finding for a disk that does not answer.
    fn late_disk(&self, late: &str) -> Finding {
        let directory = self.shared.spool_directory().unwrap_or_default();
        let text = format!("what waits is not kept in {directory}: {late}");
        Finding::new(D::BLOCK.name, Outcome::Wrong, text)
    }
}

/// Returns a finding if a filter of the whole subscriber hides events that the block wants, which
/// nothing else would report.
fn hiding_filter<D: Dispatch>() -> Option<Finding> {
    // An event of the program itself, which every filter that names its crate lets through.
    let target = D::BLOCK.package.replace('-', "_");
    let level = hidden_below::<D>(&target)?;
    let name = D::BLOCK.name;
    let text = format!(
        "a filter of the whole subscriber passes only {level} and more severe events of \
        `{target}`, so {name} sees nothing below; \
         give that filter to the layer it is meant for (`fmt::layer().with_filter(…)`)"
    );
    Some(Finding::new(name, Outcome::Wrong, text))
}

fn turned_off<D: Dispatch>() -> Vec<Finding> {
    let instances = D::BLOCK.instances.iter();
    let text = "logout is turned off (`enabled = false`)";
    instances
        .map(|instance| Finding::new(instance.name, Outcome::Unasked, text.to_owned()))
        .collect()
}
