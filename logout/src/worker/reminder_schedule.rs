//! The schedule of reminders: when a known problem is sent again.
//!
//! The time is an argument. A new problem is sent at once and is not scheduled here.

use std::time::{Duration, Instant};

use crate::worker::compact_time::CompactInstant;

/// The number of messages per hour that report a problem at once because its events are rare.
const MOST_AN_HOUR: usize = 6;

/// The milliseconds of a tick: four bytes of them hold five years.
const TICK: u64 = 40;

/// The steps of `remind`, and how long after the last event a pending count is sent at the latest.
///
/// If the first step is shorter than a minute, the other waiting times shrink with it, so that a
/// trial with short steps follows the same rules, only faster. The default has no steps: nothing
/// waits for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReminderSchedule {
    /// Times of the reminders after the first message, increasing; the last one repeats.
    steps: Vec<Duration>,
    /// How long after the last event a problem is sent at the latest.
    pub(crate) quiet: Duration,
    /// Whether a notice is sent when nothing more has come for this long.
    pub(crate) tells_quiet: bool,
    /// Whether that notice is sent for each problem that was sent once.
    pub(crate) sends_resolve: bool,
}

impl ReminderSchedule {
    /// Returns the schedule, or `None` unless the steps are non-zero and strictly increasing.
    pub(crate) fn new(steps: &[Duration], quiet: Duration, tells_quiet: bool) -> Option<Self> {
        let grows = steps.is_sorted_by(|a, b| a < b);
        let starts = steps.first().is_some_and(|first| !first.is_zero());
        (grows && starts).then(|| Self {
            steps: steps.to_vec(),
            quiet,
            tells_quiet,
            sends_resolve: false,
        })
    }

    /// Returns the schedule for a destination that keeps an incident open until it is resolved.
    pub(crate) fn with_resolve(self) -> Self {
        Self {
            tells_quiet: true,
            sends_resolve: true,
            ..self
        }
    }

    /// Returns how long a problem must be silent for its next event to count as a new problem.
    pub(crate) fn forget_after(&self) -> Duration {
        self.steps.last().copied().unwrap_or(Duration::MAX)
    }

    /// Returns how long a problem must be silent for its next event to be sent at once.
    fn rare_after(&self) -> Duration {
        self.of_first_step(5, Duration::from_secs(5 * 60))
    }

    /// Returns the window in which [`MOST_AN_HOUR`] messages may be sent at once.
    fn rate_window(&self) -> Duration {
        self.of_first_step(60, Duration::from_secs(60 * 60))
    }

    /// Returns how overdue a reminder must be to precede new problems.
    fn late_after(&self) -> Duration {
        self.of_first_step(1, Duration::from_secs(60))
    }

    /// Returns the minimum time between reminders.
    pub(crate) fn min_gap(&self) -> Duration {
        self.late_after() / 6
    }

    fn of_first_step(&self, times: u32, most: Duration) -> Duration {
        let first = self.steps.first().copied().unwrap_or(Duration::MAX);
        first.saturating_mul(times).min(most)
    }

    /// Returns the time of the reminder that `next_index` others precede.
    fn time_of(&self, next_index: u32) -> Duration {
        let index = usize::try_from(next_index).unwrap_or(usize::MAX);
        self.steps.get(index).copied().unwrap_or_else(|| {
            let beyond = index.saturating_sub(self.steps.len()).saturating_add(2);
            let beyond = u32::try_from(beyond).unwrap_or(u32::MAX);
            self.forget_after().saturating_mul(beyond)
        })
    }

    /// Returns the time between that reminder and the one before it.
    fn step(&self, next_index: u32) -> Duration {
        let before = next_index.checked_sub(1).map(|before| self.time_of(before));
        self.time_of(next_index)
            .saturating_sub(before.unwrap_or_default())
    }

    /// Returns the index of the next reminder after a message sent `after` the first one; a
    /// reminder less than a quarter of its step away counts as sent.
    fn next_index(&self, after: Duration) -> u32 {
        let is_used = |next_index: &u32| {
            self.time_of(*next_index)
                .saturating_sub(self.step(*next_index) / 4)
                <= after
        };
        let steps = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        let steps = (0..steps).take_while(is_used).count();
        // Beyond the steps all reminders are equally far apart, the first at twice that distance.
        let apart = self.forget_after();
        let times = after.saturating_add(apart / 4).as_nanos() / apart.as_nanos().max(1);
        let beyond = usize::try_from(times)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        u32::try_from(steps.saturating_add(beyond)).unwrap_or(u32::MAX)
    }
}

/// The state of one problem since its first message.
#[derive(Clone, Debug)]
pub(crate) struct ReminderState {
    first_told: CompactInstant,
    last_event: CompactInstant,
    /// Events since the first message, that message's included.
    events: u64,
    /// Events that no message has reported yet.
    untold: u64,
    /// The index of the next reminder.
    next_index: u32,
    /// Whether the pending count is sent now, because the events are rare.
    at_once: bool,
    /// The value of `at_once` when the count was taken for a message.
    taken_at_once: bool,
    /// Whether the all-quiet notice was sent.
    is_quiet: bool,
    /// Whether the next message is the first for its readers.
    restarts: bool,
    /// When the last messages were sent, in ticks after the first one, latest first.
    told: [u32; MOST_AN_HOUR],
}

impl ReminderState {
    /// Creates the state after the first message, which reported this many events.
    pub(crate) fn new(
        schedule: &ReminderSchedule,
        events: u64,
        last_event: Instant,
        now: Instant,
    ) -> Self {
        let mut reminders = Self {
            first_told: now.into(),
            last_event: last_event.into(),
            events,
            untold: 0,
            next_index: 0,
            at_once: false,
            taken_at_once: false,
            is_quiet: false,
            restarts: false,
            told: [u32::MAX; MOST_AN_HOUR],
        };
        reminders.note_told(schedule, now);
        reminders
    }

