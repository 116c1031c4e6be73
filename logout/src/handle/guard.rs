//! The guard that keeps logout running.

use std::fmt;
use std::time::Duration;

use super::Handle;
use crate::config::Error;
use crate::worker::dispatch::Dispatch;

/// Keeps logout running; dropping it sends what waits.
///
/// Bind it to a name that lives as long as the program's work: `let (alerts, guard) = …`. With
/// `let (alerts, _) = …` it is dropped at once and nothing is ever sent. Events after the end are
/// counted as [`Shutdown`](crate::stats::Reason::Shutdown), and the first one is reported on
/// standard error.
///
/// The drop blocks the thread for at most `shutdown_timeout` (3 s by default). It can take a second
/// more if the worker is busy at that moment, for example in an adapter of yours. On a thread that
/// itself runs the worker ([`Builder::start_on`](crate::Builder::start_on)) it does not wait: await
/// [`shutdown_async`](Self::shutdown_async) there.
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [] } }
/// # let builder = Alerts::from_figment(("level", "error"))?;
/// let (alerts, guard) = builder.start::<tracing_subscriber::Registry>()?;
/// let handle = guard.handle();
/// drop(guard);
/// assert!(handle.flush(std::time::Duration::ZERO).unwrap_err().is_stopped());
/// # drop(alerts);
/// # Ok::<(), logout::Error>(())
/// ```
#[must_use = "dropping the guard ends logout; bind it to a name that lives as long as main's work"]
pub struct Guard<D: Dispatch> {
    handle: Handle<D>,
    /// Whether the drop has nothing to end.
    ended: bool,
}

impl<D: Dispatch> Guard<D> {
    pub(crate) fn new(handle: Handle<D>) -> Self {
        let ended = false;
        Self { handle, ended }
    }

    /// Drops the guard without ending anything, because there is no worker.
    pub(crate) fn abandon(mut self) {
        self.ended = true;
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.handle.shared.shutdown_timeout
    }

    /// Stops taking events, sends what waits, for `shutdown_timeout` at most, and ends, without
    /// blocking the thread. Use it in async programs. It is the only end that waits if the worker
    /// runs on the same thread ([`Builder::start_on`](crate::Builder::start_on)).
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// smol::block_on(guard.shutdown_async())?;
    /// assert_eq!(handle.stats().left(), 0);
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// The call itself asks for the end, so a future that you drop early or never poll blocks
    /// nothing: what waits is sent in the background.
    ///
    /// # Errors
    ///
    /// As [`Handle::shutdown`].
    pub fn shutdown_async(mut self) -> impl Future<Output = Result<(), Error>> + use<D> {
        self.ended = true;
        self.handle.close(self.timeout())
    }

    /// Returns a handle. If it outlives the guard, its calls return an error that says that logout
    /// has ended.
    ///
    /// Threads and tasks use it to flush, mute or read figures. It is cheap to clone and is `Send`.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// let handle = guard.handle();
    /// let left = std::thread::spawn(move || handle.stats().left()).join().unwrap();
    /// assert_eq!(left, 0);
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn handle(&self) -> Handle<D> {
        self.handle.clone()
    }
}

impl<D: Dispatch> Drop for Guard<D> {
    fn drop(&mut self) {
        if !self.ended {
            // An error here is either that somebody has shut down before, or has been said on
            // standard error by the worker.
            let _said = self.handle.shutdown(self.timeout());
        }
    }
}

impl<D: Dispatch> fmt::Debug for Guard<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("timeout", &self.timeout())
            .finish_non_exhaustive()
    }
}
