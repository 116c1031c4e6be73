//! The callers that wait for the worker: for a flush, for an instance to be disabled, for the end.

use std::cell::Cell;
use std::future::Future as _;
use std::pin::pin;
use std::sync::Arc;
use std::task::Context;
use std::time::Instant;

use crate::text::human::format_duration;

use super::Worker;
use super::clock::Clock;
use super::control::{Command, Reply, ReplyState};
use super::lane::Switch;
use super::settings::LiveInstance;
use super::stats::Reason;

/// A caller that waits until all lanes are done with what they had.
#[derive(Debug)]
struct Flush {
    /// Whether a destination that failed last is not waited for.
    reachable_only: bool,
    /// For each lane the number below which it must be done; later flushes have no lower ones.
    marks: Vec<u64>,
    deadline: Instant,
    reply: Arc<Reply>,
}

/// A caller that waits until an instance is disabled.
#[derive(Debug)]
struct Disabling {
    lane: usize,
    /// The number below which the lane must be done.
    mark: u64,
    /// Until when the lane may send.
    deadline: Instant,
    reply: Arc<Reply>,
}

#[derive(Debug)]
struct PendingShutdown {
    deadline: Instant,
    replies: Vec<Arc<Reply>>,
}

/// The commands that the worker has not answered yet.
pub(super) struct Waiters<'w, T, C: Clock> {
    worker: &'w Worker<T, C>,
    flushes: Vec<Flush>,
    disabling: Vec<Disabling>,
    end: Option<PendingShutdown>,
    /// Completes at the next deadline.
    timer: C::Timer,
    timer_at: Option<Instant>,
}

impl<'w, T, C: Clock> Waiters<'w, T, C> {
    pub(super) fn new(worker: &'w Worker<T, C>) -> Self {
        Self {
            worker,
            flushes: Vec::new(),
            disabling: Vec::new(),
            end: None,
            timer: worker.clock.timer(None),
            timer_at: None,
        }
    }

