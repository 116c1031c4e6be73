//! How fast a leader takes what others hand over, and how much of it it keeps.
//!
//! `LOGOUT_ENTRIES` says how many it takes; the figure it prints is of a second of a core.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use figment::Figment;
use tracing::{Level, error};

use super::{Fleet, entry, mutes};
use crate::block::Declared as _;
use crate::config;
use crate::event::{LazySite, Site, carried};
use crate::fleet::{
    Answer, Ask, Effect, Entry, Lead, LeadAnswer, Mark, Member, Options, Place, PutAnswer,
    PutOutcome, Takeover,
};
use crate::handle::bench::{One, Script, captured};
use crate::message::Reason;
use crate::spool::record::{Record, StoredGroup, StoredLoss, StoredLosses, StoredMute};
use crate::text::linear::{assert_linear, on_core};
use crate::worker::dispatch::Dispatcher as _;
use crate::worker::lane::{FleetLane, Kept, Key, ReadLosses};
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
            Ask::Recall { .. } => Answer::Known(Vec::new()),
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
    let (losses, _) = state.take_reported(leader.now()).unwrap();
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

/// Has a worker lead, as of what the broker keeps.
fn lead(worker: &Worker<Script>, epoch: u64, known: Vec<Vec<u8>>, going: &[u8]) {
    let now = worker.now();
    let ask = worker.with_member(0, |member| member.next(now)).flatten();
    let ask = ask.unwrap();
    assert!(matches!(ask, Ask::Lead { .. }), "{ask:?}");
    let place = Place {
        time: 1_000_000,
        members: 2,
        rank: 0,
        has_leader: true,
    };
    let takeover = Takeover {
        epoch,
        going: going.to_vec(),
        known,
    };
    let answer = LeadAnswer {
        lead: Lead::Taken(takeover),
        place,
    };
    worker.take_answer(0, &ask, Ok(Answer::Lead(answer)), now);
}

/// Has a leader read these.
fn read(worker: &Worker<Script>, entries: Vec<Entry>) {
    let ask = Ask::Read {
        after: Mark::default(),
        most: usize::MAX,
    };
    worker.take_answer(0, &ask, Ok(Answer::Read(entries)), worker.now());
}

/// What a leader settles next: which marks, and what is known.
fn settled(worker: &Worker<Script>) -> (Vec<Mark>, Vec<(u64, Vec<u8>)>) {
    loop {
        let now = worker.now();
        worker.tend_members(now);
        let ask = worker.with_member(0, |member| member.next(now)).flatten();
        match ask.unwrap() {
            Ask::Done { settled, known, .. } => return (settled, known),
            // It took its time, and renews its lease first.
            ask @ Ask::Lead { .. } => {
                let place = Place {
                    time: 1_000_000,
                    members: 2,
                    rank: 0,
                    has_leader: true,
                };
                let lead = Lead::Kept;
                let answer = Answer::Lead(LeadAnswer { lead, place });
                worker.take_answer(0, &ask, Ok(answer), now);
            }
            other => panic!("{other:?}"),
        }
    }
}

fn entry_of(number: u64, bytes: &[u8]) -> Entry {
    Entry {
        mark: Mark {
            time: 1_000_000,
            number,
        },
        bytes: bytes.to_vec(),
    }
}

fn values(known: &[(u64, Vec<u8>)]) -> Vec<Vec<u8>> {
    known.iter().map(|(_, bytes)| bytes.clone()).collect()
}

#[test]
fn losses_that_a_leader_has_not_reported_are_reported_by_the_one_that_follows() {
    let sender = joined(false);
    lose(&sender, Reason::Threshold, Level::ERROR, 1_000, 7);
    let entries = put(&sender).unwrap();
    let first = joined(true);
    lead(&first, 1, Vec::new(), b"");
    read(&first, vec![entry_of(1, &entries[0])]);
    let (marks, known) = settled(&first);
    assert_eq!(marks.len(), 1, "it is in no entry any more");
    // It is killed while it reports that.
    let reported = first.lanes[0]
        .state
        .borrow_mut()
        .take_read_losses(first.now());
    assert_eq!(reported.unwrap().0.total(), 1_000);
    read(&first, vec![entry_of(2, &entries[0])]);
    let (_, with_those_on_their_way) = settled(&first);

    for (known, going, events) in [
        (known, "|616e64206c6f7374", 1_000),
        (with_those_on_their_way, "", 2_000),
    ] {
        let next = joined(true);
        lead(&next, 2, values(&known), going.as_bytes());
        let mut state = next.lanes[0].state.borrow_mut();
        let (losses, _) = state.take_read_losses(next.now()).unwrap();
        assert_eq!(losses.total(), events);
        assert_eq!(losses.sites().len(), 1);
        drop(state);
        // Once people have it nobody is to report it again.
        next.lanes[0].state.borrow_mut().settle_read_losses();
        let (_, known) = settled(&next);
        let kept = known
            .iter()
            .find(|(number, _)| *number == ReadLosses::NUMBER);
        assert_eq!(kept.unwrap().1, Vec::<u8>::new());
    }
}

