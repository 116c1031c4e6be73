//! What makes events alike.

use crate::event::EventView;
use crate::message::{Hash, route_key};
use crate::worker::problems::Telling;

/// What makes events alike: the problem that they tell, and the place they asked to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    pub(crate) telling: Telling,
    pub(in crate::worker::lane) route: u64,
    /// What tells what another process left from what this one sees; 0 is this one's.
    #[cfg(feature = "spool")]
    pub(in crate::worker::lane) restored: u64,
}

impl Key {
    /// `is_routed` is an event with a field that has a say in where it goes.
    pub(crate) fn of(telling: Telling, event: &EventView<'_>, is_routed: bool) -> Self {
        let route = if is_routed { route_key(event) } else { 0 };
        Self {
            telling,
            route,
            #[cfg(feature = "spool")]
            restored: 0,
        }
    }

    /// Returns a number that it has in common with the like of it that this process sees.
    pub(in crate::worker::lane) fn told_number(self) -> u64 {
        let Telling {
            fingerprint,
            site,
            collective,
        } = self.telling;
        let hash = Hash::new().number(fingerprint).number(site as u64);
        let collective = collective.map_or(0, |collective| 1 + collective as u64);
        hash.number(collective).number(self.route).finish()
    }

    /// Returns the key of the like of it that this process sees.
    pub(in crate::worker::lane) fn live(self) -> Self {
        Self {
            #[cfg(feature = "spool")]
            restored: 0,
            ..self
        }
    }
}
