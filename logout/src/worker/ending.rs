//! The end of a worker, by a shutdown or by a panic.

use super::{Clock, Worker};
use crate::event::ReentryGuard;
use crate::event::encoding::catch_panics;
use crate::queue::Phase;
use crate::text;
use crate::worker::stats::Reason;

impl<T, C: Clock> Worker<T, C> {
    /// Ends without a shutdown; later events are only counted.
    pub(crate) fn give_up(&self) {
        let _silence = ReentryGuard::enter();
        self.shared.queue.end(Phase::Died);
        let _panicked = catch_panics(|| self.recover());
        self.shared.control.end();
        text::stderr::write(
            "logout's worker died and could not be restarted: from now on nothing is sent, and \
            events are only counted",
        );
    }

    /// Counts what was pending as lost, after the worker has panicked.
    pub(super) fn recover(&self) {
        let now = self.now();
        self.lose_taken(now);
        #[cfg(feature = "spool")]
        self.write_for_next_start();
        for (index, lane) in self.lanes.iter().enumerate() {
            self.turns.borrow_mut().answered(index, now);
            lane.state.borrow_mut().lose_all(Reason::WorkerDied, now);
        }
        #[cfg(feature = "spool")]
        self.restore_after_panic();
        self.publish();
    }

    /// Returns the reason for which a lane that is dropped now loses its events.
    pub(super) fn reason_of_end(&self) -> Reason {
        if self.panicked.get() || std::thread::panicking() {
            Reason::WorkerDied
        } else {
            Reason::Shutdown
        }
    }

    /// Gives up what waits, reports it, and takes no more commands.
    pub(super) fn close(&self) {
        self.take_from_queue(None);
        #[cfg(feature = "spool")]
        self.write_for_next_start();
        for lane in &self.lanes {
            let mut state = lane.state.borrow_mut();
            state.lose_all(self.reason_of_end(), self.now());
            #[cfg(feature = "verify")]
            state.cut_verifications_short();
            state.say_last_losses(&self.stderr, self.now());
        }
        self.publish();
        #[cfg(feature = "spool")]
        self.close_store();
        self.shared.queue.end(Phase::Ended);
        self.shared.control.end();
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.get()
    }

    pub(super) fn start_closing(&self) {
        self.closing.set(true);
        #[cfg(feature = "spool")]
        self.send_run_notice(crate::block::NoticeOf::Stopped);
        let mut turns = self.turns.borrow_mut();
        (0..self.lanes.len()).for_each(|lane| turns.cancel_rest_at_end(lane));
        drop(turns);
        self.notify_lanes();
        #[cfg(feature = "fleet")]
        self.notify_fleet();
    }
}
