//! One adapter's way from pending events to delivered messages.
//!
//! A lane groups what waits, sends when its destination's pace allows, and reads the answers. It
//! runs on the worker's thread beside the other lanes, and one that waits delays none of them.

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

impl<T, C: Clock> Drop for Lane<'_, T, C> {
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

    /// Begins anew under a configuration that was read again.
    fn begin_anew(&mut self, leads_elsewhere: bool) {
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

    /// Returns whether the request that was rendered can be sent; has it refused where it cannot.
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

    /// Reserves a slot for the request; whoever waits for it may go on looking.
    fn reserve_slot(&self) {
        let worker = self.worker;
        worker.turns.borrow_mut().reserve(self.index, worker.now());
        worker.notify_lanes();
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
        let has_news = |_: &mut Context<'_>| self.shared.was_notified();
        self.worker.wait_until(until, has_news).await;
    }

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
