use std::collections::HashMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tracing::Level;

use super::{Losses, OTHERS_PER_SITE, OtherSites};
use crate::block::memory_budget::MemoryBudget;
use crate::event::{Event, LazySite, Site};
use crate::handle::bench::captured;
use crate::message::Reason;

fn site(line: u32) -> Site {
    Site {
        target: "shop".to_owned(),
        file: Some("src/pay.rs".to_owned()),
        line: Some(line),
    }
}

fn lost(losses: &mut Losses, reason: Reason, level: Level, line: u32, events: u64) {
    losses.add(
        reason,
        level,
        LazySite::Site(site(line)),
        events,
        Instant::now(),
    );
}

#[test]
fn the_gravest_level_and_the_most_frequent_site_come_first() {
    let mut losses = Losses::default();
    lost(&mut losses, Reason::Threshold, Level::WARN, 1, 5);
    lost(&mut losses, Reason::Threshold, Level::ERROR, 2, 900);
    lost(&mut losses, Reason::Evicted, Level::WARN, 1, 2);
    assert_eq!(
        losses.reasons(),
        [
            (
                Reason::Threshold,
                vec![(Level::ERROR, 900), (Level::WARN, 5)]
            ),
            (Reason::Evicted, vec![(Level::WARN, 2)]),
        ]
    );
    assert_eq!(losses.sites(), [(&site(2), 900), (&site(1), 7)]);
    assert_eq!(losses.total(), 907);
}

#[test]
fn losses_are_over_after_a_quiet_time_by_the_clock_that_orders() {
    let (mut losses, now) = (Losses::default(), Instant::now());
    losses.add(
        Reason::Expired,
        Level::ERROR,
        LazySite::Site(site(1)),
        1,
        now,
    );
    let quiet = Duration::from_secs(10);
    assert!(!losses.are_over(now + quiet, quiet));
    assert!(losses.are_over(now + quiet + Duration::from_secs(1), quiet));
}

#[test]
fn standard_error_is_told_of_each_loss_once_whatever_becomes_of_a_report() {
    let mut losses = Losses::default();
    lost(&mut losses, Reason::Threshold, Level::WARN, 1, 5);
    losses.note_logged();
    lost(&mut losses, Reason::Threshold, Level::ERROR, 2, 3);
    lost(&mut losses, Reason::Expired, Level::WARN, 1, 1);
    let reported = losses.take();
    assert_eq!(losses.unlogged(), 0);
    lost(&mut losses, Reason::Threshold, Level::WARN, 1, 2);
    losses.absorb(reported);
    let unlogged: Vec<_> = losses.unlogged_by_reason().collect();
    assert_eq!(unlogged, [(Reason::Threshold, 5), (Reason::Expired, 1)]);
    assert_eq!((losses.unlogged(), losses.total()), (6, 11));
}

#[test]
fn call_sites_beyond_the_table_are_still_counted_and_beyond_that_it_says_so() {
    let mut losses = Losses::with_site_limit(4);
    let counted = 4 + 4 * OTHERS_PER_SITE as u32;
    for line in (0..counted).chain(0..counted) {
        lost(&mut losses, Reason::Threshold, Level::WARN, line, 1);
    }
    assert_eq!(losses.sites().len(), 4);
    let mut others = OtherSites {
        sites: 4 * OTHERS_PER_SITE,
        or_more: false,
        events: 8 * OTHERS_PER_SITE as u64,
    };
    assert_eq!(losses.others(), others);
    lost(&mut losses, Reason::Threshold, Level::WARN, counted, 1);
    others.or_more = true;
    others.events += 1;
    assert_eq!(losses.others(), others);
}

proptest! {
    #[test]
    fn sums_by_reason_and_by_site_are_the_total_without_what_is_muted(counted in prop::collection::vec((0usize..9, 0u32..800, 1u64..1_000), 0..1_500)) {
        let mut losses = Losses::default();
        for (reason, line, events) in &counted {
            lost(&mut losses, Reason::ALL[*reason], Level::WARN, *line, *events);
        }
        // Muted events are listed among the reasons, but are no loss.
        let is_lost = |reason: &Reason| *reason != Reason::Muted;
        let lost = counted.iter().filter(|(reason, _, _)| is_lost(&Reason::ALL[*reason]));
        let total: u64 = lost.map(|(_, _, events)| events).sum();
        let reasons = losses.reasons().into_iter().filter(|(reason, _)| is_lost(reason));
        let by_reason: u64 = reasons.flat_map(|(_, levels)| levels).map(|(_, events)| events).sum();
        let listed: u64 = losses.sites().iter().map(|(_, events)| events).sum();
        let by_site = listed + losses.others().events;
        prop_assert_eq!((losses.total(), by_reason, by_site), (total, total, total));
        prop_assert!(losses.sites().len() <= MemoryBudget::default().sites);
    }
}

/// Returns events of more call sites than are cached.
fn events() -> Vec<Event> {
    macro_rules! at {
        ($($target:literal)*) => {
            captured(|| { $(tracing::error!(target: $target, "lost");)* })
        };
    }
    at!("a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r" "s" "t")
}

proptest! {
    #[test]
    fn a_site_is_one_whether_it_is_found_by_its_call_site_or_read(
        steps in prop::collection::vec((0_usize..20, any::<bool>(), 1_u64..9), 0..200),
    ) {
        let events = events();
        let (mut losses, mut expected, mut others) = (Losses::with_site_limit(14), HashMap::new(), 0);
        for (event, is_read, lost) in steps {
            let view = events[event].view();
            let site = Site::of(&view);
            if expected.len() < 14 || expected.contains_key(&site) {
                *expected.entry(site.clone()).or_insert(0) += lost;
            } else {
                others += lost;
            }
            let site = match is_read {
                true => LazySite::Site(site),
                false => LazySite::of(&view),
            };
            losses.add(Reason::Evicted, Level::ERROR, site, lost, Instant::now());
        }
        let found: HashMap<_, _> = losses.sites().into_iter().collect();
        let expected: HashMap<_, _> = expected.iter().map(|(site, lost)| (site, *lost)).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(losses.others().events, others);
    }
}
