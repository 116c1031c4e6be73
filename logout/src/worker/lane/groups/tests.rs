use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tracing::{Level, error, info, warn};

use super::{GroupKey, Groups, KeptEvent};
use crate::block::memory_budget::MemoryBudget;
use crate::event::{Event, EventView, Site};
use crate::handle::bench::captured;
use crate::message::Collective;
use crate::worker::lane::group::LAST_BYTES;
use crate::worker::problems::{KnownFingerprints, Problems};

mod eviction;

impl Groups {
    /// Returns when the oldest new group that nothing blocks arrived.
    pub(crate) fn new_since(&self) -> Option<Instant> {
        let groups = self.groups.values();
        let new = groups.filter(|group| {
            group.known.is_none()
                && !group.rejected
                && !self.delivered.contains(group.key.problem_number())
        });
        new.map(|group| group.oldest).min()
    }
}

/// Logs one event of each kind, which is its fingerprint.
fn kinds(kinds: std::ops::Range<u64>) -> Vec<Event> {
    captured(|| {
        for kind in kinds {
            error!(fingerprint = kind, "kind {kind}");
        }
    })
}

/// Groups, with the number that a lane gives its next event.
#[derive(Default)]
struct Lane {
    groups: Groups,
    number: u64,
    kept: Rc<Cell<usize>>,
    problems: Problems,
}

impl Default for Problems {
    fn default() -> Self {
        Self::with_limit(1_000)
    }
}

fn key(problems: &mut Problems, view: &EventView<'_>, now: Instant) -> GroupKey {
    GroupKey::of(problems.identify(view, true, now), view, true)
}

impl Lane {
    fn offer(&mut self, event: &Event, now: Instant) {
        let view = event.view();
        let own = || Rc::new(KeptEvent::new(event.clone(), &self.kept));
        let number = self.number;
        let key = key(&mut self.problems, &view, now);
        self.groups.offer(key, number, &view, now, own);
        self.number += 1;
    }

    /// Returns the first messages of the groups that are sent next; a message holds `room` groups.
    fn send(&mut self, room: usize) -> Vec<String> {
        let keys = self.groups.next_keys();
        let sent = keys.into_iter().take(room);
        sent.map(|key| {
            let group = self.groups.remove(key).unwrap();
            self.groups.mark_delivered(&group);
            group.first.view().message().unwrap().into_owned()
        })
        .collect()
    }
}

#[test]
fn like_events_are_one_group_with_its_first_and_last() {
    let events = captured(|| {
        for order in 0..1_204 {
            error!("payment {order} failed");
        }
    });
    let (mut lane, now) = (Lane::default(), Instant::now());
    events.iter().for_each(|event| lane.offer(event, now));
    let keys = lane.groups.next_keys();
    assert_eq!(keys.len(), 1);
    let entry = lane
        .groups
        .get(keys[0])
        .unwrap()
        .entry(&KnownFingerprints::with_limit(9));
    assert_eq!(entry.events, 1_204);
    assert_eq!(entry.first.message().as_deref(), Some("payment 0 failed"));
    assert_eq!(entry.last, Some("payment 1203 failed"));
}

#[test]
fn a_named_problem_joins_call_sites_and_levels_and_is_as_grave_as_the_gravest() {
    let events = captured(|| {
        warn!("another warning");
        warn!(fingerprint = 1, "less grave");
        error!(fingerprint = 1, "there");
        warn!(fingerprint = 1, "less grave again");
    });
    let (mut lane, now) = (Lane::default(), Instant::now());
    events.iter().for_each(|event| lane.offer(event, now));
    let keys = lane.groups.next_keys();
    let entry = lane.groups.get(keys[0]).unwrap();
    let entry = entry.entry(&KnownFingerprints::with_limit(9));
    assert_eq!((entry.events, entry.level), (3, Level::ERROR));
    assert_eq!(lane.send(10), ["less grave", "another warning"]);
    assert!(lane.groups.is_empty() && lane.groups.highest_priority().is_none());
}

#[test]
fn what_a_call_site_says_too_much_of_is_told_together_with_its_texts() {
    let names = ["ada", "bob", "cy", "dan", "eve", "fay", "gil", "hal"];
    let events = captured(|| {
        for name in names.into_iter().chain(["ida", "jo", "ida"]) {
            error!("login of {name} failed");
        }
    });
    let (mut lane, now) = (Lane::default(), Instant::now());
    events.iter().for_each(|event| lane.offer(event, now));
    assert_eq!(lane.groups.len(), 9);
    let last = *lane.groups.next_keys().last().unwrap();
    let group = lane.groups.get(last).unwrap();
    let known = KnownFingerprints::with_limit(9);
    let (collective, texts) = group.entry(&known).collective.unwrap();
    let counts: Vec<_> = texts.iter().map(|told| told.events).collect();
    assert_eq!((collective, counts), (Collective::Texts, vec![2, 1]));
}

