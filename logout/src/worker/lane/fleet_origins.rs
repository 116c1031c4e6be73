//! The origins of a group that came over the stream of a fleet.

use std::time::Duration;

use crate::fleet::Mark;
use crate::message::hosts::{Hosts, named};
use crate::spool::record::StoredOrigin;
use crate::text::human::{format_count, format_duration};

/// The most releases that are told apart.
const RELEASES: usize = 32;

/// The most hosts whose clock errors are kept, and the most that a message names.
const CLOCKS: usize = 32;
const TOLD_CLOCKS: usize = 3;

/// The origins of a group, and the stream entries that it stands for.
#[derive(Clone, Debug, Default)]
pub(crate) struct FleetOrigins {
    /// The entries that are settled with it.
    pub(crate) marks: Vec<Mark>,
    /// The origin of the first event.
    pub(crate) origin: StoredOrigin,
    pub(crate) hosts: Hosts,
    releases: Vec<String>,
    /// Whether a message with some of it was in flight when its leader went away.
    pub(crate) possible_repeat: bool,
    /// Whether its first event is only an excerpt, since its process handed over a whole one
    /// before.
    pub(crate) brief: bool,
    /// Whether the broker keeps some of it in place of its entries.
    pub(crate) kept: bool,
    /// The hosts whose clocks are off, and by how many milliseconds.
    clocks: Vec<(String, u64)>,
}

impl FleetOrigins {
    pub(crate) fn new(origin: StoredOrigin, possible_repeat: bool) -> Self {
        let mut origins = Self {
            possible_repeat,
            ..Self::default()
        };
        origins.hosts.note(&origin.host, origin.process);
        origins.note_release(&origin.release);
        if origin.clock != 0 {
            origins.note_clock(&origin.host, origin.clock.unsigned_abs());
        }
        origins.origin = origin;
        origins
    }

    /// Adds the origins of later events.
    pub(crate) fn absorb(&mut self, later: Self) {
        if self.origin == StoredOrigin::default() {
            self.origin = later.origin;
        }
        self.marks.extend(later.marks);
        self.possible_repeat |= later.possible_repeat;
        self.hosts.absorb(later.hosts);
        self.kept |= later.kept;
        for release in &later.releases {
            self.note_release(release);
        }
        for (host, off) in &later.clocks {
            self.note_clock(host, *off);
        }
    }

    /// Notes the last known error of a host's clock.
    fn note_clock(&mut self, host: &str, off: u64) {
        if let Some((_, known)) = self.clocks.iter_mut().find(|(known, _)| known == host) {
            *known = off;
        } else if self.clocks.len() < CLOCKS {
            self.clocks.push((host.to_owned(), off));
        }
    }

    /// Returns `clock of web-7 is 4 min off`, or for several clocks a list that names a few.
    pub(crate) fn told_clocks(&self) -> Option<String> {
        let off = |millis: &u64| format_duration(Duration::from_millis(*millis));
        if let [(host, millis)] = self.clocks.as_slice() {
            let host = match host.as_str() {
                "" => "one process",
                host => host,
            };
            return Some(format!("clock of {host} is {} off", off(millis)));
        }
        let told = self.clocks.iter().take(TOLD_CLOCKS);
        let told = told.map(|(host, millis)| format!("{host} by {}", off(millis)));
        let told: Vec<_> = told.collect();
        let more = match self.clocks.len() - told.len() {
            0 => String::new(),
            more => format!(" and {} more", format_count(more as u64)),
        };
        (!told.is_empty()).then(|| format!("clocks are off: {}{more}", told.join(", ")))
    }

    fn note_release(&mut self, release: &str) {
        let is_known = self.releases.iter().any(|known| known == release);
        if !release.is_empty() && !is_known && self.releases.len() < RELEASES {
            self.releases.push(release.to_owned());
        }
    }

    /// Returns the releases, a few by name.
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
            FleetOrigins {
                marks: vec![Mark::default()],
                ..FleetOrigins::new(origin, false)
            }
        };
        let mut origins = of("web-1", "1.0");
        origins.absorb(of("web-1", "1.0"));
        origins.absorb(of("web-2", "1.1"));
        assert_eq!(origins.told_releases(), "1.0, 1.1");
        assert_eq!(origins.marks.len(), 3);
        assert_eq!(origins.origin.host, "web-1");
    }

    #[test]
    fn hosts_whose_clocks_are_off_are_named_and_counted() {
        let of = |host: &str, clock: i64| {
            let origin = StoredOrigin {
                host: host.to_owned(),
                clock,
                ..StoredOrigin::default()
            };
            FleetOrigins::new(origin, false)
        };
        let mut origins = of("web-1", 0);
        assert_eq!(origins.told_clocks(), None);
        origins.absorb(of("web-7", 6_000));
        origins.absorb(of("web-7", -241_000));
        let told = origins.told_clocks();
        assert_eq!(told.as_deref(), Some("clock of web-7 is 4 min off"));
        origins.absorb(of("web-8", 3_600_000 * 25));
        let told = origins.told_clocks();
        assert_eq!(
            told.as_deref(),
            Some("clocks are off: web-7 by 4 min, web-8 by 25 h")
        );
        (0..100).for_each(|host| origins.absorb(of(&format!("db-{host}"), 7_000)));
        assert_eq!(
            origins.told_clocks().unwrap(),
            "clocks are off: web-7 by 4 min, web-8 by 25 h, db-0 by 7 s and 29 more"
        );
        let alone = of("", i64::MIN).told_clocks().unwrap();
        assert!(alone.starts_with("clock of one process is "), "{alone}");
    }
}
