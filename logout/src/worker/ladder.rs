//! The moments at which a known problem is told again.
//!
//! Pure arithmetic: the time is an argument. What is new is sent at once and is not decided here.

use std::time::{Duration, Instant};

use crate::worker::moment::Moment;

/// How many messages of the last hour may tell one problem when its events are rare.
const MOST_AN_HOUR: usize = 6;

/// The milliseconds of a tick, of which four bytes hold five years.
const TICK: u64 = 40;

/// The steps of `remind`, and how soon after the last event what waits is told.
///
/// What else there is to wait for follows the first step where that is shorter than a minute, so
/// that a program that is tried out with short steps is told of by the same rules, only faster.
///
/// One without a step, which is the default, is one on which nothing waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ladder {
    /// Moments after the first message, growing; beyond the last one it repeats.
    steps: Vec<Duration>,
    /// How long after its last event a problem is told at the latest.
    pub(crate) quiet: Duration,
    /// Whether people are told that nothing more has come for this long.
    pub(crate) tells_quiet: bool,
    /// Whether what was told once has to be told to be over, too.
    pub(crate) closes: bool,
}

impl Ladder {
    /// Returns the ladder with these steps, or nothing where there is no step to climb.
    pub(crate) fn new(steps: &[Duration], quiet: Duration, tells_quiet: bool) -> Option<Self> {
        let grows = steps.is_sorted_by(|a, b| a < b);
        let starts = steps.first().is_some_and(|first| !first.is_zero());
        (grows && starts).then(|| Self {
            steps: steps.to_vec(),
            quiet,
            tells_quiet,
            closes: false,
        })
    }

    /// Returns the ladder of a destination that keeps an incident open until it learns that it is over.
    pub(crate) fn closing(self) -> Self {
        Self {
            tells_quiet: true,
            closes: true,
            ..self
        }
    }

    /// Returns how long a problem has to be silent until its next event is that of a new one.
    pub(crate) fn memory(&self) -> Duration {
        self.steps.last().copied().unwrap_or(Duration::MAX)
    }

    /// Returns how long a problem has to be silent for its next event to be told at once.
    fn rare(&self) -> Duration {
        self.of_first_step(5, Duration::from_secs(5 * 60))
    }

    /// Returns in what time this many messages alone tell a problem whose events are rare.
    fn hour(&self) -> Duration {
        self.of_first_step(60, Duration::from_secs(60 * 60))
    }

    /// Returns how late a reminder is that goes before what is new.
    fn late(&self) -> Duration {
        self.of_first_step(1, Duration::from_secs(60))
    }

    /// Returns how far reminders are apart at least.
    pub(crate) fn gap(&self) -> Duration {
        self.late() / 6
    }

    fn of_first_step(&self, times: u32, most: Duration) -> Duration {
        let first = self.steps.first().copied().unwrap_or(Duration::MAX);
        first.saturating_mul(times).min(most)
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
        self.moment(passed)
            .saturating_sub(before.unwrap_or_default())
    }

    /// Returns how many moments a message uses up that is told this long after the first one: those
    /// before it, and the next where it is less than a quarter of its step away.
    fn passed(&self, after: Duration) -> u32 {
        let is_used =
            |passed: &u32| self.moment(*passed).saturating_sub(self.step(*passed) / 4) <= after;
        let steps = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        let steps = (0..steps).take_while(is_used).count();
        // Beyond the steps all moments are equally far apart, the first two of these times.
        let apart = self.memory();
        let times = after.saturating_add(apart / 4).as_nanos() / apart.as_nanos().max(1);
        let beyond = usize::try_from(times)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        u32::try_from(steps.saturating_add(beyond)).unwrap_or(u32::MAX)
    }
}

/// What is known of one problem since its first message.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    first_told: Moment,
    last_event: Moment,
    /// Events since the first message, that message's included.
    events: u64,
    /// Events that no message has told yet.
    untold: u64,
    /// How many moments are used up.
    passed: u32,
    /// Whether what is untold is told now, its events being rare.
    at_once: bool,
    /// Whether what was taken for a message was.
    taken_at_once: bool,
    /// Whether people know that nothing more has come.
    is_quiet: bool,
    /// Whether the next message is the first that those see who are told now.
    begins_again: bool,
    /// When the last messages were told, in ticks after the first, the latest first.
    told: [u32; MOST_AN_HOUR],
}

impl Life {
    /// Begins a life with the first message, which has told this many events.
    pub(crate) fn new(ladder: &Ladder, events: u64, last_event: Instant, now: Instant) -> Self {
        let mut life = Self {
            first_told: now.into(),
            last_event: last_event.into(),
            events,
            untold: 0,
            passed: 0,
            at_once: false,
            taken_at_once: false,
            is_quiet: false,
            begins_again: false,
            told: [u32::MAX; MOST_AN_HOUR],
        };
        life.note_told(ladder, now);
        life
    }

    /// Goes on with a life that began in another process.
    #[cfg(feature = "spool")]
    pub(crate) fn restored(
        ladder: &Ladder,
        events: u64,
        first_told: Instant,
        last_told: Instant,
        last_event: Instant,
    ) -> Self {
        let mut life = Self::new(ladder, events, last_event, first_told);
        if last_told > first_told {
            life.note_told(ladder, last_told);
        }
        life
    }

    pub(crate) fn first_told(&self) -> Instant {
        self.first_told.instant()
    }

