//! One adapter's way from pending events to delivered messages.
//!
//! A lane groups what waits, sends when its destination's pace allows, and reads the answers. It
//! runs on the worker's thread beside the other lanes, and one that waits delays none of them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use self::absence::{Absence, Suspicion};
use self::missing_routes::LostPlaces;
use self::schedule::Plan;
use self::sending::{Sending, Subject};
use crate::adapter::{Adapter, Step, Window};
use crate::config::{Configured, Instance};
use crate::event::encoding::catch_panics;
use crate::transport::{Fault, Request, Response, Transport};
use crate::worker::caught::{CaughtFuture, disarmed};
#[cfg(feature = "spool")]
use crate::worker::stats::Reason;
use crate::worker::{Clock, Worker};

mod absence;
mod absent_destination;
mod answer;
mod deferred;
mod dry_run;
#[cfg(feature = "fleet")]
mod fleet_lane;
#[cfg(feature = "fleet")]
mod for_fleet;
mod group;
mod groups;
mod known;
mod lane_state;
mod missing_routes;
mod next_message;
#[cfg(feature = "spool")]
mod restored;
mod schedule;
#[cfg(feature = "fleet")]
mod seen;
mod sending;
mod unread;

#[cfg(feature = "fleet")]
pub(crate) use self::fleet_lane::FleetLane;
pub(crate) use self::group::{Group, Kept, Key};
#[cfg(feature = "spool")]
pub(crate) use self::known::Earlier;
#[cfg(feature = "fleet")]
pub(crate) use self::known::Waiting;
pub(crate) use self::lane_state::{LaneState, SharedLane, Switch};
#[cfg(feature = "spool")]
pub(crate) use self::restored::{StoredLane, Unit};
#[cfg(feature = "fleet")]
pub(crate) use self::seen::Seen;

impl<T: Transport, C: Clock> Worker<T, C> {
    /// Runs the lane of the instance at `index` of the block until it is closed.
    pub async fn lane<A: Adapter>(&self, index: usize, instance: &Instance<A>) {
        let held = HeldAdapter {
            configured: instance.take().map(RefCell::new),
            instance,
        };
        let (Some(shared), Some(configured)) = (self.lanes.get(index), &held.configured) else {
            return;
        };
        let mut lane = Lane {
            worker: self,
            shared,
            index,
            instance,
            configured,
            request: Request::new(),
            sending: None,
            deferred: VecDeque::new(),
            tries: 0,
            failing_since: None,
            last_was_report: false,
            absence: Absence::default(),
            suspicion: Suspicion::default(),
            rests_for_suspect: false,
            lost_places: LostPlaces::default(),
            trusts_heads: false,
        };
        lane.read_pace();
        #[cfg(feature = "verify")]
        self.answer_verifications_beside(lane.run(), index, configured)
            .await;
        #[cfg(not(feature = "verify"))]
        lane.run().await;
    }
}

/// Polls one lane of several that run side by side; returns whether it is still open.
pub fn poll_lane<F: Future<Output = ()>>(
    lane: &mut Option<Pin<Box<F>>>,
    cx: &mut Context<'_>,
) -> bool {
    if let Some(running) = lane
        && running.as_mut().poll(cx).is_ready()
    {
        *lane = None;
    }
    lane.is_some()
}

struct Lane<'w, A: Adapter, T, C: Clock> {
    worker: &'w Worker<T, C>,
    shared: &'w SharedLane,
    index: usize,
    instance: &'w Instance<A>,
    /// What asks the destination whether the credentials work borrows it, too.
    configured: &'w RefCell<Configured<A>>,
    request: Request,
    sending: Option<Sending>,
    /// Messages that people have, whose rest waits for what nobody has been told.
    deferred: VecDeque<Sending>,
    /// How often in a row the destination has failed.
    tries: u32,
    /// Since when, within reach.
    failing_since: Option<Instant>,
    /// Whether the last message told of no event.
    last_was_report: bool,
    /// Since when the destination is away or gone.
    absence: Absence,
    /// What a firewall may dislike.
    suspicion: Suspicion,
    /// Whether the rest is for what a firewall dislikes alone, and others need not wait.
    rests_for_suspect: bool,
    /// Places that events asked for and that do not exist.
    lost_places: LostPlaces,
    /// Whether the heads of successes are taken at their word, since no body can be read.
    trusts_heads: bool,
}

