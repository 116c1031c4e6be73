//! The requests of one member, and its reactions to the answers.

use std::time::{Duration, Instant};

use super::{BrokerAnswer, BrokerRequest, Effect, EntryKind, Member, MemberOptions};
use crate::fleet::broker::{
    BrokerFault, Entry, FaultKind, Lead, LeadAnswer, Mark, Place, PutAnswer, PutOutcome, Takeover,
};
use crate::fleet::in_flight::InFlight;

mod alone;
mod leaving;

const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

fn options() -> MemberOptions {
    MemberOptions {
        name: "00000000000000ff-1".to_owned(),
        lead: true,
        alone: true,
        timeout: 10 * SECOND,
        span: SECOND,
    }
}

fn place() -> Place {
    Place {
        time: 1_000,
        members: 2,
        rank: 0,
        has_leader: true,
    }
}

fn mark(number: u64) -> Mark {
    Mark { time: 1, number }
}

fn entry(number: u64) -> Entry {
    Entry {
        mark: mark(number),
        bytes: vec![1],
    }
}

fn in_flight(number: u64) -> InFlight {
    InFlight {
        marks: vec![mark(number)],
        keys: Vec::new(),
    }
}

fn lead(lead: Lead) -> BrokerAnswer {
    let place = place();
    BrokerAnswer::Lead(LeadAnswer { lead, place })
}

fn taken(epoch: u64) -> BrokerAnswer {
    lead(Lead::Taken(Takeover {
        epoch,
        ..Takeover::default()
    }))
}

fn put(outcome: PutOutcome) -> BrokerAnswer {
    let place = place();
    BrokerAnswer::Put(PutAnswer { outcome, place })
}

fn fault(kind: FaultKind) -> BrokerFault {
    BrokerFault::new(kind, "no")
}

/// Takes the request that is due now, and answers it at once.
#[track_caller]
fn ask(member: &mut Member, now: Instant, answer: BrokerAnswer) -> (BrokerRequest, Vec<Effect>) {
    let ask = member.next(now).expect("there is something to ask");
    let effects = member.answer(&ask, Ok(answer), now, now, 0.5);
    (ask, effects)
}

/// Creates a member that leads, and has read the whole stream.
fn leader(now: Instant) -> Member {
    let mut member = Member::new(options(), now);
    let (_, effects) = ask(&mut member, now, taken(7));
    assert!(matches!(effects[..], [Effect::Took(_)]));
    ask(&mut member, now, BrokerAnswer::Read(Vec::new()));
    member
}

fn is_lead(ask: Option<&BrokerRequest>) -> bool {
    matches!(ask, Some(BrokerRequest::Lead { term: 10_000, .. }))
}

#[test]
fn whoever_may_lead_asks_for_it_each_three_seconds() {
    let now = Instant::now();
    let mut member = Member::new(options(), now);
    let (first, effects) = ask(&mut member, now, lead(Lead::Other));
    assert!(matches!(first, BrokerRequest::Lead { epoch: 0, .. }) && effects.is_empty());
    let next = now + 3 * SECOND;
    assert_eq!(member.wakes_at(now), Some(next));
    assert!(member.next(next - MILLI).is_none());
    assert!(is_lead(member.next(next).as_ref()));
    assert!(!member.leads(next));
}

#[test]
fn whoever_may_not_lead_shows_each_three_seconds_that_it_is_there() {
    let now = Instant::now();
    let follower = MemberOptions {
        lead: false,
        ..options()
    };
    let mut member = Member::new(follower, now);
    let (first, effects) = ask(&mut member, now, put(PutOutcome::Duplicate));
    assert!(matches!(first, BrokerRequest::Put { number: 0, entries } if entries.is_empty()));
    assert!(effects.is_empty());
    let next = now + 3 * SECOND;
    assert_eq!(member.wakes_at(now), Some(next));
    assert!(member.next(next - MILLI).is_none());
    assert!(matches!(
        member.next(next),
        Some(BrokerRequest::Put { number: 0, .. })
    ));
    // That there is no room holds until it is tried again, whatever is answered in between.
    member.put([EntryKind::brief(1)], vec![vec![1]], next);
    let full = next + 2_500 * MILLI;
    ask(&mut member, full, put(PutOutcome::Full));
    let next = next + 3 * SECOND;
    let (there, _) = ask(&mut member, next, put(PutOutcome::Duplicate));
    assert!(matches!(there, BrokerRequest::Put { number: 0, .. }));
    assert!(member.next(full + SECOND - MILLI).is_none());
    let room = full + SECOND;
    let (again, effects) = ask(&mut member, room, put(PutOutcome::Stored));
    assert!(matches!(again, BrokerRequest::Put { number: 1, .. }));
    assert_eq!(effects, [Effect::Stored]);
    member.leave(room);
    let (gone, _) = ask(&mut member, room, lead(Lead::Other));
    assert!(matches!(gone, BrokerRequest::Lead { term: 0, .. }));
    assert_eq!(member.wakes_at(room), None, "it has left");
}

