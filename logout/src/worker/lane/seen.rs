//! Who saw the events of a group that came over the stream of a fleet.

use crate::fleet::Mark;
use crate::message::hosts::{Hosts, named};
use crate::spool::record::StoredOrigin;

/// How many releases are told apart.
const RELEASES: usize = 32;

/// Who saw the events of one group, and which entries of the stream it stands for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// What of the stream is settled with it.
    pub(crate) marks: Vec<Mark>,
    /// Who saw the first of them.
    pub(crate) origin: StoredOrigin,
    pub(crate) hosts: Hosts,
    releases: Vec<String>,
    /// Whether a message with some of it was under way when its leader was last heard of.
    pub(crate) possible_repeat: bool,
}

impl Seen {
    pub(crate) fn new(mark: Mark, origin: StoredOrigin, possible_repeat: bool) -> Self {
        let mut seen = Self {
            marks: vec![mark],
            possible_repeat,
            ..Self::default()
        };
        seen.hosts.note(&origin.host, origin.process);
        seen.note_release(&origin.release);
        seen.origin = origin;
        seen
    }

    /// Takes over who saw what came later.
    pub(crate) fn absorb(&mut self, later: Self) {
        let is_first = self.origin == StoredOrigin::default();
        if is_first {
            self.origin = later.origin;
        }
        self.marks.extend(later.marks);
        self.possible_repeat |= later.possible_repeat;
        self.hosts.absorb(later.hosts);
        for release in &later.releases {
            self.note_release(release);
        }
    }

    fn note_release(&mut self, release: &str) {
        let is_known = self.releases.iter().any(|known| known == release);
        if !release.is_empty() && !is_known && self.releases.len() < RELEASES {
            self.releases.push(release.to_owned());
        }
    }

    /// Writes the releases, a few by name.
    pub(crate) fn told_releases(&self) -> String {
        named(&self.releases, self.releases.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_later_adds_its_entries_and_releases() {
        let of = |host: &str, release: &str| {
            let origin = StoredOrigin {
                host: host.to_owned(),
                release: release.to_owned(),
                ..StoredOrigin::default()
            };
            Seen::new(Mark::default(), origin, false)
        };
        let mut seen = of("web-1", "1.0");
        seen.absorb(of("web-1", "1.0"));
        seen.absorb(of("web-2", "1.1"));
        assert_eq!(seen.told_releases(), "1.0, 1.1");
        assert_eq!(seen.marks.len(), 3);
        assert_eq!(seen.origin.host, "web-1");
    }
}
