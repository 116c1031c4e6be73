//! The time slots of members whose broker is away, and their idea of the time.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{SPAN, seconds};
use crate::fleet::broker::Place;
use crate::fleet::time_slots::TimeSlots;

/// Returns the place of the only member, at this time of the broker's.
fn place(time: u64) -> Place {
    Place {
        time,
        members: 1,
        rank: 0,
        has_leader: true,
    }
}

#[test]
fn a_thousand_that_are_alone_keep_the_pace_of_one() {
    let start = Instant::now();
    let mut shares: Vec<_> = (0..1_000_u64)
        .map(|rank| {
            let mut share = TimeSlots::of("one", start);
            let place = Place {
                time: 1_700_000_000_123,
                members: 1_000,
                rank,
                has_leader: true,
            };
            // Each heard the time at another moment, and knows it to some milliseconds.
            let heard = start + Duration::from_millis(rank % 40);
            share.note(place, start, heard);
            share.begin();
            share
        })
        .collect();
    let mut sent: Vec<Duration> = Vec::new();
    let end = start + Duration::from_secs(600);
    for share in &mut shares {
        let mut now = start;
        while now < end {
            match share.until(now, SPAN) {
                Some(until) => {
                    assert!(now < until && until <= now + SPAN);
                    sent.push(now - start);
                    share.note_sent(now, SPAN);
                }
                None => {
                    let next = share.next(now, SPAN).unwrap();
                    assert!(next > now);
                    now = next;
                }
            }
        }
    }
    sent.sort_unstable();
    assert!(sent.len() < 700, "{}", sent.len());
    assert!(sent.len() > 400, "{}", sent.len());
    let crowd = sent.windows(4).find(|window| window[3] - window[0] < SPAN);
    assert_eq!(crowd, None, "never more than the pace plus two");
}

#[test]
fn the_next_turn_is_the_first_that_is_its_own() {
    let now = Instant::now();
    for (members, rank) in [(1, 0), (2, 1), (3, 0), (3, 2), (5, 3), (3, 7)] {
        for time in [0, 1, 999, 1_000, 4_321, 1_700_000_000_123] {
            let mut share = TimeSlots::of("one", now);
            let has_leader = false;
            let place = Place {
                time,
                members,
                rank,
                has_leader,
            };
            share.note(place, now, now);
            share.begin();
            let (mut at, mut turns) = (now, Vec::new());
            while turns.len() < 5 {
                let next = share.next(at, SPAN).unwrap();
                assert!(
                    share.until(next, SPAN).is_some(),
                    "{place:?} at {:?}",
                    next - now
                );
                let seconds = (next - at).as_secs_f64().ceil() as u32;
                let mut between = (1..seconds).map(|ago| next - SPAN * ago);
                assert!(
                    between.all(|at| share.until(at, SPAN).is_none()),
                    "{place:?}"
                );
                turns.push(next);
                share.note_sent(next, SPAN);
                at = next;
            }
            let rounds = turns.windows(2).map(|pair| pair[1] - pair[0]);
            let expected = [2, 4, 8, 16].map(|rounds| SPAN * rounds * members as u32);
            assert!(rounds.eq(expected), "{place:?}");
        }
    }
}

#[test]
fn one_that_is_alone_for_long_speaks_less_and_less() {
    let now = Instant::now();
    let mut share = TimeSlots::of("one", now);
    share.note(
        Place {
            time: 5_000,
            members: 1,
            rank: 0,
            has_leader: false,
        },
        now,
        now,
    );
    share.begin();
    let (mut at, mut sent) = (now, Vec::new());
    while at < now + Duration::from_secs(3_600) {
        if share.until(at, SPAN).is_some() {
            sent.push((at - now).as_secs());
            share.note_sent(at, SPAN);
        }
        at = share.next(at, SPAN).unwrap();
    }
    assert_eq!(&sent[..5], [0, 2, 6, 14, 30]);
    let last = sent.windows(2).last().unwrap();
    assert_eq!(
        last[1] - last[0],
        300,
        "but never so little that it is silent"
    );
}

