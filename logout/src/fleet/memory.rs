//! A broker in memory, for tests: the scripts of `redis`, in Rust.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;

use super::broker::{
    Bid, Broker, BrokerFault, Done, Entry, Lead, LeadAnswer, Mark, Place, Put, PutAnswer,
    PutOutcome, Session, Takeover, Term,
};

/// How long a member counts after its last request, in milliseconds.
const MEMBER_TIMEOUT: u64 = 5 * 60 * 1_000;

/// How many entries a stream holds before it refuses more.
const LIMIT: usize = 4_096;

/// The stores of the fleets of this process, by name.
static FLEETS: Mutex<BTreeMap<String, MemorySession>> = Mutex::new(BTreeMap::new());

/// A broker in the memory of this process, for tests: `fleet: Memory { name: "shop" }`.
///
/// All blocks of the process with fleets of the same name share it, so a test that starts several
/// of them has a fleet without a server. It keeps its contents until the process ends; give each
/// test a fleet of its own.
///
/// ```
/// use logout::Slack;
///
/// logout::logout! {
///     struct Alerts {
///         adapters: [Slack],
///         fleet: Memory { name: "of this test" },
///     }
/// }
///
/// let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// let (_first, _guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
/// let (_second, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
/// let state = || guard.handle().stats().lanes[0].fleet;
/// while state().is_none() {
///     std::thread::sleep(std::time::Duration::from_millis(10));
/// }
/// # Ok::<(), logout::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Memory {}

impl Broker for Memory {
    async fn connect(&self, fleet: String) -> Result<impl Session, BrokerFault> {
        Ok(MemorySession::for_fleet(&fleet))
    }
}

/// A connection to the store of one fleet, which its clones share.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemorySession(Arc<Mutex<Store>>);

#[derive(Debug, Default)]
struct Store {
    /// The time, if a test sets it.
    now: Option<u64>,
    limit: usize,
    lanes: HashMap<String, LaneStore>,
}

/// The state of one lane.
#[derive(Debug, Default)]
struct LaneStore {
    stream: BTreeMap<Mark, Vec<u8>>,
    last: Mark,
    numbers: HashMap<String, u64>,
    lease: Option<(String, u64, u64)>,
    epoch: u64,
    request: u64,
    in_flight: Vec<u8>,
    known: BTreeMap<u64, Vec<u8>>,
    joined: Vec<String>,
    heard: HashMap<String, u64>,
}

impl MemorySession {
    /// Creates a store whose streams hold this many entries.
    pub(crate) fn with_limit(limit: usize) -> Self {
        let store = Store {
            limit,
            ..Store::default()
        };
        Self(Arc::new(Mutex::new(store)))
    }

    /// Returns a connection to the store that this process shares under this name.
    pub(crate) fn for_fleet(name: &str) -> Self {
        let mut fleets = FLEETS.lock().unwrap_or_else(PoisonError::into_inner);
        let session = fleets.entry(name.to_owned());
        session.or_insert_with(|| Self::with_limit(LIMIT)).clone()
    }

    /// Takes the lease of a lane away from its holder.
    #[cfg(all(test, feature = "testing"))]
    pub(crate) fn revoke_lease(&self, lane: &str) {
        self.at(lane, |lane, _, _| lane.lease = None);
    }

    /// Sets its clock, in milliseconds.
    #[cfg(test)]
    pub(crate) fn set_time(&self, now: u64) {
        self.store().now = Some(now);
    }

    /// Returns the stream of a lane.
    #[cfg(test)]
    pub(crate) fn stream(&self, lane: &str) -> Vec<Vec<u8>> {
        let store = self.store();
        let lane = store.lanes.get(lane);
        lane.map(|lane| lane.stream.values().cloned().collect())
            .unwrap_or_default()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at<R>(&self, lane: &str, act: impl FnOnce(&mut LaneStore, u64, usize) -> R) -> R {
        let mut store = self.store();
        let (now, limit) = (store.now.unwrap_or_else(wall_time), store.limit);
        let lane = store.lanes.entry(lane.to_owned()).or_default();
        if lane.lease.as_ref().is_some_and(|lease| lease.2 <= now) {
            lane.lease = None;
        }
        act(lane, now, limit)
    }
}

/// Returns the wall clock's time in milliseconds since 1970.
fn wall_time() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

impl LaneStore {
    fn place(&mut self, name: &str, now: u64) -> Place {
        if !self.joined.iter().any(|known| known == name) {
            self.joined.push(name.to_owned());
        }
        self.heard.insert(name.to_owned(), now);
        let heard = &self.heard;
        self.joined
            .retain(|name| heard.get(name).is_some_and(|at| at + MEMBER_TIMEOUT > now));
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

    /// Returns whether a request is the next of its term, and not a late one; notes its number.
    fn is_next(&mut self, term: &Term<'_>) -> bool {
        let is_next = term.number > self.request;
        self.request = self.request.max(term.number);
        is_next
    }
}

impl Session for MemorySession {
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
                        last if last.time < now => Mark::new(now, 0),
                        last => Mark::new(last.time, last.number + 1),
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
            let term = u64::try_from(bid.term.as_millis()).unwrap_or(u64::MAX);
            let until = now.saturating_add(term);
            let lead = match epoch {
                _ if bid.term.is_zero() => {
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
                        going: lane.in_flight.clone(),
                        known: lane.known.values().cloned().collect(),
                    })
                }
            };
            let place = lane.place(bid.name, now);
            if bid.term.is_zero() {
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
            let after = (Bound::Excluded(after), Bound::Unbounded);
            let entries = lane.stream.range(after).take(most);
            let entry = |(mark, bytes): (&Mark, &Vec<u8>)| Entry {
                mark: *mark,
                bytes: bytes.clone(),
            };
            entries.map(entry).collect()
        }))
    }

    async fn known(&mut self, lane: &str, number: u64) -> Result<Option<Vec<u8>>, BrokerFault> {
        Ok(self.at(lane, |lane, _, _| lane.known.get(&number).cloned()))
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
                lane.in_flight = done.going.to_vec();
            }
            true
        }))
    }
}
