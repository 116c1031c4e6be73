//! The run of one scenario, step by step, on one thread and in simulated time.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use figment::Figment;
use tracing::level_filters::LevelFilter;

mod step;

use super::chat::{Chats, LANES};
use super::clock::SimulatedClock;
use super::destination::{Destinations, Faults};
use super::lane_model::{Checked, LaneView};
use super::model::Model;
use super::scenario::{DestinationSetup, Scenario};
use crate::block::BlockDefinition as _;
use crate::config;
use crate::text::stderr::Silenced;
use crate::worker::control::{Command, Reply, ReplyState};
use crate::worker::dispatch::Dispatcher as _;
use crate::worker::lane::Switch;
use crate::worker::{BlockState, Clock as _, Worker};

/// The number of polls of the worker while time stands still.
const MOST_POLLS: usize = 2_000;

/// The time without events at the end of a scenario, in which everything must be sent.
const SETTLES: Duration = Duration::from_secs(6 * 60 * 60);

/// A waker that notes that it was woken.
#[derive(Debug, Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A caller that waits for a flush.
struct AwaitedFlush {
    reply: Arc<Reply>,
    deadline: Instant,
    reachable: bool,
    /// The events that each lane had accepted before.
    accepted: Vec<u64>,
}

/// The result of a scenario that broke no rule.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ScenarioOutcome {
    pub(super) events: u64,
    pub(super) messages: u64,
}

struct Simulation<'s> {
    shared: Arc<BlockState>,
    dispatch: &'s Chats,
    worker: &'s Worker<Destinations, SimulatedClock>,
    clock: SimulatedClock,
    destinations: Destinations,
    model: Model,
    woken: Arc<Woken>,
    waker: Waker,
    flushes: Vec<AwaitedFlush>,
    levels: [LevelFilter; LANES.len()],
    muted: Vec<(usize, Instant)>,
    disabled: [bool; LANES.len()],
    setups: [DestinationSetup; LANES.len()],
    key: u32,
    queue: usize,
    /// Whether the worker is to panic.
    panics: bool,
    /// The exchanges whose answers were not checked yet.
    open: Vec<usize>,
    seen: usize,
    has_ended: bool,
}

/// Runs a scenario to its end; returns the rule that it broke.
pub(super) fn run(scenario: &Scenario) -> Result<ScenarioOutcome, String> {
    let _silenced = Silenced::default();
    fastrand::seed(scenario.seed);
    let clock = SimulatedClock::new();
    let destinations = Destinations::new(&clock);
    let figment = figment(&scenario.lanes, 0, scenario.queue);
    let (dispatch, settings) = config::from_figment(Chats::read, figment)
        .map_err(|error| format!("the configuration is wrong: {error}"))?;
    let shared = Arc::new(BlockState::new(const { &Chats::BLOCK }, settings));
    let worker = Worker::with_clock(Arc::clone(&shared), destinations.clone(), clock.clone());
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let simulation = Simulation {
        model: Model::new(&scenario.lanes, clock.now()),
        waker: Waker::from(Arc::clone(&woken)),
        shared,
        dispatch: &dispatch,
        worker: &worker,
        clock,
        destinations,
        woken,
        flushes: Vec::new(),
        levels: [LevelFilter::INFO; LANES.len()],
        muted: Vec::new(),
        disabled: [false; LANES.len()],
        setups: scenario.lanes,
        key: 0,
        queue: scenario.queue,
        panics: false,
        open: Vec::new(),
        seen: 0,
        has_ended: false,
    };
    let running = pin!(worker.run(&dispatch));
    simulation.run_steps(scenario, running)
}

