//! Messages with a file, which follows the text.

use std::time::Duration;

use tracing::error;

use super::{SOON, WHILE, has};
use crate::handle::bench::{Bench, LONG_LIMITS, ScriptedAnswer};
use crate::worker::settings::TimeLimits;

#[test]
fn whatever_becomes_of_a_file_its_message_is_delivered_and_the_lane_goes_on() {
    let fates = [400, 404, 410, 424, 301].map(|status| vec![ScriptedAnswer::Status(status)]);
    let failures = [
        vec![ScriptedAnswer::Status(403), ScriptedAnswer::Status(302)],
        vec![ScriptedAnswer::Unknown, ScriptedAnswer::Unknown],
        vec![ScriptedAnswer::NotSent, ScriptedAnswer::Status(502)],
        vec![
            ScriptedAnswer::Header(429, "retry-after", "0"),
            ScriptedAnswer::Status(413),
        ],
    ];
    for fate in fates.into_iter().chain(failures) {
        let tries = fate.len();
        let answers = [ScriptedAnswer::Status(200)]
            .into_iter()
            .chain(fate.clone());
        let bench = Bench::start(LONG_LIMITS, answers);
        error!("told with a file");
        bench.flush();
        error!("told next");
        bench.flush();
        let (sent, lane) = (bench.sent(), bench.lane());
        assert_eq!(sent.len(), tries + 2, "{fate:?}: {sent:?}");
        assert_eq!(lane.delivered, 2, "{fate:?}: {lane:?}");
        assert_eq!(lane.discarded.total(), 0, "{fate:?}: {lane:?}");
        assert_eq!(lane.messages, 2, "{fate:?}");
    }
}

#[test]
fn a_message_that_waits_for_its_file_alone_is_no_loss_at_the_end() {
    let bench = Bench::start(
        LONG_LIMITS,
        [ScriptedAnswer::Status(200), ScriptedAnswer::Never],
    );
    error!("told with a file");
    bench.wait_for(2);
    // The file never ends, and the end does not wait for it.
    let ended = bench.handle.shutdown(Duration::from_millis(200));
    let lane = bench.lane();
    assert_eq!(
        (lane.delivered, lane.discarded.total()),
        (1, 0),
        "{ended:?}"
    );
}

#[test]
fn the_rest_of_a_message_gives_way_to_what_nobody_was_told_while_somebody_waits() {
    // The file fails once somebody waits for what comes after it.
    let (gate, held) = ScriptedAnswer::NotSent.held();
    let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::Status(200), held]);
    error!("told with a file");
    bench.wait_for(2);
    error!("told next");
    let _asked = bench.ask_for_flush();
    gate.done();
    bench.flush();
    let sent = bench.sent();
    assert_eq!(sent.len(), 4, "{sent:?}");
    assert!(has(&sent[2..3], "told next"), "{sent:?}");
    assert!(has(&sent[3..], "with a file"), "{sent:?}");
    let lane = bench.lane();
    assert_eq!((lane.delivered, lane.messages, lane.pending), (2, 2, 0));
}

#[test]
fn a_rest_that_gave_way_and_has_no_time_left_is_no_loss() {
    let (taken, never) = (ScriptedAnswer::Status(200), ScriptedAnswer::Never);
    let (gate, held) = ScriptedAnswer::NotSent.held();
    let bench = Bench::start(LONG_LIMITS, [taken.clone(), held, taken, never]);
    error!("told with a file");
    bench.wait_for(2);
    error!("told next");
    let _asked = bench.ask_for_flush();
    gate.done();
    let sent = bench.wait_for(4);
    assert!(
        has(&sent[2..3], "told next") && has(&sent[3..], "with a file"),
        "{sent:?}"
    );
    let _late = bench.handle.shutdown(SOON);
    let lane = bench.lane();
    assert_eq!((lane.delivered, lane.discarded.total()), (2, 0));
    assert_eq!(bench.sent().len(), 4, "{:?}", bench.sent());
}

#[test]
fn a_rest_gives_way_only_to_what_was_there_when_it_first_did() {
    let bench = Bench::start(
        LONG_LIMITS,
        [ScriptedAnswer::Status(200), ScriptedAnswer::NotSent],
    );
    error!("told with a file");
    bench.wait_for(2);
    // Events that go on while somebody waits.
    let handle = bench.handle.clone();
    let flushing = std::thread::spawn(move || handle.flush(WHILE));
    for order in 0_u64.. {
        error!(fingerprint = order, "told next");
        if flushing.is_finished() {
            break;
        }
        std::thread::sleep(SOON / 50);
    }
    flushing.join().unwrap().unwrap();
}

#[test]
fn a_file_that_always_fails_gives_way_to_the_message_without_it() {
    // In parallel, since each waits for its pauses.
    std::thread::scope(|scope| {
        for answer in [
            ScriptedAnswer::Status(500),
            ScriptedAnswer::Status(503),
            ScriptedAnswer::Unknown,
        ] {
            scope.spawn(move || {
                // The flush makes the second try at once; the third comes after a second or more.
                let limits = TimeLimits {
                    lighter_after: 18 * SOON,
                    ..LONG_LIMITS
                };
                let (gate, held) = answer.clone().held();
                let bench = Bench::start(limits, [held, answer.clone(), answer.clone()]);
                error!("told with a file");
                let _asked = bench.ask_for_flush();
                gate.done();
                bench.flush();
                let sent = bench.sent();
                assert_eq!(sent.len(), 4, "{answer:?}: {sent:?}");
                assert!(sent[2].contains("Rich ") && sent[3].contains("Plain "));
                assert_eq!(bench.lane().delivered, 1);
            });
        }
    });
}
