//! A member that leaves.

use std::time::Instant;

use super::super::{BrokerAnswer, BrokerRequest, Effect, EntryKind, Member};
use super::{MILLI, SECOND, ask, fault, in_flight, lead, leader, options};
use crate::fleet::broker::{FaultKind, Lead};

#[test]
fn one_that_leaves_tells_first_what_is_settled_and_is_gone_when_that_is_answered() {
    let now = Instant::now();
    let mut member = leader(now);
    member.set_known(5, vec![5]);
    member.leave(now);
    assert!(!member.has_left());
    let (done, _) = ask(&mut member, now, BrokerAnswer::Held(true));
    assert!(matches!(done, BrokerRequest::Done { .. }));
    let (gone, effects) = ask(&mut member, now, lead(Lead::Kept));
    assert!(matches!(gone, BrokerRequest::Lead { epoch: 7, term: 0 }));
    assert_eq!(effects, [Effect::Lost]);
    assert!(member.has_left() && !member.leads(now));
    let later = now + 10 * SECOND;
    assert!(member.next(later).is_none(), "it asks for nothing any more");
    assert_eq!(member.wakes_at(later), None);
}

#[test]
fn whoever_leaves_waits_for_no_broker_that_is_away() {
    let now = Instant::now();
    let away = || Err(fault(FaultKind::Unanswered));
    // One that leads nothing need not even ask.
    let mut member = Member::new(options(), now);
    let asked = member.next(now).unwrap();
    member.answer(&asked, away(), now, now, 0.5);
    assert!(!member.has_left());
    // When the pause is over there is nothing to ask yet.
    let over = now + 375 * MILLI;
    assert_eq!(member.wakes_at(now), Some(over));
    assert!(member.next(over).is_none());
    assert_eq!(member.wakes_at(over), Some(now + 3 * SECOND));
    member.leave(now);
    assert!(member.has_left());
    let mut member = Member::new(options(), now);
    member.leave(now);
    assert!(!member.has_left(), "it is not known to be away");
    // A leader tries once, and after a pause where there is one.
    let mut member = leader(now);
    member.put([EntryKind::brief(1)], vec![vec![1]], now);
    let asked = member.next(now).unwrap();
    member.answer(&asked, away(), now, now, 0.5);
    member.leave(now);
    assert!(!member.has_left());
    assert_eq!(member.wakes_at(now), Some(over));
    assert!(matches!(
        member.next(over),
        Some(BrokerRequest::Lead { term: 0, .. })
    ));
    let mut member = leader(now);
    member.leave(now);
    let gone = member.next(now).unwrap();
    assert!(!member.has_left());
    member.answer(&gone, away(), now, now, 0.5);
    assert!(member.has_left());
}

#[test]
fn a_leader_that_leaves_waits_two_seconds_for_the_answer_to_what_is_on_its_way() {
    let now = Instant::now();
    let on_its_way = || {
        let mut member = leader(now);
        member.begin(in_flight(1));
        let (noted, _) = ask(&mut member, now, BrokerAnswer::Held(true));
        assert!(matches!(noted, BrokerRequest::InFlight { .. }));
        member.leave(now);
        member.leave(now + SECOND);
        assert!(member.is_leaving() && member.next(now).is_none());
        member
    };
    let is_handed_over =
        |ask: Option<BrokerRequest>| matches!(ask, Some(BrokerRequest::Lead { term: 0, .. }));
    // The noted message is sent, and its answer is the last thing that this member settles.
    let mut member = on_its_way();
    assert!(member.may_send(now + SECOND));
    member.end();
    assert!(is_handed_over(member.next(now + SECOND)));
    // Without an answer it hands over all the same, after a while.
    let mut member = on_its_way();
    let late = now + 2 * SECOND;
    assert_eq!(member.wakes_at(now + SECOND), Some(late));
    assert!(member.next(late - MILLI).is_none());
    assert!(is_handed_over(member.next(late)));
    // A message that was begun is noted and sent, too: the broker may know of it from a `done`.
    let mut member = leader(now);
    member.begin(in_flight(1));
    member.leave(now);
    let (noted, _) = ask(&mut member, now, BrokerAnswer::Held(true));
    assert!(matches!(noted, BrokerRequest::InFlight { .. }) && member.may_send(now + SECOND));
    member.end();
    assert!(is_handed_over(member.next(now)));
}
