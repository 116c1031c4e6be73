use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Gravity, Turn, Turns, Want, Window};

const SECOND: Duration = Duration::from_secs(1);
const ERROR: Gravity = Gravity(5);
const WARN: Gravity = Gravity(4);

fn want(gravity: Gravity) -> Want {
    Want {
        gravity,
        is_new: true,
        is_awaited: false,
        ignores_rest: false,
    }
}

fn awaited(gravity: Gravity) -> Want {
    Want {
        is_awaited: true,
        ..want(gravity)
    }
}

fn sharing(lanes: usize, windows: &[Window]) -> Turns {
    let mut turns = Turns::new(lanes);
    (0..lanes).for_each(|lane| turns.set_windows(lane, windows.to_vec()));
    turns
}

/// Lets lanes that always have something send for this long; tells when each did.
fn storm(turns: &mut Turns, wants: &[Want], span: Duration) -> Vec<(usize, Duration)> {
    let start = Instant::now();
    let (mut now, mut sent) = (start, Vec::new());
    while now - start <= span {
        (0..wants.len()).for_each(|lane| turns.claim(lane, wants[lane], now));
        let all: Vec<_> = (0..wants.len()).map(|lane| turns.turn(lane, now)).collect();
        if let Some(lane) = all.iter().position(|turn| *turn == Turn::Now) {
            turns.reserve(lane, now);
            turns.answered(lane, now);
            sent.push((lane, now - start));
        } else {
            let next = all.iter().filter_map(|turn| match turn {
                Turn::At(at) => Some(*at),
                _ => None,
            });
            now = next.min().expect("somebody goes, or all know when");
        }
    }
    sent
}

fn counts(sent: &[(usize, Duration)], lanes: usize) -> Vec<usize> {
    let count = |lane| sent.iter().filter(|(sender, _)| *sender == lane).count();
    (0..lanes).map(count).collect()
}

#[test]
fn the_first_request_leaves_at_once() {
    let (mut turns, now) = (
        sharing(1, &[Window::new(1, SECOND, "chat")]),
        Instant::now(),
    );
    turns.claim(0, want(WARN), now);
    assert_eq!(turns.turn(0, now), Turn::Now);
}

#[test]
fn equal_lanes_of_one_window_get_equal_counts() {
    for lanes in 2..5 {
        let mut turns = sharing(lanes, &[Window::new(1, SECOND, "hook")]);
        let sent = storm(&mut turns, &vec![awaited(WARN); lanes], 60 * SECOND);
        let counts = counts(&sent, lanes);
        let (least, most) = (counts.iter().min(), counts.iter().max());
        assert!(most.unwrap() - least.unwrap() <= 1, "{counts:?}");
    }
}

#[test]
fn the_graver_goes_first_but_past_one_that_waits_at_most_three_times_in_a_row() {
    let mut turns = sharing(2, &[Window::new(1, SECOND, "hook")]);
    let sent = storm(&mut turns, &[awaited(WARN), awaited(ERROR)], 16 * SECOND);
    let order: Vec<_> = sent.iter().map(|(lane, _)| *lane).collect();
    assert_eq!(order[..8], [1, 1, 1, 0, 1, 1, 1, 0], "{order:?}");
}

#[test]
fn two_graver_lanes_do_not_pass_a_third_more_often_than_one() {
    let mut turns = sharing(3, &[Window::new(1, SECOND, "hook")]);
    let wants = [awaited(WARN), awaited(ERROR), awaited(ERROR)];
    let order: Vec<_> = storm(&mut turns, &wants, 12 * SECOND)
        .iter()
        .map(|(lane, _)| *lane)
        .collect();
    assert_eq!(order[..8], [1, 2, 1, 0, 2, 1, 2, 0], "{order:?}");
}

#[test]
fn an_error_waits_for_one_slot_behind_a_lane_that_is_never_empty() {
    let windows = [
        Window::new(1, SECOND, "chat"),
        Window::new(20, 60 * SECOND, "chat"),
    ];
    let (mut turns, start) = (sharing(2, &windows), Instant::now());
    let sent = storm(&mut turns, &[want(WARN)], 50 * SECOND);
    let now = start + 51 * SECOND;
    assert!(sent.len() > 15);
    turns.claim(0, want(WARN), now);
    turns.claim(1, want(ERROR), now);
    let at = match turns.turn(1, now) {
        Turn::At(at) => at,
        _ => now,
    };
    assert!(at < now + 12 * SECOND);
    assert_eq!(turns.turn(0, at), Turn::After(1));
    assert_eq!(turns.turn(1, at), Turn::Now);
}

