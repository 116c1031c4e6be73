//! The speed at which a leader takes the entries of others, and the memory that it needs.
//!
//! `LOGOUT_ENTRIES` sets how many entries it takes; the figure that is printed is per second of a
//! core.

use std::time::Instant;

use super::{HOSTS, Script, Worker, entries, group, joined};
use crate::event::carried;
use crate::fleet::{
    BrokerAnswer, BrokerRequest, Entry, Lead, LeadAnswer, Mark, Place, PutAnswer, PutOutcome,
    Takeover,
};
use crate::text::linear_time::{assert_linear, on_core};

/// The number of entries at first.
const ENTRIES: usize = 1_250;

/// A broker whose only member is the leader.
struct Broker<'a> {
    entries: &'a [Vec<u8>],
    size: usize,
    read: usize,
    deleted: usize,
}

impl Broker<'_> {
    fn answer(&mut self, ask: &BrokerRequest) -> BrokerAnswer {
        let place = Place {
            time: 1_000_000,
            members: HOSTS,
            rank: 0,
            has_leader: true,
        };
        let outcome = PutOutcome::Stored;
        match ask {
            BrokerRequest::Put { .. } => BrokerAnswer::Put(PutAnswer { outcome, place }),
            BrokerRequest::Lead { epoch, .. } => {
                let lead = match epoch {
                    0 => Lead::Taken(Takeover {
                        epoch: 1,
                        ..Takeover::default()
                    }),
                    _ => Lead::Kept,
                };
                BrokerAnswer::Lead(LeadAnswer { lead, place })
            }
            BrokerRequest::Read { most, .. } => {
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
                BrokerAnswer::Read(entries)
            }
            BrokerRequest::Recall { .. } => BrokerAnswer::Known(Vec::new()),
            BrokerRequest::InFlight { .. } => BrokerAnswer::Held(true),
            BrokerRequest::Done { settled, .. } => {
                self.deleted += settled.len();
                BrokerAnswer::Held(true)
            }
        }
    }
}

/// Notes that all that waits was delivered.
fn tell(worker: &Worker<Script>, now: Instant) {
    let mut state = worker.lanes[0].state.borrow_mut();
    for key in state.groups.next_keys() {
        let group = state.groups.remove(key).unwrap();
        state.note_told(&group, false, now);
    }
}

/// Lets a leader take this many entries, of which it keeps none.
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
        leader.update_members(now);
        if let Some((lane, ask)) = leader.next_ask(0, now) {
            let answer = broker.answer(&ask);
            leader.handle_answer(lane, &ask, Ok(answer), now);
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
    // Forty problems, and no entry that was read.
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
    // Other programs may empty the caches, which makes one measurement too long.
    assert!((0..3).any(|_| ratio() < 20.0));
}