    #[cfg(feature = "spool")]
    pub(crate) fn last_told(&self) -> Instant {
        let told = self.told.first().filter(|told| **told != u32::MAX);
        let told = Duration::from_millis(u64::from(told.copied().unwrap_or_default()) * TICK);
        let first_told = self.first_told();
        first_told.checked_add(told).unwrap_or(first_told)
    }

    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    pub(crate) fn untold(&self) -> u64 {
        self.untold
    }

    /// Counts events that came in now.
    pub(crate) fn count(&mut self, ladder: &Ladder, events: u64, now: Instant) {
        self.at_once |= self.untold == 0
            && now.saturating_duration_since(self.last_event()) >= ladder.rare()
            && self.messages_within(ladder.hour(), now) < MOST_AN_HOUR;
        self.is_quiet = false;
        self.last_event = self.last_event.max(now.into());
        self.events = self.events.saturating_add(events);
        self.untold = self.untold.saturating_add(events);
    }

    /// Returns when what was counted is due, or where nothing was, when it is told that this is so.
    ///
    /// A moment at which nothing was counted stays open: the next event is due when it comes.
    pub(crate) fn due(&self, ladder: &Ladder) -> Option<Instant> {
        let over = self.last_event().checked_add(ladder.quiet);
        if self.untold == 0 {
            let is_known = ladder.closes || self.was_reminded();
            let tells_quiet = ladder.tells_quiet && !self.is_quiet && is_known;
            return over.filter(|_| tells_quiet);
        }
        if self.at_once {
            return Some(self.last_event());
        }
        let moment = self.first_told().checked_add(ladder.moment(self.passed));
        [moment, over].into_iter().flatten().min()
    }

    /// Whether a message that leaves now anyway takes this problem along.
    pub(crate) fn rides_along(&self, ladder: &Ladder, now: Instant) -> bool {
        let early = match self.untold {
            0 => Duration::ZERO,
            _ => ladder.step(self.passed) / 4,
        };
        self.due(ladder).is_some_and(|due| due <= now + early)
    }

    /// Whether its reminder is so late that it goes before what is new.
    pub(crate) fn is_late(&self, ladder: &Ladder, now: Instant) -> bool {
        let bound = ladder.step(self.passed).min(ladder.late());
        self.due(ladder)
            .is_some_and(|due| now.saturating_duration_since(due) >= bound)
    }

    /// Notes that a message has told what was taken for it.
    pub(crate) fn note_told(&mut self, ladder: &Ladder, now: Instant) {
        if std::mem::take(&mut self.begins_again) {
            (self.first_told, self.passed) = (now.into(), 0);
            self.told = [u32::MAX; MOST_AN_HOUR];
        }
        let after = now.saturating_duration_since(self.first_told());
        self.passed = self.passed.max(ladder.passed(after));
        self.told.rotate_right(1);
        if let Some(latest) = self.told.first_mut() {
            let ticks = after.as_millis() / u128::from(TICK);
            *latest = u32::try_from(ticks).unwrap_or(u32::MAX - 1);
        }
    }

    /// Whether it was silent for this long that its next event is that of a new problem.
    pub(crate) fn is_forgotten(&self, ladder: &Ladder, now: Instant) -> bool {
        self.untold == 0 && now.saturating_duration_since(self.last_event()) >= ladder.memory()
    }

    /// Adds events that a message tells without their having been counted.
    pub(crate) fn add(&mut self, events: u64, last_event: Instant) {
        self.last_event = self.last_event.max(last_event.into());
        self.events = self.events.saturating_add(events);
    }

    /// Takes out how many events no message has told yet, for one that does.
    pub(crate) fn take_untold(&mut self) -> u64 {
        self.taken_at_once = std::mem::take(&mut self.at_once);
        std::mem::take(&mut self.untold)
    }

    /// Puts back what a message was to tell that did not get through.
    pub(crate) fn put_back(&mut self, events: u64) {
        self.untold = self.untold.saturating_add(events);
        self.at_once |= std::mem::take(&mut self.taken_at_once);
    }

    /// Whether people are to be told that nothing more has come.
    pub(crate) fn is_over(&self, ladder: &Ladder, now: Instant) -> bool {
        let silent = now.saturating_duration_since(self.last_event());
        ladder.tells_quiet && silent >= ladder.quiet
    }

    /// Notes that people know that nothing more has come.
    pub(crate) fn note_quiet(&mut self) {
        self.is_quiet = true;
    }

    /// Makes what was counted due now.
    pub(crate) fn hurry(&mut self) {
        self.at_once = true;
    }

    /// Makes what was counted due now for others than those who were told until now: its moments
    /// begin with the next message.
    pub(crate) fn begin_again(&mut self) {
        self.hurry();
        self.begins_again = true;
    }

    /// Returns how long it is since the last message that told it.
    pub(crate) fn since_told(&self, now: Instant) -> Duration {
        let told = self.told.first().map_or(0, |told| u64::from(*told));
        let told = Duration::from_millis(told * TICK);
        now.saturating_duration_since(self.first_told())
            .saturating_sub(told)
    }

    /// Whether more than one message has told it.
    pub(crate) fn was_reminded(&self) -> bool {
        self.told.get(1).is_some_and(|told| *told != u32::MAX)
    }

    pub(crate) fn last_event(&self) -> Instant {
        self.last_event.instant()
    }

    /// Counts the messages of the last `span`.
    fn messages_within(&self, span: Duration, now: Instant) -> usize {
        let now = now.saturating_duration_since(self.first_told());
        let told = self.told.iter().filter(|told| **told != u32::MAX);
        let told = told.map(|told| Duration::from_millis(u64::from(*told) * TICK));
        told.filter(|told| *told + span > now).count()
    }
}

#[cfg(test)]
mod tests;
