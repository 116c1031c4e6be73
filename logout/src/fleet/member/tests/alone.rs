//! A member whose broker is away, or refuses what it puts.

use std::time::Instant;

use super::super::{BrokerAnswer, BrokerRequest, Effect, EntryKind, Member, MemberOptions};
use super::{MILLI, SECOND, ask, fault, lead, leader, options, place, put, taken};
use crate::fleet::broker::{FaultKind, Lead, LeadAnswer, Place, PutOutcome, Takeover};

#[test]
fn one_whose_entries_are_refused_goes_on_with_the_rest_and_is_away() {
    let now = Instant::now();
    let mut member = leader(now);
    member.put([EntryKind::brief(1)], vec![vec![1]], now);
    let refused = member.next(now).unwrap();
    member.answer(&refused, Err(fault(FaultKind::Refused)), now, now, 1.0);
    let room = now + 500 * MILLI;
    assert!(
        matches!(member.next(room - MILLI), Some(BrokerRequest::Read { .. })),
        "no pause"
    );
    assert!(matches!(
        member.next(room),
        Some(BrokerRequest::Put { number: 1, .. })
    ));
    member.answer(&refused, Err(fault(FaultKind::Refused)), room, room, 1.0);
    // However well it answers the rest, it is alone in the end.
    let mut at = room;
    while member.tick(at) != Some(Effect::Alone) {
        assert!(at < now + 14 * SECOND, "it is never alone");
        if let Some(ask) = member.next(at) {
            let answer = match &ask {
                BrokerRequest::Lead { .. } => Ok(lead(Lead::Kept)),
                BrokerRequest::Put { .. } => Err(fault(FaultKind::Refused)),
                _ => Ok(BrokerAnswer::Read(Vec::new())),
            };
            assert!(member.answer(&ask, answer, at, at, 1.0).is_empty());
        }
        at += 10 * MILLI;
    }
    assert!(member.is_alone() && member.sends_alone() && at > now + 6 * SECOND);
    while member.slot_until(at).is_none() {
        assert!(at < now + 80 * SECOND, "it never has a turn");
        at += 10 * MILLI;
    }
    member.note_slot_used(at);
    assert_eq!(member.slot_until(at), None, "one message a turn");
    // Once it is stored after all, it returns when that has lasted.
    let mut returned = Vec::new();
    while returned.is_empty() && at < now + 80 * SECOND {
        if let Some(ask) = member.next(at) {
            let answer = match &ask {
                BrokerRequest::Lead { .. } => lead(Lead::Kept),
                _ => put(PutOutcome::Stored),
            };
            returned = member.answer(&ask, Ok(answer), at, at, 1.0);
            returned.retain(|effect| *effect != Effect::Stored);
        }
        at += 10 * MILLI;
    }
    assert_eq!(returned, [Effect::Joined]);
    assert!(!member.is_alone());
}

#[test]
fn whoever_leads_is_not_alone_and_where_nobody_does_all_are() {
    let now = Instant::now();
    for (leads, is_alone) in [(true, false), (false, true)] {
        let mut member = Member::new(options(), now);
        let mut fell = false;
        for seconds in (0..15).step_by(3) {
            let at = now + SECOND * seconds;
            fell |= member.tick(at) == Some(Effect::Alone);
            let lead = match (leads, seconds) {
                (true, 0) => Lead::Taken(Takeover {
                    epoch: 7,
                    ..Takeover::default()
                }),
                (true, _) => Lead::Kept,
                (false, _) => Lead::Other,
            };
            // As of before the lease was given.
            let place = Place {
                has_leader: false,
                ..place()
            };
            ask(
                &mut member,
                at,
                BrokerAnswer::Lead(LeadAnswer { lead, place }),
            );
        }
        assert_eq!(fell, is_alone);
    }
}

#[test]
fn a_leader_that_is_alone_reads_nothing_and_hands_nothing_over() {
    let now = Instant::now();
    let alone = false;
    let mut member = Member::new(MemberOptions { alone, ..options() }, now);
    let asked = member.next(now).unwrap();
    member.answer(&asked, Err(fault(FaultKind::Unanswered)), now, now, 0.5);
    let at = now + 14 * SECOND;
    assert_eq!(member.tick(at), Some(Effect::Alone));
    assert!(member.is_alone() && !member.sends_alone());
    assert_eq!(member.slot_until(at), None, "it is not to speak");
    member.make_due(at);
    assert!(!member.wants_batch(at));
    let mut joined = Member::new(options(), now);
    joined.make_due(at);
    assert!(joined.wants_batch(at));
    ask(&mut member, at, taken(7));
    assert!(member.leads(at) && member.next(at).is_none());
    // It wakes for what comes with time, and neither to read nor to hand over.
    assert_eq!(member.wakes_at(at), Some(at + SECOND));
    assert_eq!(member.wakes_at(at + SECOND), Some(at + 3 * SECOND));
}

#[test]
fn what_is_abandoned_by_one_that_is_alone_may_come_twice_where_it_may_be_there() {
    let now = Instant::now();
    let mut member = leader(now);
    member.put([EntryKind::brief(1)], vec![vec![1]], now);
    assert!(!member.abandon(), "nobody has seen it");
    member.put([EntryKind::brief(1)], vec![vec![1]], now);
    let asked = member.next(now).unwrap();
    member.answer(&asked, Err(fault(FaultKind::Unanswered)), now, now, 0.5);
    assert!(member.abandon());
    let (_, effects) = ask(&mut member, now + SECOND, put(PutOutcome::Stored));
    assert!(effects.is_empty(), "nothing of the owner's was in it");
}
