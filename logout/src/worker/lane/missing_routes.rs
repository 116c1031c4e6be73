//! Routes that events asked for and that do not exist.
//!
//! Pure: the time is an argument.

use std::time::{Duration, Instant};

/// The most routes that are remembered: a program misspells one in a few ways only.
const MOST: usize = 64;

/// Topics and threads that do not exist. Trying one again with every message would cost two
/// requests a message.
#[derive(Debug, Default)]
pub(super) struct MissingRoutes {
    /// The hash of each route with when it is tried again; the oldest first.
    known: Vec<(u64, Instant)>,
}

impl MissingRoutes {
    /// Notes that a route does not exist, which holds for this long.
    pub(super) fn note(&mut self, route: u64, now: Instant, holds: Duration) {
        self.known.retain(|(known, _)| *known != route);
        if self.known.len() >= MOST {
            self.known.remove(0);
        }
        self.known.push((route, now + holds));
    }

    /// Returns whether a route is known not to exist.
    pub(super) fn contains(&self, route: u64, now: Instant) -> bool {
        let mut known = self.known.iter();
        known.any(|(known, until)| *known == route && now < *until)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{MOST, MissingRoutes};

    const HOLDS: Duration = Duration::from_secs(60);

    #[test]
    fn a_place_is_lost_until_it_is_worth_asking_again() {
        let (mut routes, now) = (MissingRoutes::default(), Instant::now());
        routes.note(7, now, HOLDS);
        assert!(routes.contains(7, now + HOLDS - Duration::from_secs(1)));
        assert!(!routes.contains(7, now + HOLDS));
        assert!(!routes.contains(8, now));
        routes.note(7, now + HOLDS, HOLDS);
        assert!(routes.contains(7, now + HOLDS));
    }

    #[test]
    fn many_places_push_out_the_oldest() {
        let (mut routes, now) = (MissingRoutes::default(), Instant::now());
        for route in 0..=MOST as u64 {
            routes.note(route, now, HOLDS);
        }
        assert!(!routes.contains(0, now) && routes.contains(1, now));
        assert_eq!(routes.known.len(), MOST);
    }
}
