//! Who waits for the worker: for what was logged before, for an instance to be disabled, for the
//! end.

use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Instant;

use super::Worker;
use super::clock::Clock;
use super::control::{Command, Reply};
use super::lane::Switch;
use super::stats::Reason;

/// Whoever waits until a lane, or all of them, are through with what they had.
#[derive(Debug)]
struct Waiting {
    /// For each lane the number up to which it must be through.
    marks: Vec<u64>,
    /// The lane that is being disabled, and until when it may send.
    disabling: Option<(usize, Instant)>,
    reply: Arc<Reply>,
}

#[derive(Debug)]
struct End {
    deadline: Instant,
    replies: Vec<Arc<Reply>>,
}

/// What is asked of the worker and not answered yet.
pub(super) struct Waiters<'w, T, C: Clock> {
    worker: &'w Worker<T, C>,
    waiting: Vec<Waiting>,
    end: Option<End>,
    /// Completes at the first moment at which something ends without anybody's doing.
    timer: C::Timer,
    timer_at: Option<Instant>,
}

impl<'w, T, C: Clock> Waiters<'w, T, C> {
    pub(super) fn new(worker: &'w Worker<T, C>) -> Self {
        Self {
            worker,
            waiting: Vec::new(),
            end: None,
            timer: worker.clock.timer(None),
            timer_at: None,
        }
    }

    /// Carries out what was asked.
    pub(super) fn handle_commands(&mut self, cx: &Context<'_>) {
        while let Some(command) = self.worker.shared.control.next(cx.waker()) {
            match command {
                Command::Flush(reply) => self.flush(reply),
                Command::Shutdown { deadline, reply } => self.shut_down(deadline, reply),
                Command::Disable {
                    lane,
                    deadline,
                    reply,
                } => self.disable(lane, deadline, reply),
                #[cfg(feature = "verify")]
                Command::Verify(verification) => self.worker.start_verification(&verification),
            }
        }
    }

    fn flush(&mut self, reply: Arc<Reply>) {
        self.take_what_was_before();
        let lanes = self.worker.lanes.iter();
        self.waiting.push(Waiting {
            marks: lanes.map(|lane| lane.state.borrow().mark()).collect(),
            disabling: None,
            reply,
        });
    }

    fn disable(&mut self, lane: usize, deadline: Instant, reply: Arc<Reply>) {
        self.take_what_was_before();
        let shared = self.worker.shared.settings();
        if shared.instances.get(lane).is_none_or(|live| live.is_on()) {
            // It was enabled since.
            return reply.done();
        }
        let mut marks = vec![0; self.worker.lanes.len()];
        self.worker.with_lane(lane, |state| {
            state.switch = Switch::Disabled { until: deadline };
            if let Some(mark) = marks.get_mut(lane) {
                *mark = state.mark();
            }
        });
        self.waiting.push(Waiting {
            marks,
            disabling: Some((lane, deadline)),
            reply,
        });
    }

    fn shut_down(&mut self, deadline: Instant, reply: Arc<Reply>) {
        self.worker.shared.queue.close();
        self.take_what_was_before();
        self.worker.start_closing();
        let end = self.end.get_or_insert_with(|| End {
            deadline,
            replies: Vec::new(),
        });
        end.deadline = end.deadline.min(deadline);
        end.replies.push(reply);
    }

    /// Takes what was logged before a command, which belongs to it. One swap takes it all, so a
    /// program that keeps logging cannot hold the command up.
    fn take_what_was_before(&self) {
        self.worker.take_from_queue(None);
    }

    /// Answers those whose events are through, and lays the accounts out for all to read.
    pub(super) fn answer(&mut self) {
        let worker = self.worker;
        if self.waiting.is_empty() {
            return worker.publish();
        }
        let now = worker.now();
        let is_late = |waiting: &Waiting| waiting.disabling.filter(|(_, until)| *until <= now);
        for (lane, _) in self.waiting.iter().filter_map(is_late) {
            // The lane itself may be waiting for its destination.
            worker.with_lane(lane, |state| state.lose_pending(Reason::Disabled, now));
        }
        worker.publish();
        self.waiting.retain(|waiting| {
            let through = is_late(waiting).is_some() || worker.is_through(waiting);
            if through {
                waiting.reply.done_but_for(worker.kept_for(waiting));
            }
            !through && waiting.reply.is_awaited()
        });
    }

    /// Whether it is time to end: there is nothing left, or no time.
    pub(super) fn is_done(&self, open: bool) -> bool {
        let end = self.end.as_ref();
        end.is_some_and(|end| !open || end.deadline <= self.worker.now())
    }

    /// Whether something has ended by itself; wakes the worker when the next does.
    pub(super) fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        let end = self.end.iter().map(|end| end.deadline);
        let disabling = self.waiting.iter().filter_map(|waiting| waiting.disabling);
        let due = end.chain(disabling.map(|(_, until)| until)).min();
        if due != self.timer_at {
            self.timer_at = due;
            self.timer = self.worker.clock.timer(due);
        }
        due.is_some() && pin!(&mut self.timer).poll(cx).is_ready()
    }
}

impl<T, C: Clock> Worker<T, C> {
    /// Whether all lanes have delivered or given up what is waited for.
    fn is_through(&self, waiting: &Waiting) -> bool {
        let mut lanes = self.lanes.iter().zip(&waiting.marks).enumerate();
        lanes.all(|(index, (lane, mark))| {
            let state = lane.state.borrow();
            let is_enabled_again = waiting.disabling.is_some_and(|(lane, _)| lane == index)
                && !matches!(state.switch, Switch::Disabled { .. });
            is_enabled_again || state.is_done_below(*mark) || state.kept_below(*mark) > 0
        })
    }

    /// Returns how many events are kept for destinations that are gone, for which nobody waits.
    fn kept_for(&self, waiting: &Waiting) -> u64 {
        let lanes = self.lanes.iter().zip(&waiting.marks);
        lanes
            .map(|(lane, mark)| lane.state.borrow().kept_below(*mark))
            .sum()
    }
}

impl<T, C: Clock> Drop for Waiters<'_, T, C> {
    /// Answers everybody, whether the worker has come to its end or to grief.
    fn drop(&mut self) {
        for waiting in self.waiting.drain(..) {
            waiting.reply.done();
        }
        for reply in self.end.take().map(|end| end.replies).unwrap_or_default() {
            reply.done();
        }
    }
}
