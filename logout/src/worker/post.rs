//! The worker where it runs: on a thread of its own, or as a guest on an executor of the program.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use super::{Parts, Shared, close, run};
use crate::filter::Silence;
use crate::handle::Running;
use crate::lane::Desk;
use crate::{Dispatch, Transport};

/// The worker with all it needs, from its start to its end, however it ends.
pub(crate) struct Post<D: Dispatch, T> {
    running: Arc<Running<D>>,
    parts: Parts,
    desk: Desk<T>,
}

impl<D: Dispatch, T: Transport> Post<D, T> {
    pub(crate) fn new(running: Arc<Running<D>>, parts: Parts, transport: T) -> Self {
        let desk = Desk {
            transport,
            shared: Shared::new(parts.clone()),
        };
        Self {
            running,
            parts,
            desk,
        }
    }

    /// Runs until logout is shut down. Should the worker ever panic, it is started anew and says
    /// so.
    pub(crate) async fn serve(mut self) {
        while !self.work().await {
            self.desk.shared = Shared::restarted(self.parts.clone());
            self.desk.shared.announce(
                "logout's worker panicked and was started anew; what it held is counted as lost",
                None,
            );
        }
    }

    /// Tells whether the worker has come to its end, and not to grief.
    async fn work(&self) -> bool {
        let running = &self.running;
        let mut work = pin!(run(&*running.dispatch, &self.desk, &running.control));
        poll_fn(|cx| {
            // Between two polls the thread may be the program's, and what it emits is to be heard.
            let _silence = Silence::keep();
            catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)))
                .map_or(Poll::Ready(false), |poll| poll.map(|()| true))
        })
        .await
    }
}

impl<D: Dispatch, T> Drop for Post<D, T> {
    /// An executor may be dropped with the worker on it: what is left is given up and counted, and
    /// nobody waits for it in vain.
    fn drop(&mut self) {
        if !self.running.control.has_ended() {
            let _silence = Silence::keep();
            self.running.intake.close();
            close(&self.desk.shared, &self.running.control);
        }
    }
}
