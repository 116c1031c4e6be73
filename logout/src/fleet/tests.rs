//! The parts of a member, each by itself.

use std::time::{Duration, Instant};

use super::broker::{Lead, Mark, Takeover};
use super::in_flight::InFlight;
use super::lease::{Lease, LeaseChange, MARGIN, TERM};
use super::ledger::Ledger;
use super::membership::Membership;
use super::sender::{EntryKind, Sender};

mod time_slots;

const SPAN: Duration = Duration::from_secs(1);

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

#[test]
fn a_lease_is_believed_in_for_less_time_than_it_lasts() {
    let now = Instant::now();
    let mut lease = Lease::default();
    let taken = Lead::Taken(Takeover {
        epoch: 7,
        ..Takeover::default()
    });
    assert_eq!(lease.due(), None);
    let answered = now + seconds(0.5);
    assert_eq!(
        lease.answered(&taken, now, answered, SPAN),
        LeaseChange::Taken
    );
    assert_eq!(lease.epoch(), 7);
    // The previous leader may just have sent something.
    assert_eq!(lease.sends_until(answered), None);
    assert_eq!(lease.changes_at(answered), Some(answered + SPAN));
    let end = now + TERM - MARGIN;
    assert_eq!(lease.sends_until(answered + SPAN), Some(end));
    assert!(lease.is_held(end - seconds(0.001)));
    assert!(!lease.is_held(end));
    assert_eq!(lease.sends_until(end), None);
    // A renewal counts from when it was asked for, however late the answer comes.
    let (sent, late) = (now + seconds(3.0), now + seconds(7.9));
    assert_eq!(
        lease.answered(&Lead::Kept, sent, late, SPAN),
        LeaseChange::None
    );
    assert_eq!(lease.sends_until(late), Some(sent + TERM - MARGIN));
    assert_eq!(
        lease.answered(&Lead::Other, late, late, SPAN),
        LeaseChange::Lost
    );
    assert_eq!(
        lease.answered(&Lead::Other, late, late, SPAN),
        LeaseChange::None
    );
    assert_eq!(lease.epoch(), 0);
}

#[test]
fn a_kind_is_put_at_once_and_then_more_and_more_seldom() {
    let start = Instant::now();
    let (mut now, mut sender) = (start, Sender::default());
    let mut put = Vec::new();
    while now < start + Duration::from_secs(60) {
        sender.note(1, now);
        if sender.due().is_some_and(|due| due <= now) {
            put.push((now - start).as_millis());
            sender.put([EntryKind::brief(1)], vec![vec![1]], now);
            assert!(sender.in_flight().is_some());
            assert_eq!(sender.due(), None, "one at a time");
            assert!(sender.stored(put.len() as u64, now));
        }
        now += Duration::from_millis(100);
    }
    assert_eq!(&put[..6], [200, 600, 1_400, 3_000, 6_200, 12_600]);
    assert_eq!(put[7] - put[6], 10_000);
    // After a silence a kind is new again, and another kind always is.
    now += Duration::from_secs(30);
    sender.put([], Vec::new(), now);
    for kind in [1, 2] {
        sender.note(kind, now);
        assert_eq!(sender.due(), Some(now + Duration::from_millis(200)));
        sender.put([EntryKind::brief(kind)], Vec::new(), now);
    }
}

#[test]
fn a_kind_that_was_silent_for_two_of_its_steps_begins_anew() {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let due = |puts: &[u64], noted| {
        let mut sender = Sender::default();
        for put in puts {
            sender.put([EntryKind::brief(1)], Vec::new(), at(*put));
        }
        sender.note(1, at(noted));
        sender.due().unwrap() - start
    };
    assert_eq!(due(&[0], 10), seconds(0.4));
    assert_eq!(due(&[0], 390), seconds(0.59), "what comes with it gathers");
    assert_eq!(due(&[0, 800], 801), seconds(1.6));
    assert_eq!(due(&[0, 801], 802), seconds(1.201));
}

