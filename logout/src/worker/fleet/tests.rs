//! The entries that a worker hands over to its fleet, and those that it takes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use figment::Figment;
use tracing::error;

use super::{WorkerFleet, entry, mutes};
use crate::block::BlockDefinition as _;
use crate::config;
use crate::event::carried;
use crate::fleet::{
    BrokerAnswer, BrokerRequest, Effect, Entry, Lead, LeadAnswer, Mark, Member, MemberOptions,
    Place, PutAnswer, PutOutcome, Takeover,
};
use crate::handle::bench::{One, Script, captured};
use crate::spool::record::{Record, StoredGroup, StoredMute};
use crate::worker::dispatch::Dispatcher as _;
use crate::worker::lane::{FleetLaneState, GroupKey, KeptEvent};
use crate::worker::problems::Problems;
use crate::worker::{BlockState, Worker};

mod leader_speed;
mod losses;

/// The burst of events in the guide's table: this many kinds, on this many hosts.
const KINDS: u64 = 40;

const HOSTS: u64 = 50;

/// Returns the broker's answer that there are two members.
fn place() -> Place {
    Place {
        time: 1_000_000,
        members: 2,
        rank: 0,
        has_leader: true,
    }
}

fn joined(lead: bool) -> Worker<Script> {
    let (_, settings) = config::from_figment(One::read, Figment::new()).unwrap();
    let shared = Arc::new(BlockState::new(const { &One::BLOCK }, settings));
    let worker = Worker::new(shared, Script::default());
    let options = MemberOptions {
        name: format!("{:032x}", 7),
        lead,
        alone: false,
        timeout: Duration::from_secs(60),
        span: Duration::from_secs(1),
    };
    let member = Member::new(options, worker.now());
    let fleet = FleetLaneState::new(member, worker.shared.memory);
    worker.lanes[0].state.borrow_mut().fleet = Some(Box::new(fleet));
    worker
}

/// Reads the group of an entry.
fn group(entry: &[u8]) -> StoredGroup {
    match entry::decode_stored(entry) {
        Some(Record::Group(stored)) => stored,
        other => panic!("{other:?}"),
    }
}

/// Returns the entries that a worker puts next, if any.
fn put(worker: &Worker<Script>) -> Option<Vec<Vec<u8>>> {
    worker.hand_over(0, worker.now());
    let ask = worker.with_member(0, |member| member.next(worker.now()))?;
    match ask {
        Some(BrokerRequest::Put { entries, .. }) => Some(entries.to_vec()),
        _ => None,
    }
}

/// Makes a worker the leader, with what the broker keeps.
fn lead(worker: &Worker<Script>, epoch: u64, known: Vec<Vec<u8>>, going: &[u8]) {
    let now = worker.now();
    let ask = worker.with_member(0, |member| member.next(now)).flatten();
    let ask = ask.unwrap();
    assert!(matches!(ask, BrokerRequest::Lead { .. }), "{ask:?}");
    let place = place();
    let takeover = Takeover {
        epoch,
        going: going.to_vec(),
        known,
    };
    let answer = LeadAnswer {
        lead: Lead::Taken(takeover),
        place,
    };
    worker.handle_answer(0, &ask, Ok(BrokerAnswer::Lead(answer)), now);
}

/// Lets a leader read these entries.
fn read(worker: &Worker<Script>, entries: Vec<Entry>) {
    let ask = BrokerRequest::Read {
        after: Mark::default(),
        most: usize::MAX,
    };
    worker.handle_answer(0, &ask, Ok(BrokerAnswer::Read(entries)), worker.now());
}

