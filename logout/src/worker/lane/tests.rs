use std::time::{Duration, Instant};

use figment::Figment;
use tracing::{error, warn};

use crate::handle::bench::{Bench, LONG_LIMITS, ScriptedAnswer};
use crate::worker::settings::TimeLimits;
use crate::worker::stats::Reason;

mod absence;
mod ending;
mod files;
mod reminders;

const SOON: Duration = Duration::from_millis(50);

/// Longer than a flush takes that has nothing to wait for.
const WHILE: Duration = Duration::from_secs(10);

fn has(sent: &[String], text: &str) -> bool {
    sent.iter().any(|message| message.contains(text))
}

/// Asserts that what is measured is less than `most` at one of ten times: the machine may be late
/// now and then, but the library would be each time.
fn assert_within(most: Duration, measure: impl Fn() -> Duration) {
    let mut measured = Vec::new();
    while measured.last().is_none_or(|last| *last >= most) {
        assert!(measured.len() < 10, "{measured:?}");
        measured.push(measure());
    }
}

#[test]
fn a_lone_event_is_sent_at_once_and_alone() {
    assert_within(SOON, || {
        let bench = Bench::start(LONG_LIMITS, []);
        let late = (0..3).map(|order| {
            // Longer than the pace: each finds an idle lane.
            std::thread::sleep(SOON);
            let before = Instant::now();
            error!(fingerprint = order, "payment failed");
            bench.wait_for(order + 1);
            bench.moments()[order] - before
        });
        let latest = late.max().unwrap();
        // An answer is counted a moment after it came.
        bench.flush();
        let sent = bench.sent();
        assert!(sent.iter().all(|text| !text.contains('×')), "{sent:?}");
        assert_eq!(bench.lane().messages, 3);
        latest
    });
}

#[test]
fn a_request_that_was_not_sent_is_no_repeat_and_one_without_an_answer_may_be() {
    for (answer, marked) in [
        (ScriptedAnswer::NotSent, false),
        (ScriptedAnswer::Unknown, true),
        (ScriptedAnswer::Status(502), true),
        (ScriptedAnswer::Status(503), false),
    ] {
        let bench = Bench::start(LONG_LIMITS, [answer.clone()]);
        error!("payment failed");
        bench.flush();
        let sent = bench.sent();
        assert_eq!(sent.len(), 2, "{answer:?}: {sent:?}");
        assert!(!has(&sent[..1], "possible repeat"));
        assert_eq!(
            has(&sent[1..], "possible repeat"),
            marked,
            "{answer:?}: {sent:?}"
        );
        assert_eq!(bench.lane().delivered, 1);
    }
}

#[test]
fn what_comes_during_a_retry_joins_unless_people_may_have_seen_the_first() {
    for (answer, joined) in [(ScriptedAnswer::NotSent, 1), (ScriptedAnswer::Unknown, 2)] {
        let (gate, held) = answer.held();
        let bench = Bench::start(LONG_LIMITS, [held]);
        error!("first");
        bench.wait_for(1);
        error!("second");
        // The first fails once somebody waits, so that no pause is over before.
        let _asked = bench.ask_for_flush();
        gate.done();
        bench.flush();
        assert_eq!(bench.lane().messages, joined, "{:?}", bench.sent());
        assert_eq!(bench.lane().delivered, 2);
    }
}

#[test]
fn a_refused_message_is_sent_once_more_in_plain_form_and_then_counted() {
    let bench = Bench::start(
        LONG_LIMITS,
        [400, 200, 400, 400].map(ScriptedAnswer::Status),
    );
    error!("odd");
    bench.flush();
    warn!("hopeless");
    bench.flush();
    error!("well");
    bench.flush();
    let forms: Vec<_> = bench
        .sent()
        .iter()
        .map(|text| text[1..6].to_owned())
        .collect();
    assert_eq!(forms, ["Rich ", "Plain", "Rich ", "Plain", "Rich "]);
    let lane = bench.lane();
    assert_eq!(
        (lane.delivered, lane.discarded.get(Reason::Rejected)),
        (2, 1)
    );
}

#[test]
fn a_place_that_does_not_exist_gives_way_to_the_configured_one() {
    let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::Status(424)]);
    error!(zulip_topic = "stock", "inventory is negative");
    bench.flush();
    let sent = bench.sent();
    assert!(
        sent[0].contains("Rich stock") && sent[1].contains("Rich -"),
        "{sent:?}"
    );
    assert_eq!(bench.lane().delivered, 1);
}

#[test]
fn a_configured_place_that_does_not_exist_is_a_destination_that_is_gone() {
    let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::Status(424)]);
    error!("inventory is negative");
    let left = bench.handle.flush(WHILE).unwrap_err().left();
    assert_eq!((left, bench.sent().len()), (1, 1));
}

#[test]
fn a_move_is_followed_once_and_reported() {
    let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::Status(301)]);
    error!("payment failed");
    let sent = bench.wait_for(3);
    assert!(
        sent[0].contains("- 0 ") && sent[1].contains("- 1 "),
        "{sent:?}"
    );
    assert!(has(&sent, "plain: as asked for"), "{sent:?}");
    assert_eq!(bench.lane().delivered, 1);

    let bench = Bench::start(LONG_LIMITS, [301, 301].map(ScriptedAnswer::Status));
    error!("payment failed");
    bench.handle.flush(WHILE).unwrap_err();
    assert_eq!(bench.end(WHILE).discarded.get(Reason::SwitchedOff), 1);
}