    /// Carries out the commands that were sent.
    pub(super) fn handle_commands(&mut self, cx: &Context<'_>) {
        while let Some(command) = self.worker.shared.control.next(cx.waker()) {
            match command {
                Command::Flush { deadline, reply } => self.flush(deadline, reply, false),
                Command::FlushReachable { deadline, reply } => self.flush(deadline, reply, true),
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

    fn flush(&mut self, deadline: Instant, reply: Arc<Reply>, reachable_only: bool) {
        // Noted first, so that the caller is answered even if the worker panics.
        self.flushes.push(Flush {
            reachable_only,
            marks: Vec::new(),
            deadline,
            reply,
        });
        self.worker.take_from_queue(None);
        #[cfg(feature = "spool")]
        self.worker.store_now();
        let lanes = self.worker.lanes.iter();
        if let Some(flush) = self.flushes.last_mut() {
            flush.marks = lanes.map(|lane| lane.state.borrow().mark()).collect();
        }
        let worker = self.worker;
        let prolong = |until: &Cell<Option<Instant>>| until.set(until.get().max(Some(deadline)));
        prolong(&worker.awaited_until);
        if !reachable_only {
            prolong(&worker.all_awaited_until);
        }
        worker.notify_lanes();
    }

    fn disable(&mut self, lane: usize, deadline: Instant, reply: Arc<Reply>) {
        self.disabling.push(Disabling {
            lane,
            mark: 0,
            deadline,
            reply,
        });
        // What was logged before a command belongs to it. One swap takes it all, so a program that keeps
        // logging cannot hold the command up.
        self.worker.take_from_queue(None);
        let settings = self.worker.shared.settings();
        if settings.instances.get(lane).is_none_or(LiveInstance::is_on) {
            // It was enabled again.
            if let Some(one) = self.disabling.pop() {
                one.reply.done();
            }
            return;
        }
        if let Some(one) = self.disabling.last_mut() {
            self.worker.with_lane(lane, |state| {
                state.switch = Switch::Disabled { until: deadline };
                one.mark = state.mark();
            });
        }
    }

    fn shut_down(&mut self, deadline: Instant, reply: Arc<Reply>) {
        let end = self.end.get_or_insert_with(|| PendingShutdown {
            deadline,
            replies: Vec::new(),
        });
        end.deadline = end.deadline.min(deadline);
        end.replies.push(reply);
        self.worker.shared.queue.close();
        self.worker.take_from_queue(None);
        self.worker.start_closing();
    }

    /// Answers the callers whose events are done, and publishes the stats.
    pub(super) fn answer(&mut self) {
        let worker = self.worker;
        if self.flushes.is_empty() && self.disabling.is_empty() {
            return worker.publish();
        }
        let now = worker.now();
        for late in self.disabling.iter().filter(|one| one.deadline <= now) {
            // The lane itself may be waiting for its destination.
            worker.with_lane(late.lane, |state| {
                state.lose_pending(Reason::Disabled, now);
            });
        }
        worker.publish();
        self.disabling.retain(|one| {
            let is_over = one.deadline <= now || worker.is_disabled_or_on(one);
            if is_over {
                one.reply.done();
            }
            !is_over
        });
        let blocked_until = worker.blocked_until();
        let mut is_done = true;
        self.flushes.retain(|flush| {
            if flush.reachable_only {
                let is_over = flush.deadline <= now || worker.is_flushed_where_reachable(flush);
                if is_over {
                    flush.reply.done();
                }
                return !is_over && flush.reply.is_awaited();
            }
            is_done = is_done && worker.is_done_below(&flush.marks);
            if is_done {
                let kept = worker.kept_for(&flush.marks);
                flush.reply.answer(ReplyState::Done { kept });
                return false;
            }
            if blocked_until.is_some_and(|until| until > flush.deadline) {
                flush.reply.answer(ReplyState::Hopeless);
                return false;
            }
            flush.deadline > now && flush.reply.is_awaited()
        });
        if self.flushes.is_empty() {
            worker.awaited_until.set(None);
        }
        if self.flushes.iter().all(|flush| flush.reachable_only) {
            worker.all_awaited_until.set(None);
        }
    }

    /// Returns whether it is time to end: nothing is left, or nothing can be sent in time.
    pub(super) fn is_done(&self, open: bool) -> bool {
        let Some(end) = &self.end else {
            return false;
        };
        let now = self.worker.now();
        if !open || end.deadline <= now {
            return true;
        }
        let blocked_until = self.worker.blocked_until();
        let is_hopeless = blocked_until.is_some_and(|until| until > end.deadline);
        if is_hopeless {
            self.worker.report_early_end(now);
        }
        is_hopeless
    }

    /// Returns whether a deadline has passed; wakes the worker at the next one.
    pub(super) fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        let end = self.end.iter().map(|end| end.deadline);
        let disabling = self.disabling.iter().map(|one| one.deadline);
        let due = end.chain(disabling).min();
        if due != self.timer_at {
            self.timer_at = due;
            self.timer = self.worker.clock.timer(due);
        }
        due.is_some() && pin!(&mut self.timer).poll(cx).is_ready()
    }
}

impl<T, C: Clock> Worker<T, C> {
    /// Returns whether all lanes have delivered or given up their events below these numbers.
    fn is_done_below(&self, marks: &[u64]) -> bool {
        let mut lanes = self.lanes.iter().zip(marks);
        lanes.all(|(lane, mark)| {
            let state = lane.state.borrow();
            state.is_done_below(*mark) || state.kept_below(*mark) > 0
        })
    }

    /// Returns whether every reachable destination has what the caller waits for: those that did
    /// not fail last and may send in time.
    fn is_flushed_where_reachable(&self, flush: &Flush) -> bool {
        let mut lanes = self.lanes.iter().zip(&flush.marks);
        lanes.all(|(lane, mark)| {
            let state = lane.state.borrow();
            let is_late = state.blocked_until.is_some_and(|at| at > flush.deadline);
            state.is_failing || is_late || state.is_told_below(*mark) || state.kept_below(*mark) > 0
        })
    }

    /// Returns whether the instance has nothing left, or was enabled again.
    fn is_disabled_or_on(&self, one: &Disabling) -> bool {
        let lane = self.lanes.get(one.lane);
        lane.is_none_or(|lane| {
            let state = lane.state.borrow();
            !matches!(state.switch, Switch::Disabled { .. }) || state.is_done_below(one.mark)
        })
    }

    /// Returns the number of events kept for destinations that are gone, for which no flush waits.
    fn kept_for(&self, marks: &[u64]) -> u64 {
        let lanes = self.lanes.iter().zip(marks);
        lanes
            .map(|(lane, mark)| lane.state.borrow().kept_below(*mark))
            .sum()
    }

    /// Returns until when no lane may send; `None` if one has a request in flight, or none has
    /// anything. Events kept for a destination that is gone do not count.
    fn blocked_until(&self) -> Option<Instant> {
        let mut first = None;
        for lane in &self.lanes {
            let state = lane.state.borrow();
            match state.blocked_until {
                _ if matches!(state.switch, Switch::Gone { .. }) => {}
                Some(until) => first = Some(first.map_or(until, |at: Instant| at.min(until))),
                None if state.stats.pending > 0 => return None,
                None => {}
            }
        }
        first
    }

    /// Reports why the shutdown no longer waits for events. A failed destination precedes one whose
    /// limit its retries used up, or the reader would look for the cause in the wrong place. A lane
    /// with nothing but a report is left out: standard error has its losses.
    fn report_early_end(&self, now: Instant) {
        let turns = self.turns.borrow();
        let lanes = self.lanes.iter().enumerate();
        let blocked = lanes.filter_map(|(index, lane)| {
            let state = lane.state.borrow();
            let until = state.blocked_until.filter(|_| state.stats.pending > 0)?;
            Some((!turns.has_failed(index), until, state.stats.name))
        });
        let Some((is_limited, until, name)) = blocked.min() else {
            return;
        };
        let wait = format_duration(until.saturating_duration_since(now));
        self.say(&match is_limited {
            false => format!("ending at once: {name} failed, and the next try is due in {wait}"),
            true => {
                format!("ending at once: the rate limit of {name} allows nothing more for {wait}")
            }
        });
    }
}

impl<T, C: Clock> Drop for Waiters<'_, T, C> {
    /// Answers everybody, however the worker has ended.
    fn drop(&mut self) {
        for flush in self.flushes.drain(..) {
            flush.reply.done();
        }
        for one in self.disabling.drain(..) {
            one.reply.done();
        }
        self.worker.awaited_until.set(None);
        self.worker.all_awaited_until.set(None);
        for reply in self.end.take().map(|end| end.replies).unwrap_or_default() {
            reply.done();
        }
    }
}
