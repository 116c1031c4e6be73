//! The moments at which a known problem is told again.
//!
//! Pure arithmetic: the time is an argument. What is new is told at once and is not decided here.

use std::time::{Duration, Instant};

/// An event that comes after so long a silence of its problem is told at once.
const RARE: Duration = Duration::from_secs(5 * 60);

/// How many messages of the last hour may tell one problem when its events are rare.
const MOST_AN_HOUR: usize = 6;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// The steps of `remind`, and how soon after the last event what waits is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ladder {
    /// Moments after the first message, growing; beyond the last one it repeats.
    steps: Vec<Duration>,
    /// How long after its last event a problem is told at the latest.
    quiet: Duration,
}

impl Ladder {
    /// Returns the ladder with these steps, or nothing where there is no step to climb.
    pub(crate) fn new(steps: &[Duration], quiet: Duration) -> Option<Self> {
        let grows = steps.is_sorted_by(|a, b| a < b);
        let starts = steps.first().is_some_and(|first| !first.is_zero());
        (grows && starts).then(|| Self {
            steps: steps.to_vec(),
            quiet,
        })
    }

    /// Returns how long a problem has to be silent until its next event is that of a new one.
    pub(crate) fn memory(&self) -> Duration {
        self.steps.last().copied().unwrap_or(Duration::MAX)
    }

    /// Returns the moment that comes after `passed` others.
    fn moment(&self, passed: u32) -> Duration {
        let index = usize::try_from(passed).unwrap_or(usize::MAX);
        self.steps.get(index).copied().unwrap_or_else(|| {
            let beyond = index.saturating_sub(self.steps.len()).saturating_add(2);
            let beyond = u32::try_from(beyond).unwrap_or(u32::MAX);
            self.memory().saturating_mul(beyond)
        })
    }

    /// Returns the time between the moment that comes after `passed` others and the one before it.
    fn step(&self, passed: u32) -> Duration {
        let before = passed.checked_sub(1).map(|before| self.moment(before));
        self.moment(passed).saturating_sub(before.unwrap_or_default())
    }

    /// Returns how many moments a message uses up that is told so long after the first one: those
    /// before it, and the next where it is less than a quarter of its step away.
    fn passed(&self, after: Duration) -> u32 {
        let is_used = |passed: u32| self.moment(passed).saturating_sub(self.step(passed) / 4) <= after;
        // Beyond the steps all moments are equally far apart, so that most need not be visited.
        let periods = after.as_millis() / self.memory().as_millis().max(1);
        let steps = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        let whole = u32::try_from(periods.saturating_sub(2)).unwrap_or(u32::MAX / 2);
        let mut passed = match whole {
            0 => 0,
            whole => steps.saturating_add(whole - 1),
        };
        while is_used(passed) && passed < u32::MAX {
            passed += 1;
        }
        passed
    }
}

/// What is known of one problem since its first message.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    first_told: Instant,
    last_event: Instant,
    /// Events since the first message, that message's included.
    events: u64,
    /// Events that no message has told yet.
    untold: u64,
    /// How many moments are used up.
    passed: u32,
    /// Whether what is untold is told now, its events being rare.
    at_once: bool,
    /// The seconds after the first message at which the last messages were told.
    told: [u32; MOST_AN_HOUR],
}

impl Life {
    /// Begins a life with the first message, which has told so many events.
    pub(crate) fn new(ladder: &Ladder, events: u64, last_event: Instant, now: Instant) -> Self {
        let mut life = Self {
            first_told: now,
            last_event,
            events,
            untold: 0,
            passed: 0,
            at_once: false,
            told: [u32::MAX; MOST_AN_HOUR],
        };
        life.note_told(ladder, now);
        life
    }

    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    pub(crate) fn untold(&self) -> u64 {
        self.untold
    }

    /// Counts events that came in now.
    pub(crate) fn count(&mut self, events: u64, now: Instant) {
        let is_rare = now.saturating_duration_since(self.last_event) >= RARE;
        self.at_once |=
            is_rare && self.untold == 0 && self.messages_within(HOUR, now) < MOST_AN_HOUR;
        self.last_event = self.last_event.max(now);
        self.events = self.events.saturating_add(events);
        self.untold = self.untold.saturating_add(events);
    }

    /// Returns when what was counted is due; nothing where nothing was counted.
    ///
    /// A moment at which nothing was counted stays open: the next event is due when it comes.
    pub(crate) fn due(&self, ladder: &Ladder) -> Option<Instant> {
        if self.untold == 0 {
            return None;
        }
        if self.at_once {
            return Some(self.last_event);
        }
        let moment = self.first_told.checked_add(ladder.moment(self.passed));
        let over = self.last_event.checked_add(ladder.quiet);
        [moment, over].into_iter().flatten().min()
    }

    /// Whether a message that leaves now anyway takes this problem along.
    pub(crate) fn rides_along(&self, ladder: &Ladder, now: Instant) -> bool {
        let early = ladder.step(self.passed) / 4;
        self.due(ladder).is_some_and(|due| due <= now + early)
    }

    /// Whether its reminder is so late that it goes before what is new.
    pub(crate) fn is_late(&self, ladder: &Ladder, now: Instant) -> bool {
        const LATE: Duration = Duration::from_secs(60);
        let bound = ladder.step(self.passed).min(LATE);
        self.due(ladder).is_some_and(|due| now.saturating_duration_since(due) >= bound)
    }

    /// Notes that a message has told all that was counted.
    pub(crate) fn note_told(&mut self, ladder: &Ladder, now: Instant) {
        let after = now.saturating_duration_since(self.first_told);
        self.passed = self.passed.max(ladder.passed(after));
        self.untold = 0;
        self.at_once = false;
        self.told.rotate_right(1);
        if let Some(latest) = self.told.first_mut() {
            *latest = u32::try_from(after.as_secs()).unwrap_or(u32::MAX - 1);
        }
    }

    /// Whether it was silent for so long that its next event is that of a new problem.
    pub(crate) fn is_forgotten(&self, ladder: &Ladder, now: Instant) -> bool {
        self.untold == 0 && now.saturating_duration_since(self.last_event) >= ladder.memory()
    }

    /// Counts the messages of the last `span`.
    fn messages_within(&self, span: Duration, now: Instant) -> usize {
        let now = now.saturating_duration_since(self.first_told).as_secs();
        let told = self.told.iter().filter(|told| **told != u32::MAX);
        told.filter(|told| u64::from(**told) + span.as_secs() > now).count()
    }
}

#[cfg(test)]
mod tests;