#[test]
fn lanes_without_a_window_in_common_do_not_wait_for_each_other() {
    let (mut turns, now) = (Turns::new(2), Instant::now());
    turns.set_windows(0, vec![Window::new(1, SECOND, "one hook")]);
    turns.set_windows(1, vec![Window::new(1, SECOND, "another hook")]);
    turns.claim(0, want(WARN), now);
    turns.claim(1, want(ERROR), now);
    assert_eq!(turns.turn(0, now), Turn::Now);
    assert_eq!(turns.turn(1, now), Turn::Now);
}

#[test]
fn what_is_as_grave_or_came_while_it_rested_does_not_count_as_going_past() {
    let (mut turns, now) = (
        sharing(2, &[Window::new(20, SECOND, "hook")]),
        Instant::now(),
    );
    let send = |turns: &mut Turns, gravity| {
        turns.claim(1, awaited(gravity), now);
        turns.reserve(1, now);
        turns.answered(1, now);
    };
    turns.claim(0, awaited(WARN), now);
    (0..3).for_each(|_| send(&mut turns, WARN));
    turns.rest(0, now + SECOND);
    (0..3).for_each(|_| send(&mut turns, ERROR));
    turns.recover(0);
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(0, now), Turn::After(1));
    // A rest that ends at this very moment is over.
    turns.rest(0, now);
    (0..3).for_each(|_| send(&mut turns, ERROR));
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(1, now), Turn::After(0));
}

#[test]
fn a_lane_is_ready_that_claims_something_and_could_send_it() {
    let (mut turns, now) = (
        sharing(2, &[Window::new(1, SECOND, "hook")]),
        Instant::now(),
    );
    assert!(!turns.is_ready(0, now), "it claims nothing");
    turns.claim(0, want(WARN), now);
    turns.claim(1, want(ERROR), now);
    assert!(turns.is_ready(0, now), "although another one goes first");
    turns.rest(0, now + SECOND);
    assert!(!turns.is_ready(0, now) && turns.is_ready(1, now));
    assert!(turns.is_ready(0, now + SECOND));
    assert!(!turns.is_ready(2, now), "there is none");
}

#[test]
fn a_lane_that_rests_or_sends_or_is_paused_holds_nobody_up() {
    let (mut turns, now) = (
        sharing(2, &[Window::new(9, SECOND, "hook")]),
        Instant::now(),
    );
    turns.claim(0, awaited(WARN), now);
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(0, now), Turn::After(1));
    turns.rest(1, now + SECOND);
    assert_eq!(turns.turn(0, now), Turn::Now);
    turns.recover(1);
    turns.reserve(1, now);
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(0, now), Turn::Now, "the other one is under way");
    turns.written(1, now);
    assert_eq!(turns.turn(0, now), Turn::Now, "and waits for its answer");
    turns.answered(1, now);
    assert_eq!(turns.turn(0, now), Turn::After(1));
    assert!(turns.withdraw(1));
    assert_eq!(turns.turn(0, now), Turn::Now);
}

#[test]
fn a_slot_is_taken_when_planned_and_counts_from_when_it_was_written() {
    let (mut turns, now) = (
        sharing(2, &[Window::new(1, SECOND, "hook")]),
        Instant::now(),
    );
    turns.claim(0, want(WARN), now);
    turns.reserve(0, now);
    turns.claim(1, want(ERROR), now);
    assert!(matches!(turns.turn(1, now + 3 * SECOND), Turn::At(_)));
    let written = now + Duration::from_millis(300);
    turns.written(0, written);
    let next = written + Window::new(1, SECOND, "hook").span();
    assert_eq!(turns.turn(1, now), Turn::At(next));
    assert_eq!(turns.turn(1, next), Turn::Now);
    turns.answered(0, next);
    assert_eq!(turns.turn(1, next), Turn::Now, "it counts once");
}

#[test]
fn a_lane_that_waits_for_its_answer_is_passed_by_nobody() {
    let mut turns = sharing(2, &[Window::new(9, SECOND, "hook")]);
    let now = Instant::now();
    turns.claim(0, awaited(WARN), now);
    turns.reserve(0, now);
    turns.written(0, now);
    turns.claim(0, awaited(WARN), now);
    for _ in 0..4 {
        turns.claim(1, awaited(ERROR), now);
        assert_eq!(turns.turn(1, now), Turn::Now);
        turns.reserve(1, now);
        turns.answered(1, now);
    }
    turns.answered(0, now);
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(1, now), Turn::Now, "the graver goes first");
}

