//! Scheduling: which lane sends next, when, and how much in one message.
//!
//! The time is an argument. Known are the windows of all destinations and what waits in each lane,
//! but not the contents of messages.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::adapter::Window;

mod claim;

pub(crate) use self::claim::{Claim, Priority, SendTime};

/// The requests of one window that may leave at once after an idle time. A window as wide as
/// Zulip's 200 a minute would otherwise allow a hundred messages in a second.
const BURST: usize = 10;

/// The number of messages in [`RECENT`] that a person reads one by one, whatever the windows allow.
const MOST_RECENT: usize = 5;
const RECENT: Duration = Duration::from_secs(10);

/// The distance of messages to a person who got [`MOST_RECENT`] ones: the same number in the long run.
const SPACING: Duration = Duration::from_secs(2);

/// How long an event waits to be sent alone. Slack takes one message a second, and two whole ones
/// are worth more than one of two headlines.
const SOON: Duration = Duration::from_secs(2);

/// How often in a row more severe messages may overtake a waiting lane.
const MOST_OVERTAKEN: u8 = 3;

/// The requests that count in one window.
#[derive(Clone, Debug, Default)]
struct Requests {
    /// When they were written, oldest first.
    written: VecDeque<Instant>,
    /// The number of planned requests that are not written yet.
    reserved: usize,
}

#[derive(Debug, Default)]
struct LaneTurn {
    windows: Vec<Window>,
    /// What it wants to send, and since when.
    claim: Option<(Claim, Instant)>,
    /// Until when its destination rests after a failure.
    rests_until: Option<Instant>,
    /// Whether a rest was cancelled since its destination last answered.
    was_rest_cancelled: bool,
    /// Whether its destination has failed since it last answered.
    has_failed: bool,
    /// The windows of its planned request that is not written yet.
    reserved: Vec<Window>,
    /// Whether its request is not answered yet, so that it can send nothing else.
    in_flight: bool,
    /// How often in a row a more severe message overtook it.
    overtaken: u8,
    /// The number of its last turn, counted over all lanes.
    last: u64,
    /// When its last messages left.
    messages: VecDeque<Instant>,
}

/// The windows of all destinations and the lanes that share them.
///
/// They are searched linearly, since there are a few per instance.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    windows: Vec<(Window, Requests)>,
    /// Until when a destination, by its key, asked for a pause.
    paused: Vec<(u64, Instant)>,
    lanes: Vec<LaneTurn>,
    /// The number of turns so far.
    count: u64,
}

impl Turns {
    pub(crate) fn new(lanes: usize) -> Self {
        Self {
            lanes: (0..lanes).map(|_| LaneTurn::default()).collect(),
            ..Self::default()
        }
    }

