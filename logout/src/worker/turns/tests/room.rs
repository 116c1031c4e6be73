//! Tests of how soon there is room for a message, and that no window is exceeded.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::super::{Priority, SendTime, Window};
use super::{ERROR, SECOND, WARN, awaited, claim, counts, send_all, sharing};

#[test]
fn a_person_reads_five_messages_in_a_row_and_then_one_every_two_seconds() {
    let mut turns = sharing(1, &[Window::new(200, 60 * SECOND, "bot")]);
    let now = Instant::now();
    assert_eq!(turns.room(0, now), 5);
    let sent = send_all(&mut turns, &[claim(ERROR)], 20 * SECOND);
    let (_, fifth) = sent[4];
    assert_eq!(fifth, Duration::ZERO, "{sent:?}");
    let gaps: Vec<_> = sent[4..]
        .windows(2)
        .map(|pair| pair[1].1 - pair[0].1)
        .collect();
    assert!(gaps.iter().all(|gap| *gap == 2 * SECOND), "{gaps:?}");
    assert_eq!(turns.room(0, now + 20 * SECOND), 0);
    let mut turns = sharing(1, &[Window::new(200, 60 * SECOND, "bot")]);
    for _ in 0..5 {
        turns.claim(0, claim(ERROR), now);
        turns.reserve(0, now);
        turns.answered(0, now);
    }
    assert_eq!(turns.room(0, now + 9 * SECOND), 0);
    assert_eq!(turns.room(0, now + 10 * SECOND), 5);
    // Whoever waits for the end waits for the windows alone.
    turns.claim(0, awaited(ERROR), now + 20 * SECOND);
    assert_eq!(turns.turn(0, now + 20 * SECOND), SendTime::Now);
}

#[test]
fn two_events_go_alone_where_the_second_has_its_slot_soon() {
    let slack = [Window::new(1, SECOND, "hook")];
    let (mut turns, now) = (sharing(2, &slack), Instant::now());
    assert_eq!(turns.room(0, now), 2);
    turns.claim(0, claim(ERROR), now);
    turns.reserve(0, now);
    turns.answered(0, now);
    // The next one leaves a second later, and then none within two.
    assert_eq!(turns.room(0, now), 1);
    assert_eq!(
        turns.room(1, now),
        1,
        "a window is one lane's as the other's"
    );
    assert_eq!(turns.room(0, now + 2 * SECOND), 2);
    turns.pause(&slack, now + 9 * SECOND);
    assert_eq!(turns.room(0, now + 2 * SECOND), 0);
}

#[test]
fn where_somebody_waits_the_slots_of_now_alone_are_room() {
    let mut turns = sharing(1, &[Window::new(1, SECOND, "hook")]);
    let now = Instant::now();
    turns.claim(0, awaited(ERROR), now);
    assert_eq!(turns.room(0, now), 1);
    let mut turns = sharing(1, &[Window::new(3, SECOND, "hook")]);
    turns.claim(0, awaited(ERROR), now);
    assert_eq!(turns.room(0, now), 3);
}

#[test]
fn a_slot_that_is_far_off_for_the_even_spread_is_no_room() {
    let windows = [
        Window::new(1, SECOND, "chat"),
        Window::new(20, 60 * SECOND, "chat"),
    ];
    let (mut turns, start) = (sharing(1, &windows), Instant::now());
    // Ten are used; the last was long ago, so that a person reads on.
    for order in 0..10 {
        turns.reserve_in(&windows);
        turns.written_in(&windows, start + order * 2 * SECOND);
    }
    let now = start + 30 * SECOND;
    assert_eq!(turns.room(0, now), 1);
    turns.claim(0, awaited(ERROR), now);
    assert_eq!(turns.room(0, now), 1);
}

#[test]
fn at_the_end_the_windows_count_and_not_the_even_spread() {
    let windows = [
        Window::new(1, SECOND, "chat"),
        Window::new(20, 60 * SECOND, "chat"),
    ];
    let mut turns = sharing(1, &windows);
    let start = Instant::now();
    let used = send_all(&mut turns, &[claim(WARN)], 30 * SECOND).len();
    assert!(used < 19);
    let now = start + 31 * SECOND;
    turns.claim(0, claim(ERROR), now);
    assert!(
        matches!(turns.turn(0, now), SendTime::At(_)),
        "it is spread"
    );
    turns.claim(0, awaited(ERROR), now);
    let SendTime::At(at) = turns.turn(0, now) else {
        return;
    };
    assert!(at < now + 2 * SECOND, "{:?}", at - now);
}

