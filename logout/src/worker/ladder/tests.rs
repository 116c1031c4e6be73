use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Ladder, Life};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn ladder() -> Ladder {
    Ladder::new(
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
    live(&ladder(), times)
}

fn live(ladder: &Ladder, times: impl IntoIterator<Item = Duration>) -> Told {
    let start = Instant::now();
    let mut told = Told::default();
    let mut life: Option<Life> = None;
    let mut waits_since = start;
    let tell = |life: &mut Life, at: Instant, since: Instant, told: &mut Told| {
        told.events += life.take_untold();
        life.note_told(ladder, at);
        told.messages += 1;
        told.longest_wait = told.longest_wait.max(at - since);
    };
    for time in times {
        let now = start + time;
        if let Some(life) = &mut life {
            while let Some(due) = life.due(ladder).filter(|due| *due < now) {
                tell(life, due, waits_since, &mut told);
            }
        }
        match &mut life {
            Some(life) if !life.is_forgotten(ladder, now) => {
                if life.untold() == 0 {
                    waits_since = now;
                }
                life.count(ladder, 1, now);
                if life.due(ladder).is_some_and(|due| due <= now) {
                    tell(life, now, waits_since, &mut told);
                }
            }
            _ => {
                life = Some(Life::new(ladder, 1, now, now));
                told.messages += 1;
                told.new += 1;
                told.events += 1;
            }
        }
    }
    if let Some(life) = &mut life
        && let Some(due) = life.due(ladder)
    {
        tell(life, due, waits_since, &mut told);
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
    let told = live(&ladder(), [Duration::ZERO, 2 * HOUR, 4 * HOUR - SECOND]);
    assert_eq!((told.messages, told.new), (3, 2));
}

#[test]
fn what_was_due_at_once_still_is_where_its_message_does_not_get_through() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    life.note_told(&ladder, start + 5 * MINUTE);
    let rare = start + 20 * MINUTE;
    life.count(&ladder, 1, rare);
    let (due, told) = (life.due(&ladder), life.take_untold());
    life.put_back(told);
    assert_eq!((life.due(&ladder), due), (Some(rare), Some(rare)));
    // So it is where somebody waits for it meanwhile.
    let told = life.take_untold();
    life.hurry();
    life.put_back(told);
    assert_eq!(life.due(&ladder), Some(rare));
    life.take_untold();
    life.note_told(&ladder, rare);
    life.count(&ladder, 1, rare + SECOND);
    assert_eq!(life.due(&ladder), Some(start + 30 * MINUTE));
}

#[test]
fn what_is_hurried_is_due_when_it_came() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    life.count(&ladder, 1, start + SECOND);
    assert_eq!(life.due(&ladder), Some(start + MINUTE));
    life.hurry();
    assert_eq!(life.due(&ladder), Some(start + SECOND));
    // Where nothing was counted it is the next event, be it rare or not.
    for after in [SECOND, 6 * MINUTE] {
        let mut life = Life::new(&ladder, 1, start, start);
        life.hurry();
        life.count(&ladder, 1, start + after);
        assert_eq!(life.due(&ladder), Some(start + after));
    }
}

#[test]
fn what_goes_on_elsewhere_begins_with_the_first_message_there() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    life.note_told(&ladder, start + 5 * MINUTE);
    let moved = start + 6 * MINUTE;
    life.count(&ladder, 1, moved - SECOND);
    life.begin_again();
    assert_eq!(life.due(&ladder), Some(moved - SECOND));
    life.take_untold();
    life.note_told(&ladder, moved);
    life.count(&ladder, 1, moved + SECOND);
    assert_eq!(life.due(&ladder), Some(moved + MINUTE));
    assert_eq!(life.events(), 3);
}

#[test]
fn a_moment_without_an_event_stays_open_for_the_next() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    life.count(&ladder, 1, start + 4 * MINUTE);
    assert_eq!(life.due(&ladder), Some(start + MINUTE));
    assert_eq!(life.take_untold(), 1);
    life.note_told(&ladder, start + 4 * MINUTE);
    // 4 minutes are within a quarter of the step of the moment at 5.
    life.count(&ladder, 1, start + 4 * MINUTE + SECOND);
    assert_eq!(life.due(&ladder), Some(start + 19 * MINUTE + SECOND));
}