#[test]
fn a_pause_is_of_the_narrowest_window_and_all_that_shares_its_key() {
    let (mut turns, now) = (Turns::new(2), Instant::now());
    let of_chat = |chat| vec![Window::new(1, SECOND, chat), Window::new(30, SECOND, "bot")];
    turns.set_windows(0, of_chat("one"));
    turns.set_windows(1, of_chat("other"));
    turns.pause(&of_chat("one"), now + 10 * SECOND);
    turns.pause(&of_chat("one"), now + 3 * SECOND);
    assert_eq!(turns.next_slot(&of_chat("one"), now), now + 10 * SECOND);
    assert_eq!(turns.next_slot(&of_chat("other"), now), now);
    turns.pause(&of_chat("other"), now + 5 * SECOND);
    turns.resume(0);
    assert_eq!(turns.next_slot(&of_chat("one"), now), now);
    assert_eq!(turns.next_slot(&of_chat("other"), now), now + 5 * SECOND);
}

#[test]
fn a_lane_whose_destination_asked_for_it_is_paused_with_all_that_shares_its_key() {
    let now = Instant::now();
    let mut turns = sharing(2, &[Window::new(9, SECOND, "hook")]);
    turns.set_windows(1, vec![Window::new(5, 2 * SECOND, "hook")]);
    turns.pause_lane(2, now + 60 * SECOND);
    for lane in 0..2 {
        turns.claim(lane, awaited(ERROR), now);
    }
    assert_eq!(turns.turn(0, now), Turn::Now, "there is no third lane");
    turns.pause_lane(0, now + 10 * SECOND);
    for lane in 0..2 {
        assert_eq!(turns.turn(lane, now), Turn::At(now + 10 * SECOND));
        assert_eq!(turns.turn(lane, now + 10 * SECOND), Turn::Now);
        turns.withdraw(lane);
    }
}

#[test]
fn a_lane_rests_while_nothing_but_its_failures_holds_it_up() {
    let now = Instant::now();
    let mut turns = sharing(1, &[Window::new(1, SECOND, "hook")]);
    assert!(!turns.is_resting(0, now));
    turns.rest(0, now + 5 * SECOND);
    assert!(turns.is_resting(0, now) && turns.is_resting(0, now + 4 * SECOND));
    assert!(!turns.is_resting(0, now + 5 * SECOND), "it is over");
    turns.pause_lane(0, now + 9 * SECOND);
    assert!(!turns.is_resting(0, now), "the pause lasts longer");
    assert!(!turns.is_resting(1, now), "there is no such lane");
}

#[test]
fn a_person_reads_five_messages_in_a_row_and_then_one_every_two_seconds() {
    let mut turns = sharing(1, &[Window::new(200, 60 * SECOND, "bot")]);
    let now = Instant::now();
    assert_eq!(turns.room(0, now), 5);
    let sent = storm(&mut turns, &[want(ERROR)], 20 * SECOND);
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
        turns.claim(0, want(ERROR), now);
        turns.reserve(0, now);
        turns.answered(0, now);
    }
    assert_eq!(turns.room(0, now + 9 * SECOND), 0);
    assert_eq!(turns.room(0, now + 10 * SECOND), 5);
    // Whoever waits for the end waits for the windows alone.
    turns.claim(0, awaited(ERROR), now + 20 * SECOND);
    assert_eq!(turns.turn(0, now + 20 * SECOND), Turn::Now);
}

#[test]
fn two_events_go_alone_where_the_second_has_its_slot_soon() {
    let slack = [Window::new(1, SECOND, "hook")];
    let (mut turns, now) = (sharing(2, &slack), Instant::now());
    assert_eq!(turns.room(0, now), 2);
    turns.claim(0, want(ERROR), now);
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
    let used = storm(&mut turns, &[want(WARN)], 30 * SECOND).len();
    assert!(used < 19);
    let now = start + 31 * SECOND;
    turns.claim(0, want(ERROR), now);
    assert!(matches!(turns.turn(0, now), Turn::At(_)), "it is spread");
    turns.claim(0, awaited(ERROR), now);
    let Turn::At(at) = turns.turn(0, now) else {
        return;
    };
    assert!(at < now + 2 * SECOND, "{:?}", at - now);
}

