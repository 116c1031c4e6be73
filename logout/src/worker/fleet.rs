//! The worker's part in a fleet: one connection to the broker, over which all lanes' requests take
//! turns.

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

use self::mutes::FleetMutes;
use self::reported_faults::ReportedFaults;
use super::lane::FleetLaneState;
use super::{Clock, Worker};
use crate::fleet::{
    Broker, BrokerAnswer, BrokerFault, BrokerRequest, Effect, Member, MemberOptions, Session,
};

mod effects;
mod entry;
mod mutes;
mod reported_faults;

/// How long an answer of the broker may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// The worker's state of its fleet.
#[derive(Debug)]
pub(super) struct WorkerFleet {
    /// The fleet's name.
    name: String,
    /// Whether a member has something new to ask.
    notified: Cell<bool>,
    reported_faults: RefCell<ReportedFaults>,
    mutes: RefCell<FleetMutes>,
}

impl<T, C: Clock> Worker<T, C> {
    /// Joins the fleet that the block names.
    pub(super) fn with_fleet(mut self) -> Self {
        let Some(settings) = self.shared.fleet.clone() else {
            return self;
        };
        let now = self.clock.now();
        let start = format!("{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
        for (index, lane) in self.lanes.iter().enumerate() {
            let options = MemberOptions {
                name: start.clone(),
                lead: settings.lead,
                alone: settings.alone,
                timeout: settings.timeout,
                span: Duration::from_secs(1),
            };
            let mut member = Member::new(options, now);
            // A mute holds in all lanes: it is enough that one hears of it.
            if index == 0 {
                member.recall(mutes::NUMBER);
            }
            let fleet = FleetLaneState::new(member, self.shared.memory);
            lane.state.borrow_mut().fleet = Some(Box::new(fleet));
        }
        self.fleet = Some(WorkerFleet {
            name: settings.name,
            notified: Cell::new(false),
            reported_faults: RefCell::default(),
            mutes: RefCell::default(),
        });
        self
    }

    /// Wakes the broker session, which looks at the members again.
    pub(super) fn notify_fleet(&self) {
        if let Some(fleet) = &self.fleet {
            fleet.notified.set(true);
            self.notified.set(true);
        }
    }

    /// Runs the broker session.
    pub(crate) async fn run_broker_session<B: Broker>(&self, broker: Option<&B>) {
        let (Some(fleet), Some(broker)) = (&self.fleet, broker) else {
            return pending().await;
        };
        let (mut session, mut last) = (None, 0);
        loop {
            let now = self.now();
            self.update_members(now);
            let Some((lane, ask)) = self.next_ask(last, now) else {
                self.wait_for_members(fleet, now).await;
                continue;
            };
            last = lane;
            let was_connected = Cell::new(false);
            let answered = async {
                let mut connected = match session.take() {
                    Some(connected) => connected,
                    None => self.connect(broker, fleet.name.clone()).await?,
                };
                was_connected.set(true);
                let answer = self.ask_broker(&mut connected, lane, &ask).await;
                // A session with a fault may answer the next request with this one's answer.
                session = answer.is_ok().then_some(connected);
                answer
            };
            let mut answered = pin!(answered);
            let late = Some(self.now() + ANSWER_TIMEOUT);
            let answer = self.poll_until(late, |cx| answered.as_mut().poll(cx)).await;
            let answer = answer.unwrap_or_else(|| Err(BrokerFault::late(ANSWER_TIMEOUT)));
            let (fault, is_connected) = (answer.as_ref().err(), was_connected.get());
            let text = fleet
                .reported_faults
                .borrow_mut()
                .note(&ask, fault, is_connected);
            if let Some(text) = text {
                self.say(&text);
            }
            self.handle_answer(lane, &ask, answer, now);
        }
    }

    async fn connect<'b, B: Broker>(
        &self,
        broker: &'b B,
        fleet: String,
    ) -> Result<impl Session + use<'b, B, T, C>, BrokerFault> {
        let mut session = broker.connect(fleet).await?;
        for note in session.notes().await.unwrap_or_default() {
            self.say(&format!("fleet: {note}"));
        }
        Ok(session)
    }

    /// Waits until a member has something to ask.
    async fn wait_for_members(&self, fleet: &WorkerFleet, now: Instant) {
        let wakes = self.lanes.iter().filter_map(|lane| {
            let state = lane.state.borrow();
            state.fleet.as_ref()?.member.wakes_at(now)
        });
        let wakes = wakes.min().map(|at| at.max(now + Duration::from_millis(1)));
        self.wait_until(wakes, |_| fleet.notified.take()).await;
    }

    /// Runs the members' timers, and hands over pending batches.
    fn update_members(&self, now: Instant) {
        self.hand_over_mutes(now);
        for (index, lane) in self.lanes.iter().enumerate() {
            while let Some(effect) = self.with_member(index, |member| member.tick(now)).flatten() {
                self.apply_effect(index, effect, now);
            }
            if self.is_closing() {
                self.leave_fleet(index, now);
            }
            let wants_batch = self.with_member(index, |member| member.wants_batch(now));
            if wants_batch == Some(true) {
                self.hand_over(index, now);
            }
            self.write_known(index, now);
            // Its time slot, or its lease, may have begun.
            lane.notify();
        }
        self.notified.set(true);
    }

    fn with_member<R>(&self, lane: usize, act: impl FnOnce(&mut Member) -> R) -> Option<R> {
        let mut state = self.lanes.get(lane)?.state.borrow_mut();
        state.fleet.as_mut().map(|fleet| act(&mut fleet.member))
    }

    /// Returns the next request, round-robin over the lanes, so that a busy lane does not starve
    /// others' lease renewals.
    fn next_ask(&self, last: usize, now: Instant) -> Option<(usize, BrokerRequest)> {
        let mut lanes = (last + 1..self.lanes.len()).chain(0..=last);
        lanes.find_map(|lane| {
            let ask = self.with_member(lane, |member| {
                member.next(now).or_else(|| member.next_recall(now))
            })??;
            Some((lane, ask))
        })
    }

    async fn ask_broker(
        &self,
        broker: &mut impl Session,
        index: usize,
        ask: &BrokerRequest,
    ) -> Result<BrokerAnswer, BrokerFault> {
        let lane = self.shared.block.fleet_lane(index);
        let name = self.with_member(index, |member| member.name().to_owned());
        ask.send(broker, &lane, &name.unwrap_or_default()).await
    }

    fn handle_answer(
        &self,
        lane: usize,
        ask: &BrokerRequest,
        answer: Result<BrokerAnswer, BrokerFault>,
        sent: Instant,
    ) {
        let now = self.now();
        let effects = self.with_member(lane, |member| {
            member.answer(ask, answer, sent, now, fastrand::f64())
        });
        for effect in effects.unwrap_or_default() {
            self.apply_effect(lane, effect, now);
        }
    }

    fn apply_effect(&self, lane: usize, effect: Effect, now: Instant) {
        match effect {
            Effect::Stored => self.note_stored(lane),
            Effect::Took(takeover) => self.take_over(lane, &takeover, now),
            Effect::Read(entries) => self.read_entries(lane, entries, now),
            Effect::Recalled(bytes) => self.receive_mutes(lane, &bytes, now),
            Effect::Lost => self.with_lane(lane, |state| state.return_all_to_fleet(now)),
            Effect::Alone => self.say_of_lane(
                lane,
                "the fleet's broker is away; it sends for itself, in turns with the others",
            ),
            Effect::Joined => {
                self.say_of_lane(lane, "the fleet's broker is back");
                self.with_lane(lane, |state| state.rejoin(now));
            }
        }
    }

    fn say_of_lane(&self, lane: usize, text: &str) {
        let declared = self.shared.block.instances.get(lane);
        let name = declared.map_or("", |declared| declared.name);
        self.say(&format!("{name}: {text}"));
    }
}

/// Returns the wall-clock time of the broker's time.
fn wall(millis: u64) -> SystemTime {
    let since = Duration::from_millis(millis);
    let wall = SystemTime::UNIX_EPOCH.checked_add(since);
    // A time that no clock shows is not to be believed.
    wall.unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
