//! The network, the broker and the chat around a fleet.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::time::{Duration, Instant};

use super::process::{Message, Process, kind_of};
use crate::fleet::memory::MemorySession;
use crate::fleet::{BrokerAnswer, BrokerFault, BrokerRequest, FaultKind, MemberOptions};

mod judge;

/// How long a client waits for an answer.
const ANSWER_TIMEOUT: u64 = 3_000;

/// How long faults occur, and how long everything works afterwards.
const FAULT_TIME: u64 = 40_000;
const RECOVERY_TIME: u64 = 70_000;

/// How long a program that ends waits to hand over its events.
const END_TIMEOUT: u64 = 3_000;

/// The lane's pace: one message a second.
const SPAN: u64 = 1_000;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    pub(super) schedules: u64,
    pub(super) events: u64,
    pub(super) messages: u64,
    pub(super) repeats: u64,
    pub(super) takeovers: u64,
    pub(super) alone: u64,
    /// Entries with no more than a line, and kinds that the broker kept in the place of entries.
    pub(super) briefs: u64,
    pub(super) keeps: u64,
}

/// The faults of one schedule.
#[derive(Debug)]
struct Faults {
    /// In percent: lost requests, lost answers, doubled requests, and delayed ones.
    loses_request: u64,
    loses_answer: u64,
    doubles: u64,
    delays: u64,
    kills: bool,
    freezes: bool,
    ends: bool,
    /// When the broker is away, if it ever is.
    outage: Option<(u64, u64)>,
}

impl Faults {
    /// Returns whether there are no faults; processes may still end.
    fn is_none(&self) -> bool {
        let of_requests = [
            self.loses_request,
            self.loses_answer,
            self.doubles,
            self.delays,
        ];
        let of_processes = self.kills || self.freezes;
        of_requests == [0; 4] && !of_processes && self.outage.is_none()
    }
}

#[derive(Debug)]
enum Happening {
    Log(usize, u32),
    /// A request reaches the broker: process, number of the request, request, and whether it is a
    /// copy.
    Request(usize, u64, BrokerRequest, bool),
    Answered(usize, u64, Result<BrokerAnswer, BrokerFault>),
    Posted(usize, Message),
    PostAnswered(usize, u64),
    Kill,
    End,
    /// A program that ends stops waiting for it.
    Ended(usize),
    Freeze,
    Wake,
}

pub(super) struct World {
    random: fastrand::Rng,
    base: Instant,
    now: u64,
    broker: MemorySession,
    processes: Vec<Process>,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: HashMap<u64, Happening>,
    count: u64,
    asks: u64,
    faults: Faults,
    /// Events lost with a process that had not handed them over.
    lost: HashSet<u32>,
    told: Vec<(u64, usize, Message)>,
    events: u32,
}

impl World {
    pub(super) fn of(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        // In one of four schedules there are no faults, and processes only come and go.
        let is_calm = random.u8(0..4) == 0;
        let mut chance = |most: u64| match !is_calm && random.bool() {
            true => random.u64(0..most),
            false => 0,
        };
        let faults = Faults {
            loses_request: chance(30),
            loses_answer: chance(30),
            doubles: chance(30),
            delays: chance(30),
            kills: chance(2) == 1,
            freezes: chance(2) == 1,
            outage: match chance(2) {
                1 => Some((chance(20_000), chance(30_000))),
                _ => None,
            },
            ends: is_calm || random.bool(),
        };
        let mut world = Self {
            base: Instant::now(),
            now: 0,
            broker: MemorySession::with_limit(random.usize(4..400)),
            processes: Vec::new(),
            queue: BinaryHeap::new(),
            happenings: HashMap::new(),
            count: 0,
            asks: 0,
            faults,
            lost: HashSet::new(),
            told: Vec::new(),
            events: 0,
            random,
        };
        for _ in 0..world.random.usize(2..=6) {
            world.start();
        }
        world.events = world.random.u32(10..200);
        for id in 0..world.events {
            let at = world.random.u64(0..FAULT_TIME);
            let process = world.random.usize(..);
            world.after(at, Happening::Log(process, id));
        }
        for _ in 0..world.random.u64(1..=3) {
            if world.faults.kills {
                let at = world.random.u64(2_000..FAULT_TIME);
                world.after(at, Happening::Kill);
            }
            if world.faults.ends {
                let at = world.random.u64(2_000..FAULT_TIME);
                world.after(at, Happening::End);
            }
            if world.faults.freezes {
                let at = world.random.u64(2_000..FAULT_TIME);
                world.after(at, Happening::Freeze);
            }
        }
        world
    }

