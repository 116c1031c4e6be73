use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{ReminderSchedule, ReminderState};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn schedule() -> ReminderSchedule {
    ReminderSchedule::new(
        &[MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR],
        15 * MINUTE,
        false,
    )
    .unwrap()
}

/// The messages about a problem.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    messages: usize,
    /// Messages that reported it as new.
    new: usize,
    /// The longest that an event waited for its message.
    longest_wait: Duration,
    events: u64,
}

/// Simulates events `every` so often up to `until`, with a destination that is always free.
fn lives(every: Duration, until: Duration) -> Told {
    let times = (0..).map(|n| every * n).take_while(|time| *time < until);
    live(&schedule(), times)
}

fn live(schedule: &ReminderSchedule, times: impl IntoIterator<Item = Duration>) -> Told {
    let start = Instant::now();
    let mut told = Told::default();
    let mut reminders: Option<ReminderState> = None;
    let mut waits_since = start;
    let tell = |reminders: &mut ReminderState, at: Instant, since: Instant, told: &mut Told| {
        told.events += reminders.take_untold();
        reminders.note_told(schedule, at);
        told.messages += 1;
        told.longest_wait = told.longest_wait.max(at - since);
    };
    for time in times {
        let now = start + time;
        if let Some(reminders) = &mut reminders {
            while let Some(due) = reminders.due(schedule).filter(|due| *due < now) {
                tell(reminders, due, waits_since, &mut told);
            }
        }
        match &mut reminders {
            Some(reminders) if !reminders.is_forgotten(schedule, now) => {
                if reminders.untold() == 0 {
                    waits_since = now;
                }
                reminders.count(schedule, 1, now);
                if reminders.due(schedule).is_some_and(|due| due <= now) {
                    tell(reminders, now, waits_since, &mut told);
                }
            }
            _ => {
                reminders = Some(ReminderState::new(schedule, 1, now, now));
                told.messages += 1;
                told.new += 1;
                told.events += 1;
            }
        }
    }
    if let Some(reminders) = &mut reminders
        && let Some(due) = reminders.due(schedule)
    {
        tell(reminders, due, waits_since, &mut told);
    }
    told
}

fn in_minutes(told: &Told) -> (usize, usize, u64) {
    (
        told.messages,
        told.new,
        told.longest_wait.as_secs().div_ceil(60),
    )
}

#[test]
fn what_goes_on_for_four_hours_is_six_messages() {
    assert_eq!(
        in_minutes(&lives(Duration::from_millis(1_100), 4 * HOUR)),
        (6, 1, 120)
    );
    assert_eq!(
        in_minutes(&lives(Duration::from_millis(100), 4 * HOUR)),
        (6, 1, 120)
    );
}

#[test]
fn what_ends_is_told_within_the_quiet_time() {
    let told = lives(Duration::from_millis(1_100), 31 * MINUTE);
    assert_eq!((told.messages, told.new), (5, 1));
    assert!(told.longest_wait <= 25 * MINUTE, "{told:?}");
}

#[test]
fn what_is_rare_is_told_when_it_happens_up_to_six_times_an_hour() {
    assert_eq!(in_minutes(&lives(10 * MINUTE, DAY)), (144, 1, 0));
    assert_eq!(in_minutes(&lives(14 * MINUTE, DAY)), (103, 1, 0));
    assert_eq!(in_minutes(&lives(16 * MINUTE, DAY)), (90, 1, 0));
    assert_eq!(in_minutes(&lives(HOUR, DAY)), (24, 1, 0));
    // Ten an hour are more than six: what is counted waits for its moment.
    let (messages, new, wait) = in_minutes(&lives(6 * MINUTE, DAY));
    assert_eq!((messages, new), (73, 1));
    assert!(wait <= 90);
}

#[test]
fn what_comes_each_few_minutes_is_told_at_the_moments() {
    let (messages, new, wait) = in_minutes(&lives(2 * MINUTE, DAY));
    assert_eq!((messages, new), (16, 1));
    assert!(wait <= 120);
}

#[test]
fn after_a_silence_as_long_as_the_last_step_a_problem_is_new() {
    let told = live(&schedule(), [Duration::ZERO, 2 * HOUR, 4 * HOUR - SECOND]);
    assert_eq!((told.messages, told.new), (3, 2));
}

