//! The handle: what a program does with a running logout.

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use async_io::Timer;

use crate::config::Error;
use crate::event::ReentryGuard;
use crate::worker::BlockState;
use crate::worker::control::{Command, Reply, ReplyState};
use crate::worker::dispatch::Dispatch;
use crate::worker::stats::{LaneStats, Stats};

// In the order in which the page of `Handle` shows their methods, which blank lines keep.
#[cfg(test)]
#[cfg_attr(
    miri,
    allow(dead_code, reason = "only the tests of lanes run a whole worker")
)]
pub(crate) mod bench;
pub(crate) mod builder;
mod flush;
mod panics;
#[cfg(feature = "preview")]
pub mod preview;
#[cfg(all(feature = "signals", unix))]
mod signals;

mod change;

#[cfg(feature = "verify")]
mod verify;

mod guard;

pub use self::guard::Guard;

/// How long after its deadline a shutdown or `disable` waits for the worker to count what still
/// waits and to say so, which takes it no time unless the machine is busy.
const REPLY_GRACE: Duration = Duration::from_secs(1);

/// Controls a running logout from any thread; clones control the same one.
///
/// If logout is turned off (`enabled = false`), nothing is ever pending, so `flush` and `shutdown`
/// succeed at once.
///
/// Every call returns in bounded time, inside and outside of an async runtime. `flush`, `verify`,
/// `shutdown` and `disable` block the thread for up to their timeout, the last two for up to a
/// second more. An async program awaits [`flush_async`](Self::flush_async), `verify_async` and
/// [`Guard::shutdown_async`] instead. On a thread that itself runs the worker
/// ([`Builder::start_on`](crate::Builder::start_on)) `verify` is an error, and the others only ask
/// and return at once.
///
/// From [`Guard::handle`](crate::Guard::handle):
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
/// let handle = guard.handle();
/// assert_eq!(handle.stats().lanes[0].name, "slack");
/// # Ok::<(), logout::Error>(())
/// ```
pub struct Handle<D> {
    shared: Arc<BlockState>,
    dispatch: Arc<D>,
}

impl<D: Dispatch> Handle<D> {
    pub(crate) fn new(shared: Arc<BlockState>, dispatch: Arc<D>) -> Self {
        Self { shared, dispatch }
    }

    /// Returns what became of all events so far. It never waits: the figures are those of the last
    /// moment at which the worker was idle, with ages as of now. [`Stats`] shows how to export
    /// them. With a spool, `kept` is one more term of the sum.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
    /// for lane in guard.handle().stats().lanes {
    ///     assert_eq!(lane.accepted, lane.delivered + lane.pending + lane.discarded.total());
    /// }
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        let (waiting, lanes) = self.waiting_and_lanes();
        Stats {
            waiting,
            trail_bytes: self.shared.trail_bytes(),
            #[cfg(feature = "spool")]
            spool: self
                .shared
                .spool
                .as_ref()
                .map(|_| self.shared.spool_stats.read(Instant::now())),
            lanes,
        }
    }

    /// Returns how many events are in no lane yet, and the stats of the lanes.
    ///
    /// Events that the worker takes between the two reads would be in both, so they are read again,
    /// a few times at most: under load the worker takes events all the time.
    fn waiting_and_lanes(&self) -> (u64, Vec<LaneStats>) {
        const ATTEMPTS: u8 = 8;
        let mut waiting = self.shared.queue.unaccounted();
        let mut lanes = self.shared.lane_stats(Instant::now());
        for _ in 1..ATTEMPTS {
            let now_waiting = self.shared.queue.unaccounted();
            if now_waiting == waiting {
                break;
            }
            waiting = now_waiting;
            lanes = self.shared.lane_stats(Instant::now());
        }
        (waiting as u64, lanes)
    }

    /// Sends a command to the worker; if logout is turned off, the reply is done at once.
    fn send(&self, command: impl FnOnce(Arc<Reply>) -> Command) -> Result<Arc<Reply>, Error> {
        self.shared.check_process()?;
        let reply = Arc::new(Reply::default());
        if !self.shared.enabled {
            reply.done();
        } else if !self.shared.control.send(command(Arc::clone(&reply))) {
            return Err(self.shared.end_error());
        }
        Ok(reply)
    }

    /// Checks that this thread may wait for the worker.
    fn check_thread(&self) -> Result<(), Error> {
        if ReentryGuard::is_active() {
            return Err(Error::change(
                "called on logout's own thread (for example in an adapter's `render`), which \
                would wait for itself; call it from another thread"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    /// Waits for the reply until the deadline.
    fn wait(&self, reply: &Reply, deadline: Instant) -> Result<(), Error> {
        if self.shared.enabled && self.shared.queue.is_worker_thread() {
            // The worker runs when this thread goes on, and not before.
            return match self.stats().left() {
                0 => Ok(()),
                left => Err(Error::timeout(left)),
            };
        }
        self.result(reply.wait(deadline))
    }

    async fn wait_async(&self, reply: &Reply, deadline: Instant) -> Result<(), Error> {
        self.result(answer_to(reply, deadline).await)
    }

    fn result(&self, answer: Option<ReplyState>) -> Result<(), Error> {
        match (answer, self.stats().left()) {
            (Some(ReplyState::Done { kept: 0 }), _) => Ok(()),
            (Some(ReplyState::Done { kept }), _) => Err(Error::timeout(kept)),
            (_, 0) => Ok(()),
            (Some(ReplyState::Hopeless), left) => Err(Error::cannot_finish(left)),
            (None, left) => Err(Error::timeout(left)),
        }
    }
}

/// Waits for an answer until then, without blocking the thread.
async fn answer_to(reply: &Reply, deadline: Instant) -> Option<ReplyState> {
    let mut late = pin!(Timer::at(deadline));
    poll_fn(|cx| match reply.poll(cx) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => late.as_mut().poll(cx).map(|_| None),
    })
    .await
}

/// Returns the instant that is `timeout` from now, at most ten years.
fn deadline_after(timeout: Duration) -> Instant {
    const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
    Instant::now() + timeout.min(NEVER)
}

impl<D> Clone for Handle<D> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            dispatch: Arc::clone(&self.dispatch),
        }
    }
}

impl<D> fmt::Debug for Handle<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}
