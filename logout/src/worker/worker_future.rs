//! The worker where it runs: on a thread of its own, or as a guest on an executor of the program.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use async_io::Timer;

use super::{Parts, Shared, close, run};
use crate::event::ReentryGuard;
use crate::transport::Transport;
use crate::worker::backoff;
use crate::worker::control::Control;
use crate::worker::dispatch::Dispatch;
use crate::worker::lane::LaneContext;

/// The worker with all it needs, from its start to its end, however it ends.
pub(crate) struct WorkerFuture<D: Dispatch, T> {
    dispatch: Arc<D>,
    control: Arc<Control>,
    desk: LaneContext<T>,
}

impl<D: Dispatch, T: Transport> WorkerFuture<D, T> {
    pub(crate) fn new(dispatch: Arc<D>, control: Arc<Control>, parts: Parts, transport: T) -> Self {
        let desk = LaneContext {
            transport,
            shared: Shared::new(parts),
        };
        Self {
            dispatch,
            control,
            desk,
        }
    }

    /// Keeps a worker running until it is shut down. Should one ever die, another is started in its
    /// place and says so.
    pub(crate) async fn serve(self) {
        let shared = &self.desk.shared;
        for deaths in 0.. {
            if self.work().await {
                return;
            }
            shared.recover();
            if !shared.queue.is_open() {
                // It died while it was ending, and there is nothing to start it for.
                return;
            }
            shared.announce(
                "logout's worker panicked and was started anew; what it held is counted as lost",
                None,
            );
            if deaths > 0 {
                Timer::after(backoff::delay(deaths, fastrand::f64())).await;
            }
        }
    }

    /// Tells whether the worker has come to its end, and not to grief.
    async fn work(&self) -> bool {
        let mut work = pin!(run(&*self.dispatch, &self.desk, &self.control));
        poll_fn(|cx| {
            // Between two polls the thread may be the program's, and what it emits is to be heard.
            let _silence = ReentryGuard::enter();
            catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)))
                .map_or(Poll::Ready(false), |poll| poll.map(|()| true))
        })
        .await
    }
}

impl<D: Dispatch, T> Drop for WorkerFuture<D, T> {
    /// An executor may be dropped with the worker on it: what is left is given up and counted, and
    /// nobody waits for it in vain.
    fn drop(&mut self) {
        if !self.control.has_ended() {
            let _silence = ReentryGuard::enter();
            self.desk.shared.queue.close();
            close(&self.desk.shared, &self.control);
        }
    }
}
