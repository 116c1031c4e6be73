//! What a lane gave up since it last said so.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant, SystemTime};

use tracing::Level;

use crate::block::memory_budget::MemoryBudget;
use crate::event::Site;
use crate::message::Reason;
use crate::text::list::{change, sorted};

/// Call sites of which only is known how many they are, and of how many events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherSites {
    pub(crate) sites: usize,
    /// Whether there are more than `sites`.
    pub(crate) or_more: bool,
    pub(crate) events: u64,
}

/// How many call sites that are not told apart are still counted, for each that is: one takes a
/// hundredth of the memory.
const COUNTED: usize = 8;

/// How many events, and how many of them standard error was told of.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    events: u64,
    said: u64,
}

/// Counts by level, reason and call site.
#[derive(Debug)]
pub(crate) struct Losses {
    /// How many call sites are told apart.
    most: usize,
    counts: Vec<((Reason, Level), Tally)>,
    sites: HashMap<Site, u64>,
    /// The hashes of further call sites, as far as they are counted.
    further: HashSet<u64>,
    /// Whether there were more than are counted.
    overflown: bool,
    further_events: u64,
    /// How many there are without what somebody chose to mute.
    total: u64,
    /// The last of them, by the clock that orders and by the one that people read.
    last: Option<(Instant, SystemTime)>,
}

impl Default for Losses {
    fn default() -> Self {
        Self::within(MemoryBudget::default().sites)
    }
}

impl Losses {
    /// Tells at most so many call sites apart.
    pub(crate) fn within(most: usize) -> Self {
        Self {
            most,
            counts: Vec::new(),
            sites: HashMap::new(),
            further: HashSet::new(),
            overflown: false,
            further_events: 0,
            total: 0,
            last: None,
        }
    }

    /// All of them; it begins anew.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::within(self.most))
    }

    pub(crate) fn add(
        &mut self,
        reason: Reason,
        level: Level,
        site: Site,
        events: u64,
        now: Instant,
    ) {
        let none = Tally::default();
        change(&mut self.counts, (reason, level), none, |tally| {
            tally.events += events;
        });
        // What is muted is told among the reasons, and is no loss.
        if reason != Reason::Muted {
            self.add_site(site, events);
            self.total += events;
            self.last = Some((now, SystemTime::now()));
        }
    }

    /// Takes over what was taken out of it before.
    pub(crate) fn absorb(&mut self, before: Self) {
        for (key, before) in before.counts {
            change(&mut self.counts, key, Tally::default(), |tally| {
                tally.events += before.events;
                tally.said += before.said;
            });
        }
        for (site, events) in before.sites {
            self.add_site(site, events);
        }
        let room = (COUNTED * self.most).saturating_sub(self.further.len());
        self.overflown |= before.overflown || before.further.len() > room;
        self.further.extend(before.further.into_iter().take(room));
        self.further_events += before.further_events;
        self.total += before.total;
        self.last = self.last.max(before.last);
    }

    fn add_site(&mut self, site: Site, events: u64) {
        if let Some(known) = self.sites.get_mut(&site) {
            *known += events;
        } else if self.sites.len() < self.most {
            self.sites.insert(site, events);
        } else {
            self.note_further(&site, events);
        }
    }

    /// A call site for which there is no room any more.
    fn note_further(&mut self, site: &Site, events: u64) {
        self.further_events += events;
        let mut hasher = DefaultHasher::new();
        site.hash(&mut hasher);
        let hash = hasher.finish();
        if self.further.len() < COUNTED * self.most {
            self.further.insert(hash);
        } else if !self.further.contains(&hash) {
            self.overflown = true;
        }
    }

    /// Returns how many there are, without what is muted.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// When the last of them happened.
    pub(crate) fn last(&self) -> SystemTime {
        self.last.map_or(SystemTime::UNIX_EPOCH, |(_, time)| time)
    }

    /// Whether none has happened for so long.
    pub(crate) fn are_over(&self, now: Instant, quiet: Duration) -> bool {
        self.last
            .is_some_and(|(last, _)| now.saturating_duration_since(last) > quiet)
    }

    /// Returns how many of them standard error was not told of, without what is muted.
    pub(crate) fn unsaid(&self) -> u64 {
        let unsaid = self.unsaid_by_reason();
        let lost = unsaid.filter(|(reason, _)| *reason != Reason::Muted);
        lost.map(|(_, events)| events).sum()
    }

    /// The same by reason.
    pub(crate) fn unsaid_by_reason(&self) -> impl Iterator<Item = (Reason, u64)> {
        let of = |reason| {
            let counts = self.counts.iter().filter(move |((of, _), _)| *of == reason);
            counts
                .map(|(_, tally)| tally.events.saturating_sub(tally.said))
                .sum()
        };
        let reasons = Reason::ALL
            .into_iter()
            .map(move |reason| (reason, of(reason)));
        reasons.filter(|(_, events)| *events > 0)
    }

    /// Notes that standard error has been told of all.
    pub(crate) fn note_said(&mut self) {
        for (_, tally) in &mut self.counts {
            tally.said = tally.events;
        }
    }

    /// Each reason with its counts by level, the gravest level first.
    pub(crate) fn reasons(&self) -> Vec<(Reason, Vec<(Level, u64)>)> {
        let mut reasons: Vec<(Reason, Vec<(Level, u64)>)> = Vec::new();
        let counts = sorted(&self.counts, |a, b| a.0.cmp(&b.0));
        for ((reason, level), Tally { events, .. }) in counts {
            match reasons.last_mut() {
                Some((last, levels)) if last == reason => levels.push((*level, *events)),
                _ => reasons.push((*reason, vec![(*level, *events)])),
            }
        }
        reasons
    }

    /// The call sites that are not told apart.
    pub(crate) fn further(&self) -> OtherSites {
        OtherSites {
            sites: self.further.len(),
            or_more: self.overflown,
            events: self.further_events,
        }
    }

    /// Each call site that is told apart with its count, the most frequent first.
    pub(crate) fn sites(&self) -> Vec<(&Site, u64)> {
        let sites = self.sites.iter().map(|(site, events)| (site, *events));
        sorted(sites, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)))
    }
}

#[cfg(test)]
mod tests;