/// The adapter of a lane that runs.
struct HeldAdapter<'w, A: Adapter> {
    configured: Option<RefCell<Configured<A>>>,
    instance: &'w Instance<A>,
}

impl<A: Adapter> Drop for HeldAdapter<'_, A> {
    /// Leaves it for the next lane; where a newer one is there it is dropped, which is the
    /// program's code.
    fn drop(&mut self) {
        if let Some(configured) = self.configured.take() {
            let _panicked = catch_panics(|| self.instance.put_back(configured.into_inner()));
        }
    }
}

impl<A: Adapter, T, C: Clock> Drop for Lane<'_, A, T, C> {
    /// A lane that goes down counts what it had under way. That may be amid a panic, where a second
    /// one would end the process.
    fn drop(&mut self) {
        #[cfg(feature = "spool")]
        if self.sending.is_some() && self.worker.reason_of_end() == Reason::Shutdown {
            // Else what is taken below is not kept any more.
            let _panicked = catch_panics(|| self.worker.take_from_queue(None));
        }
        let lose = || {
            #[cfg(feature = "spool")]
            if self.sending.is_some() {
                self.worker.keep_what_is_stored();
            }
            let (reason, now) = (self.worker.reason_of_end(), self.worker.now());
            self.lose_sending(reason, now);
            self.leave_out_deferred(reason.as_str());
        };
        let _panicked = catch_panics(lose);
    }
}