#[test]
fn kinds_that_have_ended_are_forgotten_where_there_are_many() {
    let start = Instant::now();
    let mut sender = Sender::default();
    sender.put((1..=1_023).map(EntryKind::brief), Vec::new(), start);
    sender.put([EntryKind::brief(1_024)], Vec::new(), start + seconds(1.0));
    assert_eq!(sender.kinds(), 1_024);
    sender.put([EntryKind::brief(1_025)], Vec::new(), start + seconds(1.0));
    assert_eq!(sender.kinds(), 2);
}

#[test]
fn what_is_abandoned_uses_up_its_number() {
    let now = Instant::now();
    let mut sender = Sender::default();
    assert!(!sender.abandon());
    sender.put([EntryKind::brief(1)], vec![vec![1]], now);
    sender.note_asked();
    sender.note_failed(false);
    assert!(!sender.abandon(), "it was answered that it is not there");
    assert!(sender.in_flight().unwrap().entries.is_empty());
    assert!(!sender.stored(1, now), "nothing of the owner's was in it");
    sender.put([EntryKind::brief(1)], vec![vec![1]], now);
    sender.note_asked();
    sender.note_failed(true);
    sender.note_asked();
    sender.note_failed(false);
    sender.note_asked();
    sender.note_failed(true);
    assert!(sender.abandon(), "it may be there");
    let mut asked = Sender::default();
    asked.put([EntryKind::brief(1)], vec![vec![1]], now);
    asked.note_asked();
    assert!(asked.abandon(), "it is on its way there");
    assert!(!sender.abandon());
    assert!(!sender.stored(1, now), "that is another's answer");
    assert_eq!(sender.in_flight().unwrap().number, 2);
    assert!(!sender.stored(2, now));
    assert!(sender.in_flight().is_none());
}

#[test]
fn a_member_is_alone_after_its_own_time_and_returns_after_two_answers() {
    let now = Instant::now();
    let timeout = Duration::from_secs(10);
    let times: Vec<_> = (0..200)
        .map(|number| {
            let mut membership = Membership::new(timeout, &format!("member {number}"));
            assert_eq!(membership.alone_at(), None);
            membership.failed(now, 0.5);
            membership.alone_at().unwrap() - now
        })
        .collect();
    assert!(times.iter().all(|at| (7..=13).contains(&at.as_secs())));
    assert!(times.iter().max() > times.iter().min());

    let mut membership = Membership::new(timeout, "one");
    let pause = membership.failed(now, 1.0);
    assert_eq!(pause, seconds(0.5));
    assert!((0..20).all(|_| membership.failed(now, 1.0) <= seconds(2.0)));
    let at = membership.alone_at().unwrap();
    assert!(!membership.check_timeout(at - seconds(0.001)));
    assert!(membership.check_timeout(at) && membership.is_alone());
    assert!(!membership.check_timeout(at), "once");
    assert_eq!(membership.failed(at, 1.0), seconds(30.0));
    assert_eq!(membership.failed(at, 0.0), seconds(15.0));
    assert!(!membership.answered(true, at));
    assert!(!membership.answered(true, at + seconds(4.9)));
    membership.failed(at + seconds(4.95), 0.5);
    assert!(!membership.answered(true, at + seconds(5.1)), "in a row");
    assert!(
        !membership.answered(false, at + seconds(9.0)),
        "nobody leads"
    );
    assert!(!membership.answered(true, at + seconds(11.0)));
    assert!(membership.answered(true, at + seconds(16.0)));
    assert!(!membership.is_alone());
    // Without a leader a broker that answers is as good as none.
    assert!(!membership.answered(false, at + seconds(20.0)));
    assert!(membership.check_timeout(at + seconds(34.0)));
}

