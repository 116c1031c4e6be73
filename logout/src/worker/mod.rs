//! Takes events out of the intake, hands them to the lanes, and keeps the lanes going.
//!
//! It is one future on one thread: the lanes are polled inside it, so nothing between them needs a
//! lock, and a lane that waits for its destination delays none of the others.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::capture::filter::hidden_below;
use crate::transport::Transport;
use crate::worker::control::{Command, Control, Reply};
use crate::worker::dispatch::Dispatch;
use crate::worker::lane::{LaneContext, Switch, poll_lane};
use crate::worker::stats::Reason;

pub(crate) mod backoff;
pub(crate) mod change;
pub(crate) mod control;
pub(crate) mod dispatch;
pub(crate) mod lane;
mod linger;
mod live_settings;
pub(crate) mod pace;
mod shared;
pub mod stats;
pub(crate) mod stderr;
mod worker_future;

use self::linger::Linger;
pub(crate) use self::live_settings::{LiveSettings, MessageStyle, NewSettings, TimeLimits};
pub(crate) use self::shared::{Parts, Shared};
pub(crate) use self::worker_future::WorkerFuture;

/// How often it goes round before the reactor gets its turn: in a storm there is always more, and
/// sockets and timers must not starve.
const ROUNDS: usize = 32;

/// Runs the lanes of a block until they are shut down.
async fn run<D: Dispatch, T: Transport>(dispatch: &D, desk: &LaneContext<T>, control: &Control) {
    let shared = &desk.shared;
    let mut lanes = pin!(Some(dispatch.run(desk)));
    let mut worker = Worker::new(shared, control);
    let mut looked = false;
    let mut vigil = Linger::new(&shared.intake);
    let mut fresh = false;
    poll_fn(|cx| {
        for _ in 0..ROUNDS {
            worker.handle_commands(cx);
            vigil.note(&shared.intake);
            let took = shared.take_from_queue(Some(cx.waker()));
            if took && !looked {
                looked = true;
                warn_of_hidden_events::<D>(shared);
            }
            // Every lane looks at the news in a moment.
            shared.was_notified();
            let open = poll_lane(lanes.as_mut(), cx);
            worker.answer(Instant::now());
            if worker.is_done(open) {
                // Lanes that go down count what they had under way.
                lanes.set(None);
                worker.close();
                return Poll::Ready(());
            }
            // A lane takes, too, before it renders.
            let notified = shared.was_notified();
            fresh |= took || notified;
            let more = notified
                || vigil.looks_again(mem::take(&mut fresh), &shared.intake, cx)
                || worker.is_due(cx);
            if !more {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Says once where a filter of the whole subscriber keeps away what the block wants; nothing else
/// would tell whoever waits for those messages.
fn warn_of_hidden_events<D: Dispatch>(shared: &Shared) {
    let Some(target) = shared.first_target() else {
        return;
    };
    if let Some(level) = hidden_below::<D>(&target) {
        shared.stderr.say(&format!(
            "a filter of the whole subscriber lets only {level} and graver events through, so {} sees nothing below; \
             give that filter to the layer it is meant for (`fmt::layer().with_filter(…)`)",
            D::BLOCK.name
        ));
    }
}

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

struct Worker<'d> {
    shared: &'d Shared,
    control: &'d Control,
    waiting: Vec<Waiting>,
    end: Option<End>,
    /// Rings at the first moment at which something ends without anybody's doing.
    alarm: async_io::Timer,
    alarm_at: Option<Instant>,
}

impl<'d> Worker<'d> {
    fn new(shared: &'d Shared, control: &'d Control) -> Self {
        Self {
            shared,
            control,
            waiting: Vec::new(),
            end: None,
            alarm: async_io::Timer::never(),
            alarm_at: None,
        }
    }

    /// Carries out what was asked.
    fn handle_commands(&mut self, cx: &Context<'_>) {
        while let Some(command) = self.control.next(cx.waker()) {
            match command {
                Command::Flush(reply) => self.flush(reply),
                Command::Verify(verification) => self.shared.verify(&verification),
                Command::Shutdown { deadline, reply } => self.shut_down(deadline, reply),
                Command::Adopt { adopted, reply } => {
                    self.shared.adopt(adopted);
                    self.answer_when_lanes_know(reply);
                }
                Command::Enable { lane, reply } => {
                    self.enable(lane);
                    self.answer_when_lanes_know(reply);
                }
                Command::Disable {
                    lane,
                    deadline,
                    reply,
                } => self.disable(lane, deadline, reply),
                Command::Mute {
                    fingerprint,
                    until,
                    reply,
                } => {
                    self.shared.mute(fingerprint, until);
                    self.answer_when_lanes_know(reply);
                }
            }
        }
    }

    fn flush(&mut self, reply: Arc<Reply>) {
        self.take_in_before();
        let marks = self.shared.marks();
        self.waiting.push(Waiting {
            marks,
            disabling: None,
            reply,
        });
    }

    fn disable(&mut self, lane: usize, deadline: Instant, reply: Arc<Reply>) {
        self.take_in_before();
        self.shared
            .switch(lane, Switch::Disabled { until: deadline });
        let mut marks = vec![0; self.shared.lanes.len()];
        if let (Some(mark), Some(now)) = (marks.get_mut(lane), self.shared.marks().get(lane)) {
            *mark = *now;
        }
        self.waiting.push(Waiting {
            marks,
            disabling: Some((lane, deadline)),
            reply,
        });
    }

    /// Answers after the lanes have been polled, so that what was asked holds for whatever is
    /// logged after the answer.
    fn answer_when_lanes_know(&mut self, reply: Arc<Reply>) {
        self.waiting.push(Waiting {
            marks: Vec::new(),
            disabling: None,
            reply,
        });
    }

    fn enable(&mut self, lane: usize) {
        self.shared.switch(lane, Switch::On);
        self.waiting.retain(|waiting| {
            let disabling = waiting.disabling.is_some_and(|(other, _)| other == lane);
            if disabling {
                waiting.reply.done();
            }
            !disabling
        });
    }

    /// What was logged before a command belongs to it. One swap takes it all, so a program that
    /// keeps logging cannot hold the command up.
    fn take_in_before(&self) {
        self.shared.take_from_queue(None);
    }

    fn shut_down(&mut self, deadline: Instant, reply: Arc<Reply>) {
        self.shared.intake.close();
        self.take_in_before();
        self.shared.start_closing();
        match &mut self.end {
            Some(end) => {
                end.deadline = end.deadline.min(deadline);
                end.replies.push(reply);
            }
            None => {
                self.end = Some(End {
                    deadline,
                    replies: vec![reply],
                });
            }
        }
    }

    /// Answers those whose events are through, and lays the accounts out for all to read.
    fn answer(&mut self, now: Instant) {
        let shared = self.shared;
        let late = |waiting: &Waiting| waiting.disabling.filter(|(_, until)| *until <= now);
        for (lane, _) in self.waiting.iter().filter_map(late) {
            // The lane itself may be waiting for its destination.
            shared.lose_pending(lane, Reason::Disabled, now);
        }
        shared.publish();
        self.waiting.retain(|waiting| {
            let through = late(waiting).is_some() || shared.are_done_below(&waiting.marks);
            if through {
                waiting
                    .reply
                    .done_but_for(shared.kept_below(&waiting.marks));
            }
            !through && waiting.reply.is_awaited()
        });
    }

    /// Whether it is time to end: there is nothing left, or no time.
    fn is_done(&self, open: bool) -> bool {
        self.end
            .as_ref()
            .is_some_and(|end| !open || end.deadline <= Instant::now())
    }

    /// Whether something has ended by itself; wakes the worker when the next does.
    fn is_due(&mut self, cx: &mut Context<'_>) -> bool {
        let ends = self.end.iter().map(|end| end.deadline);
        let due = ends
            .chain(
                self.waiting
                    .iter()
                    .filter_map(|waiting| Some(waiting.disabling?.1)),
            )
            .min();
        if due != self.alarm_at {
            self.alarm_at = due;
            self.alarm = due.map_or_else(async_io::Timer::never, async_io::Timer::at);
        }
        pin!(&mut self.alarm).poll(cx).is_ready()
    }

    fn close(&self) {
        close(self.shared, self.control);
    }
}

impl Drop for Worker<'_> {
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

/// Gives up what is left, says so, and takes no more commands.
fn close(shared: &Shared, control: &Control) {
    shared.take_from_queue(None);
    for lane in &shared.lanes {
        let mut state = lane.state.borrow_mut();
        state.lose_all(Reason::Shutdown, Instant::now());
        if cfg!(feature = "verify") {
            for verification in state.verifications.drain(..) {
                verification.cut_short();
            }
        }
        state.say_last_losses(&shared.stderr);
    }
    shared.publish();
    control.end();
}