#[test]
fn a_request_under_way_spreads_the_rest_from_now_on() {
    let window = Window::new(4, 60 * SECOND, "chat");
    let (mut turns, start) = (sharing(2, &[window]), Instant::now());
    for _ in 0..2 {
        turns.reserve(0, start);
        turns.answered(0, start);
    }
    let now = start + 30 * SECOND;
    turns.reserve(0, now);
    turns.claim(1, claim(WARN), now);
    let left = start + window.span() - now;
    assert_eq!(turns.turn(1, now), SendTime::At(now + left / 2));
    // Once it is written, it counts from then.
    turns.answered(0, now - SECOND);
    let left = start + window.span() - (now - SECOND);
    assert_eq!(turns.turn(1, now), SendTime::At(now - SECOND + left / 2));
}

#[test]
fn what_leaves_the_window_at_this_very_moment_counts_no_more() {
    let window = Window::new(4, 60 * SECOND, "chat");
    let (mut turns, start) = (sharing(1, &[window]), Instant::now());
    for at in [0, 60, 61, 62] {
        turns.reserve_in(&[window]);
        turns.written_in(&[window], start + at * SECOND);
    }
    let now = start + window.span();
    turns.claim(0, claim(WARN), now);
    // Of the other three the first leaves last, and what is left of its time has room for one more.
    let (first, last) = (start + 60 * SECOND, start + 62 * SECOND);
    let spread = last + (first + window.span() - last) / 2;
    assert_eq!(turns.turn(0, now), SendTime::At(spread));
}

#[test]
fn a_storm_is_spread_and_not_a_burst_and_a_silence() {
    let windows = [
        Window::new(1, SECOND, "chat"),
        Window::new(20, 60 * SECOND, "chat"),
    ];
    let mut turns = sharing(1, &windows);
    let sent = send_all(&mut turns, &[claim(WARN)], 300 * SECOND);
    let gaps = sent.windows(2).map(|pair| pair[1].1 - pair[0].1);
    let longest = gaps.max().unwrap();
    assert!(longest < 12 * SECOND, "{longest:?} in {sent:?}");
    assert!(sent.len() >= 90, "only {} of 100", sent.len());
}

proptest! {
    #[test]
    fn room_is_what_really_leaves_soon(limits in prop::collection::vec((1usize..30, 1u64..20), 1..3), before in 0u32..12) {
        let windows: Vec<_> = limits.iter().map(|(count, per)| Window::new(*count, Duration::from_secs(*per), "key")).collect();
        let mut turns = sharing(1, &windows);
        let start = Instant::now();
        let mut now = start;
        for _ in 0..before {
            turns.claim(0, claim(WARN), now);
            if turns.turn(0, now) == SendTime::Now {
                turns.reserve(0, now);
                turns.answered(0, now);
            }
            now += SECOND / 2;
        }
        let room = turns.room(0, now);
        let last = now + 2 * SECOND;
        let mut left = 0;
        while left < 5 {
            turns.claim(0, claim(WARN), now);
            match turns.turn(0, now) {
                SendTime::Now => {
                    turns.reserve(0, now);
                    turns.answered(0, now);
                    left += 1;
                }
                SendTime::At(at) if at <= last => now = at,
                _ => break,
            }
        }
        prop_assert!(room <= left, "{room} of {left}");
        prop_assert!(room == left || before > 0, "{room} of {left}");
    }

    #[test]
    fn no_window_is_ever_exceeded(limits in prop::collection::vec((1usize..30, 1u64..60), 1..4), lanes in 1usize..4, in_a_hurry: bool) {
        let windows: Vec<_> = limits.iter().map(|(count, per)| Window::new(*count, Duration::from_secs(*per), "key")).collect();
        let claim = if in_a_hurry { awaited(WARN) } else { claim(WARN) };
        let sent = send_all(&mut sharing(lanes, &windows), &vec![claim; lanes], Duration::from_secs(120));
        for (count, per) in limits {
            for (_, from) in &sent {
                let until = *from + Duration::from_secs(per);
                let inside = sent.iter().filter(|(_, at)| at >= from && *at < until).count();
                prop_assert!(inside <= count, "{inside} in {per} s from {from:?}, {count} allowed");
            }
        }
    }

    #[test]
    fn a_window_is_used_and_not_only_kept(count in 1usize..30, per in 1u64..60) {
        let windows = [Window::new(count, Duration::from_secs(per), "key")];
        let sent = send_all(&mut sharing(1, &windows), &[awaited(WARN)], Duration::from_secs(per * 10));
        prop_assert!(sent.len() * 10 >= count * 10 * 8, "{} of {}", sent.len(), count * 10);
    }

    #[test]
    fn nobody_starves(priorities in prop::collection::vec(0u8..7, 2..5)) {
        let lanes = priorities.len();
        let wants: Vec<_> = priorities.iter().map(|priority| awaited(Priority(*priority))).collect();
        let sent = send_all(&mut sharing(lanes, &[Window::new(1, SECOND, "hook")]), &wants, 100 * SECOND);
        let counts = counts(&sent, lanes);
        prop_assert!(counts.iter().all(|count| count * 4 * lanes >= sent.len() - 4 * lanes), "{priorities:?}: {counts:?}");
    }
}
