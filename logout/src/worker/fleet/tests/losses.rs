//! The losses of processes, and who reports them.

use std::time::Instant;

use tracing::Level;

use super::super::entry;
use super::{Script, Worker, entry_of, joined, lead, put, read, settled, values};
use crate::event::{LazySite, Site, carried};
use crate::fleet::{Effect, Entry, Mark};
use crate::message::Reason;
use crate::spool::record::{StoredLoss, StoredLosses};
use crate::worker::lane::PeerLosses;

/// Loses events of a lane, as with a full queue.
fn lose(worker: &Worker<Script>, reason: Reason, level: Level, events: u64, line: u32) {
    let site = Site {
        target: "shop".to_owned(),
        file: Some("src/main.rs".to_owned()),
        line: Some(line),
    };
    let mut state = worker.lanes[0].state.borrow_mut();
    state.note_loss(reason, level, LazySite::Site(site), events, worker.now());
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
    assert!(entry::decode_losses(&stored, 8, Instant::now()).is_none());
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
    // It is killed while it reports them.
    let reported = first.lanes[0]
        .state
        .borrow_mut()
        .take_peer_losses(first.now());
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
        let (losses, _) = state.take_peer_losses(next.now()).unwrap();
        assert_eq!(losses.total(), events);
        assert_eq!(losses.sites().len(), 1);
        drop(state);
        // Once they are reported nobody reports them again.
        next.lanes[0].state.borrow_mut().settle_peer_losses();
        let (_, known) = settled(&next);
        let kept = known
            .iter()
            .find(|(number, _)| *number == PeerLosses::NUMBER);
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
    leader.apply_effect(0, Effect::Lost, leader.now());
    let mut state = leader.lanes[0].state.borrow_mut();
    assert!(state.take_reported(leader.now()).is_none());
    let fleet = state.fleet.as_mut().unwrap();
    assert!(fleet.losses.begin().is_none(), "the broker keeps it");
}
