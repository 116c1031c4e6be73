//! Events whose lane is switched off or ends, and how long that takes.

use std::time::{Duration, Instant};

use figment::Figment;
use tracing::{error, warn};

use super::{SOON, WHILE};
use crate::handle::bench::{Bench, LONG_LIMITS, ScriptedAnswer};
use crate::worker::stats::Reason;

/// Longer than what ends at its timeout takes on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);

#[test]
fn disable_sends_what_is_pending_counts_the_rest_and_answers_in_time() {
    let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::Never]);
    error!("hangs");
    bench.wait_for(1);
    warn!("waits behind it");
    let start = Instant::now();
    bench.handle.disable(0, 4 * SOON).unwrap();
    let took = start.elapsed();
    assert!(took >= 4 * SOON && took < AT_ONCE, "{took:?}");
    error!("comes too late");
    let lane = bench.wait_until_lane(|lane| lane.discarded.get(Reason::Disabled) == 2);
    assert_eq!((lane.pending, lane.discarded.get(Reason::Disabled)), (1, 2));
}

#[test]
fn an_instance_its_configuration_disables_is_enabled_by_a_reload_alone() {
    let disabled = || Figment::from(("plain.enabled", false));
    let bench = Bench::of(disabled(), LONG_LIMITS, []);
    let refused = bench.handle.enable(0).unwrap_err();
    assert!(
        refused.is_config() && refused.to_string().contains("enabled = true"),
        "{refused}"
    );
    error!("never taken");
    bench.flush();
    assert_eq!(bench.lane().accepted, 0);
    bench.handle.reload_from(Figment::new()).unwrap();
    bench.handle.enable(0).unwrap();
    error!("taken");
    bench.flush();
    assert_eq!(bench.lane().delivered, 1);
    bench.handle.reload_from(disabled()).unwrap();
    bench.handle.enable(0).unwrap_err();
}

#[test]
fn what_the_program_disabled_stays_so_over_a_reload() {
    let bench = Bench::start(LONG_LIMITS, []);
    bench.handle.disable(0, SOON).unwrap();
    bench.handle.reload_from(Figment::new()).unwrap();
    error!("not wanted");
    bench.flush();
    assert_eq!(bench.lane().discarded.get(Reason::Disabled), 1);
    bench.handle.enable(0).unwrap();
    error!("wanted");
    bench.flush();
    assert_eq!(bench.lane().delivered, 1);
}

#[test]
fn shutdown_counts_what_is_under_way_and_what_waits() {
    let bench = Bench::start(LONG_LIMITS, [ScriptedAnswer::Never]);
    error!("hangs");
    bench.wait_for(1);
    (0..5).for_each(|_| warn!("waits"));
    let start = Instant::now();
    let lane = bench.end(2 * SOON);
    assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
    assert_eq!((lane.accepted, lane.pending, lane.delivered), (6, 0, 0));
    assert_eq!(lane.discarded.get(Reason::Shutdown), 6);
}

#[test]
fn what_is_logged_while_it_ends_is_counted_as_lost_to_the_end() {
    let (gate, held) = ScriptedAnswer::Status(200).held();
    let bench = Bench::start(LONG_LIMITS, [held]);
    error!("under way");
    bench.wait_for(1);
    let handle = bench.handle.clone();
    let ending = std::thread::spawn(move || handle.shutdown(WHILE));
    bench.wait_until_closed();
    (0..7).for_each(|_| warn!("too late"));
    gate.done();
    let left = ending.join().unwrap().unwrap_err().left();
    assert_eq!(left, 7);
    let lane = bench.lane();
    assert_eq!(
        (lane.delivered, lane.discarded.get(Reason::Shutdown)),
        (1, 7)
    );
}

#[test]
fn a_flush_does_not_wait_for_what_cannot_leave_before_its_deadline() {
    let bench = Bench::start(
        LONG_LIMITS,
        [ScriptedAnswer::Header(429, "retry-after", "600")],
    );
    error!("payment failed");
    bench.wait_for(1);
    std::thread::sleep(SOON);
    let start = Instant::now();
    let late = bench.handle.flush(Duration::from_secs(8)).unwrap_err();
    assert!(late.is_timeout() && late.left() == 1, "{late}");
    let lane = bench.end(Duration::from_secs(8));
    assert_eq!(lane.discarded.get(Reason::Shutdown), 1);
    assert!(
        start.elapsed() < Duration::from_secs(4),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_flush_has_one_try_made_of_a_destination_that_rests_and_no_more() {
    let never = std::iter::repeat_n(ScriptedAnswer::NotSent, 100);
    let bench = Bench::start(LONG_LIMITS, never);
    error!("payment failed");
    bench.wait_for(1);
    for _ in 0..10 {
        bench.handle.flush(SOON / 5).unwrap_err();
    }
    assert!(bench.sent().len() <= 3, "{:?}", bench.sent().len());
    // At the end there is one more try.
    let before = bench.sent().len();
    bench.answer([]);
    let _left = bench.handle.shutdown(6 * SOON);
    assert!(bench.sent().len() > before);
}

#[test]
fn nothing_to_wait_for_is_no_matter_of_time() {
    let bench = Bench::start(LONG_LIMITS, []);
    bench.handle.flush(Duration::ZERO).unwrap();
    error!("payment failed");
    bench.flush();
    bench.handle.flush(Duration::ZERO).unwrap();
}