#[test]
fn a_rest_is_lifted_once_until_the_destination_answers() {
    let (mut turns, now) = (
        sharing(1, &[Window::new(9, SECOND, "hook")]),
        Instant::now(),
    );
    turns.claim(0, awaited(ERROR), now);
    for was_lifted in [false, true] {
        turns.rest(0, now + 60 * SECOND);
        turns.lift(0);
        let turn = turns.turn(0, now);
        assert_eq!(turn == Turn::Now, !was_lifted, "{turn:?}");
    }
    turns.lift_at_the_end(0);
    assert_eq!(turns.turn(0, now), Turn::Now, "there is no later");
    turns.recover(0);
    turns.rest(0, now + 60 * SECOND);
    turns.lift(0);
    assert_eq!(turns.turn(0, now), Turn::Now);
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
    turns.claim(1, want(WARN), now);
    let left = start + window.span() - now;
    assert_eq!(turns.turn(1, now), Turn::At(now + left / 2));
    // Once it is written, it counts from then.
    turns.answered(0, now - SECOND);
    let left = start + window.span() - (now - SECOND);
    assert_eq!(turns.turn(1, now), Turn::At(now - SECOND + left / 2));
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
    turns.claim(0, want(WARN), now);
    // Of the other three the first leaves last, and what is left of its time has room for one more.
    let (first, last) = (start + 60 * SECOND, start + 62 * SECOND);
    let spread = last + (first + window.span() - last) / 2;
    assert_eq!(turns.turn(0, now), Turn::At(spread));
}

#[test]
fn a_storm_is_spread_and_not_a_burst_and_a_silence() {
    let windows = [
        Window::new(1, SECOND, "chat"),
        Window::new(20, 60 * SECOND, "chat"),
    ];
    let mut turns = sharing(1, &windows);
    let sent = storm(&mut turns, &[want(WARN)], 300 * SECOND);
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
            turns.claim(0, want(WARN), now);
            if turns.turn(0, now) == Turn::Now {
                turns.reserve(0, now);
                turns.answered(0, now);
            }
            now += SECOND / 2;
        }
        let room = turns.room(0, now);
        let last = now + 2 * SECOND;
        let mut left = 0;
        while left < 5 {
            turns.claim(0, want(WARN), now);
            match turns.turn(0, now) {
                Turn::Now => {
                    turns.reserve(0, now);
                    turns.answered(0, now);
                    left += 1;
                }
                Turn::At(at) if at <= last => now = at,
                _ => break,
            }
        }
        prop_assert!(room <= left, "{room} of {left}");
        prop_assert!(room == left || before > 0, "{room} of {left}");
    }

    #[test]
    fn no_window_is_ever_exceeded(limits in prop::collection::vec((1usize..30, 1u64..60), 1..4), lanes in 1usize..4, in_a_hurry: bool) {
        let windows: Vec<_> = limits.iter().map(|(count, per)| Window::new(*count, Duration::from_secs(*per), "key")).collect();
        let want = if in_a_hurry { awaited(WARN) } else { want(WARN) };
        let sent = storm(&mut sharing(lanes, &windows), &vec![want; lanes], Duration::from_secs(120));
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
        let sent = storm(&mut sharing(1, &windows), &[awaited(WARN)], Duration::from_secs(per * 10));
        prop_assert!(sent.len() * 10 >= count * 10 * 8, "{} of {}", sent.len(), count * 10);
    }

    #[test]
    fn nobody_starves(gravities in prop::collection::vec(0u8..7, 2..5)) {
        let lanes = gravities.len();
        let wants: Vec<_> = gravities.iter().map(|gravity| awaited(Gravity(*gravity))).collect();
        let sent = storm(&mut sharing(lanes, &[Window::new(1, SECOND, "hook")]), &wants, 100 * SECOND);
        let counts = counts(&sent, lanes);
        prop_assert!(counts.iter().all(|count| count * 4 * lanes >= sent.len() - 4 * lanes), "{gravities:?}: {counts:?}");
    }
}

#[test]
fn what_goes_through_other_windows_goes_past_nobody() {
    let now = Instant::now();
    let [here, there] = ["here", "there"].map(|key| Window::new(9, SECOND, key));
    let mut turns = Turns::new(3);
    for (lane, window) in [(0, here), (1, here), (2, there)] {
        turns.set_windows(lane, vec![window]);
    }
    turns.claim(0, awaited(WARN), now);
    for _ in 0..3 {
        turns.claim(2, awaited(ERROR), now);
        turns.reserve(2, now);
        turns.answered(2, now);
    }
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(0, now), Turn::After(1));
}

#[test]
fn a_reminder_does_not_wait_until_what_is_new_was_read() {
    let now = Instant::now();
    let mut turns = sharing(1, &[Window::new(200, 60 * SECOND, "stream")]);
    for _ in 0..5 {
        turns.claim(0, want(WARN), now);
        turns.reserve(0, now);
        turns.answered(0, now);
    }
    turns.claim(0, want(WARN), now);
    assert_ne!(turns.turn(0, now), Turn::Now);
    let known = Want {
        is_new: false,
        ..want(WARN)
    };
    turns.claim(0, known, now);
    assert_eq!(turns.turn(0, now), Turn::Now);
}