#[test]
fn what_another_leads_is_not_handed_over_once_more() {
    let sender = joined(false);
    lose(&sender, Reason::Threshold, Level::ERROR, 1_000, 7);
    let entries = put(&sender).unwrap();
    let leader = joined(true);
    lead(&leader, 1, Vec::new(), b"");
    read(&leader, vec![entry_of(1, &entries[0])]);
    leader.follow(0, Effect::Lost, leader.now());
    let mut state = leader.lanes[0].state.borrow_mut();
    assert!(state.take_reported(leader.now()).is_none());
    let fleet = state.fleet.as_mut().unwrap();
    assert!(fleet.losses.begin().is_none(), "the broker keeps it");
}

#[test]
fn what_many_entries_say_is_kept_in_their_place_until_it_is_told() {
    let entries = entries();
    let first = joined(true);
    lead(&first, 1, Vec::new(), b"");
    let count = 1_001;
    let many = (0..count).map(|number| entry_of(number as u64 + 1, &entries[number]));
    read(&first, many.collect());
    let (marks, known) = settled(&first);
    assert_eq!(marks.len(), count);
    assert_eq!(known.len() as u64, KINDS);
    // More of it comes, which is still in the stream.
    read(&first, vec![entry_of(9_999, &entries[0])]);
    let kept = first.lanes[0].state.borrow().stats.accepted;

    let next = joined(true);
    let one = known[0].0;
    lead(&next, 2, values(&known), format!("|{one:x}").as_bytes());
    read(&next, vec![entry_of(9_999, &entries[0])]);
    let mut state = next.lanes[0].state.borrow_mut();
    assert_eq!(state.stats.accepted, kept, "{:?}", state.stats);
    assert_eq!(state.groups.all().count() as u64, KINDS);
    let events: u64 = state.groups.all().map(|group| group.events).sum();
    assert_eq!(events, kept);
    for group in state.groups.all() {
        let seen = group.seen.as_ref().unwrap();
        assert!(seen.hosts.names().len() > 1, "{:?}", seen.hosts);
        assert_eq!(seen.possible_repeat, group.key.number() == one);
    }
    // Told, it is known, and waits no more.
    for key in state.groups.next() {
        let group = state.groups.remove(key).unwrap();
        state.note_told(&group, false, next.now());
    }
    drop(state);
    let (marks, known) = settled(&next);
    assert_eq!(marks.len(), 1);
    assert_eq!(known.len() as u64, KINDS);
    for (_, bytes) in &known {
        let known = entry::read_known(bytes);
        assert!(known.sighting.is_some() && known.waiting.is_empty());
    }
}

/// Logs the same error at a sender.
fn log(worker: &Worker<Script>, number: u64) {
    let mut problems = Problems::within(1_000);
    for event in captured(|| {
        let report = "at the till\n".repeat(200);
        let problem = "payment";
        error!(
            fingerprint = problem,
            number, report, "payment failed: timeout"
        );
    }) {
        let view = event.view();
        let key = Key::of(problems.of(&view, true, worker.now()), &view, true);
        let own = || Rc::new(Kept::new(event.clone(), &worker.kept));
        let mut state = worker.lanes[0].state.borrow_mut();
        state.offer(key, &view, 0, worker.now(), own);
    }
}

