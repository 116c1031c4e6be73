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

/// What became of a problem whose events came at these times after its first.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    messages: usize,
    /// Messages that told it as new.
    new: usize,
    /// The longest that an event waited for its message.
    longest_wait: Duration,
    events: u64,
}

/// Lives through events `every` so often up to `until`, with a destination that is always free.
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
    life.take_untold();
    life.note_told(&ladder, rare);
    life.count(&ladder, 1, rare + SECOND);
    assert_eq!(life.due(&ladder), Some(start + 30 * MINUTE));
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

proptest! {
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
        prop_assert!(ladder.moment(passed) > after);
        if let Some(last) = passed.checked_sub(1) {
            prop_assert!(ladder.moment(last).saturating_sub(ladder.step(last) / 4) <= after);
        }
    }

    #[test]
    fn the_moments_grow(passed in 0u32..100_000) {
        let ladder = ladder();
        prop_assert!(ladder.moment(passed) < ladder.moment(passed + 1));
        prop_assert_eq!(ladder.moment(passed + 1) - ladder.moment(passed), ladder.step(passed + 1));
    }
}
