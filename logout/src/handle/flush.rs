//! The flush and the shutdown.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Handle, REPLY_GRACE, deadline_after};
use crate::config::Error;
use crate::worker::control::{Command, Reply};
use crate::worker::dispatch::Dispatch;
use crate::worker::stats::{Discarded, Reason};

impl<D: Dispatch> Handle<D> {
    /// Waits until every event accepted before the call is delivered or counted as lost, for
    /// `timeout` at most.
    ///
    /// The destinations' rate limits still apply: if a digest may be sent in a second, the call
    /// waits for that second. logout's own limits do not: messages are not spread over time, nor
    /// held back to spare people. A destination that pauses after a failure is tried once, at once.
    /// If nothing can be sent before the timeout, the call returns at once. It does not wait for a
    /// destination that is gone.
    ///
    /// Call it at the end of a process, or before it sleeps, and not at the end of each request: it
    /// also sends what is only counted. Several threads may flush at once.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// handle.flush(Duration::from_secs(3))?;
    /// assert_eq!(handle.stats().left(), 0);
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_timeout`](Error::is_timeout) with the number of deliveries that are
    /// [`left`](Error::left), [`is_stopped`](Error::is_stopped) after a shutdown, or
    /// [`is_config`](Error::is_config) on logout's own thread (for example in an adapter's
    /// `render`), which would wait for itself.
    pub fn flush(&self, timeout: Duration) -> Result<(), Error> {
        self.check_thread()?;
        let deadline = deadline_after(timeout);
        let reply = self.send(|reply| Command::Flush { deadline, reply })?;
        self.wait(&reply, deadline)
    }

    /// Waits as [`flush`](Self::flush) does, without blocking the thread.
    ///
    /// For the end of a job in an async program, where no thread may block.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// smol::block_on(handle.flush_async(std::time::Duration::from_secs(3)))?;
    /// assert_eq!(handle.stats().left(), 0);
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`flush`](Self::flush).
    pub async fn flush_async(&self, timeout: Duration) -> Result<(), Error> {
        let deadline = deadline_after(timeout);
        let reply = self.send(|reply| Command::Flush { deadline, reply })?;
        self.wait_async(&reply, deadline).await
    }

    /// Stops taking events, sends what waits, for `timeout` at most, and ends.
    ///
    /// What is not sent by then is counted as lost, in [`stats`](Self::stats) and on standard
    /// error. With a spool it is kept for the next start instead.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// handle.shutdown(Duration::from_secs(3))?;
    /// assert!(handle.shutdown(Duration::from_secs(3)).unwrap_err().is_stopped());
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`is_timeout`](Error::is_timeout) when something was left,
    /// [`is_stopped`](Error::is_stopped) after an earlier shutdown, or
    /// [`is_config`](Error::is_config) on logout's own thread, which would wait for itself.
    pub fn shutdown(&self, timeout: Duration) -> Result<(), Error> {
        let deadline = deadline_after(timeout);
        self.check_thread()?;
        let (reply, before) = self.request_end(deadline)?;
        self.wait(&reply, deadline + REPLY_GRACE)?;
        self.left_since(before)
    }

    /// Requests the shutdown at once, and waits for it when polled.
    pub(super) fn close(
        &self,
        timeout: Duration,
    ) -> impl Future<Output = Result<(), Error>> + use<D> {
        let (handle, deadline) = (self.clone(), deadline_after(timeout));
        let asked = handle.request_end(deadline);
        async move {
            let (reply, before) = asked?;
            handle.wait_async(&reply, deadline + REPLY_GRACE).await?;
            handle.left_since(before)
        }
    }

    fn request_end(&self, deadline: Instant) -> Result<(Arc<Reply>, u64), Error> {
        self.shared.check_process()?;
        let before = self.given_up_at_end();
        let reply = self.send(|reply| Command::Shutdown { deadline, reply })?;
        Ok((reply, before))
    }

    fn left_since(&self, before: u64) -> Result<(), Error> {
        match self.given_up_at_end().saturating_sub(before) {
            0 => Ok(()),
            left => Err(Error::timeout(left)),
        }
    }

    /// Returns how many events the worker gave up at its end. Events after the end do not count.
    fn given_up_at_end(&self) -> u64 {
        let lanes = self.shared.stats.read(Instant::now()).into_iter();
        let discarded = lanes.map(|lane| lane.discarded);
        let given_up = |of: Discarded| of.get(Reason::Shutdown) + of.get(Reason::WorkerDied);
        discarded.map(given_up).sum()
    }
}
