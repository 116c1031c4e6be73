//! Time slots for members whose broker is away, so that together they keep the pace of one.
//!
//! Pure. Each member knows its rank among all and the broker's time, both from the broker's last
//! answer, so nobody needs to ask anybody. The slots follow each other, and each member uses fewer
//! of its own the longer the outage lasts.

use std::time::{Duration, Instant};

use super::broker::Place;

/// A member uses at least one slot in this time.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// How many members a member assumes that never heard of others, since there may be many like it.
const ASSUMED_MEMBERS: u64 = 32;

/// The smallest difference between two clocks that is reported, in milliseconds.
const CLOCK_TOLERANCE: u64 = 5_000;

/// The worst drift between two clocks: one part in this many.
const DRIFT: u32 = 2_000;

/// The time slots of one member.
#[derive(Debug)]
pub(crate) struct TimeSlots {
    /// The broker's last answer. Its time is as of `at`.
    place: Place,
    at: Instant,
    /// The uncertainty of that time.
    error: Duration,
    was_heard: bool,
    /// The first round in which it may use its slot.
    round: u64,
    /// In how many rounds it uses a slot once.
    step: u64,
}

impl TimeSlots {
    /// Creates the slots of a member that has not heard of others yet; its rank comes from its
    /// name.
    pub(super) fn of(name: &str, now: Instant) -> Self {
        let hash = name.bytes().fold(7_u64, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(byte.into())
        });
        let place = Place {
            members: ASSUMED_MEMBERS,
            rank: hash % ASSUMED_MEMBERS,
            ..Place::default()
        };
        Self {
            place,
            at: now,
            error: Duration::MAX,
            was_heard: false,
            round: 0,
            step: 1,
        }
    }

    /// Applies the place and the time that the broker answered.
    pub(super) fn note(&mut self, place: Place, sent: Instant, now: Instant) {
        // The broker told its time somewhere in between, so a slow answer says little about it.
        let error = now.saturating_duration_since(sent) / 2;
        let at = sent + error;
        let estimated_time = self.estimated_time(at);
        let grown = at.saturating_duration_since(self.at) / DRIFT;
        let known = self.error.saturating_add(grown);
        // If the two contradict each other, the broker's clock was set, or another server answers.
        let apart = Duration::from_millis(estimated_time.abs_diff(place.time));
        let is_better = error <= known || apart > error.saturating_add(known);
        let (time, at, error) = match is_better {
            true => (place.time, at, error),
            false => (estimated_time, at, known),
        };
        (self.place, self.at, self.error) = (Place { time, ..place }, at, error);
        self.was_heard = true;
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.was_heard.then_some(self.place)
    }

    /// Returns the broker's time in milliseconds, if it was ever heard.
    pub(super) fn time(&self, now: Instant) -> Option<u64> {
        self.was_heard.then(|| self.estimated_time(now))
    }

    /// Returns by how many milliseconds the clock that shows `wall` is ahead of the broker's.
    /// `None` if the difference is within some seconds and the uncertainty.
    pub(super) fn clock_ahead(&self, wall: u64, now: Instant) -> Option<i64> {
        let time = self.time(now)?;
        let error = u64::try_from(self.error.as_millis()).unwrap_or(u64::MAX);
        let is_apart = time.abs_diff(wall) > error.saturating_add(CLOCK_TOLERANCE);
        is_apart.then(|| i64::try_from(i128::from(wall) - i128::from(time)).unwrap_or(i64::MAX))
    }

    fn estimated_time(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.at).as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.place.time.saturating_add(since)
    }

    /// Begins to use slots, from the next one on.
    pub(super) fn begin(&mut self) {
        (self.round, self.step) = (0, 2);
    }

    /// Returns until when it may send one message, if it may now.
    pub(super) fn until(&self, now: Instant, span: Duration) -> Option<Instant> {
        let slot = self.current_slot(now, span);
        let is_own = slot.number == slot.rank && slot.round >= self.round;
        // A message that is begun at the end of a slot arrives in the next one.
        let is_early = slot.left >= span / 4;
        (is_own && is_early).then(|| now + slot.left)
    }

    /// Notes that the message of this slot was sent.
    pub(super) fn note_sent(&mut self, now: Instant, span: Duration) {
        let slot = self.current_slot(now, span);
        let round = span.as_millis().saturating_mul(slot.members.into());
        let longest = LONGEST_PAUSE.as_millis() / round.max(1);
        let longest = u64::try_from(longest).unwrap_or(u64::MAX).max(1);
        let step = self.step.clamp(1, longest);
        self.round = slot.round.saturating_add(step);
        self.step = step.saturating_mul(2);
    }

    /// Returns when its next slot begins.
    pub(super) fn next(&self, now: Instant, span: Duration) -> Option<Instant> {
        let slot = self.current_slot(now, span);
        let this = slot.round.saturating_mul(slot.members) + slot.number;
        let own = |round: u64| round.saturating_mul(slot.members).saturating_add(slot.rank);
        let round = slot.round.max(self.round);
        let next = match own(round) {
            next if next > this => next,
            _ => own(round + 1),
        };
        let ahead = u32::try_from(next - this - 1).unwrap_or(u32::MAX);
        now.checked_add(slot.left + span.saturating_mul(ahead))
    }

    /// Returns the current slot.
    fn current_slot(&self, now: Instant, span: Duration) -> TimeSlot {
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
        let members = self.place.members.max(1);
        let time = self.estimated_time(now);
        let index = time / span;
        TimeSlot {
            members,
            rank: self.place.rank.min(members - 1),
            number: index % members,
            round: index / members,
            left: Duration::from_millis(span - time % span),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct TimeSlot {
    members: u64,
    rank: u64,
    /// The rank of the member whose slot it is.
    number: u64,
    round: u64,
    left: Duration,
}
