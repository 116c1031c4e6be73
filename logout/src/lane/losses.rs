//! What a lane gave up since it last said so.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use tracing::{Level, Metadata};

use crate::bounds::Bounds;
use crate::event::EventView;
use crate::order::{change, sorted};
use crate::stats::Reason;
use crate::words::count;

/// A place in the program that logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) target: String,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
}

/// Counts by level, reason and call site.
#[derive(Debug)]
pub(crate) struct Losses {
    /// How many call sites are told apart; what more there is counts as one.
    most: usize,
    counts: Vec<((Reason, Level), u64)>,
    sites: HashMap<Site, u64>,
    total: u64,
    /// The last of them, by the clock that orders and by the one that people read.
    last: Option<(Instant, SystemTime)>,
}

impl Site {
    pub(crate) fn of(event: &EventView<'_>) -> Self {
        Self {
            target: event.target().to_owned(),
            file: event.file().map(str::to_owned),
            line: event.line(),
        }
    }

    pub(crate) fn of_metadata(metadata: &'static Metadata<'static>) -> Self {
        Self {
            target: metadata.target().to_owned(),
            file: metadata.file().map(str::to_owned),
            line: metadata.line(),
        }
    }
}

impl Default for Losses {
    fn default() -> Self {
        Self::within(Bounds::default().sites)
    }
}

impl Losses {
    /// Tells at most so many call sites apart.
    pub(crate) fn within(most: usize) -> Self {
        Self {
            most,
            counts: Vec::new(),
            sites: HashMap::new(),
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
        change(&mut self.counts, (reason, level), 0, |count| {
            *count += events;
        });
        let full = self.sites.len() >= self.most && !self.sites.contains_key(&site);
        let site = if full {
            Site {
                target: "other call sites".to_owned(),
                file: None,
                line: None,
            }
        } else {
            site
        };
        *self.sites.entry(site).or_default() += events;
        self.total += events;
        self.last = Some((now, SystemTime::now()));
    }

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

    /// `1,204 events were`, `1 event was`.
    pub(crate) fn said(&self) -> String {
        match self.total {
            1 => "1 event was".to_owned(),
            total => format!("{} events were", count(total)),
        }
    }

    /// Each reason with its counts by level, the gravest level first.
    pub(crate) fn reasons(&self) -> Vec<(Reason, Vec<(Level, u64)>)> {
        let mut reasons: Vec<(Reason, Vec<(Level, u64)>)> = Vec::new();
        let counts = sorted(&self.counts, Ord::cmp);
        for ((reason, level), events) in counts {
            match reasons.last_mut() {
                Some((last, levels)) if last == reason => levels.push((*level, *events)),
                _ => reasons.push((*reason, vec![(*level, *events)])),
            }
        }
        reasons
    }

    /// Each call site with its count, the most frequent first.
    pub(crate) fn sites(&self) -> Vec<(&Site, u64)> {
        let sites = self.sites.iter().map(|(site, events)| (site, *events));
        sorted(sites, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)))
    }
}

#[cfg(test)]
mod tests;
