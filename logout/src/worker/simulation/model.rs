//! The rules for a whole scenario: the stats, and who is sent what, when.
//!
//! It is written from the documented rules and knows nothing of the lanes' code.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::chat::LANES;
use super::destination::{Exchange, SimulatedAnswer};
use super::lane_model::{Checked, FREE, LaneModel, LaneView};
use super::scenario::DestinationSetup;
use crate::worker::turns::Priority;

/// The shortest wait after a failure.
const SHORTEST_REST: Duration = Duration::from_millis(500);

/// The distance of messages that a person reads one by one.
const READING: Duration = Duration::from_secs(2);

/// The pause for a 429 that names none.
const BUSY: Duration = Duration::from_secs(30);

/// Two lanes of one destination that always have something of the same priority to send.
#[derive(Debug)]
struct Contest {
    priority: Priority,
    /// The number of requests of each written meanwhile.
    written: [u64; 2],
}

/// The model of all lanes and what they share.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) lanes: Vec<LaneModel>,
    contests: Vec<((usize, usize), Contest)>,
    /// When requests were written to each destination.
    written: HashMap<usize, VecDeque<Instant>>,
    /// Destinations that asked for a pause: from when, and until when.
    paused: HashMap<usize, (Instant, Instant)>,
    /// When all destinations were replaced.
    reloaded: Option<Instant>,
    pub(super) awaited_until: Option<Instant>,
    /// When somebody last waited.
    pub(super) awaited: Option<Instant>,
}

impl Model {
    pub(super) fn new(setups: &[DestinationSetup], now: Instant) -> Self {
        let lanes = setups.iter().zip(LANES);
        Self {
            lanes: lanes
                .map(|(setup, name)| LaneModel::new(name, *setup, now))
                .collect(),
            contests: Vec::new(),
            written: HashMap::new(),
            paused: HashMap::new(),
            reloaded: None,
            awaited_until: None,
            awaited: None,
        }
    }

    /// Checks a request that was written.
    pub(super) fn written(
        &mut self,
        exchange: &Exchange,
        view: &LaneView,
        now: Instant,
    ) -> Checked {
        let at = exchange.written;
        let lane = exchange.message.lane;
        let place = self.lanes[lane].setup.place;
        if exchange.was_written {
            self.lanes[lane].in_flight = Some(at);
            self.check_windows(lane, place, at)?;
            if exchange.message.part > 0 || exchange.message.followed {
                // The parts of a message take turns by other rules.
                self.contests
                    .retain(|((one, other), _)| *one != lane && *other != lane);
            }
            self.check_contests(lane)?;
        }
        if let Some((from, until)) = self.paused.get(&place)
            && *from < at
            && at < *until
            // If the worker panicked during an answer, it may not know of it.
            && self.lanes[lane].panicked != Some(*from)
        {
            return Err(format!("{} was to be left alone", LANES[lane]));
        }
        let is_awaited = self.awaited_until.is_some_and(|until| until >= at)
            || self.awaited.is_some_and(|last| last + FREE > at);
        self.lanes[lane].written(exchange, view, is_awaited, now)
    }

    fn check_windows(&mut self, lane: usize, place: usize, at: Instant) -> Checked {
        let setup = self.lanes[lane].setup;
        let written = self.written.entry(place).or_default();
        while written
            .front()
            .is_some_and(|first| *first + setup.per <= at)
        {
            written.pop_front();
        }
        written.push_back(at);
        if written.len() > setup.requests {
            return Err(format!(
                "{} requests within {:?} to place {place}",
                written.len(),
                setup.per
            ));
        }
        Ok(())
    }

    /// Checks that lanes which compete for a window with the same priority get the same number of
    /// turns, within one. Only messages of one request count.
    fn check_contests(&mut self, lane: usize) -> Checked {
        for ((one, other), contest) in &mut self.contests {
            let [first, second] = &mut contest.written;
            *first += u64::from(*one == lane);
            *second += u64::from(*other == lane);
            if first.abs_diff(*second) > 1 {
                return Err(format!(
                    "{} and {} wait for the same, and get {first} and {second} messages",
                    LANES[*one], LANES[*other]
                ));
            }
        }
        Ok(())
    }

