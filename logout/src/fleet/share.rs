//! When one of many that are alone may send, so that together they keep the pace of one.
//!
//! Pure. Each has a number among all members and the broker's time, both as they were when the broker
//! was last heard, so nobody needs to ask anybody: the turns of all follow each other, and each takes
//! fewer of its own the longer it lasts.

use std::time::{Duration, Instant};

use super::broker::Place;

/// It leaves out no more of its turns than are in this time.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// Among how many one counts itself that never heard of others, since there may be many like it.
const UNHEARD: u64 = 32;

/// How far apart two clocks are before somebody is told, in milliseconds.
const APART: u64 = 5_000;

/// In how much time two clocks differ by one of it more, at worst.
const DRIFT: u32 = 2_000;

/// The turns of one member.
#[derive(Debug)]
pub(crate) struct Share {
    /// What the broker last said. Its time is as of `at`.
    place: Place,
    at: Instant,
    /// By how much that may be wrong.
    error: Duration,
    was_heard: bool,
    /// Its next turn is in this round, or later.
    round: u64,
    /// After how many rounds the one after it is.
    step: u64,
}

impl Share {
    /// The turns of one that has not heard of others yet.
    pub(super) fn of(name: &str, now: Instant) -> Self {
        let hash = name.bytes().fold(7_u64, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(byte.into())
        });
        let place = Place {
            members: UNHEARD,
            rank: hash % UNHEARD,
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

    /// Takes what the broker says of where it stands.
    pub(super) fn note(&mut self, place: Place, sent: Instant, now: Instant) {
        // The broker told the time somewhere in between: an answer that took long says little of it.
        let error = now.saturating_duration_since(sent) / 2;
        let at = sent + error;
        let counted = self.counted(at);
        let grown = at.saturating_duration_since(self.at) / DRIFT;
        let known = self.error.saturating_add(grown);
        // Where the two cannot both be true its clock was set, or another server answers.
        let apart = Duration::from_millis(counted.abs_diff(place.time));
        let is_better = error <= known || apart > error.saturating_add(known);
        let (time, at, error) = match is_better {
            true => (place.time, at, error),
            false => (counted, at, known),
        };
        (self.place, self.at, self.error) = (Place { time, ..place }, at, error);
        self.was_heard = true;
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.was_heard.then_some(self.place)
    }

    /// The broker's time now in milliseconds, if it was ever heard.
    pub(super) fn time(&self, now: Instant) -> Option<u64> {
        self.was_heard.then(|| self.counted(now))
    }

    /// By how many milliseconds a clock that shows this time is ahead of the broker's; nothing where they may
    /// show the same but for some seconds, for all that is known.
    pub(super) fn ahead(&self, wall: u64, now: Instant) -> Option<i64> {
        let time = self.time(now)?;
        let error = u64::try_from(self.error.as_millis()).unwrap_or(u64::MAX);
        let is_apart = time.abs_diff(wall) > error.saturating_add(APART);
        is_apart.then(|| i64::try_from(i128::from(wall) - i128::from(time)).unwrap_or(i64::MAX))
    }

    fn counted(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.at).as_millis();
        let since = u64::try_from(since).unwrap_or(u64::MAX);
        self.place.time.saturating_add(since)
    }

    /// Begins to take turns.
    pub(super) fn begin(&mut self) {
        (self.round, self.step) = (0, 2);
    }

    /// Until when it may send one message now, if it may.
    pub(super) fn turn(&self, now: Instant, span: Duration) -> Option<Instant> {
        let turn = self.turn_of(now, span);
        let is_own = turn.number == turn.rank && turn.round >= self.round;
        // What is begun at the end of a turn arrives in that of another.
        let is_early = turn.left >= span / 4;
        (is_own && is_early).then(|| now + turn.left)
    }

    /// Notes that it has sent its message.
    pub(super) fn note_sent(&mut self, now: Instant, span: Duration) {
        let turn = self.turn_of(now, span);
        let round = span.as_millis().saturating_mul(turn.members.into());
        let longest = LONGEST.as_millis() / round.max(1);
        let longest = u64::try_from(longest).unwrap_or(u64::MAX).max(1);
        let step = self.step.clamp(1, longest);
        self.round = turn.round.saturating_add(step);
        self.step = step.saturating_mul(2);
    }

    /// When its next turn begins, as of now.
    pub(super) fn next(&self, now: Instant, span: Duration) -> Option<Instant> {
        let turn = self.turn_of(now, span);
        let this = turn.round.saturating_mul(turn.members) + turn.number;
        let own = |round: u64| round.saturating_mul(turn.members).saturating_add(turn.rank);
        let round = turn.round.max(self.round);
        let next = match own(round) {
            next if next > this => next,
            _ => own(round + 1),
        };
        let ahead = u32::try_from(next - this - 1).unwrap_or(u32::MAX);
        now.checked_add(turn.left + span.saturating_mul(ahead))
    }

    /// The turn of now.
    fn turn_of(&self, now: Instant, span: Duration) -> Turn {
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX).max(1);
        let members = self.place.members.max(1);
        let time = self.counted(now);
        let index = time / span;
        Turn {
            members,
            rank: self.place.rank.min(members - 1),
            number: index % members,
            round: index / members,
            left: Duration::from_millis(span - time % span),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Turn {
    members: u64,
    rank: u64,
    /// Whose turn it is.
    number: u64,
    round: u64,
    left: Duration,
}
