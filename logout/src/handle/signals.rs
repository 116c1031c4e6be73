//! The flush when the operating system asks the program to end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::config::Error;
use crate::handle::Guard;
use crate::queue::IS_FORK;
use crate::worker::dispatch::Dispatch;

impl<D: Dispatch> Guard<D> {
    /// Sends what waits when the process receives SIGTERM or SIGINT, for `shutdown_timeout` at
    /// most. Then the signal ends the process as it would without logout.
    ///
    /// A second signal ends the process at once.
    ///
    /// A signal that was ignored when this is called stays ignored, as for a program that `nohup`
    /// or a shell's `&` started. logout knows that on Linux and Android from `/proc`. On other Unix
    /// systems it cannot know it without unsafe code, and an ignored signal is taken from then on.
    /// A program that must survive it should not call this.
    ///
    /// Call it after forking, in the process that sends. A child of a process that has called it
    /// has the handler, but not the thread that waits for it. A child that logs something, or calls
    /// [`Handle::stats`](crate::Handle::stats), notices the fork and ends at the first signal. In a
    /// child that never does, the first signal is lost and the second ends it. So it is in one that logs a
    /// single event and was forked within milliseconds of several of its parent's.
    ///
    /// This is for programs that do not handle these signals themselves. A program that does, in
    /// order to drain its own work, flushes by dropping the guard at the end of `main`.
    ///
    /// Only on Unix. A container's runtime sends SIGKILL, which nobody can catch, some time after
    /// SIGTERM (Docker 10 s, Kubernetes 30 s by default): keep `shutdown_timeout` below that.
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
    /// If the operating system has no thread left or refuses the registration.
    pub fn flush_on_signals(&self) -> Result<(), Error> {
        let signals = [SIGTERM, SIGINT].into_iter();
        let heard: Vec<_> = signals.filter(|signal| !is_ignored(*signal)).collect();
        let is_default = Arc::new(AtomicBool::new(false));
        let listening = self.listen(&heard, &is_default);
        if listening.is_err() {
            // The handlers registered so far would swallow the signal.
            is_default.store(true, Ordering::Relaxed);
        }
        listening
    }

    /// Starts the thread that waits for the signals. The first one sets `is_default`, with which
    /// they act as they would without logout.
    fn listen(&self, heard: &[i32], is_default: &Arc<AtomicBool>) -> Result<(), Error> {
        let registered = |why: io::Error| Error::signals(&why);
        for signal in heard {
            flag::register_conditional_default(*signal, Arc::clone(is_default))
                .map_err(registered)?;
            // A fork lacks this thread, so nobody would act there.
            flag::register_conditional_default(*signal, &IS_FORK).map_err(registered)?;
        }
        for signal in heard {
            flag::register(*signal, Arc::clone(is_default)).map_err(registered)?;
        }
        let mut signals = Signals::new(heard).map_err(registered)?;
        let (handle, timeout) = (self.handle(), self.timeout());
        let thread = std::thread::Builder::new().name("logout-signals".to_owned());
        let spawned = thread.spawn(move || {
            for signal in signals.forever() {
                // What was not sent is already reported on standard error.
                let _said = handle.shutdown(timeout);
                if emulate_default_handler(signal).is_err() {
                    return;
                }
            }
        });
        spawned.map(drop).map_err(|why| Error::thread(&why))
    }
}

/// Returns whether the process ignores this signal, as far as can be found out without unsafe code.
fn is_ignored(signal: i32) -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| ignores(&status, signal))
}

/// Returns the same, read from `/proc/self/status` (see `man 5 proc_pid_status`).
fn ignores(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use signal_hook::consts::{SIGINT, SIGTERM};

    use super::ignores;

    #[test]
    fn an_ignored_signal_is_a_bit_of_its_number() {
        let status =
            "Name:\tsh\nSigBlk:\t0000000000004000\nSigIgn:\t0000000000000006\nSigCgt:\t0\n";
        assert!(ignores(status, SIGINT) && !ignores(status, SIGTERM));
        assert!(!ignores("Name:\tsh\n", SIGINT));
    }
}