    /// Notes which lanes of one destination compete now.
    fn note_contests(&mut self, views: &[LaneView], is_awaited: bool, now: Instant) {
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let known = self
                .contests
                .iter()
                .position(|(pair, _)| *pair == (one, other));
            let waits = |lane: usize| self.waits(lane, &views[lane], now);
            let priority = waits(one).filter(|priority| waits(other) == Some(*priority));
            let is_one_place = self.lanes[one].setup.place == self.lanes[other].setup.place;
            let priority = priority.filter(|_| is_one_place && !is_awaited);
            match (known, priority) {
                (Some(index), Some(priority)) if self.contests[index].1.priority == priority => {}
                (index, priority) => {
                    index.map(|index| self.contests.swap_remove(index));
                    let written = [0, 0];
                    let contest = priority.map(|priority| Contest { priority, written });
                    self.contests
                        .extend(contest.map(|contest| ((one, other), contest)));
                }
            }
        }
    }

    /// Returns the severity of what waits in a lane for its turn alone, if its messages are so rare
    /// that no person has too much to read.
    fn waits(&self, lane: usize, view: &LaneView, now: Instant) -> Option<Priority> {
        let model = &self.lanes[lane];
        let is_slow = model.setup.requests == 1 && model.setup.per > READING;
        let is_paused = self.paused.get(&model.setup.place);
        // A lane whose answer takes longer than its window cannot take the next turn.
        let is_answered = model
            .in_flight
            .is_none_or(|written| now < written + model.setup.per);
        let is_free = view.is_fine
            && is_answered
            && view.is_on
            && is_paused.is_none_or(|(_, until)| *until <= now)
            && model.rests_until.is_none()
            && !model.is_suspicious
            && !model.was_refused
            && model.panicked.is_none();
        view.priority.filter(|_| is_slow && is_free)
    }

    /// Checks the answer to a request.
    pub(super) fn answered(&mut self, exchange: &Exchange, now: Instant) -> Checked {
        let lane = &mut self.lanes[exchange.message.lane];
        lane.in_flight = None;
        let place = lane.setup.place;
        if Some(exchange.written) <= self.reloaded {
            // Only now the lane adopts the new configuration, and forgets the pauses of its
            // destination.
            self.paused.remove(&place);
        }
        match exchange.answer {
            // Otherwise the previous destination asked for it.
            Some(SimulatedAnswer::Limits(seconds)) if Some(exchange.written) >= self.reloaded => {
                let pause = seconds.map_or(BUSY, |seconds| Duration::from_secs(seconds.into()));
                let until = (now, now + pause);
                if Some(exchange.written) == self.reloaded {
                    // It is unknown which of the two it was, and so whether it is paused.
                    for lane in self
                        .lanes
                        .iter_mut()
                        .filter(|lane| lane.setup.place == place)
                    {
                        lane.free_since = lane.free_since.max(until.1);
                    }
                    return Ok(());
                }
                let known = self.paused.entry(place).or_insert(until);
                if known.1 < until.1 {
                    *known = until;
                }
            }
            Some(
                SimulatedAnswer::Status(500 | 503)
                | SimulatedAnswer::NotSent
                | SimulatedAnswer::Lost { .. }
                | SimulatedAnswer::Hangs { .. },
            ) if lane.panicked != Some(now) => {
                lane.rests_until = Some(now + SHORTEST_REST);
            }
            _ => {}
        }
        let is_ready = matches!(exchange.answer, Some(SimulatedAnswer::Takes));
        if is_ready {
            return lane.delivered(&exchange.message, now);
        }
        lane.is_suspicious |= matches!(exchange.answer, Some(SimulatedAnswer::Page(_)));
        let is_refused = matches!(
            exchange.answer,
            Some(SimulatedAnswer::Status(400) | SimulatedAnswer::Rejected)
        );
        lane.was_refused |= is_refused;
        // It is given up at once, and the next may be written before the stats are checked.
        lane.exact &= !(is_refused && exchange.message.plain);
        Ok(())
    }

    /// Forgets the pauses of a destination whose configuration was changed.
    pub(super) fn resume(&mut self, lane: usize, now: Instant) {
        self.reloaded = Some(now);
        let lane = &mut self.lanes[lane];
        self.paused.remove(&lane.setup.place);
        lane.rests_until = None;
        let problems = lane.problems.values_mut();
        problems.for_each(|problem| problem.forget(now));
    }

    /// Checks what must always hold.
    pub(super) fn check(&mut self, views: &[LaneView], now: Instant) -> Checked {
        let is_awaited = self.awaited_until.is_some_and(|until| until >= now);
        let was_awaited = self.awaited.is_some_and(|last| last + FREE > now);
        self.note_contests(views, is_awaited || was_awaited, now);
        for (lane, view) in self.lanes.iter_mut().zip(views) {
            let paused = self.paused.get(&lane.setup.place);
            let is_free = view.is_fine
                && view.is_on
                && !is_awaited
                && paused.is_none_or(|(_, until)| *until <= now);
            // The time since the last check is unknown.
            let was_free = std::mem::replace(&mut lane.is_free, is_free);
            if !is_free || !was_free {
                lane.free_since = lane.free_since.max(now);
            } else if let Some((_, until)) = paused {
                lane.free_since = lane.free_since.max(*until);
            }
            lane.check(view, now)
                .map_err(|why| format!("{}: {why}", lane.name))?;
        }
        Ok(())
    }
}
