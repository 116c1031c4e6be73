//! How fast a leader takes what others hand over, and how much of it it keeps.
//!
//! `LOGOUT_ENTRIES` says how many it takes; the figure it prints is of a second of a core.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use figment::Figment;
use tracing::{Level, error};

use super::entry;
use crate::block::Declared as _;
use crate::config;
use crate::event::{LazySite, Site, carried};
use crate::fleet::{
    Answer, Ask, Entry, Lead, LeadAnswer, Mark, Member, Options, Place, PutAnswer, PutOutcome,
    Takeover,
};
use crate::handle::bench::{One, Script, captured};
use crate::message::Reason;
use crate::spool::record::{Record, StoredGroup, StoredLoss, StoredLosses};
use crate::text::linear::{assert_linear, on_core};
use crate::worker::dispatch::Dispatcher as _;
use crate::worker::lane::{FleetLane, Kept, Key};
use crate::worker::problems::Problems;
use crate::worker::{Shared, Worker};

/// What the storm of the guide's table has: so many kinds, seen by so many hosts.
const KINDS: u64 = 40;
const HOSTS: u64 = 50;

/// How many entries it takes at first.
const ENTRIES: usize = 1_250;

fn joined(lead: bool) -> Worker<Script> {
    let (_, settings) = config::from_figment(One::read, Figment::new()).unwrap();
    let shared = Arc::new(Shared::new(const { &One::BLOCK }, settings));
    let worker = Worker::new(shared, Script::default());
    let options = Options {
        name: format!("{:032x}", 7),
        lead,
        alone: false,
        timeout: Duration::from_secs(60),
        span: Duration::from_secs(1),
    };
    let member = Member::new(options, worker.now());
    let fleet = FleetLane::new(member, worker.shared.memory);
    worker.lanes[0].state.borrow_mut().fleet = Some(Box::new(fleet));
    worker
}

/// The group that an entry holds.
fn group(entry: &[u8]) -> StoredGroup {
    match entry::read_stored(entry) {
        Some(entry::Stored::Group(stored)) => stored,
        other => panic!("{other:?}"),
    }
}

/// What one process hands over of a storm, as each of these hosts would write it.
fn entries() -> Vec<Vec<u8>> {
    let worker = joined(false);
    let now = worker.now();
    let mut problems = Problems::within(1_000);
    for event in captured(|| {
        for order in 0..3 * KINDS {
            let kind = order % KINDS;
            let gateway = "10.0.0.1:8080, which has answered for two weeks before";
            error!(
                fingerprint = kind,
                order, gateway, "payment {kind} failed: timeout"
            );
        }
    }) {
        let view = event.view();
        let key = Key::of(problems.of(&view, true, now), &view, true);
        let own = || Rc::new(Kept::new(event.clone(), &worker.kept));
        let mut state = worker.lanes[0].state.borrow_mut();
        state.offer(key, &view, 0, now, own);
    }
    worker.hand_over(0, now);
    let ask = worker.with_member(0, |member| member.next(now)).unwrap();
    let Some(Ask::Put { entries, .. }) = ask else {
        panic!("{ask:?}");
    };
    assert_eq!(entries.len() as u64, KINDS);
    let of_host = |bytes: &Vec<u8>, host: u64| {
        let mut stored = group(bytes);
        stored.origin.host = format!("web-{host}");
        stored.origin.process = host + 1;
        let mut bytes = Vec::new();
        Record::Group(stored).write(&mut bytes);
        bytes
    };
    let hosts = (0..HOSTS).flat_map(|host| entries.iter().map(move |bytes| of_host(bytes, host)));
    hosts.collect()
}

/// A leader that is asked by nobody else, and its broker.
struct Broker<'a> {
    entries: &'a [Vec<u8>],
    size: usize,
    read: usize,
    deleted: usize,
}

impl Broker<'_> {
    fn answer(&mut self, ask: &Ask) -> Answer {
        let place = Place {
            time: 1_000_000,
            members: HOSTS,
            rank: 0,
            has_leader: true,
        };
        let outcome = PutOutcome::Stored;
        match ask {
            Ask::Put { .. } => Answer::Put(PutAnswer { outcome, place }),
            Ask::Lead { epoch, .. } => {
                let lead = match epoch {
                    0 => Lead::Taken(Takeover {
                        epoch: 1,
                        ..Takeover::default()
                    }),
                    _ => Lead::Kept,
                };
                Answer::Lead(LeadAnswer { lead, place })
            }
            Ask::Read { most, .. } => {
                let end = self.size.min(self.read + most);
                let entry = |number: usize| Entry {
                    mark: Mark {
                        time: 1_000_000,
                        number: number as u64,
                    },
                    bytes: self.entries[number % self.entries.len()].clone(),
                };
                let entries = (self.read + 1..=end).map(entry).collect();
                self.read = end;
                Answer::Read(entries)
            }
            Ask::Going { .. } => Answer::Held(true),
            Ask::Done { settled, .. } => {
                self.deleted += settled.len();
                Answer::Held(true)
            }
        }
    }
}

/// Notes that people were told of all that waits.
fn tell(worker: &Worker<Script>, now: Instant) {
    let mut state = worker.lanes[0].state.borrow_mut();
    for key in state.groups.next() {
        let group = state.groups.remove(key).unwrap();
        state.note_told(&group, false, now);
    }
}