    /// Sets the windows of a lane's destination.
    pub(crate) fn set_windows(&mut self, lane: usize, windows: Vec<Window>) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.windows = windows;
        }
    }

    /// Notes that something waits in a lane. It waits since the first such call after its last
    /// turn.
    pub(crate) fn claim(&mut self, lane: usize, claim: Claim, now: Instant) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            let since = lane.claim.map_or(now, |(_, since)| since);
            lane.claim = Some((claim, since));
        }
    }

    /// Notes that nothing sendable waits in a lane; returns whether other lanes may have waited for
    /// it.
    pub(crate) fn withdraw(&mut self, lane: usize) -> bool {
        let lane = self.lanes.get_mut(lane);
        lane.is_some_and(|lane| {
            lane.overtaken = 0;
            lane.claim.take().is_some()
        })
    }

    /// Returns what the lane is to do about its claim.
    pub(crate) fn turn(&self, lane: usize, now: Instant) -> SendTime {
        let Some(own) = self.lanes.get(lane) else {
            return SendTime::At(now);
        };
        let at = self.earliest(own, now);
        if at > now {
            return SendTime::At(at);
        }
        let order = |index: usize, lane: &LaneTurn| {
            let (claim, since) = lane.claim?;
            let priority = (lane.overtaken < MOST_OVERTAKEN).then_some(claim.priority);
            // A lane that was overtaken too often precedes all others.
            Some((priority.map(Reverse), since, lane.last, index))
        };
        let ready = self.lanes.iter().enumerate().filter(|(index, other)| {
            let is_rival = !other.in_flight
                && other.claim.is_some()
                && other.shares_with(own)
                && self.earliest(other, now) <= now;
            *index == lane || is_rival
        });
        let first = ready.min_by_key(|(index, lane)| order(*index, lane));
        match first {
            Some((first, _)) if first != lane => SendTime::After(first),
            _ => SendTime::Now,
        }
    }

    /// Returns whether the lane could send its claim if it were alone, so that others may wait for
    /// it.
    pub(crate) fn is_ready(&self, lane: usize, now: Instant) -> bool {
        let lane = self.lanes.get(lane);
        lane.is_some_and(|lane| lane.claim.is_some() && self.earliest(lane, now) <= now)
    }

    /// Reserves a slot for the request that the lane is about to send, in all its windows.
    pub(crate) fn reserve(&mut self, lane: usize, now: Instant) {
        let Some(own) = self.lanes.get_mut(lane) else {
            return;
        };
        let claim = own.claim.take();
        own.overtaken = 0;
        self.count += 1;
        own.last = self.count;
        if claim.is_some_and(|(claim, _)| claim.is_new) {
            own.messages.push_back(now);
            if own.messages.len() > MOST_RECENT {
                own.messages.pop_front();
            }
        }
        let windows = own.windows.clone();
        own.reserved.clone_from(&windows);
        own.in_flight = true;
        self.reserve_in(&windows);
        let priority = claim.map(|(claim, _)| claim.priority);
        for other in &mut self.lanes {
            if let Some((claim, _)) = other.claim
                && Some(claim.priority) < priority
                && !other.in_flight
                && other.windows.iter().any(|window| windows.contains(window))
                && other.rests_until.is_none_or(|until| until <= now)
            {
                other.overtaken = other.overtaken.saturating_add(1);
            }
        }
    }

    /// Counts the lane's reserved request from when it was written, so that a slow answer delays no
    /// lane that shares its windows.
    pub(crate) fn written(&mut self, lane: usize, at: Instant) {
        if let Some(own) = self.lanes.get_mut(lane) {
            let windows = std::mem::take(&mut own.reserved);
            self.written_in(&windows, at);
        }
    }

    /// Notes that the lane's request was answered or never will be. If nobody reported it as
    /// written, it counts from now.
    pub(crate) fn answered(&mut self, lane: usize, now: Instant) {
        self.written(lane, now);
        if let Some(own) = self.lanes.get_mut(lane) {
            own.in_flight = false;
        }
    }

    /// Reserves a slot for a request outside the lanes.
    pub(crate) fn reserve_in(&mut self, windows: &[Window]) {
        for window in windows {
            change(&mut self.windows, *window, Requests::default(), |one| {
                one.reserved += 1;
            });
        }
    }

    pub(crate) fn written_in(&mut self, windows: &[Window], at: Instant) {
        for window in windows {
            change(&mut self.windows, *window, Requests::default(), |one| {
                one.reserved = one.reserved.saturating_sub(1);
                let written = &mut one.written;
                while matches!(written.front(), Some(first) if *first + window.span() <= at) {
                    written.pop_front();
                }
                one.written.push_back(at);
            });
        }
    }

    /// Returns when the next request through these windows may leave, without spreading.
    #[cfg(any(feature = "verify", test))]
    pub(crate) fn next_slot(&self, windows: &[Window], now: Instant) -> Instant {
        self.slot(windows, false, now)
    }

    /// Returns how many messages of the lane, one event each, may leave soon; if somebody waits for
    /// them, now, since a later slot may come too late.
    pub(crate) fn room(&self, lane: usize, now: Instant) -> usize {
        let Some(lane) = self.lanes.get(lane) else {
            return 0;
        };
        let is_awaited = lane.claim.is_some_and(|(claim, _)| claim.is_awaited);
        let soon = if is_awaited { now } else { now + SOON };
        let read = MOST_RECENT.saturating_sub(lane.recent_messages(now));
        let windows = self.windows.iter();
        let of_lane = windows.filter(|(window, _)| lane.windows.contains(window));
        let mut trial = Self {
            windows: of_lane.cloned().collect(),
            paused: self.paused.clone(),
            ..Self::default()
        };
        let (mut at, mut room) = (now, 0);
        while room < read && at <= soon {
            let slot = trial.slot(&lane.windows, !is_awaited, at);
            if slot > at {
                at = slot;
                continue;
            }
            trial.reserve_in(&lane.windows);
            trial.written_in(&lane.windows, at);
            room += 1;
        }
        room
    }

    /// Pauses a destination, as it asked: all lanes that share the key of its first, narrowest
    /// window.
    pub(crate) fn pause(&mut self, windows: &[Window], until: Instant) {
        if let Some(window) = windows.first() {
            change(&mut self.paused, window.key, until, |paused| {
                *paused = (*paused).max(until);
            });
        }
    }

    /// Pauses a lane's destination, as it asked.
    pub(crate) fn pause_lane(&mut self, lane: usize, until: Instant) {
        let windows = self.lanes.get(lane).map(|lane| lane.windows.clone());
        self.pause(&windows.unwrap_or_default(), until);
    }

    /// Ends the pause of a destination whose configuration has changed.
    pub(crate) fn resume(&mut self, lane: usize) {
        let windows = self.lanes.get(lane).map(|lane| lane.windows.as_slice());
        for window in windows.unwrap_or_default() {
            self.paused.retain(|(key, _)| *key != window.key);
        }
    }

    /// Lets a destination rest until then, because it failed.
    pub(crate) fn rest(&mut self, lane: usize, until: Instant) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.rests_until = Some(until);
            lane.has_failed = true;
        }
    }

    /// Returns whether the destination has failed since it last answered, even if its rest is over
    /// or cancelled.
    pub(crate) fn has_failed(&self, lane: usize) -> bool {
        self.lanes.get(lane).is_some_and(|lane| lane.has_failed)
    }

    /// Cancels a rest because somebody waits. A destination that keeps failing is tried once, so
    /// that a program that flushes in a loop does not flood it.
    pub(crate) fn cancel_rest(&mut self, lane: usize) {
        if let Some(lane) = self.lanes.get_mut(lane)
            && lane.rests_until.is_some()
            && !lane.was_rest_cancelled
        {
            lane.rests_until = None;
            lane.was_rest_cancelled = true;
        }
    }

    /// Cancels a rest for the last time, at shutdown.
    pub(crate) fn cancel_rest_at_end(&mut self, lane: usize) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.rests_until = None;
            lane.was_rest_cancelled = true;
        }
    }

    /// Notes that a destination answers again.
    pub(crate) fn recover(&mut self, lane: usize) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.rests_until = None;
            lane.was_rest_cancelled = false;
            lane.has_failed = false;
        }
    }

    /// Returns when the lane may send its claim if it were alone.
    fn earliest(&self, lane: &LaneTurn, now: Instant) -> Instant {
        let claim = lane.claim.map(|(claim, _)| claim).unwrap_or_default();
        let slot = self.slot(&lane.windows, !claim.is_awaited, now);
        let rests_until = lane.rests_until.filter(|_| !claim.ignores_rest);
        let rested = rests_until.map_or(slot, |until| until.max(slot));
        let is_spaced = claim.is_new && !claim.is_awaited;
        match lane.messages.back() {
            Some(last) if is_spaced && lane.recent_messages(now) >= MOST_RECENT => {
                rested.max(*last + SPACING)
            }
            _ => rested,
        }
    }

    fn slot(&self, windows: &[Window], is_spread: bool, now: Instant) -> Instant {
        let slots = windows
            .iter()
            .map(|window| self.slot_in(*window, is_spread, now));
        slots.max().unwrap_or(now)
    }

    fn slot_in(&self, window: Window, is_spread: bool, now: Instant) -> Instant {
        let paused = self.paused.iter().find(|(key, _)| *key == window.key);
        let free = paused.map_or(now, |(_, until)| now.max(*until));
        let Some((_, requests)) = self.windows.iter().find(|(known, _)| *known == window) else {
            return free;
        };
        let span = window.span();
        let written = requests.used(window, now).count();
        let used = written + requests.reserved;
        // A request that is not written yet counts from now on at the earliest.
        let first = requests.used(window, now).next().unwrap_or(now);
        let slot = if used >= window.requests {
            // When this request has left the window, there is room for one.
            let last_in_the_way = requests.used(window, now).nth(used - window.requests);
            last_in_the_way.unwrap_or(now) + span
        } else if is_spread && used >= window.requests.div_ceil(2).min(BURST) {
            // The second half of a window, or what exceeds a burst, is spread over its remaining
            // time, so that many events become an even flow instead of a burst and a silence.
            let last = match requests.written.back() {
                Some(last) if requests.reserved == 0 => *last,
                _ => now,
            };
            let left = u32::try_from(window.requests - used + 1).unwrap_or(u32::MAX);
            last + (first + span).saturating_duration_since(last) / left
        } else {
            now
        };
        slot.max(free)
    }
}

impl Requests {
    /// Returns when the requests that still count were written.
    fn used(&self, window: Window, now: Instant) -> impl Iterator<Item = Instant> {
        let span = window.span();
        let written = self.written.iter().copied();
        written.filter(move |at| *at + span > now)
    }
}

impl LaneTurn {
    fn shares_with(&self, other: &Self) -> bool {
        let mut windows = self.windows.iter();
        windows.any(|window| other.windows.contains(window))
    }

    /// Returns the number of messages of the last [`RECENT`].
    fn recent_messages(&self, now: Instant) -> usize {
        let messages = self.messages.iter();
        messages.filter(|at| **at + RECENT > now).count()
    }
}

/// Changes the value at `key`, which begins as `initial`.
///
/// A hash map would add a kilobyte of code or more for each type of key.
fn change<K: PartialEq, V>(
    list: &mut Vec<(K, V)>,
    key: K,
    initial: V,
    change: impl FnOnce(&mut V),
) {
    if let Some((_, value)) = list.iter_mut().find(|(known, _)| *known == key) {
        change(value);
        return;
    }
    let mut value = initial;
    change(&mut value);
    list.push((key, value));
}

#[cfg(test)]
mod tests;
