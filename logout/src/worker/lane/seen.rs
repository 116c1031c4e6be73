//! Who saw the events of a group that came over the stream of a fleet.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::fleet::Mark;
use crate::spool::record::StoredOrigin;
use crate::text::human::format_count;

/// How many hosts are kept by name, and how many told apart.
const NAMES: usize = 32;
const HOSTS: usize = 4_096;

/// How many hosts and releases a message names.
const TOLD: usize = 3;

/// Who saw the events of one group, and which entries of the stream it stands for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// What of the stream is settled with it.
    pub(crate) marks: Vec<Mark>,
    /// Who saw the first of them.
    pub(crate) origin: StoredOrigin,
    hosts: Vec<String>,
    /// Hashes of those beyond.
    others: HashSet<u64>,
    releases: Vec<String>,
    processes: HashSet<u64>,
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
        seen.note_host(&origin.host);
        seen.note_release(&origin.release);
        if origin.process != 0 {
            seen.processes.insert(origin.process);
        }
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
        for host in &later.hosts {
            self.note_host(host);
        }
        for release in &later.releases {
            self.note_release(release);
        }
        let room = HOSTS.saturating_sub(self.processes.len());
        self.processes
            .extend(later.processes.into_iter().take(room));
        let room = HOSTS.saturating_sub(self.others.len());
        self.others.extend(later.others.into_iter().take(room));
    }

    fn note_host(&mut self, host: &str) {
        if host.is_empty() || self.hosts.iter().any(|known| known == host) {
            return;
        }
        if self.hosts.len() < NAMES {
            return self.hosts.push(host.to_owned());
        }
        // Of this process alone, so it need not be the same elsewhere.
        let mut hasher = DefaultHasher::new();
        host.hash(&mut hasher);
        if self.others.len() < HOSTS {
            self.others.insert(hasher.finish());
        }
    }

    fn note_release(&mut self, release: &str) {
        let is_known = self.releases.iter().any(|known| known == release);
        if !release.is_empty() && !is_known && self.releases.len() < NAMES {
            self.releases.push(release.to_owned());
        }
    }

    /// The host, where there is one.
    pub(crate) fn only_host(&self) -> Option<&str> {
        match self.hosts.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Writes the releases, a few by name.
    pub(crate) fn told_releases(&self) -> String {
        named(&self.releases, self.releases.len())
    }

    /// Writes `on 37 of 950 hosts (web-7, web-3, web-12, …)`, where there are several; of several
    /// processes on one host `in 12 of 12 processes`.
    pub(crate) fn told_hosts(&self, members: u64) -> Option<String> {
        let all = self.hosts.len() + self.others.len();
        if all < 2 {
            let processes = self.processes.len() as u64;
            let members = members.max(processes);
            return (processes > 1).then(|| {
                let (some, all) = (format_count(processes), format_count(members));
                format!("in {some} of {all} processes")
            });
        }
        let or_more = match self.others.len() >= HOSTS {
            true => " or more",
            false => "",
        };
        let of = match members {
            members if members > all as u64 => format!(" of {}", format_count(members)),
            _ => String::new(),
        };
        let count = format_count(all as u64);
        let names = named(&self.hosts, all);
        Some(format!("on {count}{or_more}{of} hosts ({names})"))
    }
}

/// Writes the first few names of this many.
fn named(names: &[String], all: usize) -> String {
    let mut text = names.iter().take(TOLD).cloned().collect::<Vec<_>>();
    if all > text.len() {
        text.push("…".to_owned());
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, release: &str) -> Seen {
        let origin = StoredOrigin {
            host: host.to_owned(),
            release: release.to_owned(),
            ..StoredOrigin::default()
        };
        Seen::new(Mark::default(), origin, false)
    }

    #[test]
    fn a_few_hosts_are_named_and_all_are_counted() {
        let mut seen = of("web-1", "1.0");
        assert_eq!(seen.told_hosts(9), None);
        assert_eq!(seen.only_host(), Some("web-1"));
        seen.absorb(of("web-1", "1.0"));
        assert_eq!(seen.told_hosts(9), None);
        seen.absorb(of("web-2", "1.1"));
        assert_eq!(
            seen.told_hosts(9).as_deref(),
            Some("on 2 of 9 hosts (web-1, web-2)")
        );
        assert_eq!(seen.told_releases(), "1.0, 1.1");
        assert_eq!(seen.marks.len(), 3);
        for number in 3..=1_000 {
            seen.absorb(of(&format!("web-{number}"), "1.1"));
        }
        assert_eq!(
            seen.told_hosts(1_000).as_deref(),
            Some("on 1,000 hosts (web-1, web-2, web-3, …)")
        );
        assert_eq!(seen.only_host(), None);
        for number in 0..9_000 {
            seen.absorb(of(&format!("db-{number}"), ""));
        }
        let told = seen.told_hosts(20_000).unwrap();
        assert!(
            told.starts_with("on 4,128 or more of 20,000 hosts"),
            "{told}"
        );
    }
}
