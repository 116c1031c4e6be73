//! A broker in memory, for tests: what the scripts of `redis` do, in Rust.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use super::broker::{
    Bid, Broker, BrokerFault, Done, Entry, Going, Lead, LeadAnswer, Mark, Place, Put, PutAnswer,
    PutOutcome, Takeover, Term,
};

/// How long a member counts after it was last heard of, in milliseconds.
const HEARD: u64 = 5 * 60 * 1_000;

/// One broker; a clone is another connection to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(Rc<RefCell<Store>>);

#[derive(Debug, Default)]
struct Store {
    now: u64,
    limit: usize,
    lanes: HashMap<String, Lane>,
}

/// What the broker keeps of one lane.
#[derive(Debug, Default)]
struct Lane {
    stream: BTreeMap<Mark, Vec<u8>>,
    last: Mark,
    numbers: HashMap<String, u64>,
    lease: Option<(String, u64, u64)>,
    epoch: u64,
    request: u64,
    going: Going,
    known: BTreeMap<u64, Vec<u8>>,
    joined: Vec<String>,
    heard: HashMap<String, u64>,
}

impl Memory {
    /// One whose streams hold this many entries.
    pub(crate) fn of(limit: usize) -> Self {
        let store = Store {
            limit,
            ..Store::default()
        };
        Self(Rc::new(RefCell::new(store)))
    }

    /// Sets its clock, in milliseconds.
    pub(crate) fn set_time(&self, now: u64) {
        self.0.borrow_mut().now = now;
    }

    /// What is in the stream of a lane.
    pub(crate) fn stream(&self, lane: &str) -> Vec<Vec<u8>> {
        let store = self.0.borrow();
        let lane = store.lanes.get(lane);
        lane.map(|lane| lane.stream.values().cloned().collect())
            .unwrap_or_default()
    }

    fn at<R>(&self, lane: &str, act: impl FnOnce(&mut Lane, u64, usize) -> R) -> R {
        let mut store = self.0.borrow_mut();
        let (now, limit) = (store.now, store.limit);
        let lane = store.lanes.entry(lane.to_owned()).or_default();
        if lane.lease.as_ref().is_some_and(|lease| lease.2 <= now) {
            lane.lease = None;
        }
        act(lane, now, limit)
    }
}

impl Lane {
    fn place(&mut self, name: &str, now: u64) -> Place {
        if !self.joined.iter().any(|known| known == name) {
            self.joined.push(name.to_owned());
        }
        self.heard.insert(name.to_owned(), now);
        let heard = &self.heard;
        self.joined
            .retain(|name| heard.get(name).is_some_and(|at| at + HEARD > now));
        let rank = self.joined.iter().position(|known| known == name);
        Place {
            time: now,
            members: self.joined.len() as u64,
            rank: rank.unwrap_or_default() as u64,
            has_leader: self.lease.is_some(),
        }
    }

    fn is_held(&self, term: &Term<'_>) -> bool {
        let lease = self.lease.as_ref();
        lease.is_some_and(|(name, epoch, _)| name == term.name && *epoch == term.epoch)
    }

    /// Whether a request is the next of its term, and not one that comes late.
    fn is_next(&mut self, term: &Term<'_>) -> bool {
        let is_next = term.number > self.request;
        self.request = self.request.max(term.number);
        is_next
    }
}

impl Broker for Memory {
    async fn put(&mut self, lane: &str, put: &Put<'_>) -> Result<PutAnswer, BrokerFault> {
        Ok(self.at(lane, |lane, now, limit| {
            let place = lane.place(put.sender, now);
            let last = lane.numbers.get(put.sender).copied().unwrap_or_default();
            let outcome = if put.number == 0 {
                PutOutcome::Stored
            } else if put.number <= last {
                PutOutcome::Duplicate
            } else if lane.stream.len() + put.entries.len() > limit {
                PutOutcome::Full
            } else {
                lane.numbers.insert(put.sender.to_owned(), put.number);
                for entry in put.entries {
                    lane.last = match lane.last {
                        last if last.time < now => Mark {
                            time: now,
                            number: 0,
                        },
                        last => Mark {
                            number: last.number + 1,
                            ..last
                        },
                    };
                    lane.stream.insert(lane.last, entry.clone());
                }
                PutOutcome::Stored
            };
            PutAnswer { outcome, place }
        }))
    }

    async fn lead(&mut self, lane: &str, bid: &Bid<'_>) -> Result<LeadAnswer, BrokerFault> {
        Ok(self.at(lane, |lane, now, _| {
            let mine = lane.lease.as_ref().filter(|lease| lease.0 == bid.name);
            let epoch = mine.map(|lease| lease.1);
            let until = now + bid.term;
            let lead = match epoch {
                _ if bid.term == 0 => {
                    if epoch.is_some() {
                        lane.lease = None;
                    }
                    Lead::Other
                }
                Some(held) if held == bid.epoch => {
                    lane.lease = Some((bid.name.to_owned(), held, until));
                    Lead::Kept
                }
                Some(held) if (1..held).contains(&bid.epoch) => Lead::Other,
                None if lane.lease.is_some() => Lead::Other,
                _ => {
                    lane.epoch += 1;
                    lane.request = 0;
                    lane.lease = Some((bid.name.to_owned(), lane.epoch, until));
                    Lead::Taken(Takeover {
                        epoch: lane.epoch,
                        going: lane.going.clone(),
                        known: lane.known.values().cloned().collect(),
                    })
                }
            };
            let place = lane.place(bid.name, now);
            if bid.term == 0 {
                lane.joined.retain(|name| name != bid.name);
                lane.heard.remove(bid.name);
            }
            LeadAnswer { lead, place }
        }))
    }

    async fn read(
        &mut self,
        lane: &str,
        after: Mark,
        most: usize,
    ) -> Result<Vec<Entry>, BrokerFault> {
        Ok(self.at(lane, |lane, _, _| {
            let after = (std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded);
            let entries = lane.stream.range(after).take(most);
            let entry = |(mark, bytes): (&Mark, &Vec<u8>)| Entry {
                mark: *mark,
                bytes: bytes.clone(),
            };
            entries.map(entry).collect()
        }))
    }

    async fn going(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        going: &Going,
    ) -> Result<bool, BrokerFault> {
        Ok(self.at(lane, |lane, _, _| {
            if !lane.is_held(term) {
                return false;
            }
            if lane.is_next(term) {
                lane.going = going.clone();
            }
            true
        }))
    }

    async fn done(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        done: &Done<'_>,
    ) -> Result<bool, BrokerFault> {
        Ok(self.at(lane, |lane, _, _| {
            if !lane.is_held(term) {
                return false;
            }
            if lane.is_next(term) {
                for mark in done.settled {
                    lane.stream.remove(mark);
                }
                for (number, bytes) in done.known {
                    match bytes.is_empty() {
                        true => lane.known.remove(number),
                        false => lane.known.insert(*number, bytes.clone()),
                    };
                }
                lane.going = done.going.clone();
            }
            true
        }))
    }
}