/// Returns what a leader settles next: the marks, and what is known.
fn settled(worker: &Worker<Script>) -> (Vec<Mark>, Vec<(u64, Vec<u8>)>) {
    loop {
        let now = worker.now();
        worker.update_members(now);
        let ask = worker.with_member(0, |member| member.next(now)).flatten();
        match ask.unwrap() {
            BrokerRequest::Done { settled, known, .. } => return (settled, known),
            // If it was slow, it renews its lease first.
            ask @ BrokerRequest::Lead { .. } => {
                let place = place();
                let lead = Lead::Kept;
                let answer = BrokerAnswer::Lead(LeadAnswer { lead, place });
                worker.handle_answer(0, &ask, Ok(answer), now);
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

/// Returns one process's entries of the burst, as each of these hosts would write them.
fn entries() -> Vec<Vec<u8>> {
    let worker = joined(false);
    let now = worker.now();
    let mut problems = Problems::with_limit(1_000);
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
        let key = GroupKey::of(problems.identify(&view, true, now), &view, true);
        let own = || Rc::new(KeptEvent::new(event.clone(), &worker.kept));
        let mut state = worker.lanes[0].state.borrow_mut();
        state.offer(key, &view, 0, now, own);
    }
    worker.hand_over(0, now);
    let ask = worker.with_member(0, |member| member.next(now)).unwrap();
    let Some(BrokerRequest::Put { entries, .. }) = ask else {
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
        let origins = group.origins.as_ref().unwrap();
        assert!(origins.hosts.names().len() > 1, "{:?}", origins.hosts);
        assert_eq!(origins.possible_repeat, group.key.broker_number() == one);
    }
    // Once it is reported it is known, and waits no more.
    for key in state.groups.next_keys() {
        let group = state.groups.remove(key).unwrap();
        state.note_told(&group, false, next.now());
    }
    drop(state);
    let (marks, known) = settled(&next);
    assert_eq!(marks.len(), 1);
    assert_eq!(known.len() as u64, KINDS);
    for (_, bytes) in &known {
        let known = entry::decode_known(bytes);
        assert!(known.sighting.is_some() && known.waiting.is_empty());
    }
}

/// Logs the same error at a sender.
fn log(worker: &Worker<Script>, number: u64) {
    let mut problems = Problems::with_limit(1_000);
    for event in captured(|| {
        let report = "at the till\n".repeat(200);
        let problem = "payment";
        error!(
            fingerprint = problem,
            number, report, "payment failed: timeout"
        );
    }) {
        let view = event.view();
        let key = GroupKey::of(problems.identify(&view, true, worker.now()), &view, true);
        let own = || Rc::new(KeptEvent::new(event.clone(), &worker.kept));
        let mut state = worker.lanes[0].state.borrow_mut();
        state.offer(key, &view, 0, worker.now(), own);
    }
}

/// Puts what a sender has, and returns the entry that is stored.
fn stored(worker: &Worker<Script>) -> Vec<u8> {
    worker.hand_over(0, worker.now());
    let ask = worker.with_member(0, |member| member.next(worker.now()));
    let ask = ask.unwrap().unwrap();
    let BrokerRequest::Put { entries, .. } = &ask else {
        panic!("{ask:?}");
    };
    let entry = entries[0].clone();
    let place = place();
    let outcome = PutOutcome::Stored;
    let answer = BrokerAnswer::Put(PutAnswer { outcome, place });
    worker.handle_answer(0, &ask, Ok(answer), worker.now());
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
    // The leader reports the first event in full, whichever it reads first.
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
        assert!(!told[0].origins.as_ref().unwrap().brief);
    }
}

#[test]
fn a_sender_says_by_how_much_its_clock_is_off() {
    let sender = joined(false);
    log(&sender, 1);
    // The broker has not answered yet.
    let stored_first = stored(&sender);
    assert_eq!(group(&stored_first).origin.clock, 0);
    log(&sender, 2);
    let clock = group(&stored(&sender)).origin.clock;
    // The time of this broker is in 1970.
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let since = i64::try_from(wall.unwrap().as_millis()).unwrap() - 1_000_000;
    assert!((since - 60_000..=since).contains(&clock), "{clock}");
}

#[test]
fn one_that_does_not_lead_hears_what_is_muted_and_goes_by_it_once_it_is_alone() {
    let mut worker = joined(false);
    worker.fleet = Some(WorkerFleet {
        name: "shop".to_owned(),
        notified: Cell::new(false),
        reported_faults: RefCell::default(),
        mutes: RefCell::default(),
    });
    log(&worker, 1);
    stored(&worker);
    let now = worker.now();
    worker.with_member(0, |member| member.recall(mutes::NUMBER));
    let ask = worker.with_member(0, |member| member.next_recall(now));
    assert!(
        matches!(ask.unwrap(), Some(BrokerRequest::Recall { .. })),
        "at once"
    );
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
    let both = entry::encode_mutes([mute("3fa9c1"), mute("77aa00")]);
    worker.apply_effect(0, Effect::Recalled(both), worker.now());
    assert_eq!(muted(), ["#3fa9c1", "#77aa00"]);
    // A mute that the fleet knows is not handed over again.
    worker.hand_over_mutes(worker.now());
    let handed = worker.lanes[0]
        .state
        .borrow()
        .fleet
        .as_ref()
        .map(|fleet| fleet.mutes.len());
    assert_eq!(handed, Some(0));
    worker.apply_effect(
        0,
        Effect::Recalled(entry::encode_mutes([mute("77aa00")])),
        worker.now(),
    );
    assert_eq!(muted(), ["#77aa00"]);
    worker.apply_effect(0, Effect::Recalled(Vec::new()), worker.now());
    assert_eq!(muted(), Vec::<String>::new());
}

#[test]
fn a_mute_that_could_mean_several_problems_mutes_none_that_a_leader_reads() {
    let (sender, leader) = (joined(false), joined(true));
    log(&sender, 1);
    let bytes = stored(&sender);
    lead(&leader, 1, Vec::new(), b"");
    let fingerprint = group(&bytes).fingerprint;
    // Another that begins like it.
    leader.note(fingerprint ^ 1);
    let written = format!("{:06x}", fingerprint >> 40).parse().unwrap();
    let (now, hour) = (leader.now(), Duration::from_secs(3_600));
    let muted = leader.shared.change(|settings| {
        settings.mutes.mute(written, now + hour, now);
        Ok(())
    });
    muted.unwrap();
    leader.adopt_settings();
    read(&leader, vec![entry_of(1, &bytes)]);
    let state = leader.lanes[0].state.borrow();
    assert_eq!(state.groups.all().count(), 1);
    assert!(state.has_status_notice(), "people are told so");
}