    fn start(&mut self) {
        let number = self.processes.len();
        let options = MemberOptions {
            name: format!("member-{number}-{}", self.random.u32(..)),
            // There is always one that may.
            lead: self.now > 0 || number == 0 || self.random.u8(..) < 200,
            alone: true,
            timeout: Duration::from_secs(10),
            span: Duration::from_millis(SPAN),
        };
        let now = self.at(self.now);
        self.processes.push(Process::new(options, now));
    }

    fn at(&self, millis: u64) -> Instant {
        self.base + Duration::from_millis(millis)
    }

    fn after(&mut self, millis: u64, happening: Happening) {
        self.count += 1;
        self.happenings.insert(self.count, happening);
        self.queue.push(Reverse((self.now + millis, self.count)));
    }

    fn happens(&mut self, percent: u64) -> bool {
        self.now < FAULT_TIME && self.random.u64(0..100) < percent
    }

    pub(super) fn run(mut self) -> Result<Outcome, String> {
        let mut rounds = 0;
        while self.now < FAULT_TIME + RECOVERY_TIME {
            rounds += 1;
            if rounds > 200_000 {
                return Err(format!("it goes round at {} ms", self.now));
            }
            for index in 0..self.processes.len() {
                self.run_process(index);
            }
            let at = self.at(self.now);
            let wakes = self.processes.iter().filter(|one| one.is_alive);
            let wakes = wakes.filter_map(|one| one.wakes_at(at)).min();
            let wakes = wakes.map(|at| at.saturating_duration_since(self.base));
            let wakes = wakes.map(|at| u64::try_from(at.as_micros().div_ceil(1_000)).unwrap());
            let next = self.queue.peek().map(|Reverse((at, _))| *at);
            self.now = wakes
                .into_iter()
                .map(|at| at.max(self.now + 1))
                .chain(next)
                .min()
                .unwrap_or(u64::MAX)
                .max(self.now);
            self.broker.set_time(1_000_000 + self.now);
            while let Some(Reverse((at, number))) = self.queue.peek().copied()
                && at <= self.now
            {
                self.queue.pop();
                if let Some(happening) = self.happenings.remove(&number) {
                    self.happen(happening);
                }
            }
        }
        self.judge()
    }

