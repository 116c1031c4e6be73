//! A problem after its first message.

use std::time::{Duration, Instant};

use figment::Figment;
use tracing::{error, info, warn};

use super::{LONG_LIMITS, WHILE, has};
use crate::handle::bench::{Bench, ScriptedAnswer};
use crate::worker::stats::{LaneStats, MessageState, Reason};

/// Returns the default `remind` and `quiet`, 120 times as fast.
fn fast() -> Figment {
    Figment::from(("remind", ["500ms", "2500ms", "15s", "60s"])).merge(("quiet", "7500ms"))
}

/// Waits until this many events are delivered, and returns the account.
fn told(bench: &Bench, events: u64) -> LaneStats {
    let lane = bench.wait_until_lane(|lane| lane.delivered >= events);
    assert_eq!(lane.delivered, events);
    lane
}

fn start(answers: impl IntoIterator<Item = ScriptedAnswer>) -> Bench {
    Bench::of(fast(), LONG_LIMITS, answers)
}

#[test]
fn a_problem_that_goes_on_is_told_at_once_and_then_at_its_moment_with_its_count() {
    // Long enough for all five events to come before it.
    let figment = fast().merge(("remind", ["1500ms", "2500ms", "15s", "60s"]));
    let bench = Bench::of(figment, LONG_LIMITS, []);
    let begun = Instant::now();
    error!(order = 1, "payment failed");
    bench.wait_for(1);
    for order in 2..6 {
        error!(order, "payment failed");
    }
    let sent = bench.wait_for(2);
    assert!(begun.elapsed() >= Duration::from_millis(1_500));
    assert!(sent[1].contains("×5 payment failed"), "{sent:?}");
    assert!(sent[1].contains(", +4 in the last "), "{sent:?}");
    let lane = told(&bench, 5);
    assert_eq!((lane.counted, lane.messages), (0, 2));
    assert_eq!(lane.messages_by_state.get(MessageState::Known), 1);
}

#[test]
fn what_waits_for_its_moment_is_pending_and_said_to_be_counted() {
    let bench = Bench::start(LONG_LIMITS, []);
    error!("payment failed");
    bench.wait_for(1);
    error!("payment failed");
    let lane = bench.wait_until_lane(|lane| lane.counted > 0);
    assert_eq!((lane.delivered, lane.pending, lane.counted), (1, 1, 1));
    assert_eq!(lane.oldest, None);
}

#[test]
fn a_new_problem_is_told_at_once_while_another_is_counted() {
    let bench = Bench::start(LONG_LIMITS, []);
    error!("payment failed");
    bench.wait_for(1);
    for _ in 0..50 {
        error!("payment failed");
    }
    warn!("cache is cold");
    let sent = bench.wait_for(2);
    assert!(has(&sent[1..], "cache is cold"), "{sent:?}");
    assert!(!has(&sent[1..], "payment"), "{sent:?}");
}

#[test]
fn a_flush_and_the_end_tell_what_is_counted_in_one_message() {
    let bench = Bench::start(LONG_LIMITS, []);
    for _ in 0..2 {
        for problem in ["disk is full", "payment failed", "cache is cold"] {
            error!(fingerprint = problem, "{problem}");
        }
    }
    bench.flush();
    let told = bench.sent().len();
    for _ in 0..7 {
        for problem in ["disk is full", "payment failed", "cache is cold"] {
            error!(fingerprint = problem, "{problem}");
        }
    }
    bench.flush();
    let sent = bench.sent();
    assert_eq!(sent.len(), told + 1, "{sent:?}");
    for problem in ["disk is full", "payment failed", "cache is cold"] {
        assert!(has(&sent[told..], &format!("×9 {problem}")), "{sent:?}");
    }
    error!(fingerprint = "disk is full", "disk is full");
    let lane = bench.end(WHILE);
    assert_eq!(
        (lane.delivered, lane.pending, lane.discarded.total()),
        (28, 0, 0)
    );
}

#[test]
fn what_finds_no_room_in_the_last_message_is_its_last_line() {
    let bench = Bench::start(LONG_LIMITS, []);
    for _ in 0..2 {
        for problem in 0..200 {
            error!(
                fingerprint = problem,
                "a problem with a text of some length, number {problem}"
            );
        }
        bench.flush();
    }
    let sent = bench.sent();
    let last = sent.last().unwrap();
    assert!(last.contains(" more known problems, "), "{last}");
    assert_eq!(bench.lane().delivered, 400);
}

#[test]
fn a_named_problem_that_gets_worse_is_told_at_once() {
    let bench = Bench::start(LONG_LIMITS, []);
    warn!(fingerprint = "disk", "the disk is almost full");
    bench.wait_for(1);
    warn!(fingerprint = "disk", "the disk is almost full");
    error!(fingerprint = "disk", "the disk is full");
    let sent = bench.wait_for(2);
    assert!(sent[1].contains("🔥 ×3 the disk is full"), "{sent:?}");
    assert_eq!(told(&bench, 3).pending, 0);
}

