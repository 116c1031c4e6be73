//! Asking the platforms whether the credentials work.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Handle, after};
use crate::adapter::{Finding, Outcome};
use crate::config::Error;
use crate::event::ReentryGuard;
use crate::worker::control::{Command, Verification};
use crate::worker::dispatch::Dispatch;

/// How long before the caller's time is up the lanes give up, so that what they know is told.
const MARGIN: Duration = Duration::from_millis(100);

impl<D: Dispatch> Handle<D> {
    /// Asks each platform, without posting, whether the credentials work and the place exists, for
    /// `timeout` at the most; a finding per instance, in the order of the block.
    ///
    /// Telegram tells the bot and the chat, Zulip the bot and the stream, Discord the webhook.
    /// Slack has no such question, and [its finding](Outcome::Unasked) says so. Each question takes a
    /// slot of its destination's pace, so three seconds are short for Telegram and ten are plenty.
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
    /// A platform that does not answer in time is a [finding](Outcome::Wrong) too. Where logout is
    /// turned off (`enabled = false`), and in a dry run, nothing is asked.
    ///
    /// # Errors
    ///
    /// [`is_stopped`](Error::is_stopped) after a shutdown, or when one cuts the asking short;
    /// [`is_config`](Error::is_config) on logout's own thread, and on one that runs the worker
    /// itself ([`Builder::start_on`](crate::Builder::start_on)), where
    /// [`verify_async`](Self::verify_async) is to be awaited.
    pub fn verify(&self, timeout: Duration) -> Result<Vec<Finding>, Error> {
        if ReentryGuard::is_active() || self.running.queue.is_home() {
            return Err(Error::change(
                "`verify` was called on the thread that would have to ask; call it on another, or await `verify_async`".to_owned(),
            ));
        }
        let deadline = after(timeout);
        let Some(verification) = self.inquire(timeout, deadline)? else {
            return Ok(turned_off::<D>());
        };
        verification.reply.wait(deadline);
        Self::found(&verification, timeout)
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
        let deadline = after(timeout);
        let Some(verification) = self.inquire(timeout, deadline)? else {
            return Ok(turned_off::<D>());
        };
        // Late or not, what is known by then is told.
        let _in_time = self.answered(&verification.reply, deadline).await;
        Self::found(&verification, timeout)
    }

    fn inquire(
        &self,
        timeout: Duration,
        deadline: Instant,
    ) -> Result<Option<Arc<Verification>>, Error> {
        if !self.running.enabled {
            return Ok(None);
        }
        let given_up = deadline - MARGIN.min(timeout / 4);
        let verification = Arc::new(Verification::new(D::BLOCK.instances.len(), given_up));
        if D::BLOCK.instances.is_empty() {
            verification.reply.done();
        }
        self.tell(Command::Verify(Arc::clone(&verification)))?;
        Ok(Some(verification))
    }

    /// The findings so far; for a lane that has none, why.
    fn found(verification: &Verification, timeout: Duration) -> Result<Vec<Finding>, Error> {
        if verification.is_cut_short() {
            return Err(Error::stopped());
        }
        let late = format!(
            "there was no time to ask within {}: its lane still waits for the answer to a message",
            crate::text::human::span(timeout)
        );
        let named = verification.findings().into_iter().zip(D::BLOCK.instances);
        let findings = named.map(|(finding, instance)| {
            finding.unwrap_or_else(|| Finding {
                instance: instance.name,
                outcome: Outcome::Wrong,
                text: late.clone(),
            })
        });
        Ok(findings.collect())
    }
}

fn turned_off<D: Dispatch>() -> Vec<Finding> {
    let instances = D::BLOCK.instances.iter();
    let findings = instances.map(|instance| Finding {
        instance: instance.name,
        outcome: Outcome::Unasked,
        text: "logout is turned off (`enabled = false`)".to_owned(),
    });
    findings.collect()
}
