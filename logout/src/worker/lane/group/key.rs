//! The key of a group: what makes events alike.

use crate::event::EventView;
use crate::message::{Hash, route_key};
use crate::worker::problems::ProblemId;

/// The key of a group: the problem of its events, and the route that they asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct GroupKey {
    pub(crate) problem: ProblemId,
    pub(in crate::worker::lane) route: u64,
    /// Identifies a group that another process left; 0 is one of this process.
    #[cfg(feature = "spool")]
    pub(in crate::worker::lane) restored: u64,
}

impl GroupKey {
    /// Returns the key of an event; `is_routed` says whether a field has a say in its route.
    pub(crate) fn of(problem: ProblemId, event: &EventView<'_>, is_routed: bool) -> Self {
        let route = if is_routed { route_key(event) } else { 0 };
        Self {
            problem,
            route,
            #[cfg(feature = "spool")]
            restored: 0,
        }
    }

    /// Returns a number that is the same whichever process saw the events.
    pub(in crate::worker::lane) fn problem_number(self) -> u64 {
        let ProblemId {
            fingerprint,
            site,
            collective,
        } = self.problem;
        let hash = Hash::new().number(fingerprint).number(site as u64);
        let collective = collective.map_or(0, |collective| 1 + collective as u64);
        hash.number(collective).number(self.route).finish()
    }

    /// Returns the key that the same events have in this process.
    pub(in crate::worker::lane) fn in_this_process(self) -> Self {
        Self {
            #[cfg(feature = "spool")]
            restored: 0,
            ..self
        }
    }
}