#[test]
fn below_warn_call_sites_are_told_apart_and_texts_are_not() {
    let events = captured(|| {
        for word in ["one", "two"] {
            info!("word {word}");
        }
        info!("word other");
    });
    let (mut lane, now) = (Lane::default(), Instant::now());
    events.iter().for_each(|event| lane.offer(event, now));
    assert_eq!(lane.send(10), ["word one", "word other"]);
}

#[test]
fn a_named_fingerprint_remembers_its_call_sites_through_a_retry() {
    let events = captured(|| {
        for site in [0, 1, 1, 2] {
            match site {
                0 => error!(fingerprint = 1, "here"),
                1 => error!(fingerprint = 1, "there"),
                _ => error!(fingerprint = 1, "elsewhere"),
            }
        }
    });
    let (mut lane, now) = (Lane::default(), Instant::now());
    events.iter().for_each(|event| lane.offer(event, now));
    let key = lane.groups.next_keys()[0];
    let sent = lane.groups.remove(key).unwrap();
    events[1..].iter().for_each(|event| lane.offer(event, now));
    lane.groups.requeue([sent]);
    let sites = lane.groups.get(key).unwrap().sites();
    let counts: BTreeMap<_, _> = sites.collect();
    let expected = events.iter().zip([1, 4, 4, 2]);
    let expected = expected.map(|(event, count)| (Site::of(&event.view()), count));
    assert_eq!(counts, expected.collect());
}

#[test]
fn what_was_never_told_goes_first_and_the_gravest_of_it() {
    let events = captured(|| {
        for _ in 0..2 {
            error!("told");
        }
        warn!("new warning");
        error!("new error");
    });
    let (mut lane, now) = (Lane::default(), Instant::now());
    lane.offer(&events[0], now);
    assert_eq!(lane.send(1), ["told"]);
    events[1..].iter().for_each(|event| lane.offer(event, now));
    assert_eq!(lane.send(10), ["new error", "new warning", "told"]);
}

/// How often an event repeats between two messages; Miri takes its time for each.
const LOOPS: usize = if cfg!(miri) { 20 } else { 1_000 };

#[test]
fn a_call_site_in_a_loop_starves_no_other() {
    let (looping, others) = (&kinds(0..1)[0], kinds(1..21));
    let (mut lane, now) = (Lane::default(), Instant::now());
    for event in others.iter().chain([looping]) {
        lane.offer(event, now);
    }
    while !lane.send(1).is_empty() {}
    // All were reported before. One of them repeats all the time, each other once.
    others.iter().for_each(|event| lane.offer(event, now));
    let mut told = Vec::new();
    for _ in 0..=others.len() {
        for _ in 0..LOOPS {
            lane.offer(looping, now);
        }
        told.extend(lane.send(1));
    }
    for other in &others {
        let message = other.view().message().unwrap().into_owned();
        assert!(told.contains(&message), "{message} is missing in {told:?}");
    }
}

#[test]
fn a_panic_in_a_loop_starves_no_other() {
    let panic = crate::event::panic::event(&crate::event::panic::Panic {
        thread: "",
        message: "index out of bounds",
        file: "src/cart.rs",
        line: 41,
        backtrace: "",
        spans: &[],
        most: usize::MAX,
    });
    let (mut lane, now) = (Lane::default(), Instant::now());
    let other = &kinds(1..2)[0];
    lane.offer(other, now);
    lane.offer(&panic, now);
    assert_eq!(lane.send(10), ["index out of bounds"], "first, and alone");
    lane.offer(&panic, now);
    assert_eq!(lane.send(10), ["kind 1"]);
    assert_eq!(lane.send(10), ["index out of bounds"]);
}

#[test]
fn the_least_grave_and_oldest_is_evicted_first_and_a_panic_last() {
    let mut lane = Lane::default();
    let now = Instant::now();
    let least = captured(|| {
        warn!("old warning");
        warn!("new warning");
    });
    let panic = crate::event::panic::event(&crate::event::panic::Panic {
        thread: "",
        message: "panicked",
        file: "",
        line: 1,
        backtrace: "",
        spans: &[],
        most: usize::MAX,
    });
    lane.offer(&panic, now);
    least.iter().for_each(|event| lane.offer(event, now));
    let errors = kinds(0..MemoryBudget::default().groups as u64);
    errors.iter().for_each(|event| lane.offer(event, now));
    let evicted: Vec<_> = std::iter::from_fn(|| lane.groups.evict())
        .map(|group| group.first.view().message().unwrap().into_owned())
        .collect();
    assert_eq!(evicted, ["old warning", "new warning", "kind 0"]);
}

#[test]
fn a_group_expires_by_its_newest_event() {
    let (mut lane, start) = (Lane::default(), Instant::now());
    let (hour, minute) = (Duration::from_secs(3_600), Duration::from_secs(60));
    let events = kinds(0..2);
    events.iter().for_each(|event| lane.offer(event, start));
    lane.offer(&events[1], start + minute);
    assert_eq!(lane.groups.next_expiry(hour), Some(start + hour));
    let late = start + hour + Duration::from_secs(1);
    assert_eq!(lane.groups.expire(late, hour).len(), 1);
    assert_eq!(lane.groups.next_expiry(hour), Some(start + minute + hour));
    assert_eq!(lane.groups.expire(late + minute, hour).len(), 1);
    assert!(lane.groups.is_empty());
}

