//! The places of recent panics, so that the hook waits once for each.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::Location;
use std::sync::{Mutex, TryLockError};
use std::time::{Duration, Instant};

/// How long a place is remembered.
const REMEMBERED_FOR: Duration = Duration::from_secs(10 * 60);

/// How many places are remembered; with more, the oldest is forgotten.
const MOST: usize = 64;

/// Places in the source, as hashes with the time they were noted, oldest first.
#[derive(Debug, Default)]
pub(super) struct RecentPlaces(Mutex<Vec<(u64, Instant)>>);

impl RecentPlaces {
    /// Notes the place of a panic; returns whether it was not noted lately. If another thread is
    /// noting one at this moment, it is not new.
    pub(super) fn is_new(&self, place: Option<&Location<'_>>) -> bool {
        let mut hasher = DefaultHasher::new();
        place.hash(&mut hasher);
        self.note(hasher.finish(), Instant::now())
    }

    fn note(&self, place: u64, now: Instant) -> bool {
        let mut known = match self.0.try_lock() {
            Ok(known) => known,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        known.retain(|(_, noted)| now.saturating_duration_since(*noted) < REMEMBERED_FOR);
        if known.iter().any(|(other, _)| *other == place) {
            return false;
        }
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push((place, now));
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{MOST, REMEMBERED_FOR, RecentPlaces};

    #[test]
    fn a_place_is_new_again_after_ten_minutes() {
        let (places, now) = (RecentPlaces::default(), Instant::now());
        assert!(places.note(7, now) && places.note(8, now));
        assert!(!places.note(7, now + REMEMBERED_FOR - Duration::from_secs(1)));
        assert!(places.note(7, now + REMEMBERED_FOR));
    }

    #[test]
    fn many_places_push_out_the_oldest() {
        let (places, now) = (RecentPlaces::default(), Instant::now());
        for place in 0..=MOST as u64 {
            assert!(places.note(place, now));
        }
        assert!(!places.note(1, now) && places.note(0, now));
    }
}
