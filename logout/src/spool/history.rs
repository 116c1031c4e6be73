//! The history of problems across restarts: when each was first and last seen, in which release
//! first, and how far its reminders have come.
//!
//! ```text
//! release = u8 index, text
//! problem = u64 fingerprint, u32 first seen, u32 last seen, u32 first told, u32 last told,
//!           u64 events, u8 level, u8 release     times in seconds since 1970
//! ```

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::text::sorted_map::{SortedMap, sorted};

/// How many problems are remembered; those seen least recently are dropped.
const MOST_PROBLEMS: usize = 4_096;

/// How many releases are remembered. For a problem first seen in another the release is unknown.
const RELEASES: usize = 200;

/// An unknown release.
const NO_RELEASE: u8 = u8::MAX;

/// The encoded length of a problem.
const PROBLEM: usize = 34;

/// The history of one problem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) fingerprint: u64,
    pub(crate) first_seen: u32,
    pub(crate) last_seen: u32,
    /// When it was first reported; the times of its reminders count from there.
    pub(crate) first_told: u32,
    pub(crate) last_told: u32,
    /// Events since then.
    pub(crate) events: u64,
    /// The most severe level reported, as `event::carried` encodes levels.
    pub(crate) level: u8,
    /// The release in which it was first seen, by its index.
    pub(crate) release: u8,
}

/// The history of all problems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    /// By fingerprint.
    problems: SortedMap<u64, Sighting>,
    releases: Vec<String>,
}

impl Sighting {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.fingerprint.to_le_bytes());
        for time in [
            self.first_seen,
            self.last_seen,
            self.first_told,
            self.last_told,
        ] {
            out.extend_from_slice(&time.to_le_bytes());
        }
        out.extend_from_slice(&self.events.to_le_bytes());
        out.extend_from_slice(&[self.level, self.release]);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (fingerprint, rest) = bytes.split_first_chunk()?;
        let (first_seen, rest) = rest.split_first_chunk()?;
        let (last_seen, rest) = rest.split_first_chunk()?;
        let (first_told, rest) = rest.split_first_chunk()?;
        let (last_told, rest) = rest.split_first_chunk()?;
        let (events, rest) = rest.split_first_chunk()?;
        let [level, release] = *rest.first_chunk()?;
        Some(Self {
            fingerprint: u64::from_le_bytes(*fingerprint),
            first_seen: u32::from_le_bytes(*first_seen),
            last_seen: u32::from_le_bytes(*last_seen),
            first_told: u32::from_le_bytes(*first_told),
            last_told: u32::from_le_bytes(*last_told),
            events: u64::from_le_bytes(*events),
            level,
            release,
        })
    }

    /// Decodes a sequence of problems.
    pub(super) fn read_all(bytes: &[u8]) -> Vec<Self> {
        bytes.chunks(PROBLEM).filter_map(Self::read).collect()
    }
}

impl History {
    pub(crate) fn get(&self, fingerprint: u64) -> Option<&Sighting> {
        self.problems.get(fingerprint)
    }

    pub(crate) fn release(&self, index: u8) -> Option<&str> {
        self.releases.get(usize::from(index)).map(String::as_str)
    }

    /// Returns whether a release other than this one was seen, so that a new problem is new in this
    /// release.
    pub(crate) fn knows_another_release(&self, release: &str) -> bool {
        self.releases.iter().any(|known| known != release)
    }

    /// Returns the index of a release, and whether it is new. A release in which no remembered
    /// problem was first seen makes room for a new one.
    pub(crate) fn note_release(&mut self, release: &str) -> (u8, bool) {
        if release.is_empty() {
            return (NO_RELEASE, false);
        }
        let index = |place: usize| u8::try_from(place).unwrap_or(NO_RELEASE);
        if let Some(place) = self.releases.iter().position(|known| known == release) {
            return (index(place), false);
        }
        let place = match self.releases.len() {
            length if length < RELEASES => length,
            _ => match self.unused_release() {
                Some(place) => place,
                None => return (NO_RELEASE, false),
            },
        };
        self.set_release(index(place), release.to_owned());
        (index(place), true)
    }

    fn unused_release(&self) -> Option<usize> {
        (0..RELEASES).find(|place| {
            let mut problems = self.problems.values();
            !problems.any(|one| usize::from(one.release) == *place)
        })
    }

