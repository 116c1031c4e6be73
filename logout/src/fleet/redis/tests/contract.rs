//! What every broker does.

use crate::fleet::{Bid, Broker, Done, Going, Lead, Mark, Put, PutOutcome, Takeover, Term};

pub(super) fn put<'a>(sender: &'a str, number: u64, entries: &'a [Vec<u8>]) -> Put<'a> {
    Put {
        sender,
        number,
        entries,
    }
}

/// Who asks, in which epoch, and the number of the request.
type Asked<'a> = (&'a str, u64, u64);

fn term((name, epoch, number): Asked<'_>) -> Term<'_> {
    Term {
        name,
        epoch,
        number,
    }
}

async fn notes(broker: &mut impl Broker, lane: &str, asked: Asked<'_>, going: &Going) -> bool {
    broker.going(lane, &term(asked), going).await.unwrap()
}

async fn settles(broker: &mut impl Broker, lane: &str, asked: Asked<'_>, done: &Done<'_>) -> bool {
    broker.done(lane, &term(asked), done).await.unwrap()
}

/// What every broker does, on a lane of its own.
pub(super) async fn holds_the_contract(broker: &mut impl Broker, lane: &str) {
    let entry = |text: &str| text.as_bytes().to_vec();
    let (first, second) = ([entry("one"), entry("two")], [entry("three")]);
    // What is put twice is there once, and who puts is a member.
    let stored = broker.put(lane, &put("a", 1, &first)).await.unwrap();
    assert_eq!(stored.outcome, PutOutcome::Stored);
    assert_eq!((stored.place.members, stored.place.rank), (1, 0));
    assert!(!stored.place.has_leader);
    let again = broker.put(lane, &put("a", 1, &first)).await.unwrap();
    assert_eq!(again.outcome, PutOutcome::Duplicate);
    let other = broker.put(lane, &put("b", 1, &second)).await.unwrap();
    assert_eq!(other.outcome, PutOutcome::Stored);
    assert_eq!((other.place.members, other.place.rank), (2, 1));
    assert!(other.place.time >= stored.place.time);
    let nothing = broker.put(lane, &put("a", 0, &[])).await.unwrap();
    assert_eq!(nothing.place.rank, 0);

    // One leads, until its time is over.
    let bid = |name, epoch, term| Bid { name, epoch, term };
    let taken = broker.lead(lane, &bid("a", 0, 60_000)).await.unwrap();
    let Lead::Taken(Takeover {
        epoch,
        going,
        known,
    }) = taken.lead
    else {
        panic!("{taken:?}");
    };
    assert_eq!((going, known), (Going::default(), Vec::new()));
    assert!(taken.place.has_leader);
    let refused = broker.lead(lane, &bid("b", 0, 60_000)).await.unwrap();
    assert_eq!(refused.lead, Lead::Other);
    let kept = broker.lead(lane, &bid("a", epoch, 60_000)).await.unwrap();
    assert_eq!(kept.lead, Lead::Kept);
    // One that asks anew has forgotten what it led; what it asked before and comes late does nothing.
    let before = epoch;
    let anew = broker.lead(lane, &bid("a", 0, 60_000)).await.unwrap();
    let Lead::Taken(Takeover { epoch, .. }) = anew.lead else {
        panic!("{anew:?}");
    };
    assert!(epoch > before);
    let late = broker.lead(lane, &bid("a", before, 60_000)).await.unwrap();
    assert_eq!(late.lead, Lead::Other);
    assert!(!notes(broker, lane, ("a", before, 9), &Going::default()).await);
    let kept = broker.lead(lane, &bid("a", epoch, 60_000)).await.unwrap();
    assert_eq!(kept.lead, Lead::Kept);

    // All is read in its order, from where one was.
    let entries = broker.read(lane, Mark::default(), 2).await.unwrap();
    let texts: Vec<_> = entries.iter().map(|entry| entry.bytes.clone()).collect();
    assert_eq!(texts, first);
    let (one, two) = (entries[0].mark, entries[1].mark);
    let rest = broker.read(lane, two, 500).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0].bytes, second[0]);
    let end = broker.read(lane, rest[0].mark, 500).await.unwrap();
    assert_eq!(end, []);

    // What is going, and done, is so for whoever leads alone.
    let going = Going {
        marks: vec![one, two],
        keys: vec![7],
    };
    assert!(!notes(broker, lane, ("b", epoch, 1), &going).await);
    assert!(!notes(broker, lane, ("a", epoch + 1, 1), &going).await);
    assert!(notes(broker, lane, ("a", epoch, 1), &going).await);
    let settled = [one];
    let known = [(7, entry("seven")), (8, entry("eight"))];
    let left = Going {
        marks: vec![two],
        keys: vec![8],
    };
    let done = Done {
        settled: &settled,
        odd: &settled,
        known: &known,
        going: &left,
    };
    assert!(!settles(broker, lane, ("b", epoch, 2), &done).await);
    assert!(settles(broker, lane, ("a", epoch, 2), &done).await);
    // A request that comes late does nothing.
    assert!(notes(broker, lane, ("a", epoch, 1), &going).await);
    let late = Done {
        known: &[(7, Vec::new())],
        going: &going,
        ..done
    };
    assert!(settles(broker, lane, ("a", epoch, 2), &late).await);
    let texts = broker.read(lane, Mark::default(), 500).await.unwrap();
    assert_eq!(texts.len(), 2);

    // Who follows finds what the other left.
    let left_alone = broker.lead(lane, &bid("a", epoch, 0)).await.unwrap();
    assert!(!left_alone.place.has_leader);
    assert!(!settles(broker, lane, ("a", epoch, 3), &done).await);
    let taken = broker.lead(lane, &bid("b", 0, 60_000)).await.unwrap();
    assert_eq!((taken.place.members, taken.place.rank), (1, 0));
    let Lead::Taken(mut takeover) = taken.lead else {
        panic!("{taken:?}");
    };
    assert!(takeover.epoch > epoch);
    takeover.known.sort();
    assert_eq!(takeover.known, [entry("eight"), entry("seven")]);
    assert_eq!(takeover.going, left);
    let forgotten = Done {
        settled: &[two, rest[0].mark],
        odd: &[],
        known: &[(7, Vec::new()), (8, Vec::new())],
        going: &Going::default(),
    };
    assert!(settles(broker, lane, ("b", takeover.epoch, 1), &forgotten).await);
    assert_eq!(broker.read(lane, Mark::default(), 500).await.unwrap(), []);
}