fn figment(lanes: &[DestinationSetup], key: u32, queue: usize) -> Figment {
    let mut figment = Figment::from(("sync_threshold", queue))
        .merge(("discard_threshold", queue))
        .merge(("sync_timeout", "0s"));
    for (index, (name, lane)) in LANES.iter().zip(lanes).enumerate() {
        let milliseconds = u64::try_from(lane.per.as_millis()).unwrap_or(u64::MAX);
        figment = figment
            .merge((format!("{name}.enabled"), lane.enabled))
            .merge((format!("{name}.lane"), index))
            .merge((format!("{name}.place"), lane.place))
            .merge((format!("{name}.requests"), lane.requests))
            .merge((format!("{name}.milliseconds"), milliseconds))
            .merge((format!("{name}.mentions"), lane.mentions))
            .merge((format!("{name}.key"), format!("secret-number-{key}")));
    }
    figment
}

impl Simulation<'_> {
    fn run_steps(
        mut self,
        scenario: &Scenario,
        mut running: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<ScenarioOutcome, String> {
        self.poll(&mut running)?;
        for step in &scenario.steps {
            let at = self.clock.now() + step.after;
            self.advance_to(at, &mut running)?;
            self.take_step(&step.action)?;
            self.poll(&mut running)?;
        }
        if scenario.settles {
            (0..LANES.len()).for_each(|lane| self.destinations.set(lane, Faults::NONE));
            let at = self.clock.now() + SETTLES;
            self.advance_to(at, &mut running)?;
            for (index, lane) in self.model.lanes.iter().enumerate() {
                lane.check_settled(&self.view(index))?;
            }
        }
        self.end(scenario.timeout, &mut running)
    }

    fn end(
        mut self,
        timeout: Duration,
        running: &mut Pin<&mut impl Future<Output = ()>>,
    ) -> Result<ScenarioOutcome, String> {
        let now = self.clock.now();
        let deadline = now + timeout;
        let reply = Arc::new(Reply::default());
        self.model.awaited_until = Some(deadline + SETTLES);
        let command = Command::Shutdown {
            deadline,
            reply: Arc::clone(&reply),
        };
        if !self.shared.control.send(command) {
            return Err("there is no worker any more".to_owned());
        }
        self.poll(running)?;
        self.advance_to(deadline + Duration::from_millis(1), running)?;
        if !self.has_ended {
            return Err("it does not end in time".to_owned());
        }
        let mut outcome = ScenarioOutcome::default();
        for (index, model) in self.model.lanes.iter().enumerate() {
            let stats = self.view(index).stats;
            if stats.pending > 0 || stats.accepted != model.accepted {
                return Err(format!(
                    "after the end, of {} events: {stats:?}",
                    model.accepted
                ));
            }
            outcome.events += stats.accepted;
            outcome.messages += stats.messages;
        }
        Ok(outcome)
    }

    /// Lets time pass until then.
    fn advance_to(
        &mut self,
        until: Instant,
        running: &mut Pin<&mut impl Future<Output = ()>>,
    ) -> Checked {
        loop {
            let next = self.clock.next_timer().filter(|at| *at <= until);
            self.clock.advance_to(next.unwrap_or(until));
            self.poll(running)?;
            if next.is_none() {
                return Ok(());
            }
        }
    }

    /// Polls the worker while it is woken, and checks what it did each time.
    fn poll(&mut self, running: &mut Pin<&mut impl Future<Output = ()>>) -> Checked {
        for _ in 0..MOST_POLLS {
            if self.has_ended || !self.woken.0.swap(false, Ordering::Relaxed) {
                self.answer_flushes()?;
                return Ok(());
            }
            self.clock.begin_poll();
            let waker = self.waker.clone();
            let mut cx = Context::from_waker(&waker);
            if running.as_mut().poll(&mut cx).is_ready() {
                self.has_ended = true;
            }
            self.clock.end_poll();
            self.note_panic();
            if self.clock.is_stuck() {
                break;
            }
            self.check()?;
        }
        Err("the worker goes round and round".to_owned())
    }

    /// Notes whether the worker has panicked; from then on no event is known to be sent or not.
    fn note_panic(&mut self) {
        if self.panics && self.clock.is_past_panic() {
            self.panics = false;
            let (now, lanes) = (self.clock.now(), self.model.lanes.iter_mut());
            lanes.for_each(|lane| lane.note_panic(now));
        }
    }

    fn check(&mut self) -> Checked {
        let now = self.clock.now();
        let exchanges = std::mem::take(&mut self.destinations.state.borrow_mut().exchanges);
        let result = self.check_exchanges(&exchanges, now);
        self.destinations.state.borrow_mut().exchanges = exchanges;
        result?;
        let views: Vec<_> = (0..LANES.len()).map(|lane| self.view(lane)).collect();
        self.model.check(&views, now)
    }

    fn check_exchanges(
        &mut self,
        exchanges: &[super::destination::Exchange],
        now: Instant,
    ) -> Checked {
        let open = std::mem::take(&mut self.open);
        for index in open {
            let exchange = &exchanges[index];
            match exchange.answered {
                Some(at) => self.model.answered(exchange, at)?,
                None => self.open.push(index),
            }
        }
        for (index, exchange) in exchanges.iter().enumerate().skip(self.seen) {
            let view = self.view(exchange.message.lane);
            self.model.written(exchange, &view, now)?;
            match exchange.answered {
                Some(at) => self.model.answered(exchange, at)?,
                None => self.open.push(index),
            }
        }
        self.seen = exchanges.len();
        Ok(())
    }

    fn view(&self, lane: usize) -> LaneView {
        let state = self.worker.lanes[lane].state.borrow();
        let mut stats = state.stats.clone();
        stats.counted = state.known.counted();
        let new_since = state.groups.new_since();
        LaneView {
            stats,
            new_since,
            priority: state.groups.highest_priority(),
            is_gone: matches!(state.switch, Switch::Gone { .. }),
            is_on: state.switch == Switch::On,
            is_fine: self.destinations.is_fine(lane),
        }
    }

    fn answer_flushes(&mut self) -> Checked {
        let now = self.clock.now();
        let cx = Context::from_waker(Waker::noop());
        let flushes = std::mem::take(&mut self.flushes);
        for flush in flushes {
            match flush.reply.poll(&cx) {
                Poll::Ready(answer) => self.check_flush(&flush, answer)?,
                Poll::Pending if now < flush.deadline => self.flushes.push(flush),
                Poll::Pending => {}
            }
        }
        if self.flushes.is_empty() && !self.has_ended {
            self.model.awaited_until = self.model.awaited_until.filter(|until| *until > now);
        }
        Ok(())
    }

    /// Checks that everything logged before is sent or given up, or that the reply says how much is
    /// left.
    fn check_flush(&self, flush: &AwaitedFlush, answer: ReplyState) -> Checked {
        let views: Vec<_> = (0..LANES.len()).map(|lane| self.view(lane)).collect();
        let ReplyState::Done { kept } = answer else {
            // The figure that the caller reads.
            let accounts = self.shared.lane_stats(self.clock.now());
            let left: u64 = accounts.iter().map(|stats| stats.pending).sum();
            let pending: u64 = views.iter().map(|view| view.stats.pending).sum();
            return match left == pending {
                true => Ok(()),
                false => Err(format!("{left} are said to be left of {pending}")),
            };
        };
        let gone = views.iter().filter(|view| view.is_gone);
        let most: u64 = gone.map(|view| view.stats.pending).sum();
        if kept > most {
            return Err(format!("{kept} are said to be kept of {most}"));
        }
        if kept > 0 || flush.reachable {
            return Ok(());
        }
        for (index, before) in flush.accepted.iter().enumerate() {
            let stats = &views[index].stats;
            let through = stats.accepted - stats.pending;
            if through < *before {
                return Err(format!(
                    "{}: flushed, but of {before} events {through} are through: {stats:?}",
                    LANES[index]
                ));
            }
        }
        Ok(())
    }
}
