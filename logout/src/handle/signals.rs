//! Flushing when the operating system asks the program to end.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::config::Error;
use crate::handle::Guard;
use crate::worker::dispatch::Dispatch;

impl<D: Dispatch> Guard<D> {
    /// Sends what is left when the process receives SIGTERM or SIGINT, for `shutdown_timeout` at
    /// the most, and then lets the signal end the process as it would have without logout.
    ///
    /// For programs that do not handle these signals themselves. One that does, to drain its own
    /// work, lives on after the signal and flushes by dropping the guard at the end of `main`.
    ///
    /// There on Unix alone. A container's runtime sends SIGKILL, which nobody can catch, some time
    /// after SIGTERM (Docker 10 s, Kubernetes 30 s unless told otherwise): keep `shutdown_timeout`
    /// below that.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// guard.flush_on_signals()?;
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread or refuses the registration.
    pub fn flush_on_signals(&self) -> Result<(), Error> {
        let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(|why| Error::signals(&why))?;
        let (handle, timeout) = (self.handle(), self.timeout());
        let thread = std::thread::Builder::new().name("logout-signals".to_owned());
        let spawned = thread.spawn(move || {
            for signal in signals.forever() {
                // What is left then has been said on standard error.
                let _said = handle.shutdown(timeout);
                if emulate_default_handler(signal).is_err() {
                    return;
                }
            }
        });
        spawned.map(drop).map_err(|why| Error::thread(&why))
    }
}