#[test]
fn a_ledger_deletes_what_is_settled_and_nothing_twice() {
    let mark = |number| Mark { time: 1, number };
    let mut ledger = Ledger::default();
    assert!((1..=4).all(|number| ledger.read(mark(number))));
    assert!(!ledger.read(mark(2)));
    assert_eq!(ledger.after(), mark(4));
    ledger.settle(mark(1));
    ledger.settle_odd(mark(2));
    ledger.settle(mark(9));
    assert!(!ledger.read(mark(1)), "it is still in the stream");
    let first = (vec![mark(1), mark(2)], vec![mark(2)]);
    assert_eq!(ledger.deletable(), first);
    ledger.settle(mark(3));
    ledger.note_deleted();
    assert!(ledger.has_settled());
    assert_eq!(ledger.deletable(), (vec![mark(3)], Vec::new()));
    ledger.note_deleted();
    assert!(!ledger.has_settled());

    let in_flight = |number| InFlight {
        marks: vec![mark(number)],
        keys: Vec::new(),
    };
    assert!(!ledger.must_note());
    ledger.begin(in_flight(4));
    assert!(ledger.must_note() && !ledger.is_noted());
    ledger.begin(in_flight(5));
    ledger.note_in_flight(&in_flight(4));
    assert!(!ledger.is_noted(), "that was of another message");
    ledger.note_in_flight(&in_flight(5));
    ledger.note_in_flight(&in_flight(5));
    assert!(ledger.is_noted() && !ledger.must_note());
    assert_eq!(ledger.in_flight(), in_flight(5));
    ledger.end();
    assert!(!ledger.is_noted());
    assert_eq!(ledger.in_flight(), InFlight::default());
}

#[test]
fn what_leaders_before_may_have_told_is_noted_until_it_is_settled() {
    let mark = |number| Mark { time: 1, number };
    let left = InFlight {
        marks: vec![mark(1), mark(2)],
        keys: vec![7, 8],
    };
    let mut ledger = Ledger::inheriting(left);
    assert!((1..=3).all(|number| ledger.read(mark(number))));
    let sending = InFlight {
        marks: vec![mark(1), mark(3)],
        keys: vec![7],
    };
    ledger.begin(sending);
    let noted = ledger.in_flight();
    assert_eq!(noted.keys, [7, 8, 7]);
    assert_eq!(noted.marks.len(), 4);
    ledger.note_in_flight(&noted);
    ledger.settle(mark(1));
    ledger.settle(mark(3));
    ledger.note_counts_sent(&[7]);
    ledger.end();
    let left = InFlight {
        marks: vec![mark(2)],
        keys: vec![8],
    };
    assert_eq!(ledger.in_flight(), left);
}

#[test]
fn a_line_is_enough_for_as_long_as_it_goes_on_where_all_of_an_event_as_grave_is_stored() {
    let start = Instant::now();
    let mut sender = Sender::default();
    let put = |sender: &mut Sender, whole, at: Instant| {
        let kind = EntryKind { number: 1, whole };
        sender.put([kind], vec![vec![1]], at);
        sender.in_flight().unwrap().number
    };
    assert!(!sender.is_known(1, 1, start));
    let number = put(&mut sender, Some(1), start);
    assert!(!sender.is_known(1, 1, start), "it is on its way yet");
    assert!(sender.stored(number, start));
    assert!(sender.is_known(1, 1, start));
    assert!(sender.is_known(1, 2, start), "less grave");
    assert!(!sender.is_known(1, 0, start), "graver");
    assert!(!sender.is_known(2, 1, start), "another");
    // It goes on, and is put whole again once in a while.
    let (mut now, mut wholes, mut step) = (start, 1, 0.4);
    while now < start + seconds(1_200.0) {
        now += seconds(step);
        step = f64::min(2.0 * step, 10.0);
        let whole = (!sender.is_known(1, 1, now)).then_some(1);
        wholes += u32::from(whole.is_some());
        let number = put(&mut sender, whole, now);
        sender.stored(number, now);
    }
    assert_eq!(wholes, 1 + 4);
    assert!(sender.is_known(1, 1, now));
    assert!(!sender.is_known(1, 1, now + seconds(21.0)), "it had ended");
    // Entries sent otherwise are in no stream.
    let number = put(&mut sender, Some(0), now);
    sender.abandon();
    sender.stored(number, now);
    assert!(!sender.is_known(1, 0, now) && sender.is_known(1, 1, now));
    sender.forget();
    assert!(!sender.is_known(1, 1, now));
}