/// Lets a leader take so many entries; it keeps none of them.
fn taken(entries: &[Vec<u8>], size: usize) {
    let leader = joined(true);
    let mut broker = Broker {
        entries,
        size,
        read: 0,
        deleted: 0,
    };
    let mut is_told = false;
    while broker.deleted < size {
        let now = leader.now();
        leader.tend_members(now);
        if let Some((lane, ask)) = leader.next_ask(0, now) {
            let answer = broker.answer(&ask);
            leader.take_answer(lane, &ask, Ok(answer), now);
        }
        if !is_told && broker.read > 0 {
            tell(&leader, now);
            is_told = true;
        }
    }
    let state = leader.lanes[0].state.borrow();
    let events = size as u64 * 3;
    assert_eq!(state.stats.accepted, events, "{:?}", state.stats);
    assert!(state.groups.is_empty());
    // Forty problems, and not an entry of those that were read.
    let kept = leader.kept.get();
    assert!(kept < 64 << 10, "{kept} bytes are kept");
}

#[test]
fn a_leader_takes_each_entry_at_the_price_of_the_first_and_keeps_none() {
    let entries = entries();
    assert_linear(
        "entries",
        ENTRIES,
        |size| size,
        |size| taken(&entries, *size),
    );
}

#[test]
#[expect(clippy::print_stdout, reason = "a figure for whoever measures")]
fn a_leader_takes_entries_at_a_few_times_the_price_of_decoding_them() {
    let entries = entries();
    let bytes = entries.iter().map(Vec::len).sum::<usize>() / entries.len();
    let size = std::env::var("LOGOUT_ENTRIES").map_or(4 * ENTRIES, |text| text.parse().unwrap());
    let ratio = || {
        // The least that can be done with them.
        let (before, mut decoded) = (on_core(), 0);
        for number in 0..size {
            let stored = group(&entries[number % entries.len()]);
            decoded += usize::from(carried::read(&stored.first).is_some());
        }
        let floor = on_core() - before;
        assert_eq!(decoded, size);

        let before = on_core();
        taken(&entries, size);
        let took = on_core() - before;
        let rate = size as f64 / took.as_secs_f64();
        println!(
            "{rate:.0} entries of {bytes} bytes a second; decoding takes {floor:?} of {took:?}"
        );
        took.as_secs_f64() / floor.as_secs_f64()
    };
    // Caches that others have emptied make one measure too long.
    assert!((0..3).any(|_| ratio() < 20.0));
}

/// Has a lane give up events, as one does whose queue is full.
fn lose(worker: &Worker<Script>, reason: Reason, level: Level, events: u64, line: u32) {
    let site = Site {
        target: "shop".to_owned(),
        file: Some("src/main.rs".to_owned()),
        line: Some(line),
    };
    let mut state = worker.lanes[0].state.borrow_mut();
    state.note_loss(reason, level, LazySite::Site(site), events, worker.now());
}

/// What a worker puts next, if anything.
fn put(worker: &Worker<Script>) -> Option<Vec<Vec<u8>>> {
    worker.hand_over(0, worker.now());
    let ask = worker.with_member(0, |member| member.next(worker.now()))?;
    match ask {
        Some(Ask::Put { entries, .. }) => Some(entries.to_vec()),
        _ => None,
    }
}

#[test]
fn what_a_process_gave_up_is_reported_by_the_one_that_leads() {
    let sender = joined(false);
    lose(&sender, Reason::Threshold, Level::ERROR, 1_000, 7);
    lose(&sender, Reason::Threshold, Level::WARN, 200, 9);
    lose(&sender, Reason::Muted, Level::WARN, 5, 9);
    lose(&sender, Reason::Expired, Level::ERROR, 4, 7);
    assert!(sender.lanes[0].state.borrow().losing_since.is_none());
    let entries = put(&sender).unwrap();
    assert_eq!(entries.len(), 1);

    let leader = joined(true);
    let entry = |number: u64| Entry {
        mark: Mark { time: 1, number },
        bytes: entries[0].clone(),
    };
    leader.read_entries(0, vec![entry(1), entry(2)], leader.now());
    let mut state = leader.lanes[0].state.borrow_mut();
    let (losses, _) = state.take_losses(leader.now()).unwrap();
    assert_eq!(losses.total(), 2 * 1_204);
    let threshold = &losses.reasons()[0];
    assert_eq!(
        threshold,
        &(
            Reason::Threshold,
            vec![(Level::ERROR, 2_000), (Level::WARN, 400)]
        )
    );
    let sites = losses.sites();
    let lines: Vec<_> = sites.iter().map(|(site, of)| (site.line, *of)).collect();
    assert_eq!(lines, [(Some(7), 2_008), (Some(9), 400)]);
}

#[test]
fn losses_that_did_not_reach_the_broker_are_reported_where_they_happened() {
    let sender = joined(false);
    lose(&sender, Reason::Threshold, Level::ERROR, 1_000, 7);
    assert!(put(&sender).is_some());
    lose(&sender, Reason::Threshold, Level::ERROR, 30, 7);
    let mut state = sender.lanes[0].state.borrow_mut();
    state.take_own_losses();
    let (losses, _) = state.take_losses(sender.now()).unwrap();
    assert_eq!(losses.total(), 1_030);
}

#[test]
fn losses_of_a_reason_that_a_newer_version_has_are_put_aside() {
    let stored = StoredLosses {
        counts: vec![StoredLoss {
            reason: "bored".to_owned(),
            level: carried::level_number(Level::ERROR),
            events: 7,
        }],
        ..StoredLosses::default()
    };
    assert!(entry::read_losses(&stored, 8, Instant::now()).is_none());
}
