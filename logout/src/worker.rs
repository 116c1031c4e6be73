//! Takes events out of the intake, hands them to the lanes, and keeps the lanes going.
//!
//! It is one future on one thread: the lanes are polled inside it, so nothing between them needs a
//! lock, and a lane that waits for its destination delays none of the others.

use std::future::poll_fn;
use std::hint::spin_loop;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::control::{Command, Control, Reply};
use crate::lane::{Desk, Switch};
use crate::stats::Reason;
use crate::{Dispatch, Transport};

mod post;
mod shared;

pub(crate) use self::post::Post;
pub(crate) use self::shared::{Adopted, Limits, Live, Look, Parts, Shared};

/// How long the worker looks for more after it found something. A storm that waits at the
/// thresholds is served without a system call per swap, and an idle program pays nothing.
const LINGER: Duration = Duration::from_micros(30);

/// Runs the lanes of a block until they are shut down.
async fn run<D: Dispatch, T: Transport>(dispatch: &D, desk: &Desk<T>, control: &Control) {
    let mut lanes = pin!(dispatch.run(desk));
    let mut worker = Worker {
        shared: &desk.shared,
        control,
        waiting: Vec::new(),
        end: None,
    };
    let mut closing = pin!(async_io::Timer::never());
    poll_fn(|cx| {
        loop {
            let took = desk.shared.take_in(Some(cx.waker()));
            worker.obey(cx);
            if let Some(end) = &worker.end {
                closing.set(async_io::Timer::at(end.deadline));
                if closing.as_mut().poll(cx).is_ready() {
                    worker.close();
                    return Poll::Ready(());
                }
            }
            let ended = lanes.as_mut().poll(cx).is_ready();
            worker.answer(Instant::now());
            if ended {
                worker.close();
                return Poll::Ready(());
            }
            let stirred = desk.shared.was_stirred();
            if !(stirred || (took && linger(&desk.shared))) {
                if took {
                    // Something was taken, so the waker has not been left behind yet.
                    if desk.shared.take_in(Some(cx.waker())) {
                        continue;
                    }
                }
                return Poll::Pending;
            }
        }
    })
    .await;
}

/// Looks for more for a moment; tells whether there is.
fn linger(shared: &Shared) -> bool {
    let until = Instant::now() + LINGER;
    while shared.intake.waiting() == 0 {
        if Instant::now() >= until {
            return false;
        }
        spin_loop();
    }
    true
}

/// Whoever waits until a lane, or all of them, are through with what they had.
#[derive(Debug)]
struct Waiting {
    /// For each lane the number up to which it must be through.
    marks: Vec<u64>,
    until: Option<Instant>,
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
}

impl Worker<'_> {
    /// Carries out what was asked.
    fn obey(&mut self, cx: &Context<'_>) {
        while let Some(command) = self.control.next(cx.waker()) {
            // What was logged before the command belongs to it.
            while self.shared.take_in(None) {}
            match command {
                Command::Flush(reply) => {
                    let marks = self.shared.marks();
                    self.waiting.push(Waiting {
                        marks,
                        until: None,
                        reply,
                    });
                }
                Command::Shutdown { deadline, reply } => self.shut_down(deadline, reply),
                Command::Adopt(adopted) => self.shared.adopt(adopted),
                Command::Enable(lane) => self.shared.switch(lane, Switch::On),
                Command::Disable {
                    lane,
                    deadline,
                    reply,
                } => {
                    self.shared
                        .switch(lane, Switch::Disabled { until: deadline });
                    let mut marks = vec![0; self.shared.lanes.len()];
                    if let (Some(mark), Some(now)) =
                        (marks.get_mut(lane), self.shared.marks().get(lane))
                    {
                        *mark = *now;
                    }
                    self.waiting.push(Waiting {
                        marks,
                        until: Some(deadline),
                        reply,
                    });
                }
                Command::Mute { fingerprint, until } => self.shared.mute(fingerprint, Some(until)),
            }
        }
    }

    fn shut_down(&mut self, deadline: Instant, reply: Arc<Reply>) {
        self.shared.intake.close();
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
                })
            }
        }
    }

    /// Answers those whose events are through, and lays the accounts out for all to read.
    fn answer(&mut self, now: Instant) {
        self.shared.publish();
        let shared = self.shared;
        self.waiting.retain(|waiting| {
            let through = shared.are_done_below(&waiting.marks)
                || waiting.until.is_some_and(|until| until <= now);
            if through {
                waiting.reply.done();
            }
            !through
        });
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
    while shared.take_in(None) {}
    for lane in &shared.lanes {
        let mut state = lane.state.borrow_mut();
        let now = Instant::now();
        state.lose_pending(Reason::Shutdown, now);
        // What was under way went down with its lane.
        let left = state.stats.pending;
        state.stats.discard(Reason::Shutdown, left);
        if !state.losses.is_empty() {
            shared.stderr.say_losses(state.stats.name, &state.losses);
        }
    }
    shared.publish();
    control.end();
}
