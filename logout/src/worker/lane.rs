//! The delivery loop of one adapter, from pending events to delivered messages.
//!
//! A lane groups pending events, sends them at the pace of its destination and handles the answers.
//! All lanes run on the worker's thread; one that waits does not delay the others.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Context;
use std::time::Instant;

use self::absence::{Absence, Suspicion};
use self::adapter_lane::AdapterLane;
use self::capabilities::Capabilities;
use self::missing_routes::LostPlaces;
use self::sending::{Sending, Subject};
use crate::adapter::{Adapter, Window};
use crate::config::{Configured, Instance};
use crate::event::encoding::catch_panics;
use crate::transport::{Request, Transport};
#[cfg(feature = "spool")]
use crate::worker::stats::Reason;
use crate::worker::{Clock, Worker};

mod absence;
mod absent_destination;
mod adapter_lane;
mod answer;
mod capabilities;
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
mod outcome;
#[cfg(feature = "fleet")]
mod outgoing_losses;
#[cfg(feature = "fleet")]
mod read_losses;
#[cfg(feature = "spool")]
mod restored;
mod schedule;
#[cfg(feature = "fleet")]
mod seen;
mod sending;
mod unread;

#[cfg(feature = "verify")]
pub(super) use self::capabilities::windows;
#[cfg(feature = "fleet")]
pub(crate) use self::fleet_lane::FleetLane;
pub(crate) use self::group::{Group, Kept, Key};
#[cfg(feature = "spool")]
pub(crate) use self::known::Earlier;
#[cfg(feature = "fleet")]
pub(crate) use self::known::Waiting;
pub(crate) use self::lane_state::{LaneState, SharedLane, Switch};
#[cfg(feature = "fleet")]
pub(crate) use self::outgoing_losses::OutgoingLosses;
#[cfg(feature = "fleet")]
pub(crate) use self::read_losses::ReadLosses;
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
        let capabilities = Capabilities::of(&configured.borrow());
        let lane = AdapterLane {
            lane: Lane::new(self, shared, index, capabilities),
            instance,
            configured,
        };
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

struct Lane<'w, T, C: Clock> {
    worker: &'w Worker<T, C>,
    shared: &'w SharedLane,
    index: usize,
    capabilities: Capabilities,
    request: Request,
    sending: Option<Sending>,
    /// Delivered messages whose remaining parts wait until new events are sent.
    deferred: VecDeque<Sending>,
    /// Consecutive failures of the destination.
    tries: u32,
    /// When it first failed while it was within reach.
    failing_since: Option<Instant>,
    /// Whether the last message was a report or a status notice.
    last_was_report: bool,
    absence: Absence,
    /// The search for events that a firewall rejects.
    suspicion: Suspicion,
    /// Whether the pause is for rejected groups only, and others need not wait.
    rests_for_suspect: bool,
    /// Routes that events asked for and that do not exist.
    lost_places: LostPlaces,
    /// Whether the head of a success is enough, since bodies cannot be read.
    trusts_heads: bool,
}

/// The adapter of a running lane.
struct HeldAdapter<'w, A: Adapter> {
    configured: Option<RefCell<Configured<A>>>,
    instance: &'w Instance<A>,
}

impl<A: Adapter> Drop for HeldAdapter<'_, A> {
    /// Puts the adapter back for the next lane, or drops it if a newer one is there. Dropping it
    /// runs code of the program, which may panic.
    fn drop(&mut self) {
        if let Some(configured) = self.configured.take() {
            let _panicked = catch_panics(|| self.instance.put_back(configured.into_inner()));
        }
    }
}

impl<T, C: Clock> Drop for Lane<'_, T, C> {
    /// Counts the message in flight as lost. This may happen during a panic, when a second one
    /// would abort the process.
    fn drop(&mut self) {
        #[cfg(feature = "spool")]
        if self.sending.is_some() && self.worker.reason_of_end() == Reason::Shutdown {
            // Events that are taken from the queue later would not be kept.
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

impl<'w, T, C: Clock> Lane<'w, T, C> {
    fn new(
        worker: &'w Worker<T, C>,
        shared: &'w SharedLane,
        index: usize,
        capabilities: Capabilities,
    ) -> Self {
        Self {
            worker,
            shared,
            index,
            capabilities,
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
        }
    }

    fn set_windows(&self, windows: Vec<Window>) {
        #[cfg(feature = "fleet")]
        self.pace_fleet(&windows);
        let mut turns = self.worker.turns.borrow_mut();
        turns.set_windows(self.index, windows);
    }

    /// Resets the lane for a configuration that was read again.
    fn begin_anew(&mut self, leads_elsewhere: bool) {
        if leads_elsewhere {
            // The old destination asked for the pause.
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

    /// Returns whether the rendered request can be sent; rejects the message if it cannot.
    fn can_send(&mut self, is_rendered: bool) -> bool {
        let problem = match is_rendered {
            true => self.request.problem().map(str::to_owned),
            false => Some("the adapter panicked while rendering".to_owned()),
        };
        if let Some(problem) = &problem {
            self.refused(problem, self.worker.now());
        }
        problem.is_none()
    }

    /// Reserves a slot for the request, and wakes the lanes that waited for this one.
    fn reserve_slot(&self) {
        let worker = self.worker;
        worker.turns.borrow_mut().reserve(self.index, worker.now());
        worker.notify_lanes();
    }

    /// Counts the request from when it was written, once that is known.
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

    /// Waits until `until`, or until the lane is notified.
    async fn wait(&self, until: Option<Instant>) {
        let has_news = |_: &mut Context<'_>| self.shared.was_notified();
        self.worker.wait_until(until, has_news).await;
    }

    /// Writes to standard error, without secrets.
    fn say(&self, text: &str) {
        let name = self.name();
        self.worker.say(&format!("{name}: {text}"));
    }

    fn name(&self) -> &'static str {
        self.shared.state.borrow().stats.name
    }
}

// These run whole workers in real time, for which Miri is too slow.
#[cfg(test)]
#[cfg(not(miri))]
mod tests;