#[test]
fn what_was_due_at_once_still_is_where_its_message_does_not_get_through() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    reminders.note_told(&schedule, start + 5 * MINUTE);
    let rare = start + 20 * MINUTE;
    reminders.count(&schedule, 1, rare);
    let (due, told) = (reminders.due(&schedule), reminders.take_untold());
    reminders.put_back(told);
    assert_eq!((reminders.due(&schedule), due), (Some(rare), Some(rare)));
    // So it is where somebody waits for it meanwhile.
    let told = reminders.take_untold();
    reminders.make_due();
    reminders.put_back(told);
    assert_eq!(reminders.due(&schedule), Some(rare));
    reminders.take_untold();
    reminders.note_told(&schedule, rare);
    reminders.count(&schedule, 1, rare + SECOND);
    assert_eq!(reminders.due(&schedule), Some(start + 30 * MINUTE));
}

#[test]
fn what_is_hurried_is_due_when_it_came() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    reminders.count(&schedule, 1, start + SECOND);
    assert_eq!(reminders.due(&schedule), Some(start + MINUTE));
    reminders.make_due();
    assert_eq!(reminders.due(&schedule), Some(start + SECOND));
    // Where nothing was counted it is the next event, be it rare or not.
    for after in [SECOND, 6 * MINUTE] {
        let mut reminders = ReminderState::new(&schedule, 1, start, start);
        reminders.make_due();
        reminders.count(&schedule, 1, start + after);
        assert_eq!(reminders.due(&schedule), Some(start + after));
    }
}

#[test]
fn what_goes_on_elsewhere_begins_with_the_first_message_there() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    reminders.note_told(&schedule, start + 5 * MINUTE);
    let moved = start + 6 * MINUTE;
    reminders.count(&schedule, 1, moved - SECOND);
    reminders.restart();
    assert_eq!(reminders.due(&schedule), Some(moved - SECOND));
    reminders.take_untold();
    reminders.note_told(&schedule, moved);
    reminders.count(&schedule, 1, moved + SECOND);
    assert_eq!(reminders.due(&schedule), Some(moved + MINUTE));
    assert_eq!(reminders.events(), 3);
}

#[test]
fn a_moment_without_an_event_stays_open_for_the_next() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    reminders.count(&schedule, 1, start + 4 * MINUTE);
    assert_eq!(reminders.due(&schedule), Some(start + MINUTE));
    assert_eq!(reminders.take_untold(), 1);
    reminders.note_told(&schedule, start + 4 * MINUTE);
    // 4 minutes are within a quarter of the step of the moment at 5.
    reminders.count(&schedule, 1, start + 4 * MINUTE + SECOND);
    assert_eq!(reminders.due(&schedule), Some(start + 19 * MINUTE + SECOND));
}

#[test]
fn a_message_takes_along_what_is_due_within_a_quarter_of_its_step() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    reminders.count(&schedule, 3, start + SECOND);
    assert!(!reminders.is_nearly_due(&schedule, start + 44 * SECOND));
    assert!(reminders.is_nearly_due(&schedule, start + 45 * SECOND));
    assert_eq!(reminders.take_untold(), 3);
    reminders.note_told(&schedule, start + 45 * SECOND);
    reminders.count(&schedule, 1, start + 46 * SECOND);
    assert_eq!(reminders.due(&schedule), Some(start + 5 * MINUTE));
}

#[test]
fn a_reminder_is_late_by_a_step_or_a_minute() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    reminders.count(&schedule, 1, start + SECOND);
    assert!(!reminders.is_late(&schedule, start + 2 * MINUTE - SECOND));
    assert!(reminders.is_late(&schedule, start + 2 * MINUTE));
}

#[test]
fn steps_that_do_not_grow_make_no_ladder() {
    for steps in [
        &[][..],
        &[Duration::ZERO],
        &[MINUTE, MINUTE],
        &[5 * MINUTE, MINUTE],
    ] {
        assert_eq!(ReminderSchedule::new(steps, MINUTE, false), None);
    }
}

