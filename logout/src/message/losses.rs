//! Counts of the events that a lane lost since its last report.

use std::time::{Duration, Instant, SystemTime};

use tracing::{Level, Metadata};

use crate::block::memory_budget::MemoryBudget;
use crate::event::encoding::LEVELS;
use crate::event::{LazySite, Site};
#[cfg(feature = "fleet")]
use crate::message::hosts::Hosts;
use crate::message::{Hash, Reason};
use crate::text::sorted_map::{SortedMap, sorted};

/// Call sites that are not listed: how many, and of how many events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherSites {
    pub(crate) sites: usize,
    /// Whether there are more than `sites`.
    pub(crate) or_more: bool,
    pub(crate) events: u64,
}

/// The call sites that are counted without being listed, for each listed one: they take a hundredth
/// of the memory.
const OTHERS_PER_SITE: usize = 8;

/// The call sites whose hashes are cached, a power of two.
const RECENT: usize = 8;

/// A count of events, and of those that standard error has reported.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    events: u64,
    logged: u64,
}

/// Counts by level, reason and call site.
#[derive(Debug)]
#[cfg_attr(feature = "fleet", derive(Clone))]
pub(crate) struct Losses {
    /// The most call sites that are listed.
    most: usize,
    /// For each reason, by level.
    counts: [[Tally; LEVELS.len()]; Reason::ALL.len()],
    /// By their hashes.
    sites: SortedMap<u64, (Site, u64)>,
    /// A cache of hashes of call sites that lost something lately, so that they need not be read
    /// and hashed again.
    recent: [Option<(&'static Metadata<'static>, u64)>; RECENT],
    /// The hashes of further call sites, as far as they are counted.
    others: SortedMap<u64, ()>,
    /// Whether there were more than are counted.
    others_overflow: bool,
    other_events: u64,
    /// The count of all but muted events.
    total: u64,
    /// The last of them, by the monotonic clock and by the one that people read.
    last: Option<(Instant, SystemTime)>,
    /// The processes of a fleet that lost some of them.
    #[cfg(feature = "fleet")]
    pub(crate) hosts: Hosts,
}

impl Default for Losses {
    fn default() -> Self {
        Self::with_site_limit(MemoryBudget::default().sites)
    }
}

impl Losses {
    /// Makes counts that list at most this many call sites.
    pub(crate) fn with_site_limit(most: usize) -> Self {
        Self {
            most,
            counts: Default::default(),
            sites: SortedMap::default(),
            recent: [None; RECENT],
            others: SortedMap::default(),
            others_overflow: false,
            other_events: 0,
            total: 0,
            last: None,
            #[cfg(feature = "fleet")]
            hosts: Hosts::default(),
        }
    }

