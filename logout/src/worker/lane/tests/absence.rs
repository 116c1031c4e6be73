//! What becomes of events while their destination is gone, or something else answers in its place.

use std::time::Instant;

use figment::Figment;
use tracing::{error, warn};

use super::{SOON, WHILE, has};
use crate::handle::bench::{Answer, Bench, PATIENT};
use crate::worker::settings::TimeLimits;
use crate::worker::stats::Reason;

#[test]
fn what_waits_for_a_destination_that_is_gone_is_kept_and_arrives_after_a_recheck() {
    let limits = TimeLimits {
        recheck: 8 * SOON,
        ..PATIENT
    };
    let bench = Bench::start(limits, [404, 404].map(Answer::Status));
    let start = Instant::now();
    error!("into the void");
    assert_eq!(bench.handle.flush(WHILE).unwrap_err().left(), 1);
    error!("nobody hears");
    assert_eq!(bench.handle.flush(WHILE).unwrap_err().left(), 2);
    assert!(start.elapsed() < 8 * SOON, "a flush does not wait for it");
    assert_eq!(bench.sent().len(), 1, "it is not hammered");
    assert_eq!(
        (bench.lane().pending, bench.lane().discarded.total()),
        (2, 0)
    );

    bench.wait_for(3);
    let moments = bench.moments();
    let (first, second) = (moments[1] - moments[0], moments[2] - moments[0]);
    assert!(
        first >= 8 * SOON && second >= 5 * 8 * SOON,
        "{first:?} {second:?}"
    );
    bench.flush();
    let sent = bench.sent();
    assert!(has(&sent[2..], "into the void") && has(&sent[2..], "nobody hears"));
    assert_eq!(bench.lane().delivered, 2);
}

#[test]
fn what_waits_for_a_destination_that_is_gone_is_lost_at_max_age_and_at_the_end() {
    let limits = TimeLimits {
        max_age: 4 * SOON,
        ..PATIENT
    };
    let bench = Bench::start(limits, [Answer::Status(404)]);
    error!("into the void");
    bench.handle.flush(WHILE).unwrap_err();
    std::thread::sleep(6 * SOON);
    assert_eq!(bench.lane().discarded.get(Reason::SwitchedOff), 1);
    error!("nobody hears");
    let start = Instant::now();
    let lane = bench.end(100 * SOON);
    assert!(start.elapsed() < 20 * SOON, "the end does not wait for it");
    assert_eq!(lane.discarded.get(Reason::SwitchedOff), 2);
}

#[test]
fn a_destination_that_is_gone_for_good_is_asked_again_only_when_told_to() {
    let limits = TimeLimits {
        recheck: SOON,
        ..PATIENT
    };
    let bench = Bench::start(limits, [Answer::Status(410)]);
    error!("into the void");
    bench.handle.flush(WHILE).unwrap_err();
    std::thread::sleep(3 * SOON);
    bench.handle.reload_from(Figment::new()).unwrap();
    error!("nobody hears");
    bench.handle.flush(WHILE).unwrap_err();
    assert_eq!(bench.sent().len(), 1, "nothing about it has changed");
    bench.handle.enable(0).unwrap();
    error!("heard again");
    bench.flush();
    assert_eq!(bench.lane().delivered, 3);
}

#[test]
fn what_a_stranger_answers_costs_no_event() {
    for (status, forms, repeats) in [
        (302, "RR", false),
        (401, "RR", false),
        // A firewall may like the plain form better.
        (403, "RP", false),
        (405, "RR", false),
        (501, "RR", false),
    ] {
        let bench = Bench::start(PATIENT, [Answer::Status(status)]);
        error!("payment failed");
        bench.flush();
        let sent = bench.sent();
        let asked: String = sent.iter().filter_map(|text| text.chars().nth(1)).collect();
        assert_eq!(asked, forms, "{status}: {sent:?}");
        assert_eq!(has(&sent, "possible repeat"), repeats, "{status}: {sent:?}");
        let lane = bench.lane();
        assert_eq!((lane.delivered, lane.discarded.total()), (1, 0), "{status}");
    }
}

