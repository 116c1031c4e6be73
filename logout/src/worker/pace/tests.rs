use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Paces, Window};

const SECOND: Duration = Duration::from_secs(1);

/// Sends as fast as the windows allow for `span`, and tells when.
fn storm(windows: &[Window], span: Duration) -> Vec<Duration> {
    let mut paces = Paces::default();
    let start = Instant::now();
    let mut now = start;
    let mut sent = Vec::new();
    loop {
        now = paces.next_slot(windows, now);
        if now - start > span {
            return sent;
        }
        paces.take_slot(windows, now);
        sent.push(now - start);
    }
}

#[test]
fn the_first_request_leaves_at_once() {
    let now = Instant::now();
    assert_eq!(
        Paces::default().next_slot(&[Window::new(1, SECOND, "chat")], now),
        now
    );
}

#[test]
fn instances_that_share_a_key_share_its_windows() {
    let (one, other) = (
        Window::new(1, SECOND, "hook"),
        Window::new(1, SECOND, "another hook"),
    );
    let (mut paces, now) = (Paces::default(), Instant::now());
    paces.take_slot(&[one], now);
    assert!(paces.next_slot(&[Window::new(1, SECOND, "hook")], now) >= now + SECOND);
    assert_eq!(paces.next_slot(&[other], now), now);
}

#[test]
fn a_pause_holds_for_every_window_of_the_destination() {
    let (mut paces, now) = (Paces::default(), Instant::now());
    let windows = [
        Window::new(5, 2 * SECOND, "hook"),
        Window::new(30, 60 * SECOND, "hook"),
    ];
    paces.pause(&windows[..1], now + 10 * SECOND);
    paces.pause(&windows[..1], now + 3 * SECOND);
    assert_eq!(paces.next_slot(&windows[1..], now), now + 10 * SECOND);
    paces.resume(&windows);
    assert_eq!(paces.next_slot(&windows, now), now);
}

#[test]
fn a_storm_is_spread_and_not_a_burst_and_a_silence() {
    let windows = [
        Window::new(1, SECOND, "chat"),
        Window::new(20, 60 * SECOND, "chat"),
    ];
    let sent = storm(&windows, 300 * SECOND);
    let longest = sent.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(
        longest < 12 * SECOND,
        "a silence of {longest:?} in {sent:?}"
    );
    assert!(
        sent.len() >= 90,
        "only {} of the 100 that five minutes allow",
        sent.len()
    );
}

proptest! {
    #[test]
    fn no_window_is_ever_exceeded(limits in prop::collection::vec((1usize..30, 1u64..60), 1..4)) {
        let windows: Vec<_> = limits.iter().map(|(count, per)| Window::new(*count, Duration::from_secs(*per), "key")).collect();
        let sent = storm(&windows, Duration::from_secs(120));
        for (count, per) in limits {
            for from in &sent {
                let until = *from + Duration::from_secs(per);
                let inside = sent.iter().filter(|at| *at >= from && **at < until).count();
                prop_assert!(inside <= count, "{inside} in {per} s from {from:?}, {count} allowed");
            }
        }
    }

    #[test]
    fn a_window_is_used_and_not_only_kept(count in 1usize..30, per in 1u64..60) {
        let sent = storm(&[Window::new(count, Duration::from_secs(per), "key")], Duration::from_secs(per * 10));
        prop_assert!(sent.len() * 10 >= count * 10 * 8, "{} of {}", sent.len(), count * 10);
    }
}
