//! Commands to the worker. They do not pass through the queue, so that a full queue cannot delay a
//! flush.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::event::encoding::catch_panics;

#[cfg(feature = "verify")]
mod verification;

#[cfg(feature = "verify")]
pub(crate) use self::verification::Verification;

/// One command to the worker.
#[derive(Debug)]
pub(crate) enum Command {
    /// Answers when everything accepted before is delivered or given up, or nothing more can be by
    /// the deadline.
    Flush {
        deadline: Instant,
        reply: Arc<Reply>,
    },
    /// Answers when the destinations that did not fail last have what was accepted before, or
    /// cannot get it by the deadline.
    FlushReachable {
        deadline: Instant,
        reply: Arc<Reply>,
    },
    /// Sends what waits, gives up the rest at the deadline, and ends.
    Shutdown {
        deadline: Instant,
        reply: Arc<Reply>,
    },
    /// Takes no more events, and answers when none is left. Pending ones may be sent until the
    /// deadline.
    Disable {
        lane: usize,
        deadline: Instant,
        reply: Arc<Reply>,
    },
    /// Asks every destination whether the credentials work.
    #[cfg(feature = "verify")]
    Verify(Arc<Verification>),
}

/// The commands that wait for the worker.
#[derive(Debug, Default)]
pub(crate) struct Control {
    state: Mutex<ControlState>,
}

#[derive(Debug, Default)]
struct ControlState {
    commands: VecDeque<Command>,
    worker: Option<Waker>,
    ended: bool,
}

impl Control {
    /// Hands a command to the worker; returns `false` if it has ended.
    pub(crate) fn send(&self, command: Command) -> bool {
        let mut state = self.lock();
        if state.ended {
            return false;
        }
        state.commands.push_back(command);
        drop(state);
        self.wake();
        true
    }

    /// Makes the worker check for changes.
    pub(crate) fn wake(&self) {
        let worker = self.lock().worker.take();
        if let Some(worker) = worker {
            worker.wake();
        }
    }

    /// Returns the next command; if there is none, `waker` is woken for the next.
    pub(crate) fn next(&self, waker: &Waker) -> Option<Command> {
        let mut state = self.lock();
        let command = state.commands.pop_front();
        if command.is_none() {
            state.worker = Some(waker.clone());
        }
        command
    }

    /// Takes no more commands, and answers those that wait.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        let commands = std::mem::take(&mut state.commands);
        drop(state);
        for command in commands {
            match command {
                Command::Flush { reply, .. }
                | Command::FlushReachable { reply, .. }
                | Command::Shutdown { reply, .. }
                | Command::Disable { reply, .. } => reply.done(),
                #[cfg(feature = "verify")]
                Command::Verify(verification) => verification.cut_short(),
            }
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    fn lock(&self) -> MutexGuard<'_, ControlState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplyState {
    /// It is done, but for this many events that nobody need wait for.
    Done { kept: u64 },
    /// It cannot be done in time.
    Hopeless,
}

/// The reply to a command, for which one caller waits.
#[derive(Debug, Default)]
pub(crate) struct Reply {
    slot: Mutex<ReplySlot>,
    answered: Condvar,
}

#[derive(Debug, Default)]
struct ReplySlot {
    answer: Option<ReplyState>,
    /// The task that waits for the answer.
    caller: Option<Waker>,
}

impl Reply {
    pub(crate) fn done(&self) {
        self.answer(ReplyState::Done { kept: 0 });
    }

    pub(crate) fn answer(&self, answer: ReplyState) {
        let mut slot = self.lock();
        slot.answer.get_or_insert(answer);
        let caller = slot.caller.take();
        drop(slot);
        self.answered.notify_all();
        if let Some(caller) = caller {
            // The waker belongs to the program's executor, and this may be the worker's thread.
            let _panicked = catch_panics(|| caller.wake());
        }
    }

    /// Returns whether a caller still waits for it.
    pub(crate) fn is_awaited(self: &Arc<Self>) -> bool {
        Arc::strong_count(self) > 1
    }

    /// Waits for the answer until then at most.
    pub(crate) fn wait(&self, deadline: Instant) -> Option<ReplyState> {
        let mut slot = self.lock();
        while slot.answer.is_none() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let woken = self.answered.wait_timeout(slot, left);
            slot = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        slot.answer
    }

    /// Polls for the same, for a task that must not block its thread.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<ReplyState> {
        let mut slot = self.lock();
        if let Some(answer) = slot.answer {
            return Poll::Ready(answer);
        }
        slot.caller = Some(cx.waker().clone());
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, ReplySlot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