#[test]
fn a_message_takes_along_what_is_due_within_a_quarter_of_its_step() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    life.count(&ladder, 3, start + SECOND);
    assert!(!life.rides_along(&ladder, start + 44 * SECOND));
    assert!(life.rides_along(&ladder, start + 45 * SECOND));
    assert_eq!(life.take_untold(), 3);
    life.note_told(&ladder, start + 45 * SECOND);
    life.count(&ladder, 1, start + 46 * SECOND);
    assert_eq!(life.due(&ladder), Some(start + 5 * MINUTE));
}

#[test]
fn a_reminder_is_late_by_a_step_or_a_minute() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    life.count(&ladder, 1, start + SECOND);
    assert!(!life.is_late(&ladder, start + 2 * MINUTE - SECOND));
    assert!(life.is_late(&ladder, start + 2 * MINUTE));
}

#[test]
fn steps_that_do_not_grow_make_no_ladder() {
    for steps in [
        &[][..],
        &[Duration::ZERO],
        &[MINUTE, MINUTE],
        &[5 * MINUTE, MINUTE],
    ] {
        assert_eq!(Ladder::new(steps, MINUTE, false), None);
    }
}

#[test]
fn that_it_is_over_is_told_once_of_what_was_reminded_of() {
    let ladder = Ladder::new(&[MINUTE, HOUR], 15 * MINUTE, true).unwrap();
    assert!(ladder.tells_quiet && !ladder.closes);
    assert_eq!(ladder.quiet, 15 * MINUTE);
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    assert!(!life.was_reminded());
    assert_eq!(life.due(&ladder), None, "it was one message");
    life.count(&ladder, 1, start + MINUTE);
    life.take_untold();
    life.note_told(&ladder, start + MINUTE);
    assert!(life.was_reminded());
    let over = start + 16 * MINUTE;
    assert_eq!(life.due(&ladder), Some(over));
    assert!(!life.is_over(&ladder, over - SECOND) && life.is_over(&ladder, over));
    // Without anything to tell of it takes no message that leaves earlier.
    assert!(!life.rides_along(&ladder, over - SECOND) && life.rides_along(&ladder, over));
    life.note_quiet();
    assert_eq!(life.due(&ladder), None);
    assert!(!life.rides_along(&ladder, over));
    life.count(&ladder, 1, over + MINUTE);
    life.take_untold();
    assert_eq!(life.due(&ladder), Some(over + 16 * MINUTE), "it went on");
    // Where nobody wants to know, it never is.
    let silent = self::ladder();
    assert!(!silent.tells_quiet && !life.is_over(&silent, start + DAY));
    assert_eq!(life.due(&silent), None);
}

#[test]
fn an_incident_is_told_to_be_over_after_one_message_too() {
    let ladder = ladder().closing();
    assert!(ladder.closes && ladder.tells_quiet);
    let start = Instant::now();
    let life = Life::new(&ladder, 1, start, start + SECOND);
    assert_eq!(life.due(&ladder), Some(start + 15 * MINUTE));
    assert!(life.is_over(&ladder, start + 15 * MINUTE));
}

#[test]
fn what_nobody_knows_of_yet_is_not_forgotten() {
    let ladder = ladder();
    assert_eq!(ladder.memory(), 2 * HOUR);
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    assert!(!life.is_forgotten(&ladder, start + 2 * HOUR - SECOND));
    assert!(life.is_forgotten(&ladder, start + 2 * HOUR));
    life.count(&ladder, 1, start);
    assert!(!life.is_forgotten(&ladder, start + DAY));
    // Nothing is known without a step.
    assert_eq!(Ladder::default().memory(), Duration::MAX);
}

#[test]
fn events_of_which_a_message_tells_anyway_are_known_and_not_counted_again() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 2, start + SECOND, start);
    life.add(3, start + 9 * SECOND);
    life.add(4, start + 5 * SECOND);
    assert_eq!((life.events(), life.untold()), (9, 0));
    assert_eq!(life.last_event(), start + 9 * SECOND);
    life.count(&ladder, 6, start + 10 * SECOND);
    assert_eq!((life.events(), life.untold()), (15, 6));
    // A clock that was behind does not make it older.
    life.count(&ladder, 1, start);
    assert_eq!(life.last_event(), start + 10 * SECOND);
    life.put_back(2);
    assert_eq!((life.events(), life.untold()), (16, 9));
}

#[test]
fn how_long_ago_it_was_told_counts_from_the_last_message() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    assert_eq!(life.since_told(start + 9 * SECOND), 9 * SECOND);
    life.note_told(&ladder, start + 45 * SECOND);
    assert_eq!(life.since_told(start + 50 * SECOND), 5 * SECOND);
    life.note_told(&ladder, start + 60 * SECOND);
    assert_eq!(life.since_told(start + 50 * SECOND), Duration::ZERO);
}