    /// Restores the state of a problem that another process reported.
    #[cfg(feature = "spool")]
    pub(crate) fn restored(
        schedule: &ReminderSchedule,
        events: u64,
        first_told: Instant,
        last_told: Instant,
        last_event: Instant,
    ) -> Self {
        let mut reminders = Self::new(schedule, events, last_event, first_told);
        if last_told > first_told {
            reminders.note_told(schedule, last_told);
        }
        reminders
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

    /// Counts events that happened now.
    pub(crate) fn count(&mut self, schedule: &ReminderSchedule, events: u64, now: Instant) {
        self.at_once |= self.untold == 0
            && now.saturating_duration_since(self.last_event()) >= schedule.rare_after()
            && self.messages_within(schedule.rate_window(), now) < MOST_AN_HOUR;
        self.is_quiet = false;
        self.last_event = self.last_event.max(now.into());
        self.events = self.events.saturating_add(events);
        self.untold = self.untold.saturating_add(events);
    }

    /// Returns when the pending count is due or, if there is none, when the all-quiet notice is
    /// due.
    ///
    /// A reminder time that passes with nothing counted stays open: the next event is due at once.
    pub(crate) fn due(&self, schedule: &ReminderSchedule) -> Option<Instant> {
        let over = self.last_event().checked_add(schedule.quiet);
        if self.untold == 0 {
            let is_known = schedule.sends_resolve || self.was_reminded();
            let tells_quiet = schedule.tells_quiet && !self.is_quiet && is_known;
            return over.filter(|_| tells_quiet);
        }
        if self.at_once {
            return Some(self.last_event());
        }
        let moment = self
            .first_told()
            .checked_add(schedule.time_of(self.next_index));
        [moment, over].into_iter().flatten().min()
    }

    /// Returns whether the reminder is due within a quarter of its step, so that it can join a
    /// message sent now.
    pub(crate) fn is_nearly_due(&self, schedule: &ReminderSchedule, now: Instant) -> bool {
        let early = match self.untold {
            0 => Duration::ZERO,
            _ => schedule.step(self.next_index) / 4,
        };
        self.due(schedule).is_some_and(|due| due <= now + early)
    }

    /// Returns whether the reminder is so late that it precedes new problems.
    pub(crate) fn is_late(&self, schedule: &ReminderSchedule, now: Instant) -> bool {
        let bound = schedule.step(self.next_index).min(schedule.late_after());
        self.due(schedule)
            .is_some_and(|due| now.saturating_duration_since(due) >= bound)
    }

    /// Notes that a message reported the events taken for it.
    pub(crate) fn note_told(&mut self, schedule: &ReminderSchedule, now: Instant) {
        if std::mem::take(&mut self.restarts) {
            (self.first_told, self.next_index) = (now.into(), 0);
            self.told = [u32::MAX; MOST_AN_HOUR];
        }
        let after = now.saturating_duration_since(self.first_told());
        self.next_index = self.next_index.max(schedule.next_index(after));
        self.told.rotate_right(1);
        if let Some(latest) = self.told.first_mut() {
            let ticks = after.as_millis() / u128::from(TICK);
            *latest = u32::try_from(ticks).unwrap_or(u32::MAX - 1);
        }
    }

    /// Returns whether the problem was silent long enough for its next event to count as a new
    /// problem.
    pub(crate) fn is_forgotten(&self, schedule: &ReminderSchedule, now: Instant) -> bool {
        self.untold == 0
            && now.saturating_duration_since(self.last_event()) >= schedule.forget_after()
    }

    /// Adds events that a message reports but that were never counted here.
    pub(crate) fn add(&mut self, events: u64, last_event: Instant) {
        self.last_event = self.last_event.max(last_event.into());
        self.events = self.events.saturating_add(events);
    }

    /// Takes the pending count, for a message that reports it.
    pub(crate) fn take_untold(&mut self) -> u64 {
        self.taken_at_once = std::mem::take(&mut self.at_once);
        std::mem::take(&mut self.untold)
    }

    /// Puts back a count whose message was not delivered.
    pub(crate) fn put_back(&mut self, events: u64) {
        self.untold = self.untold.saturating_add(events);
        self.at_once |= std::mem::take(&mut self.taken_at_once);
    }

    /// Returns whether the all-quiet notice is to be sent.
    pub(crate) fn is_over(&self, schedule: &ReminderSchedule, now: Instant) -> bool {
        let silent = now.saturating_duration_since(self.last_event());
        schedule.tells_quiet && silent >= schedule.quiet
    }

    /// Notes that the all-quiet notice was sent.
    pub(crate) fn note_quiet(&mut self) {
        self.is_quiet = true;
    }

    /// Makes the pending count due now.
    pub(crate) fn make_due(&mut self) {
        self.at_once = true;
    }

    /// Makes the pending count due now for other readers than before: the schedule starts again
    /// with the next message.
    pub(crate) fn restart(&mut self) {
        self.make_due();
        self.restarts = true;
    }

    /// Returns the time since the last message about the problem.
    pub(crate) fn since_told(&self, now: Instant) -> Duration {
        let told = self.told.first().map_or(0, |told| u64::from(*told));
        let told = Duration::from_millis(told * TICK);
        now.saturating_duration_since(self.first_told())
            .saturating_sub(told)
    }

    /// Returns whether more than one message was sent about the problem.
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
