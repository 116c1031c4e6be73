//! The delivery loop of one adapter, from pending events to delivered messages.
//!
//! A lane groups pending events, sends them at the pace of its destination and handles the answers.
//! All lanes run on the worker's thread; one that waits does not delay the others.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Context;
use std::time::Instant;

use self::absence::{Absence, RejectionSearch};
use self::adapter_lane::AdapterLane;
use self::capabilities::Capabilities;
use self::missing_routes::MissingRoutes;
use self::outgoing_message::{OutgoingMessage, Subject};
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
mod fleet_lane_state;
#[cfg(feature = "fleet")]
mod fleet_origins;
#[cfg(feature = "fleet")]
mod fleet_sending;
mod group;
mod groups;
mod known;
mod lane_state;
mod missing_routes;
mod next_message;
mod outcome;
#[cfg(feature = "fleet")]
mod outgoing_losses;
mod outgoing_message;
#[cfg(feature = "fleet")]
mod peer_losses;
#[cfg(feature = "spool")]
mod restored;
mod schedule;
mod unreadable_body;

#[cfg(feature = "verify")]
pub(super) use self::capabilities::windows;
#[cfg(feature = "fleet")]
pub(crate) use self::fleet_lane_state::FleetLaneState;
#[cfg(feature = "fleet")]
pub(crate) use self::fleet_origins::FleetOrigins;
pub(crate) use self::group::{Group, GroupKey, KeptEvent};
#[cfg(feature = "spool")]
pub(crate) use self::known::EarlierHistory;
#[cfg(feature = "fleet")]
pub(crate) use self::known::PendingReminder;
pub(crate) use self::lane_state::{LaneState, SharedLane, Switch};
#[cfg(feature = "fleet")]
pub(crate) use self::outgoing_losses::OutgoingLosses;
#[cfg(feature = "fleet")]
pub(crate) use self::peer_losses::PeerLosses;
#[cfg(feature = "spool")]
pub(crate) use self::restored::{GroupRecord, StoredLane};

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
            lane: RunningLane::new(self, shared, index, capabilities),
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

struct RunningLane<'w, T, C: Clock> {
    worker: &'w Worker<T, C>,
    shared: &'w SharedLane,
    index: usize,
    capabilities: Capabilities,
    request: Request,
    sending: Option<OutgoingMessage>,
    /// Delivered messages whose remaining parts wait until new events are sent.
    deferred: VecDeque<OutgoingMessage>,
    /// Consecutive failures of the destination.
    tries: u32,
    /// When it first failed while it was within reach.
    failing_since: Option<Instant>,
    /// Whether the last message was a report or a status notice.
    last_was_report: bool,
    absence: Absence,
    /// The search for events that a firewall rejects.
    rejection_search: RejectionSearch,
    /// Whether the pause is for rejected groups only, and others need not wait.
    rests_for_rejected: bool,
    /// Routes that events asked for and that do not exist.
    missing_routes: MissingRoutes,
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

impl<T, C: Clock> Drop for RunningLane<'_, T, C> {
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
                self.worker.write_for_next_start();
            }
            let (reason, now) = (self.worker.reason_of_end(), self.worker.now());
            self.lose_sending(reason, now);
            self.drop_deferred(reason.as_str());
        };
        let _panicked = catch_panics(lose);
    }
}

impl<'w, T, C: Clock> RunningLane<'w, T, C> {
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
            rejection_search: RejectionSearch::default(),
            rests_for_rejected: false,
            missing_routes: MissingRoutes::default(),
            trusts_heads: false,
        }
    }

    fn set_windows(&self, windows: Vec<Window>) {
        #[cfg(feature = "fleet")]
        self.set_fleet_pace(&windows);
        let mut turns = self.worker.turns.borrow_mut();
        turns.set_windows(self.index, windows);
    }

    /// Resets the lane for a configuration that was read again.
    fn reset(&mut self, leads_elsewhere: bool) {
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
        self.missing_routes = MissingRoutes::default();
        self.trusts_heads = false;
        self.drop_deferred("the configuration was read again");
        match &mut self.sending {
            Some(sending) if sending.delivered => {
                self.drop_rest("the configuration was read again", self.worker.now());
            }
            Some(sending) => {
                sending.possible_repeat |= sending.part > 0;
                sending.restart();
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
            self.handle_refusal(problem, self.worker.now());
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