#[test]
fn a_leader_looks_for_more_five_times_a_second_and_at_once_where_there_may_be_more() {
    let now = Instant::now();
    let mut member = leader(now);
    assert!(member.has_read_all() && member.leads(now));
    let next = now + 200 * MILLI;
    assert_eq!(member.wakes_at(now), Some(next));
    assert!(member.next(next - MILLI).is_none());
    let many = BrokerAnswer::Read((1..=500).map(entry).collect());
    let (read, effects) = ask(&mut member, next, many);
    assert!(matches!(read, BrokerRequest::Read { after, most: 500 } if after == Mark::default()));
    assert!(matches!(&effects[..], [Effect::Read(entries)] if entries.len() == 500));
    assert!(!member.has_read_all());
    // It has as many as it asked for. Entries read before are not new.
    let again = BrokerAnswer::Read(vec![entry(500), entry(501)]);
    let (read, effects) = ask(&mut member, next, again);
    assert!(matches!(read, BrokerRequest::Read { after, .. } if after == mark(500)));
    assert_eq!(effects, [Effect::Read(vec![entry(501)])]);
    assert!(member.next(next).is_none());
    assert!(member.next(next + 200 * MILLI - MILLI).is_none());
    let old = BrokerAnswer::Read(vec![entry(501)]);
    assert!(ask(&mut member, next + 200 * MILLI, old).1.is_empty());
    // An answer to a former leader is ignored.
    let read = member.next(now + SECOND).unwrap();
    let late = now + 9 * SECOND;
    assert!(!member.leads(late));
    let effects = member.answer(
        &read,
        Ok(BrokerAnswer::Read(vec![entry(502)])),
        now,
        late,
        0.5,
    );
    assert!(effects.is_empty());
}

#[test]
fn what_is_sent_is_noted_first_and_waits_for_the_span_of_the_one_before() {
    let now = Instant::now();
    let mut member = leader(now);
    member.begin(in_flight(1));
    assert!(!member.may_send(now + SECOND));
    let (noted, effects) = ask(&mut member, now, BrokerAnswer::Held(true));
    assert!(
        matches!(noted, BrokerRequest::InFlight { epoch: 7, number: 1, in_flight } if in_flight == self::in_flight(1))
    );
    assert!(effects.is_empty() && !member.may_send(now));
    assert!(member.may_send(now + SECOND));
    assert_eq!(member.sends_until(now + SECOND), Some(now + 8 * SECOND));
    member.end();
    assert!(!member.may_send(now + SECOND));
    // The pace that was set last counts for the next lease.
    member.set_span(2 * SECOND);
    let renewed = now + 3 * SECOND;
    ask(&mut member, renewed, taken(8));
    assert_eq!(member.sends_until(renewed + 2 * SECOND - MILLI), None);
    assert!(member.sends_until(renewed + 2 * SECOND).is_some());
}

#[test]
fn what_is_settled_is_told_the_broker_before_what_is_sent_next() {
    let now = Instant::now();
    let mut member = leader(now);
    let next = now + 200 * MILLI;
    ask(
        &mut member,
        next,
        BrokerAnswer::Read((1..=3).map(entry).collect()),
    );
    member.settle(mark(1));
    member.settle_odd(mark(2));
    member.set_known(5, vec![5]);
    member.set_known(6, vec![6]);
    member.begin(in_flight(3));
    let done = member.next(next).unwrap();
    let BrokerRequest::Done {
        epoch,
        number,
        settled,
        odd,
        known,
        in_flight,
    } = &done
    else {
        panic!("{done:?}");
    };
    assert_eq!((*epoch, *number), (7, 1));
    assert_eq!(
        (&settled[..], &odd[..]),
        (&[mark(1), mark(2)][..], &[mark(2)][..])
    );
    assert_eq!((known.len(), in_flight), (2, &self::in_flight(3)));
    // A value that changed meanwhile is written again.
    member.set_known(6, vec![7]);
    assert!(
        member
            .answer(&done, Ok(BrokerAnswer::Held(true)), next, next, 0.5)
            .is_empty()
    );
    let (done, _) = ask(&mut member, next, BrokerAnswer::Held(true));
    assert!(
        matches!(done, BrokerRequest::Done { number: 2, settled, known, .. }
        if settled.is_empty() && known == [(6, vec![7])])
    );
    let (noted, _) = ask(&mut member, next, BrokerAnswer::Held(true));
    assert!(matches!(noted, BrokerRequest::InFlight { number: 3, .. }));
    assert!(member.next(next).is_none());
}

#[test]
fn what_the_leader_before_may_have_told_is_noted_until_people_have_it() {
    let now = Instant::now();
    let mut member = Member::new(options(), now);
    let left = Takeover {
        epoch: 7,
        going: InFlight {
            marks: vec![mark(9)],
            keys: vec![5, 6],
        }
        .encode(),
        known: vec![vec![5]],
    };
    let (_, effects) = ask(&mut member, now, lead(Lead::Taken(left.clone())));
    assert_eq!(effects, [Effect::Took(left)]);
    ask(&mut member, now, BrokerAnswer::Read(Vec::new()));
    member.note_counts_sent(&[5]);
    member.begin(in_flight(1));
    let (noted, _) = ask(&mut member, now, BrokerAnswer::Held(true));
    let BrokerRequest::InFlight { in_flight, .. } = noted else {
        panic!("{noted:?}");
    };
    assert_eq!(
        (in_flight.marks, in_flight.keys),
        (vec![mark(9), mark(1)], vec![6])
    );
}