    fn run_process(&mut self, index: usize) {
        let now = self.at(self.now);
        let process = &mut self.processes[index];
        if !process.runs(now) {
            return;
        }
        process.frozen_until = None;
        if let Some(message) = process.run(now) {
            let travels = self.random.u64(10..200);
            self.after(travels, Happening::Posted(index, message));
        }
        let process = &mut self.processes[index];
        if process.asked.is_some() {
            return;
        }
        let Some(ask) = process.member.next(now) else {
            return process.assert_sleeps(now);
        };
        self.asks += 1;
        let number = self.asks;
        self.processes[index].asked = Some((number, ask.clone(), now));
        if !self.happens(self.faults.loses_request) {
            let is_late = self.happens(self.faults.delays);
            let travels = self.random.u64(1..if is_late { 8_000 } else { 60 });
            let request = Happening::Request(index, number, ask.clone(), true);
            self.after(travels, request);
        }
        if self.happens(self.faults.doubles) {
            let travels = self.random.u64(1..8_000);
            self.after(travels, Happening::Request(index, number, ask, false));
        }
        let fault = BrokerFault::new(FaultKind::Unanswered, "timed out");
        self.after(
            ANSWER_TIMEOUT,
            Happening::Answered(index, number, Err(fault)),
        );
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.at(self.now);
        match happening {
            Happening::Log(process, id) => {
                let alive: Vec<_> = self.alive();
                let index = alive[process % alive.len()];
                self.processes[index].log(kind_of(id), id, now);
            }
            Happening::Request(index, number, ask, is_answered) => {
                if self.is_away() {
                    return;
                }
                let name = self.processes[index].member.name();
                let mut broker = self.broker.clone();
                let answer = smol::block_on(ask.send(&mut broker, "lane", name)).unwrap();
                if is_answered && !self.happens(self.faults.loses_answer) {
                    let travels = self.random.u64(1..60);
                    self.after(travels, Happening::Answered(index, number, Ok(answer)));
                }
            }
            Happening::Answered(index, number, answer) => {
                let process = &mut self.processes[index];
                let is_asked = process.asked.as_ref().is_some_and(|ask| ask.0 == number);
                if !is_asked || !process.is_alive {
                    return;
                }
                // Answers to a frozen process wait for it.
                if let Some(until) = process.frozen_until.filter(|until| *until > now) {
                    let wait = until.saturating_duration_since(now).as_millis();
                    let again = Happening::Answered(index, number, answer);
                    return self.after(u64::try_from(wait).unwrap() + 1, again);
                }
                if let Some((_, ask, sent)) = process.asked.take() {
                    let jitter = self.random.f64();
                    let effects = process.member.answer(&ask, answer, sent, now, jitter);
                    for effect in effects {
                        process.follow(effect, now);
                    }
                }
            }
            Happening::Posted(index, message) => {
                let number = message.number;
                self.told.push((self.now, index, message));
                let travels = self.random.u64(10..200);
                self.after(travels, Happening::PostAnswered(index, number));
            }
            Happening::PostAnswered(index, number) => {
                let process = &mut self.processes[index];
                if !process.is_alive {
                    return;
                }
                if let Some(until) = process.frozen_until.filter(|until| *until > now) {
                    let wait = until.saturating_duration_since(now).as_millis();
                    let again = Happening::PostAnswered(index, number);
                    return self.after(u64::try_from(wait).unwrap() + 1, again);
                }
                process.answered(number, now);
            }
            Happening::Kill => {
                let index = self.victim();
                self.kill(index);
                self.start();
            }
            Happening::End => {
                let index = self.victim();
                self.processes[index].is_ending = true;
                self.after(END_TIMEOUT, Happening::Ended(index));
                // As in a deployment: the new process starts before the old one ends.
                self.start();
            }
            Happening::Ended(index) => {
                if self.processes[index].is_alive {
                    self.kill(index);
                }
            }
            Happening::Freeze => {
                let index = self.victim();
                let frozen = self.random.u64(500..15_000);
                self.processes[index].frozen_until = Some(now + Duration::from_millis(frozen));
                self.after(frozen, Happening::Wake);
            }
            Happening::Wake => {}
        }
    }

    /// Kills a process, with a message in flight that may be lost or not.
    fn kill(&mut self, index: usize) {
        let process = &mut self.processes[index];
        process.is_alive = false;
        let sending = process.sending.take();
        self.lost.extend(process.own());
        self.lost
            .extend(sending.into_iter().flat_map(|one| one.ids));
    }

    fn alive(&self) -> Vec<usize> {
        let processes = self.processes.iter().enumerate();
        let alive = processes.filter(|(_, one)| one.is_alive);
        alive.map(|(index, _)| index).collect()
    }

    /// Returns a process to kill: the leader more often than not.
    fn victim(&mut self) -> usize {
        let now = self.at(self.now);
        let alive = self.alive();
        let leader = alive
            .iter()
            .find(|index| self.processes[**index].member.leads(now));
        match leader {
            Some(leader) if self.random.u8(0..4) > 0 => *leader,
            _ => alive[self.random.usize(..alive.len())],
        }
    }

    fn is_away(&self) -> bool {
        let outage = self.faults.outage;
        outage.is_some_and(|(from, length)| (from..from + length).contains(&self.now))
    }
}
