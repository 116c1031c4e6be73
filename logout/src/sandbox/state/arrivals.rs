//! Counts of everything that arrived, whether it is still there or not.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::super::summary::Summary;

/// Counts of the arrivals since the start.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    pub(crate) requests: u64,
    pub(crate) refused: u64,
    pub(crate) programs: BTreeMap<String, ProgramArrivals>,
    /// Whose message came last to each destination: a file goes with it, and does not name its program.
    last: BTreeMap<String, String>,
}

/// Counts of the arrivals from one program.
#[derive(Debug)]
pub(crate) struct ProgramArrivals {
    pub(crate) messages: u64,
    pub(crate) events: u64,
    pub(crate) last: SystemTime,
}

impl Arrivals {
    pub(super) fn count(&mut self, destination: &str, summary: &Summary, at: SystemTime) {
        let last = self.last.entry(destination.to_owned()).or_default();
        if !summary.program.is_empty() {
            last.clone_from(&summary.program);
        }
        let counts = self.programs.entry(last.clone());
        let counts = counts.or_insert(ProgramArrivals {
            messages: 0,
            events: 0,
            last: at,
        });
        counts.messages += 1;
        counts.events += summary.events;
        counts.last = at;
    }
}