#[test]
fn events_for_two_places_never_share_a_message() {
    let events = captured(|| {
        error!(zulip_topic = "stock", "of stock");
        error!("of none");
        error!(zulip_topic = "stock", "of stock too");
    });
    let (mut lane, now) = (Lane::default(), Instant::now());
    events.iter().for_each(|event| lane.offer(event, now));
    assert_eq!(lane.send(10), ["of stock", "of stock too"]);
    assert_eq!(lane.send(10), ["of none"]);
}

#[test]
fn an_event_that_several_lanes_keep_counts_once_until_the_last_lets_go() {
    let event = captured(|| error!("{}", "x".repeat(1_000))).remove(0);
    let kept = Rc::default();
    let shared = Rc::new(KeptEvent::new(event.clone(), &kept));
    let (mut one, mut other, now) = (Groups::default(), Groups::default(), Instant::now());
    for groups in [&mut one, &mut other] {
        let view = event.view();
        let key = key(&mut Problems::default(), &view, now);
        groups.offer(key, 0, &view, now, || Rc::clone(&shared));
        assert!(groups.bytes().all >= event.size());
    }
    drop(shared);
    assert_eq!(kept.get(), event.size());
    drop(one.drain());
    assert_eq!(kept.get(), event.size());
    drop(other.take_least());
    assert_eq!((kept.get(), other.bytes().all), (0, 0));
}

#[test]
fn groups_of_a_refused_message_share_one_with_each_other_alone() {
    let (mut lane, now) = (Lane::default(), Instant::now());
    kinds(0..5).iter().for_each(|event| lane.offer(event, now));
    let keys = lane.groups.next_keys();
    assert_eq!(keys.len(), 5);
    let mut groups: Vec<_> = keys
        .into_iter()
        .filter_map(|key| lane.groups.remove(key))
        .collect();
    let second = groups.split_off(3);
    for half in [groups, second] {
        let half = lane.groups.mark_half(half);
        lane.groups.requeue(half);
    }
    kinds(5..6).iter().for_each(|event| lane.offer(event, now));
    let sizes: Vec<_> = std::iter::from_fn(|| {
        let keys = lane.groups.next_keys();
        keys.iter().for_each(|key| drop(lane.groups.remove(*key)));
        (!keys.is_empty()).then_some(keys.len())
    })
    .collect();
    assert_eq!(sizes, [3, 2, 1]);
}

/// More than a lane keeps, but for Miri, which takes its time.
const KINDS: u64 = if cfg!(miri) { 40 } else { 400 };

static ALL: LazyLock<Vec<Event>> = LazyLock::new(|| kinds(0..KINDS));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 64 }))]

    /// Checks that no event is lost or counted twice, whatever is offered, sent, requeued and
    /// evicted, that the bounds hold, and that the sum of bytes is that of the groups.
    #[test]
    fn every_event_is_in_one_place(steps in prop::collection::vec((0..KINDS, 0u8..4), 1..600)) {
        let (mut lane, now) = (Lane::default(), Instant::now());
        let mut offered: BTreeMap<u64, u64> = BTreeMap::new();
        let mut gone = 0;
        let mut in_flight = Vec::new();
        for (kind, step) in steps {
            match step {
                0 | 1 => {
                    lane.offer(&ALL[kind as usize], now);
                    *offered.entry(kind).or_default() += 1;
                }
                2 => {
                    let keys = lane.groups.next_keys();
                    in_flight.extend(keys.into_iter().take(3).filter_map(|key| lane.groups.remove(key)));
                }
                _ => lane.groups.requeue(in_flight.drain(..)),
            }
            while let Some(group) = lane.groups.evict() {
                gone += group.events;
            }
            prop_assert!(lane.groups.len() <= MemoryBudget::default().groups);
        }
        lane.groups.requeue(in_flight.drain(..));
        let bytes: usize = lane.groups.groups.values().map(|group| group.bytes().all).sum();
        prop_assert_eq!(lane.groups.bytes().all, bytes);
        let oldest = lane.groups.groups.values().map(|group| group.oldest()).min();
        prop_assert_eq!(lane.groups.oldest(), oldest);
        let gravest = lane.groups.groups.values().map(|group| group.priority()).max();
        prop_assert_eq!(lane.groups.highest_priority(), gravest);
        let (mut left, mut last) = (0, None);
        for _ in 0..lane.groups.len() / 2 {
            let group = lane.groups.take_least().unwrap();
            prop_assert!(last < Some(group.eviction_rank()), "not the least severe");
            last = Some(group.eviction_rank());
            prop_assert!(group.last.len() <= LAST_BYTES);
            left += group.events;
        }
        left += lane.groups.drain().iter().map(|group| group.events).sum::<u64>();
        prop_assert!(lane.groups.is_empty());
        prop_assert_eq!(left + gone, offered.values().sum::<u64>());
    }
}
