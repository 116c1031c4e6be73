//! What a lane gave up since it last said so.

use std::collections::HashMap;
use std::time::SystemTime;

use tracing::{Level, Metadata};

use crate::event::EventView;
use crate::order::sorted;
use crate::stats::Reason;

/// A place in the program that logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) target: String,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
}

/// How many call sites are told apart; what more there is counts as one.
const MAX_SITES: usize = 512;

/// Counts by level, reason and call site.
#[derive(Debug)]
pub(crate) struct Losses {
    counts: HashMap<(Reason, Level), u64>,
    sites: HashMap<Site, u64>,
    total: u64,
    last: SystemTime,
}

impl Default for Losses {
    fn default() -> Self {
        Self {
            counts: HashMap::new(),
            sites: HashMap::new(),
            total: 0,
            last: SystemTime::UNIX_EPOCH,
        }
    }
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

impl Losses {
    pub(crate) fn add(&mut self, reason: Reason, level: Level, site: Site, events: u64) {
        *self.counts.entry((reason, level)).or_default() += events;
        let full = self.sites.len() >= MAX_SITES && !self.sites.contains_key(&site);
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
        self.last = SystemTime::now();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.total == 0
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// When the last of them happened.
    pub(crate) fn last(&self) -> SystemTime {
        self.last
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