    pub(crate) fn releases(&self) -> impl Iterator<Item = (u8, &str)> {
        (0..).zip(self.releases.iter().map(String::as_str))
    }

    pub(super) fn set_release(&mut self, index: u8, release: String) {
        let index = usize::from(index);
        if index < RELEASES && index >= self.releases.len() {
            self.releases.resize(index + 1, String::new());
        }
        if let Some(known) = self.releases.get_mut(index) {
            *known = release;
        }
    }

    /// Replaces the history of one problem.
    pub(crate) fn set(&mut self, sighting: Sighting) {
        self.problems.insert(sighting.fingerprint, sighting);
        // Done rarely, because it looks at all of them.
        if self.problems.len() > MOST_PROBLEMS + MOST_PROBLEMS / 8 {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        // Many may have been seen in the same second.
        let age = |one: &Sighting| (one.last_seen, one.fingerprint);
        let seen = sorted(self.problems.values().map(age), Ord::cmp);
        let surplus = seen.len().saturating_sub(MOST_PROBLEMS);
        if let Some(bound) = seen.get(surplus).copied() {
            self.problems.retain(|one| age(one) >= bound);
        }
    }

    /// Returns all problems, in the order of their fingerprints.
    pub(crate) fn problems(&self) -> Vec<Sighting> {
        self.problems.values().copied().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.problems.is_empty() && self.releases.is_empty()
    }
}

/// Returns a time in seconds since 1970, which last until 2106.
pub(crate) fn to_seconds(time: SystemTime) -> u32 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
}

pub(crate) fn from_seconds(seconds: u32) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(fingerprint: u64, last_seen: u32) -> Sighting {
        Sighting {
            fingerprint,
            last_seen,
            ..Sighting::default()
        }
    }

    #[test]
    fn a_problem_takes_under_64_bytes_and_is_read_as_it_was_written() {
        let given = Sighting {
            fingerprint: u64::MAX,
            first_seen: 1,
            last_seen: 2,
            first_told: 3,
            last_told: u32::MAX,
            events: 1_204,
            level: 1,
            release: 7,
        };
        let mut bytes = Vec::new();
        given.write(&mut bytes);
        given.write(&mut bytes);
        assert_eq!(bytes.len(), 2 * PROBLEM);
        const { assert!(PROBLEM < 64) }
        assert_eq!(Sighting::read_all(&bytes), [given, given]);
        assert_eq!(Sighting::read_all(&bytes[..PROBLEM - 1]), []);
    }

    #[test]
    fn of_too_many_those_are_kept_that_were_seen_last() {
        let mut history = History::default();
        for number in 0..20_000 {
            history.set(sighting(number.into(), number));
            assert!(history.problems.len() <= MOST_PROBLEMS + MOST_PROBLEMS / 8);
        }
        assert!(history.get(19_999).is_some() && history.get(19_999 - 4_000).is_some());
        assert!(history.get(0).is_none());
    }

    #[test]
    fn of_too_many_of_one_second_no_more_are_kept_either() {
        let mut history = History::default();
        for number in 0..20_000 {
            history.set(sighting(number, 7));
            assert!(history.problems.len() <= MOST_PROBLEMS + MOST_PROBLEMS / 8);
        }
    }

    #[test]
    fn a_release_of_which_nothing_is_known_any_more_gives_its_place_to_a_new_one() {
        let mut history = History::default();
        for number in 0..1_000_u32 {
            let (release, is_new) = history.note_release(&format!("1.{number}"));
            assert!(is_new && release != NO_RELEASE, "{number}");
            history.set(Sighting {
                release,
                ..sighting(u64::from(number % 50), number)
            });
        }
        assert_eq!(history.releases.len(), RELEASES);
        let newest = history.get(999 % 50).unwrap();
        assert_eq!(history.release(newest.release), Some("1.999"));
    }

    #[test]
    fn releases_are_told_apart_by_their_index() {
        let mut history = History::default();
        assert_eq!(history.note_release("1.0"), (0, true));
        assert!(!history.knows_another_release("1.0"));
        assert_eq!(history.note_release("1.1"), (1, true));
        assert_eq!(history.note_release("1.0"), (0, false));
        assert!(history.knows_another_release("1.0"));
        assert_eq!(history.note_release(""), (NO_RELEASE, false));
        assert_eq!(history.release(1), Some("1.1"));
        assert_eq!(history.release(NO_RELEASE), None);
    }
}