#[test]
fn that_it_is_over_is_told_once_of_what_was_reminded_of() {
    let schedule = ReminderSchedule::new(&[MINUTE, HOUR], 15 * MINUTE, true).unwrap();
    assert!(schedule.tells_quiet && !schedule.sends_resolve);
    assert_eq!(schedule.quiet, 15 * MINUTE);
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    assert!(!reminders.was_reminded());
    assert_eq!(reminders.due(&schedule), None, "it was one message");
    reminders.count(&schedule, 1, start + MINUTE);
    reminders.take_untold();
    reminders.note_told(&schedule, start + MINUTE);
    assert!(reminders.was_reminded());
    let over = start + 16 * MINUTE;
    assert_eq!(reminders.due(&schedule), Some(over));
    assert!(!reminders.is_over(&schedule, over - SECOND) && reminders.is_over(&schedule, over));
    // Without anything to tell of it takes no message that leaves earlier.
    assert!(
        !reminders.is_nearly_due(&schedule, over - SECOND)
            && reminders.is_nearly_due(&schedule, over)
    );
    reminders.note_quiet();
    assert_eq!(reminders.due(&schedule), None);
    assert!(!reminders.is_nearly_due(&schedule, over));
    reminders.count(&schedule, 1, over + MINUTE);
    reminders.take_untold();
    assert_eq!(
        reminders.due(&schedule),
        Some(over + 16 * MINUTE),
        "it went on"
    );
    // Where nobody wants to know, it never is.
    let silent = self::schedule();
    assert!(!silent.tells_quiet && !reminders.is_over(&silent, start + DAY));
    assert_eq!(reminders.due(&silent), None);
}

#[test]
fn an_incident_is_told_to_be_over_after_one_message_too() {
    let schedule = schedule().with_resolve();
    assert!(schedule.sends_resolve && schedule.tells_quiet);
    let start = Instant::now();
    let reminders = ReminderState::new(&schedule, 1, start, start + SECOND);
    assert_eq!(reminders.due(&schedule), Some(start + 15 * MINUTE));
    assert!(reminders.is_over(&schedule, start + 15 * MINUTE));
}

#[test]
fn what_nobody_knows_of_yet_is_not_forgotten() {
    let schedule = schedule();
    assert_eq!(schedule.forget_after(), 2 * HOUR);
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    assert!(!reminders.is_forgotten(&schedule, start + 2 * HOUR - SECOND));
    assert!(reminders.is_forgotten(&schedule, start + 2 * HOUR));
    reminders.count(&schedule, 1, start);
    assert!(!reminders.is_forgotten(&schedule, start + DAY));
    // Nothing is known without a step.
    assert_eq!(ReminderSchedule::default().forget_after(), Duration::MAX);
}

#[test]
fn events_of_which_a_message_tells_anyway_are_known_and_not_counted_again() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 2, start + SECOND, start);
    reminders.add(3, start + 9 * SECOND);
    reminders.add(4, start + 5 * SECOND);
    assert_eq!((reminders.events(), reminders.untold()), (9, 0));
    assert_eq!(reminders.last_event(), start + 9 * SECOND);
    reminders.count(&schedule, 6, start + 10 * SECOND);
    assert_eq!((reminders.events(), reminders.untold()), (15, 6));
    // A clock that was behind does not make it older.
    reminders.count(&schedule, 1, start);
    assert_eq!(reminders.last_event(), start + 10 * SECOND);
    reminders.put_back(2);
    assert_eq!((reminders.events(), reminders.untold()), (16, 9));
}

#[test]
fn how_long_ago_it_was_told_counts_from_the_last_message() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    assert_eq!(reminders.since_told(start + 9 * SECOND), 9 * SECOND);
    reminders.note_told(&schedule, start + 45 * SECOND);
    assert_eq!(reminders.since_told(start + 50 * SECOND), 5 * SECOND);
    reminders.note_told(&schedule, start + 60 * SECOND);
    assert_eq!(reminders.since_told(start + 50 * SECOND), Duration::ZERO);
}