impl<A: Adapter, T: Transport, C: Clock> Lane<'_, A, T, C> {
    async fn run(mut self) {
        if A::INCIDENTS {
            self.shared.state.borrow_mut().known.close_incidents();
        }
        loop {
            self.adopt();
            match self.plan(self.worker.now()) {
                Plan::Close => return,
                Plan::Wait(until) => self.wait(until).await,
                Plan::Send => {
                    // A slow render must not make callers wait for room in the queue.
                    self.worker.take_from_queue(None);
                    if self.write_message() {
                        self.send_message().await;
                    }
                }
            }
        }
    }

    /// Takes over a configuration that was read again.
    fn adopt(&mut self) {
        let Some(configured) = self.instance.take() else {
            return;
        };
        let before = self.configured.replace(configured);
        let leads_elsewhere = self.configured.borrow().leads_elsewhere(&before);
        let _panicked = catch_panics(|| drop(before));
        if leads_elsewhere {
            // A pause is the old destination's.
            self.worker.turns.borrow_mut().resume(self.index);
            let mut state = self.shared.state.borrow_mut();
            if matches!(state.switch, Switch::Gone { .. }) {
                state.switch = Switch::On;
            }
        }
        self.worker.turns.borrow_mut().recover(self.index);
        self.tries = 0;
        self.failing_since = None;
        self.absence.end();
        self.lost_places = LostPlaces::default();
        self.trusts_heads = false;
        self.read_pace();
        self.leave_out_deferred("the configuration was read again");
        match &mut self.sending {
            Some(sending) if sending.delivered => {
                self.leave_out("the configuration was read again", self.worker.now());
            }
            Some(sending) => {
                sending.possible_repeat |= sending.part > 0;
                sending.begin_again();
            }
            None => {}
        }
    }

    fn read_pace(&mut self) {
        let windows = windows(&self.configured.borrow(), self.index);
        #[cfg(feature = "fleet")]
        self.pace_fleet(&windows);
        let mut turns = self.worker.turns.borrow_mut();
        turns.set_windows(self.index, windows);
    }

    /// Makes one request of what is being sent; returns whether there is one to send, as there is
    /// not where it cannot be made, or in a dry run.
    fn write_message(&mut self) -> bool {
        if self.render().is_none() {
            return false;
        }
        let is_dry = cfg!(feature = "preview") && self.worker.settings().dry_run;
        if is_dry {
            self.reserve_slot();
            self.note_answered();
            self.show_request(self.worker.now());
        }
        !is_dry
    }

    /// Renders the part that is next.
    fn render(&mut self) -> Option<()> {
        let sending = self.sending.as_ref()?;
        let notice = self.compose(sending, self.worker.now())?;
        let memory = sending.remembered(&self.shared.state.borrow());
        let step = Step {
            form: sending.form,
            part: sending.part,
            previous: sending.answers.last(),
            answers: &sending.answers,
            id: &sending.id,
            memory: memory.as_ref(),
        };
        self.request.clear();
        let (configured, request) = (self.configured.borrow(), &mut self.request);
        let render = || configured.adapter.render(&notice, step, request);
        let rendered = catch_panics(render);
        drop(configured);
        if rendered.is_none() {
            self.refused("the adapter panicked while rendering", self.worker.now());
            return None;
        }
        if let Some(problem) = self.request.problem() {
            let problem = problem.to_owned();
            self.refused(&problem, self.worker.now());
            return None;
        }
        Some(())
    }

    /// Sends the request and reads the answer; a panic of the adapter's own way of sending is a
    /// fault.
    async fn send_message(&mut self) {
        #[cfg(feature = "fleet")]
        if !self.begin_for_fleet().await {
            return;
        }
        #[cfg(feature = "spool")]
        self.worker.store_before_request(self.index).await;
        self.reserve_slot();
        self.shared.state.borrow_mut().stats.requests += 1;
        let answer = self.exchange().await;
        self.note_answered();
        self.settle(answer, self.worker.now());
    }

    #[expect(
        clippy::await_holding_refcell_ref,
        reason = "nobody borrows it mutably but this lane, which waits here"
    )]
    async fn exchange(&self) -> Result<Response, Fault> {
        let (configured, transport) = (self.configured.borrow(), &self.worker.transport);
        // Inside a block of its own, so that what panics before the first await is caught too.
        let exchange = async { configured.adapter.send(&self.request, transport).await };
        let mut exchange = pin!(Some(exchange));
        let mut exchange = CaughtFuture(exchange.as_mut());
        let answer = poll_fn(|cx| {
            let polled = exchange.poll(cx).unwrap_or_else(|| {
                let why = "the adapter panicked while sending";
                Poll::Ready(Err(Fault::Unknown(why.into())))
            });
            self.note_written();
            polled
        });
        disarmed(answer.await)
    }

    /// Reserves a slot for the request; whoever waits for it may go on looking.
    fn reserve_slot(&self) {
        let worker = self.worker;
        worker.turns.borrow_mut().reserve(self.index, worker.now());
        worker.notify_lanes();
        worker.notified.set(true);
    }

    /// Counts the request from when it was written, as soon as that is known.
    fn note_written(&self) {
        if let Some(at) = self.request.written_at() {
            let at = at.min(self.worker.now());
            self.worker.turns.borrow_mut().written(self.index, at);
        }
    }

    fn note_answered(&self) {
        let now = self.worker.now();
        self.worker.turns.borrow_mut().answered(self.index, now);
    }

    /// Waits until then, or until there is news.
    async fn wait(&self, until: Option<Instant>) {
        let mut timer = self.worker.clock.timer(until);
        poll_fn(|cx| {
            if self.shared.was_notified() {
                Poll::Ready(())
            } else {
                pin!(&mut timer).poll(cx).map(drop)
            }
        })
        .await;
    }
}

/// The windows of an adapter, which always has one.
pub(super) fn windows<A: Adapter>(configured: &Configured<A>, index: usize) -> Vec<Window> {
    let pace = || configured.adapter.pace().into_iter().collect::<Vec<_>>();
    let mut windows = catch_panics(pace).unwrap_or_default();
    if windows.is_empty() {
        windows.push(Window::new(1, Duration::from_secs(1), ("lane", index)));
    }
    if configured.settings.incomplete {
        // What stands in for missing addresses is the same for all of them.
        for window in &mut windows {
            *window = window.apart(index);
        }
    }
    windows
}

impl<A: Adapter, T, C: Clock> Lane<'_, A, T, C> {
    /// Tells whoever reads standard error, without a secret.
    fn say(&self, text: &str) {
        let name = self.name();
        self.worker.say(&format!("{name}: {text}"));
    }

    fn name(&self) -> &'static str {
        self.shared.state.borrow().stats.name
    }
}

// Whole workers by the clock, for which Miri is too slow.
#[cfg(test)]
#[cfg(not(miri))]
mod tests;