#[cfg(feature = "spool")]
#[test]
fn a_life_goes_on_in_another_process_where_it_was() {
    let ladder = ladder();
    let start = Instant::now();
    let (told, event) = (start + 90 * SECOND, start + 95 * SECOND);
    let mut life = Life::restored(&ladder, 7, start, told, event);
    assert_eq!((life.events(), life.untold()), (7, 0));
    assert_eq!((life.first_told(), life.last_told()), (start, told));
    assert_eq!(life.last_event(), event);
    assert!(life.was_reminded());
    life.count(&ladder, 1, event);
    assert_eq!(life.due(&ladder), Some(start + 5 * MINUTE));
    let once = Life::restored(&ladder, 1, start, start, start);
    assert!(!once.was_reminded());
    assert_eq!(once.last_told(), start);
}

#[test]
fn a_message_later_than_can_be_counted_in_ticks_was_one_all_the_same() {
    let ladder = ladder();
    let start = Instant::now();
    let mut life = Life::new(&ladder, 1, start, start);
    for years in [6, 7] {
        life.note_told(&ladder, start + 366 * years * DAY);
    }
    assert!(life.was_reminded());
    assert!(life.since_told(start + 366 * 7 * DAY) > 366 * DAY);
}

#[test]
fn longer_steps_make_nothing_else_wait_longer() {
    let slow = Ladder::new(&[10 * MINUTE, HOUR], 15 * MINUTE, false).unwrap();
    assert_eq!((slow.gap(), ladder().gap()), (10 * SECOND, 10 * SECOND));
    let fast = Ladder::new(&[6 * SECOND], MINUTE, false).unwrap();
    assert_eq!(fast.gap(), SECOND);
    let start = Instant::now();
    let mut life = Life::new(&slow, 1, start, start);
    life.count(&slow, 1, start + SECOND);
    assert_eq!(life.due(&slow), Some(start + 10 * MINUTE));
    assert!(!life.is_late(&slow, start + 11 * MINUTE - SECOND));
    assert!(life.is_late(&slow, start + 11 * MINUTE));
    // Within its last quarter of an hour a step is used up.
    life.take_untold();
    life.note_told(&slow, start + 10 * MINUTE);
    life.count(&slow, 1, start + 5 * MINUTE + SECOND);
    assert_eq!(life.due(&slow), Some(start + 5 * MINUTE + SECOND), "rare");
}

proptest! {
    #[test]
    fn short_steps_are_the_same_rules_only_faster(gaps in prop::collection::vec(0u32..9_000, 1..100)) {
        const TIMES: u32 = 5;
        let steps = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR].map(|step| step / TIMES);
        let fast = Ladder::new(&steps, 15 * MINUTE / TIMES, false).unwrap();
        let times = |times| gaps.iter().scan(Duration::ZERO, move |time, gap| {
            *time += SECOND * *gap / times;
            Some(*time)
        });
        let (slow, mut fast) = (live(&ladder(), times(1)), live(&fast, times(TIMES)));
        fast.longest_wait *= TIMES;
        prop_assert_eq!(slow, fast);
    }

    #[test]
    fn every_event_is_told_in_time(gaps in prop::collection::vec(0u64..9_000, 1..200)) {
        let times = gaps.iter().scan(Duration::ZERO, |time, gap| {
            *time += Duration::from_secs(*gap);
            Some(*time)
        });
        let told = live(&ladder(), times);
        prop_assert_eq!(told.events, gaps.len() as u64);
        prop_assert!(told.longest_wait <= 2 * HOUR);
    }

    #[test]
    fn the_moments_used_up_are_those_before_it(seconds in 0u64..10_000_000) {
        let (ladder, after) = (ladder(), Duration::from_secs(seconds));
        let passed = ladder.passed(after);
        let early = |passed| ladder.moment(passed) - ladder.step(passed) / 4;
        prop_assert!(early(passed) > after);
        if let Some(last) = passed.checked_sub(1) {
            prop_assert!(early(last) <= after);
        }
    }

    #[test]
    fn the_moments_grow(passed in 0u32..100_000) {
        let ladder = ladder();
        prop_assert!(ladder.moment(passed) < ladder.moment(passed + 1));
        prop_assert_eq!(ladder.moment(passed + 1) - ladder.moment(passed), ladder.step(passed + 1));
    }
}
