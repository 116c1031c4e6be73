use std::time::{Duration, Instant};

use super::{Claim, Priority, SendTime, Turns, Window};

mod room;

const SECOND: Duration = Duration::from_secs(1);
const ERROR: Priority = Priority(5);
const WARN: Priority = Priority(4);

fn claim(priority: Priority) -> Claim {
    Claim {
        priority,
        is_new: true,
        is_awaited: false,
        ignores_rest: false,
    }
}

fn awaited(priority: Priority) -> Claim {
    Claim {
        is_awaited: true,
        ..claim(priority)
    }
}

fn sharing(lanes: usize, windows: &[Window]) -> Turns {
    let mut turns = Turns::new(lanes);
    (0..lanes).for_each(|lane| turns.set_windows(lane, windows.to_vec()));
    turns
}

/// Lets lanes that always have something send for this long; returns when each did.
fn send_all(turns: &mut Turns, wants: &[Claim], span: Duration) -> Vec<(usize, Duration)> {
    let start = Instant::now();
    let (mut now, mut sent) = (start, Vec::new());
    while now - start <= span {
        (0..wants.len()).for_each(|lane| turns.claim(lane, wants[lane], now));
        let all: Vec<_> = (0..wants.len()).map(|lane| turns.turn(lane, now)).collect();
        if let Some(lane) = all.iter().position(|turn| *turn == SendTime::Now) {
            turns.reserve(lane, now);
            turns.answered(lane, now);
            sent.push((lane, now - start));
        } else {
            let next = all.iter().filter_map(|turn| match turn {
                SendTime::At(at) => Some(*at),
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
    turns.claim(0, claim(WARN), now);
    assert_eq!(turns.turn(0, now), SendTime::Now);
}

#[test]
fn equal_lanes_of_one_window_get_equal_counts() {
    for lanes in 2..5 {
        let mut turns = sharing(lanes, &[Window::new(1, SECOND, "hook")]);
        let sent = send_all(&mut turns, &vec![awaited(WARN); lanes], 60 * SECOND);
        let counts = counts(&sent, lanes);
        let (least, most) = (counts.iter().min(), counts.iter().max());
        assert!(most.unwrap() - least.unwrap() <= 1, "{counts:?}");
    }
}

#[test]
fn the_graver_goes_first_but_past_one_that_waits_at_most_three_times_in_a_row() {
    let mut turns = sharing(2, &[Window::new(1, SECOND, "hook")]);
    let sent = send_all(&mut turns, &[awaited(WARN), awaited(ERROR)], 16 * SECOND);
    let order: Vec<_> = sent.iter().map(|(lane, _)| *lane).collect();
    assert_eq!(order[..8], [1, 1, 1, 0, 1, 1, 1, 0], "{order:?}");
}

#[test]
fn two_graver_lanes_do_not_pass_a_third_more_often_than_one() {
    let mut turns = sharing(3, &[Window::new(1, SECOND, "hook")]);
    let wants = [awaited(WARN), awaited(ERROR), awaited(ERROR)];
    let order: Vec<_> = send_all(&mut turns, &wants, 12 * SECOND)
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
    let sent = send_all(&mut turns, &[claim(WARN)], 50 * SECOND);
    let now = start + 51 * SECOND;
    assert!(sent.len() > 15);
    turns.claim(0, claim(WARN), now);
    turns.claim(1, claim(ERROR), now);
    let at = match turns.turn(1, now) {
        SendTime::At(at) => at,
        _ => now,
    };
    assert!(at < now + 12 * SECOND);
    assert_eq!(turns.turn(0, at), SendTime::After(1));
    assert_eq!(turns.turn(1, at), SendTime::Now);
}

#[test]
fn lanes_without_a_window_in_common_do_not_wait_for_each_other() {
    let (mut turns, now) = (Turns::new(2), Instant::now());
    turns.set_windows(0, vec![Window::new(1, SECOND, "one hook")]);
    turns.set_windows(1, vec![Window::new(1, SECOND, "another hook")]);
    turns.claim(0, claim(WARN), now);
    turns.claim(1, claim(ERROR), now);
    assert_eq!(turns.turn(0, now), SendTime::Now);
    assert_eq!(turns.turn(1, now), SendTime::Now);
}

#[test]
fn what_is_as_grave_or_came_while_it_rested_does_not_count_as_going_past() {
    let (mut turns, now) = (
        sharing(2, &[Window::new(20, SECOND, "hook")]),
        Instant::now(),
    );
    let send = |turns: &mut Turns, priority| {
        turns.claim(1, awaited(priority), now);
        turns.reserve(1, now);
        turns.answered(1, now);
    };
    turns.claim(0, awaited(WARN), now);
    (0..3).for_each(|_| send(&mut turns, WARN));
    turns.rest(0, now + SECOND);
    (0..3).for_each(|_| send(&mut turns, ERROR));
    turns.recover(0);
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(0, now), SendTime::After(1));
    // A rest that ends at this very moment is over.
    turns.rest(0, now);
    (0..3).for_each(|_| send(&mut turns, ERROR));
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(1, now), SendTime::After(0));
}

#[test]
fn a_lane_is_ready_that_claims_something_and_could_send_it() {
    let (mut turns, now) = (
        sharing(2, &[Window::new(1, SECOND, "hook")]),
        Instant::now(),
    );
    assert!(!turns.is_ready(0, now), "it claims nothing");
    turns.claim(0, claim(WARN), now);
    turns.claim(1, claim(ERROR), now);
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
    assert_eq!(turns.turn(0, now), SendTime::After(1));
    turns.rest(1, now + SECOND);
    assert_eq!(turns.turn(0, now), SendTime::Now);
    turns.recover(1);
    turns.reserve(1, now);
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(
        turns.turn(0, now),
        SendTime::Now,
        "the other one is under way"
    );
    turns.written(1, now);
    assert_eq!(
        turns.turn(0, now),
        SendTime::Now,
        "and waits for its answer"
    );
    turns.answered(1, now);
    assert_eq!(turns.turn(0, now), SendTime::After(1));
    assert!(turns.withdraw(1));
    assert_eq!(turns.turn(0, now), SendTime::Now);
}

#[test]
fn a_slot_is_taken_when_planned_and_counts_from_when_it_was_written() {
    let (mut turns, now) = (
        sharing(2, &[Window::new(1, SECOND, "hook")]),
        Instant::now(),
    );
    turns.claim(0, claim(WARN), now);
    turns.reserve(0, now);
    turns.claim(1, claim(ERROR), now);
    assert!(matches!(turns.turn(1, now + 3 * SECOND), SendTime::At(_)));
    let written = now + Duration::from_millis(300);
    turns.written(0, written);
    let next = written + Window::new(1, SECOND, "hook").span();
    assert_eq!(turns.turn(1, now), SendTime::At(next));
    assert_eq!(turns.turn(1, next), SendTime::Now);
    turns.answered(0, next);
    assert_eq!(turns.turn(1, next), SendTime::Now, "it counts once");
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
        assert_eq!(turns.turn(1, now), SendTime::Now);
        turns.reserve(1, now);
        turns.answered(1, now);
    }
    turns.answered(0, now);
    turns.claim(1, awaited(ERROR), now);
    assert_eq!(turns.turn(1, now), SendTime::Now, "the graver goes first");
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
    assert_eq!(turns.turn(0, now), SendTime::Now, "there is no third lane");
    turns.pause_lane(0, now + 10 * SECOND);
    for lane in 0..2 {
        assert_eq!(turns.turn(lane, now), SendTime::At(now + 10 * SECOND));
        assert_eq!(turns.turn(lane, now + 10 * SECOND), SendTime::Now);
        turns.withdraw(lane);
    }
}

#[test]
fn a_destination_has_failed_until_it_answers_however_its_lane_rests() {
    let now = Instant::now();
    let mut turns = sharing(1, &[Window::new(1, SECOND, "hook")]);
    assert!(!turns.has_failed(0));
    turns.pause_lane(0, now + SECOND);
    assert!(!turns.has_failed(0), "it asked for a pause");
    turns.rest(0, now + 5 * SECOND);
    turns.cancel_rest_at_end(0);
    assert!(turns.has_failed(0));
    turns.recover(0);
    assert!(!turns.has_failed(0));
    assert!(!turns.has_failed(1), "there is no such lane");
}

#[test]
fn a_rest_is_lifted_once_until_the_destination_answers() {
    let (mut turns, now) = (
        sharing(1, &[Window::new(9, SECOND, "hook")]),
        Instant::now(),
    );
    turns.claim(0, awaited(ERROR), now);
    for was_rest_cancelled in [false, true] {
        turns.rest(0, now + 60 * SECOND);
        turns.cancel_rest(0);
        let turn = turns.turn(0, now);
        assert_eq!(turn == SendTime::Now, !was_rest_cancelled, "{turn:?}");
    }
    turns.cancel_rest_at_end(0);
    assert_eq!(turns.turn(0, now), SendTime::Now, "there is no later");
    turns.recover(0);
    turns.rest(0, now + 60 * SECOND);
    turns.cancel_rest(0);
    assert_eq!(turns.turn(0, now), SendTime::Now);
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
    assert_eq!(turns.turn(0, now), SendTime::After(1));
}

#[test]
fn a_reminder_does_not_wait_until_what_is_new_was_read() {
    let now = Instant::now();
    let mut turns = sharing(1, &[Window::new(200, 60 * SECOND, "stream")]);
    for _ in 0..5 {
        turns.claim(0, claim(WARN), now);
        turns.reserve(0, now);
        turns.answered(0, now);
    }
    turns.claim(0, claim(WARN), now);
    assert_ne!(turns.turn(0, now), SendTime::Now);
    let known = Claim {
        is_new: false,
        ..claim(WARN)
    };
    turns.claim(0, known, now);
    assert_eq!(turns.turn(0, now), SendTime::Now);
}