#[test]
fn a_page_under_200_is_no_delivery_and_what_follows_may_be_a_repeat() {
    let page = Answer::Header(200, "content-type", "text/html");
    let bench = Bench::start(PATIENT, []);
    bench.answer([page]);
    error!("payment failed");
    bench.flush();
    // A page without a body is none: servers of scripts call everything HTML.
    assert_eq!(bench.sent().len(), 1);

    let bench = Bench::start(PATIENT, [Answer::Page(200)]);
    error!("payment failed");
    bench.flush();
    let sent = bench.sent();
    assert!(
        sent.len() == 2 && has(&sent[1..], "possible repeat"),
        "{sent:?}"
    );
    assert_eq!(bench.lane().delivered, 1);
}

#[test]
fn a_text_that_a_firewall_dislikes_holds_nobody_up_and_takes_nobody_along() {
    let bench = Bench::start(PATIENT, []);
    bench.forbid("etc/passwd");
    error!("bad request: GET /../../etc/passwd");
    bench.wait_for(2);
    for order in 0..3 {
        error!(order, "payment failed");
        let start = Instant::now();
        while bench.lane().delivered <= order {
            assert!(start.elapsed() < 8 * SOON, "{:?}", bench.sent());
            std::thread::sleep(SOON / 10);
        }
    }
    let lane = bench.lane();
    assert_eq!((lane.delivered, lane.pending), (3, 1), "{lane:?}");
    let with_it = bench.sent();
    let with_it = with_it.iter().filter(|text| text.contains("etc/passwd"));
    assert!(with_it.clone().all(|text| !text.contains("payment")));
    bench.forbid("nothing of this");
    bench.flush();
    assert_eq!(bench.lane().delivered, 4);
}

#[test]
fn a_text_that_a_firewall_goes_on_disliking_is_tried_in_plain_form_once() {
    let bench = Bench::start(PATIENT, []);
    bench.forbid("etc/passwd");
    error!("bad request: GET /../../etc/passwd");
    let sent = bench.wait_for(4);
    let forms: String = sent.iter().filter_map(|text| text.chars().nth(1)).collect();
    assert_eq!(forms.get(..4), Some("RPRR"), "{sent:?}");
    bench.forbid("nothing of this");
    bench.flush();
    assert_eq!(bench.lane().delivered, 1);
}

#[test]
fn what_a_firewall_dislikes_is_found_among_those_that_waited_with_it() {
    let bench = Bench::start(PATIENT, [Answer::NotSent]);
    bench.forbid("etc/passwd");
    error!("bad request: GET /../../etc/passwd");
    bench.wait_for(1);
    error!("payment failed");
    warn!("cache is cold");
    error!("disk full");
    let start = Instant::now();
    while bench.lane().delivered < 3 && start.elapsed() < 100 * SOON {
        std::thread::sleep(SOON / 10);
    }
    let lane = bench.lane();
    assert_eq!((lane.delivered, lane.pending), (3, 1), "{:?}", bench.sent());
}

#[test]
fn where_everything_is_forbidden_nothing_is_lost_and_all_arrives_when_it_is_over() {
    let bench = Bench::start(PATIENT, []);
    bench.forbid("");
    error!("payment failed");
    warn!("cache is cold");
    error!("disk full");
    error!("database is gone");
    bench.wait_for(9);
    assert_eq!((bench.lane().pending, bench.lane().delivered), (4, 0));
    bench.forbid("nothing of this");
    bench.flush();
    assert_eq!(bench.lane().delivered, 4);
}

#[test]
fn a_stranger_that_answers_for_ten_minutes_is_said_and_asked_by_the_schedule() {
    let limits = TimeLimits {
        recheck: SOON,
        ..PATIENT
    };
    let bench = Bench::start(limits, std::iter::repeat_n(Answer::Page(404), 4));
    error!("payment failed");
    let moments = {
        bench.wait_for(5);
        bench.moments()
    };
    // Half a second or a second, after which ten minutes of this clock are over or nearly so.
    let said = moments
        .windows(2)
        .position(|pair| pair[1] - pair[0] < 5 * SOON)
        .unwrap();
    let rechecks = moments[said + 1..].iter().map(|at| *at - moments[said]);
    for (at, minutes) in rechecks.zip([1, 5, 15]) {
        assert!(
            at >= minutes * SOON && at < (minutes + 4) * SOON,
            "{at:?} {minutes}"
        );
    }
    bench.flush();
    assert_eq!(bench.lane().delivered, 1);
}