#[test]
fn an_event_older_than_max_age_is_counted_as_expired_while_the_destination_is_away() {
    let limits = TimeLimits {
        max_age: 4 * SOON,
        ..LONG_LIMITS
    };
    // The next try would be much later than this test waits.
    let away = ScriptedAnswer::Header(503, "retry-after", "600");
    let bench = Bench::start(limits, [away]);
    error!("too late");
    let lane = bench.wait_until_lane(|lane| lane.discarded.total() > 0);
    assert_eq!(
        (lane.delivered, lane.discarded.get(Reason::Expired)),
        (0, 1)
    );
}

#[test]
fn an_answer_that_says_the_window_is_used_up_is_obeyed_although_it_is_no_refusal() {
    assert_within(4 * SOON, || {
        let bench = Bench::start(LONG_LIMITS, []);
        bench.answer([ScriptedAnswer::Header(200, "x-ratelimit-remaining", "3")]);
        error!("first");
        bench.flush();
        error!("second");
        bench.flush();
        bench.moments()[1] - bench.moments()[0]
    });
}

#[test]
fn a_server_that_says_wait_no_time_for_ever_is_left_alone_longer_each_time() {
    let hurry = || ScriptedAnswer::Header(429, "retry-after", "0");
    let bench = Bench::start(LONG_LIMITS, [hurry(), hurry(), hurry()]);
    error!("payment failed");
    bench.flush();
    let moments = bench.moments();
    let waits: Vec<_> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(waits[1] > 9 * SOON && waits[2] > 18 * SOON, "{waits:?}");
    assert_eq!(bench.lane().delivered, 1);
}

#[test]
fn losses_are_reported_once_and_that_it_is_over() {
    let limits = TimeLimits {
        report_period: 6 * SOON,
        ..LONG_LIMITS
    };
    let bench = Bench::start(limits, [400, 400].map(ScriptedAnswer::Status));
    error!("hopeless");
    bench.flush();
    let sent = bench.wait_for(3);
    assert!(has(&sent, "1 event was not delivered"), "{sent:?}");
    assert!(
        has(&sent, "refused by the platform: 1 (ERROR 1)"),
        "{sent:?}"
    );
    assert!(has(&sent, "It is over"), "{sent:?}");
    std::thread::sleep(8 * SOON);
    assert_eq!(bench.sent().len(), 3, "{:?}", bench.sent());
}

#[test]
fn losses_that_end_after_a_report_have_their_end_told() {
    let limits = TimeLimits {
        report_period: 20 * SOON,
        ..LONG_LIMITS
    };
    let quiet = Figment::from(("quiet", "500ms"));
    let refused = || ScriptedAnswer::Status(400);
    let (gate, held) = refused().held();
    let bench = Bench::of(quiet, limits, [refused(), refused(), refused(), held]);
    error!("hopeless");
    error!("hopeless too");
    bench.wait_for(4);
    // The second is lost when the report is due, which cannot say that losses are over.
    std::thread::sleep(limits.report_period);
    gate.done();
    let sent = bench.wait_for(6);
    assert!(has(&sent, "2 events were not delivered"), "{sent:?}");
    assert!(has(&sent[5..], "Nothing more has been lost"), "{sent:?}");
}

#[test]
fn an_adapter_that_panics_while_rendering_loses_one_message_and_goes_on() {
    let bench = Bench::start(LONG_LIMITS, []);
    error!("render panics");
    bench.flush();
    error!("well");
    bench.flush();
    let lane = bench.lane();
    assert_eq!(
        (lane.delivered, lane.discarded.get(Reason::Rejected)),
        (1, 1)
    );
}

#[test]
fn a_panic_while_judging_a_success_neither_doubles_nor_rejects() {
    let bench = Bench::start(LONG_LIMITS, [299, 299].map(ScriptedAnswer::Status));
    error!("judge panics");
    bench.flush();
    error!("with a file, judge panics");
    bench.flush();
    assert_eq!(bench.sent().len(), 3, "{:?}", bench.sent());
    assert!(!has(&bench.sent(), "possible repeat"));
    let lane = bench.lane();
    assert_eq!((lane.delivered, lane.discarded.total()), (2, 0));
}

#[test]
fn a_message_that_never_ends_is_refused() {
    let bench = Bench::start(LONG_LIMITS, []);
    error!("told without end");
    bench.flush();
    assert_eq!(bench.lane().discarded.get(Reason::Rejected), 1);
}

#[test]
fn a_destination_in_trouble_is_left_alone_for_as_long_as_it_says() {
    let bench = Bench::start(
        LONG_LIMITS,
        [ScriptedAnswer::Header(503, "retry-after", "2")],
    );
    error!("payment failed");
    bench.flush();
    let moments = bench.moments();
    let pause = moments[1] - moments[0];
    assert!(pause >= Duration::from_secs(2), "{pause:?}");
}

#[test]
fn only_what_is_refused_by_itself_is_lost_of_a_refused_digest() {
    let bench = Bench::start(LONG_LIMITS, []);
    error!("first");
    bench.wait_for(1);
    for order in 0..6 {
        error!(fingerprint = order, "innocent {order}");
    }
    error!("poison");
    bench.flush();
    let lane = bench.lane();
    assert_eq!(
        (lane.delivered, lane.discarded.get(Reason::Rejected)),
        (7, 1),
        "{:?}",
        bench.sent()
    );
}

#[test]
fn however_much_is_to_be_reported_events_get_every_other_message() {
    let limits = TimeLimits {
        report_period: Duration::from_millis(1),
        ..LONG_LIMITS
    };
    let bench = Bench::start(limits, []);
    for order in 0..10 {
        error!("poison {order}");
        error!(fingerprint = order, "innocent {order}");
        std::thread::sleep(SOON);
    }
    bench.flush();
    let sent = bench.sent();
    let told = sent.iter().filter(|text| text.contains("innocent"));
    assert!(told.count() >= 3, "{sent:?}");
    assert_eq!(bench.lane().delivered, 10);
}