#[test]
fn what_was_rejected_stays_new() {
    let bench = Bench::start(LONG_LIMITS, [400, 400].map(ScriptedAnswer::Status));
    for _ in 0..2 {
        error!("payment failed");
        bench.flush();
    }
    let sent = bench.sent();
    assert_eq!(sent.len(), 3, "{sent:?}");
    assert!(!has(&sent, "since"), "{sent:?}");
    let lane = bench.lane();
    assert_eq!(
        (lane.delivered, lane.discarded.get(Reason::Rejected)),
        (1, 1)
    );
}

#[test]
fn a_reminder_that_fails_is_told_later_with_what_has_come_since() {
    let bench = start([]);
    error!("payment failed");
    bench.wait_for(1);
    let (gate, held) = ScriptedAnswer::NotSent.held();
    bench.answer([held]);
    error!("payment failed");
    bench.wait_for(2);
    error!("payment failed");
    gate.done();
    let sent = bench.wait_for(3);
    assert!(
        sent[2].contains("×3 payment failed") && sent[2].contains("+2 in"),
        "{sent:?}"
    );
    told(&bench, 3);
}

#[test]
fn what_is_below_the_level_of_reminders_is_told_one_by_one() {
    let bench = Bench::start(LONG_LIMITS, []);
    for order in 0..3 {
        info!("order {order} is paid");
        bench.flush();
    }
    for _ in 0..2 {
        info!("a shop is open");
        bench.flush();
    }
    assert_eq!(bench.sent().len(), 5, "{:?}", bench.sent());
    assert_eq!(bench.lane().messages_by_state.get(MessageState::New), 5);
}

#[test]
fn without_reminders_each_event_is_told() {
    let bench = Bench::of(Figment::from(("remind", "off")), LONG_LIMITS, []);
    for _ in 0..3 {
        error!("payment failed");
        bench.flush();
    }
    assert_eq!(bench.sent().len(), 3, "{:?}", bench.sent());
}

#[test]
fn the_end_of_a_problem_is_told_where_that_is_asked_for() {
    // The reminder is long over when the end is told: late ones would be one message.
    let figment = fast()
        .merge(("remind", ["100ms", "2500ms", "15s", "60s"]))
        .merge(("quiet", "1500ms"))
        .merge(("quiet_notice", true));
    let bench = Bench::of(figment, LONG_LIMITS, []);
    error!("payment failed");
    bench.wait_for(1);
    error!("payment failed");
    let sent = bench.wait_for(3);
    assert!(
        sent[2].contains("no more for ") && sent[2].contains("(2 from "),
        "{sent:?}"
    );
    bench.wait_until_lane(|lane| lane.messages >= 3);
    let lane = told(&bench, 2);
    assert_eq!(lane.pending, 0);
    assert_eq!(lane.messages_by_state.get(MessageState::Quiet), 1);
}

#[test]
fn what_is_muted_while_it_is_known_is_not_counted() {
    let bench = Bench::start(LONG_LIMITS, []);
    error!(fingerprint = "disk", "the disk is full");
    bench.wait_for(1);
    let sent = bench.sent();
    let shown = sent[0]
        .rsplit('#')
        .next()
        .unwrap()
        .trim_end_matches('"')
        .to_owned();
    bench.handle.mute(&shown, Duration::from_secs(60)).unwrap();
    error!(fingerprint = "disk", "the disk is full");
    bench.flush();
    let lane = bench.lane();
    assert_eq!((lane.delivered, lane.discarded.get(Reason::Muted)), (1, 1));
    assert_eq!(bench.sent().len(), 1);
}

#[test]
fn what_is_told_together_is_reminded_of_by_its_texts_with_their_counts() {
    let bench = Bench::start(LONG_LIMITS, []);
    let lamp = |word: &str| error!("lamp {word} does not shine");
    let words = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    ];
    words.into_iter().for_each(lamp);
    bench.flush();
    let before = bench.sent().len();
    for word in ["red", "green", "red", "blue", "red"] {
        lamp(word);
    }
    bench.flush();
    let told = bench.sent().split_off(before).join("\n");
    let lines = "and other texts:\\n×3 lamp red does not shine\\n×1 lamp green does not shine\\n×1 lamp blue does not shine";
    assert!(told.contains(lines), "{told}");
    assert!(told.contains(", +5 in the last "), "{told}");
    assert_eq!(bench.lane().delivered, 16);
    // A single text is that of the message.
    lamp("red");
    bench.flush();
    let last = bench.sent().split_off(before + 1).join("\n");
    assert!(!last.contains("and other texts"), "{last}");
}
