//! The rules for one problem.

use std::time::{Duration, Instant};

use super::chat::{ChatProblem, ChatState};

const MINUTE: Duration = Duration::from_secs(60);

/// `remind` by default.
const STEPS: [Duration; 4] = [
    MINUTE,
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
];

/// `quiet` by default.
const QUIET: Duration = Duration::from_secs(15 * 60);

/// The silence after which the next event is a new problem.
const MEMORY: Duration = STEPS[3];

/// The events of a problem that a lane was offered, and the messages about it.
#[derive(Debug, Default)]
pub(super) struct ProblemModel {
    /// When its events were logged.
    pub(super) events: Vec<Instant>,
    /// The number of them that were sent; the first ones are sent first.
    pub(super) told: usize,
    /// The number before its current first message.
    pub(super) base: u64,
    /// When its first and its last message were delivered.
    messages: Option<(Instant, Instant)>,
    /// When it was forgotten, because the destination was replaced.
    forgotten: Option<Instant>,
    pub(super) is_panic: bool,
    /// Whether its events are counted once it is known.
    pub(super) is_counted: bool,
}

impl ProblemModel {
    /// Notes that a message about the problem was delivered.
    pub(super) fn note_told(&mut self, told: &ChatProblem, now: Instant) -> Result<(), String> {
        if told.state == ChatState::New {
            self.base = self.told as u64;
            self.messages = None;
        }
        let first = self.messages.map_or(now, |(first, _)| first);
        self.messages = Some((first, now));
        let sum = usize::try_from(self.base + told.count).unwrap_or(usize::MAX);
        if sum < self.told || sum > self.events.len() {
            return Err(format!(
                "#{} tells {} events after {}, of {}",
                told.fingerprint,
                sum,
                self.told,
                self.events.len()
            ));
        }
        self.told = sum;
        Ok(())
    }

    /// Forgets the problem, so that its next event is a new problem.
    pub(super) fn forget(&mut self, now: Instant) {
        self.messages = None;
        self.forgotten = Some(now);
    }

    /// Returns when the unsent events are due at the latest, and what they are.
    pub(super) fn due(&self) -> Option<(Instant, &'static str)> {
        let untold = *self.events.get(self.told)?;
        let last = *self.events.last()?;
        let before = self
            .told
            .checked_sub(1)
            .and_then(|index| self.events.get(index));
        let is_forgotten = before.is_some_and(|before| *before + MEMORY <= untold);
        let Some((first, told)) = self.messages.filter(|_| self.is_counted && !is_forgotten) else {
            let since = self.forgotten.map_or(untold, |at| at.max(untold));
            return Some((since, "what is new"));
        };
        let moment = (first + next_moment(told.saturating_duration_since(first))).max(untold);
        let over = last + QUIET;
        if over < moment {
            Some((over, "what has ended"))
        } else {
            Some((moment, "what goes on"))
        }
    }
}

/// Returns the first reminder time after a message sent `after` the first one; a reminder less than
/// a quarter of its step away counts as sent.
fn next_moment(after: Duration) -> Duration {
    let mut before = Duration::ZERO;
    for index in 0.. {
        let moment = match STEPS.get(index) {
            Some(moment) => *moment,
            None => before + MEMORY,
        };
        if moment - (moment - before) / 4 > after {
            return moment;
        }
        before = moment;
    }
    before
}