#[cfg(feature = "spool")]
#[test]
fn a_life_goes_on_in_another_process_where_it_was() {
    let schedule = schedule();
    let start = Instant::now();
    let (told, event) = (start + 90 * SECOND, start + 95 * SECOND);
    let mut reminders = ReminderState::restored(&schedule, 7, start, told, event);
    assert_eq!((reminders.events(), reminders.untold()), (7, 0));
    assert_eq!(
        (reminders.first_told(), reminders.last_told()),
        (start, told)
    );
    assert_eq!(reminders.last_event(), event);
    assert!(reminders.was_reminded());
    reminders.count(&schedule, 1, event);
    assert_eq!(reminders.due(&schedule), Some(start + 5 * MINUTE));
    let once = ReminderState::restored(&schedule, 1, start, start, start);
    assert!(!once.was_reminded());
    assert_eq!(once.last_told(), start);
}

#[test]
fn a_message_later_than_can_be_counted_in_ticks_was_one_all_the_same() {
    let schedule = schedule();
    let start = Instant::now();
    let mut reminders = ReminderState::new(&schedule, 1, start, start);
    for years in [6, 7] {
        reminders.note_told(&schedule, start + 366 * years * DAY);
    }
    assert!(reminders.was_reminded());
    assert!(reminders.since_told(start + 366 * 7 * DAY) > 366 * DAY);
}

#[test]
fn longer_steps_make_nothing_else_wait_longer() {
    let slow = ReminderSchedule::new(&[10 * MINUTE, HOUR], 15 * MINUTE, false).unwrap();
    assert_eq!(
        (slow.min_gap(), schedule().min_gap()),
        (10 * SECOND, 10 * SECOND)
    );
    let fast = ReminderSchedule::new(&[6 * SECOND], MINUTE, false).unwrap();
    assert_eq!(fast.min_gap(), SECOND);
    let start = Instant::now();
    let mut reminders = ReminderState::new(&slow, 1, start, start);
    reminders.count(&slow, 1, start + SECOND);
    assert_eq!(reminders.due(&slow), Some(start + 10 * MINUTE));
    assert!(!reminders.is_late(&slow, start + 11 * MINUTE - SECOND));
    assert!(reminders.is_late(&slow, start + 11 * MINUTE));
    // Within its last quarter of an hour a step is used up.
    reminders.take_untold();
    reminders.note_told(&slow, start + 10 * MINUTE);
    reminders.count(&slow, 1, start + 5 * MINUTE + SECOND);
    assert_eq!(
        reminders.due(&slow),
        Some(start + 5 * MINUTE + SECOND),
        "rare"
    );
}

proptest! {
    #[test]
    fn short_steps_are_the_same_rules_only_faster(gaps in prop::collection::vec(0u32..9_000, 1..100)) {
        const TIMES: u32 = 5;
        let steps = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR].map(|step| step / TIMES);
        let fast = ReminderSchedule::new(&steps, 15 * MINUTE / TIMES, false).unwrap();
        let times = |times| gaps.iter().scan(Duration::ZERO, move |time, gap| {
            *time += SECOND * *gap / times;
            Some(*time)
        });
        let (slow, mut fast) = (live(&schedule(), times(1)), live(&fast, times(TIMES)));
        fast.longest_wait *= TIMES;
        prop_assert_eq!(slow, fast);
    }

    #[test]
    fn every_event_is_told_in_time(gaps in prop::collection::vec(0u64..9_000, 1..200)) {
        let times = gaps.iter().scan(Duration::ZERO, |time, gap| {
            *time += Duration::from_secs(*gap);
            Some(*time)
        });
        let told = live(&schedule(), times);
        prop_assert_eq!(told.events, gaps.len() as u64);
        prop_assert!(told.longest_wait <= 2 * HOUR);
    }

    #[test]
    fn the_moments_used_up_are_those_before_it(seconds in 0u64..10_000_000) {
        let (schedule, after) = (schedule(), Duration::from_secs(seconds));
        let next_index = schedule.next_index(after);
        let early = |next_index| schedule.time_of(next_index) - schedule.step(next_index) / 4;
        prop_assert!(early(next_index) > after);
        if let Some(last) = next_index.checked_sub(1) {
            prop_assert!(early(last) <= after);
        }
    }

    #[test]
    fn the_moments_grow(next_index in 0u32..100_000) {
        let schedule = schedule();
        prop_assert!(schedule.time_of(next_index) < schedule.time_of(next_index + 1));
        prop_assert_eq!(schedule.time_of(next_index + 1) - schedule.time_of(next_index), schedule.step(next_index + 1));
    }
}