#[test]
fn whoever_never_heard_of_others_takes_one_turn_of_thirty_two_by_its_name() {
    let now = Instant::now();
    let turns: BTreeSet<_> = (1..1_000_u64)
        .map(|number| {
            let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let mut share = TimeSlots::of(&format!("{random:016x}-1"), now);
            share.begin();
            assert_eq!((share.place(), share.time(now)), (None, None));
            let mut turns = (0..32).filter(|turn| share.until(now + SPAN * *turn, SPAN).is_some());
            let turn = turns.next().expect("it has a turn");
            assert_eq!(turns.next(), None, "and no other");
            turn
        })
        .collect();
    assert_eq!(turns.len(), 32);
}

#[test]
fn nothing_is_sent_in_the_last_quarter_of_a_turn_that_would_arrive_in_the_next() {
    let now = Instant::now();
    for (time, sends) in [(0, true), (750, true), (751, false), (999, false)] {
        let mut share = TimeSlots::of("one", now);
        let place = Place {
            time,
            members: 1,
            rank: 0,
            has_leader: false,
        };
        share.note(place, now, now);
        assert_eq!(share.until(now, SPAN).is_some(), sends, "at {time} ms");
    }
}

#[test]
fn of_two_times_that_are_known_as_well_the_later_counts() {
    let now = Instant::now();
    let at = |millis| now + Duration::from_millis(millis);
    let mut share = TimeSlots::of("one", now);
    // Known to 10 ms, and after two seconds to one more.
    share.note(place(1_000), at(0), at(20));
    share.note(place(3_005), at(1_999), at(2_021));
    assert_eq!(share.time(at(2_010)), Some(3_005));
}

#[test]
fn the_time_that_is_known_best_counts_until_it_cannot_be_true() {
    let now = Instant::now();
    let at = |millis| now + Duration::from_millis(millis);
    for (later, time) in [(1_011, 4_000), (1_012, 5_012)] {
        let mut share = TimeSlots::of("one", now);
        // Known to 10 ms, and after two seconds to one more.
        share.note(place(1_000), at(0), at(20));
        share.note(place(3_000 + later), at(1_010), at(3_010));
        assert_eq!(share.time(at(3_010)), Some(time), "{later} ms later");
    }
}

#[test]
fn an_answer_that_took_long_says_less_of_the_time_than_one_before_it() {
    let now = Instant::now();
    let at = |millis| now + Duration::from_millis(millis);
    let place = |time, members| Place {
        time,
        members,
        rank: 0,
        has_leader: true,
    };
    let mut share = TimeSlots::of("one", now);
    assert_eq!(share.time(at(0)), None);
    share.note(place(1_000_010, 1), at(0), at(20));
    // It was answered at once, and that came 2 s later.
    share.note(place(1_003_001, 2), at(3_000), at(5_000));
    assert_eq!(share.time(at(5_000)), Some(1_005_000));
    assert_eq!(share.place().map(|place| place.members), Some(2));
    // A faster answer counts.
    share.note(place(1_006_005, 2), at(6_000), at(6_004));
    assert_eq!(share.time(at(6_004)), Some(1_006_007));
    // So does an answer that contradicts the last one: the clock was set.
    share.note(place(2_000_000, 2), at(9_000), at(9_200));
    assert_eq!(share.time(at(9_200)), Some(2_000_100));
}

#[test]
fn a_clock_is_off_where_it_is_so_for_certain() {
    let now = Instant::now();
    let mut share = TimeSlots::of("one", now);
    assert_eq!(
        share.clock_ahead(0, now),
        None,
        "nobody has heard the broker"
    );
    let place = Place {
        time: 1_000_000,
        ..Place::default()
    };
    // It told that a second ago, or two.
    let answered = now + seconds(2.0);
    share.note(place, now, answered);
    let ahead = |wall: u64| share.clock_ahead(wall, answered);
    assert_eq!(ahead(1_001_000), None);
    assert_eq!(ahead(1_007_000), None);
    assert_eq!(ahead(1_007_001), Some(6_001));
    assert_eq!(ahead(995_000), None);
    assert_eq!(ahead(994_999), Some(-6_001));
    assert_eq!(ahead(0), Some(-1_001_000));
    assert_eq!(
        share.clock_ahead(1_241_000, now + seconds(1.0)),
        Some(241_000)
    );
}