    /// Takes all of them out.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::with_site_limit(self.most))
    }

    pub(crate) fn add(
        &mut self,
        reason: Reason,
        level: Level,
        site: LazySite,
        events: u64,
        now: Instant,
    ) {
        self.add_count(reason, level, events);
        if reason == Reason::Muted {
            return;
        }
        self.add_lazy_site(site, events);
        // Events that are lost together have one time.
        if self.last.is_none_or(|(last, _)| last < now) {
            self.note_last(now, SystemTime::now());
        }
    }

    /// Adds to the counts without a call site.
    pub(crate) fn add_count(&mut self, reason: Reason, level: Level, events: u64) {
        let levels = self.counts.get_mut(reason as usize);
        let level = LEVELS.iter().position(|known| *known == level);
        if let Some((levels, level)) = levels.zip(level)
            && let Some(tally) = levels.get_mut(level)
        {
            tally.events += events;
        }
        // Muted events are listed among the reasons, but are no loss.
        if reason != Reason::Muted {
            self.total += events;
        }
    }

    pub(crate) fn note_last(&mut self, now: Instant, wall: SystemTime) {
        self.last = self.last.max(Some((now, wall)));
    }

    /// Adds the losses that were taken out of it before.
    pub(crate) fn absorb(&mut self, before: Self) {
        let counts = self.counts.as_flattened_mut().iter_mut();
        for (tally, before) in counts.zip(before.counts.as_flattened()) {
            tally.events += before.events;
            tally.logged += before.logged;
        }
        for (site, events) in before.sites.into_values() {
            self.add_site(site, events);
        }
        let room = (OTHERS_PER_SITE * self.most).saturating_sub(self.others.entries().len());
        self.others_overflow |= before.others_overflow || before.others.entries().len() > room;
        for (hash, ()) in before.others.entries().iter().take(room) {
            self.others.insert(*hash, ());
        }
        self.other_events += before.other_events;
        self.total += before.total;
        self.last = self.last.max(before.last);
        #[cfg(feature = "fleet")]
        self.hosts.absorb(before.hosts);
    }

    fn add_lazy_site(&mut self, site: LazySite, events: u64) {
        let metadata = match site {
            LazySite::CallSite(metadata) => metadata,
            LazySite::Site(site) => return self.add_site(site, events),
        };
        let address = std::ptr::from_ref(metadata).addr() as u64;
        let at = Hash::new().number(address).finish() as usize % RECENT;
        if let Some(Some((known, hash))) = self.recent.get(at)
            && std::ptr::eq(*known, metadata)
            && let Some((_, known)) = self.sites.get_mut(*hash)
        {
            *known += events;
            return;
        }
        let site = Site::of_metadata(metadata);
        let hash = hash_of(&site);
        let is_told_apart = self.add_hashed(hash, site, events);
        if let Some(recent) = self.recent.get_mut(at) {
            *recent = is_told_apart.then_some((metadata, hash));
        }
    }

    pub(crate) fn add_site(&mut self, site: Site, events: u64) {
        self.add_hashed(hash_of(&site), site, events);
    }

    /// Counts events of a call site; returns whether the site is listed.
    fn add_hashed(&mut self, hash: u64, site: Site, events: u64) -> bool {
        let has_room = self.sites.entries().len() < self.most;
        match self.sites.get_mut(hash) {
            Some((known, tally)) if *known == site => *tally += events,
            None if has_room => self.sites.insert(hash, (site, events)),
            _ => {
                self.add_other_site(hash, events);
                return false;
            }
        }
        true
    }

    /// Counts events whose call sites are not known.
    #[cfg(feature = "fleet")]
    pub(crate) fn add_elsewhere(&mut self, events: u64) {
        self.other_events += events;
    }

    /// Counts a call site that does not fit in the list.
    fn add_other_site(&mut self, hash: u64, events: u64) {
        self.other_events += events;
        if self.others.entries().len() < OTHERS_PER_SITE * self.most {
            self.others.insert(hash, ());
        } else if !self.others.contains(hash) {
            self.others_overflow = true;
        }
    }

    /// Returns the count of lost events, without muted ones.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Returns when the last of them happened.
    pub(crate) fn last(&self) -> SystemTime {
        self.last.map_or(SystemTime::UNIX_EPOCH, |(_, time)| time)
    }

    /// Returns whether there has been none for this long.
    pub(crate) fn are_over(&self, now: Instant, quiet: Duration) -> bool {
        self.last
            .is_some_and(|(last, _)| now.saturating_duration_since(last) > quiet)
    }

    /// Returns how many of them standard error has not reported, without muted ones.
    pub(crate) fn unlogged(&self) -> u64 {
        let unlogged = self.unlogged_by_reason();
        let lost = unlogged.filter(|(reason, _)| *reason != Reason::Muted);
        lost.map(|(_, events)| events).sum()
    }

    /// Returns the same by reason.
    pub(crate) fn unlogged_by_reason(&self) -> impl Iterator<Item = (Reason, u64)> {
        let unlogged = |tally: &Tally| tally.events.saturating_sub(tally.logged);
        let reasons = Reason::ALL.into_iter().zip(&self.counts);
        let reasons =
            reasons.map(move |(reason, levels)| (reason, levels.iter().map(unlogged).sum()));
        reasons.filter(|(_, events)| *events > 0)
    }

    /// Notes that standard error has reported all of them.
    pub(crate) fn note_logged(&mut self) {
        for tally in self.counts.as_flattened_mut() {
            tally.logged = tally.events;
        }
    }

    /// Returns each reason with its counts by level, the most severe level first.
    pub(crate) fn reasons(&self) -> Vec<(Reason, Vec<(Level, u64)>)> {
        let reasons = Reason::ALL.into_iter().zip(&self.counts);
        let reasons = reasons.map(|(reason, tallies)| {
            let levels = LEVELS
                .into_iter()
                .zip(tallies.iter().map(|tally| tally.events));
            (reason, levels.filter(|(_, events)| *events > 0).collect())
        });
        reasons
            .filter(|(_, levels): &(_, Vec<_>)| !levels.is_empty())
            .collect()
    }

    /// Returns the counts of the call sites that are not listed.
    pub(crate) fn others(&self) -> OtherSites {
        OtherSites {
            sites: self.others.entries().len(),
            or_more: self.others_overflow,
            events: self.other_events,
        }
    }

    /// Returns each listed call site with its count, the most frequent first.
    pub(crate) fn sites(&self) -> Vec<(&Site, u64)> {
        let sites = self.sites.values().map(|(site, events)| (site, *events));
        sorted(sites, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)))
    }
}

fn hash_of(site: &Site) -> u64 {
    let hash = Hash::new().text(site.target.as_bytes());
    let hash = hash.text(site.file.as_deref().unwrap_or_default().as_bytes());
    hash.number(site.line.unwrap_or_default().into()).finish()
}

#[cfg(test)]
mod tests;