/// Puts what a sender has, which is stored.
fn stored(worker: &Worker<Script>) -> Vec<u8> {
    worker.hand_over(0, worker.now());
    let ask = worker.with_member(0, |member| member.next(worker.now()));
    let ask = ask.unwrap().unwrap();
    let Ask::Put { entries, .. } = &ask else {
        panic!("{ask:?}");
    };
    let entry = entries[0].clone();
    let place = Place {
        time: 1_000_000,
        members: 2,
        rank: 0,
        has_leader: true,
    };
    let outcome = PutOutcome::Stored;
    let answer = Answer::Put(PutAnswer { outcome, place });
    worker.take_answer(0, &ask, Ok(answer), worker.now());
    entry
}

#[test]
fn a_problem_whose_first_event_the_fleet_has_is_put_in_a_line() {
    let sender = joined(false);
    let entries: Vec<_> = (0..3)
        .map(|number| {
            log(&sender, number);
            stored(&sender)
        })
        .collect();
    let [first, second, third] = entries.try_into().unwrap();
    assert!(first.len() > 1_000, "{} bytes", first.len());
    for line in [&second, &third] {
        assert!(line.len() < 500, "{} bytes", line.len());
        let stored = group(line);
        assert!(stored.brief && stored.events == 1);
        let event = carried::read(&stored.first).unwrap();
        let said = event.view().message().unwrap().into_owned();
        assert_eq!(said, "payment failed: timeout");
        assert!(event.view().file().is_some());
    }
    // The leader tells all of the first, whichever it reads first.
    for order in [[&first, &second, &third], [&second, &third, &first]] {
        let leader = joined(true);
        lead(&leader, 1, Vec::new(), b"");
        for (number, bytes) in (1..).zip(order) {
            read(&leader, vec![entry_of(number, bytes)]);
        }
        let state = leader.lanes[0].state.borrow();
        let told: Vec<_> = state.groups.all().collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].events, 3);
        let view = told[0].first.view();
        assert!(view.field("report").is_some());
        assert!(!told[0].seen.as_ref().unwrap().brief);
    }
}

#[test]
fn a_sender_says_by_how_much_its_clock_is_off() {
    let sender = joined(false);
    log(&sender, 1);
    // Nobody has heard the broker yet.
    let stored_first = stored(&sender);
    assert_eq!(group(&stored_first).origin.clock, 0);
    log(&sender, 2);
    let clock = group(&stored(&sender)).origin.clock;
    // The broker of these tests lives in 1970.
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let since = i64::try_from(wall.unwrap().as_millis()).unwrap() - 1_000_000;
    assert!((since - 60_000..=since).contains(&clock), "{clock}");
}

#[test]
fn one_that_does_not_lead_hears_what_is_muted_and_goes_by_it_once_it_is_alone() {
    let mut worker = joined(false);
    worker.fleet = Some(Fleet {
        name: "shop".to_owned(),
        stirred: Cell::new(false),
        said: RefCell::default(),
        mutes: RefCell::default(),
    });
    log(&worker, 1);
    stored(&worker);
    let now = worker.now();
    worker.with_member(0, |member| member.recall(mutes::NUMBER));
    let ask = worker.with_member(0, |member| member.next_recall(now));
    assert!(matches!(ask.unwrap(), Some(Ask::Recall { .. })), "at once");
    let later = now + Duration::from_secs(29);
    let ask = worker.with_member(0, |member| member.next_recall(later));
    assert!(ask.unwrap().is_none(), "every 30 s");
    let mute = |digits: &str| StoredMute {
        digits: digits.to_owned(),
        until: 1_000_000 + 3_600_000,
    };
    let muted = || {
        let settings = worker.shared.settings();
        let timed = settings.mutes.timed(worker.now());
        timed.map(|(one, _)| one.to_string()).collect::<Vec<_>>()
    };
    let both = entry::write_mutes([mute("3fa9c1"), mute("77aa00")]);
    worker.follow(0, Effect::Recalled(both), worker.now());
    assert_eq!(muted(), ["#3fa9c1", "#77aa00"]);
    // Nobody is told what everybody knows.
    worker.hand_over_mutes(worker.now());
    let handed = worker.lanes[0]
        .state
        .borrow()
        .fleet
        .as_ref()
        .map(|fleet| fleet.mutes.len());
    assert_eq!(handed, Some(0));
    worker.follow(
        0,
        Effect::Recalled(entry::write_mutes([mute("77aa00")])),
        worker.now(),
    );
    assert_eq!(muted(), ["#77aa00"]);
    worker.follow(0, Effect::Recalled(Vec::new()), worker.now());
    assert_eq!(muted(), Vec::<String>::new());
}