#[test]
fn a_lease_that_another_has_taken_is_lost_with_all_that_was_read() {
    let now = Instant::now();
    for by in ["going", "done", "lead", "time", "the owner"] {
        let mut member = leader(now);
        member.set_known(5, vec![5]);
        member.begin(in_flight(1));
        let (at, effects) = match by {
            "done" => (now, ask(&mut member, now, BrokerAnswer::Held(false)).1),
            "going" => {
                ask(&mut member, now, BrokerAnswer::Held(true));
                (now, ask(&mut member, now, BrokerAnswer::Held(false)).1)
            }
            "lead" => {
                let at = now + 3 * SECOND;
                (at, ask(&mut member, at, lead(Lead::Other)).1)
            }
            "time" => {
                let at = now + 8 * SECOND;
                assert_eq!(member.tick(at - MILLI), None);
                let effects = member.tick(at).into_iter().collect();
                assert_eq!(member.tick(at), None, "once");
                (at, effects)
            }
            _ => {
                member.retake_lease();
                assert!(is_lead(member.next(now).as_ref()), "it asks anew at once");
                (now, vec![Effect::Lost])
            }
        };
        assert_eq!(effects, [Effect::Lost], "{by}");
        assert!(!member.leads(at) && !member.may_send(at + SECOND), "{by}");
        // None of it is written to the broker any more.
        assert!(
            member
                .next(at)
                .is_none_or(|ask| matches!(ask, BrokerRequest::Lead { .. }))
        );
        assert!(member.next(at).is_none(), "{by}");
    }
}

#[test]
fn an_answer_about_a_lease_that_is_over_changes_nothing() {
    let now = Instant::now();
    let mut member = leader(now);
    member.begin(in_flight(1));
    let noted = member.next(now).unwrap();
    ask(&mut member, now + 3 * SECOND, taken(8));
    for held in [true, false] {
        let now = now + 3 * SECOND;
        let effects = member.answer(&noted, Ok(BrokerAnswer::Held(held)), now, now, 0.5);
        assert!(effects.is_empty() && member.leads(now));
    }
}

#[test]
fn what_is_put_is_put_again_under_its_number_until_it_is_answered() {
    let now = Instant::now();
    let mut member = leader(now);
    assert!(!member.wants_batch(now + SECOND), "there is nothing");
    member.note(1, now);
    let due = now + 200 * MILLI;
    assert_eq!(member.wakes_at(now), Some(due));
    assert!(!member.wants_batch(due - MILLI) && member.wants_batch(due));
    member.put([EntryKind::brief(1)], vec![vec![1]], now);
    assert!(member.is_putting() && !member.wants_batch(due));
    let first = member.next(now).unwrap();
    assert!(matches!(&first, BrokerRequest::Put { number: 1, entries } if entries.len() == 1));
    let unanswered = fault(FaultKind::Unanswered);
    let effects = member.answer(&first, Err(unanswered), now, now, 1.0);
    assert!(effects.is_empty());
    // Nor is anything else asked meanwhile.
    let again = now + 500 * MILLI;
    assert_eq!(member.wakes_at(now), Some(again));
    assert!(member.next(again - MILLI).is_none());
    // One that is full waits for a second, and other things go on.
    let (second, effects) = ask(&mut member, again, put(PutOutcome::Full));
    assert!(matches!(second, BrokerRequest::Put { number: 1, .. }) && effects.is_empty());
    let (read, _) = ask(&mut member, again, BrokerAnswer::Read(Vec::new()));
    assert!(matches!(read, BrokerRequest::Read { .. }) && member.has_read_all());
    let room = again + SECOND;
    assert!(!matches!(
        member.next(room - MILLI),
        Some(BrokerRequest::Put { .. })
    ));
    let (third, effects) = ask(&mut member, room, put(PutOutcome::Stored));
    assert!(matches!(third, BrokerRequest::Put { number: 1, .. }));
    assert_eq!(effects, [Effect::Stored]);
    assert!(!member.is_putting() && !member.has_read_all());
    // It may be the leader's own, which it reads at once.
    assert!(matches!(
        member.next(room),
        Some(BrokerRequest::Read { .. })
    ));
}

#[test]
fn a_member_knows_its_process_and_what_the_broker_said_last() {
    let now = Instant::now();
    let mut member = Member::new(options(), now);
    assert_eq!(
        (member.name(), member.process()),
        ("00000000000000ff-1", 255)
    );
    assert_eq!((member.place(), member.time(now)), (None, None));
    ask(&mut member, now, lead(Lead::Other));
    assert_eq!(member.place(), Some(place()));
    assert_eq!(member.time(now + SECOND), Some(2_000));
    let name = "one".to_owned();
    let member = Member::new(MemberOptions { name, ..options() }, now);
    assert_eq!(member.process(), 1);
}
