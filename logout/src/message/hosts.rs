//! The hosts and processes of a fleet on which something was seen.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::text::human::format_count;

/// The most hosts that are kept by name, and that are counted.
const NAMES: usize = 32;
const MOST: usize = 4_096;

/// The most hosts that a message names.
const NAMED: usize = 3;

/// A few hosts by name, and how many there are in all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hosts {
    names: Vec<String>,
    /// Hashes of those beyond.
    others: HashSet<u64>,
    processes: HashSet<u64>,
}

impl Hosts {
    /// Notes a process on its host, by a number of its own (0 if it is not known).
    pub(crate) fn note(&mut self, host: &str, process: u64) {
        if process != 0 && self.processes.len() < MOST {
            self.processes.insert(process);
        }
        if host.is_empty() || self.names.iter().any(|known| known == host) {
            return;
        }
        if self.names.len() < NAMES {
            return self.names.push(host.to_owned());
        }
        // The hash is used in this process alone, so it may differ elsewhere.
        let mut hasher = DefaultHasher::new();
        host.hash(&mut hasher);
        if self.others.len() < MOST {
            self.others.insert(hasher.finish());
        }
    }

    /// Adds the hosts of another.
    pub(crate) fn absorb(&mut self, other: Self) {
        for name in &other.names {
            self.note(name, 0);
        }
        for (all, more) in [
            (&mut self.processes, other.processes),
            (&mut self.others, other.others),
        ] {
            let room = MOST.saturating_sub(all.len());
            all.extend(more.into_iter().take(room));
        }
    }

    /// Returns the hosts that are kept by name.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the host, if there is exactly one.
    pub(crate) fn only(&self) -> Option<&str> {
        match self.names.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    fn count(&self) -> usize {
        self.names.len() + self.others.len()
    }

    /// Writes `web-7, web-3, web-12, …`.
    pub(crate) fn named(&self) -> String {
        named(&self.names, self.count())
    }

    /// Writes `on 37 of 950 hosts (web-7, web-3, web-12, …)` if there are several hosts, and `in 12
    /// of 12 processes` if there are several processes on one.
    pub(crate) fn summary(&self, members: u64) -> Option<String> {
        let all = self.count();
        if all < 2 {
            let processes = self.processes.len() as u64;
            let members = members.max(processes);
            return (processes > 1).then(|| {
                let (some, all) = (format_count(processes), format_count(members));
                format!("in {some} of {all} processes")
            });
        }
        let or_more = match self.others.len() >= MOST {
            true => " or more",
            false => "",
        };
        let of = match members {
            members if members > all as u64 => format!(" of {}", format_count(members)),
            _ => String::new(),
        };
        let count = format_count(all as u64);
        Some(format!("on {count}{or_more}{of} hosts ({})", self.named()))
    }
}

/// Writes the first few names of this many.
pub(crate) fn named(names: &[String], all: usize) -> String {
    let mut text = names.iter().take(NAMED).cloned().collect::<Vec<_>>();
    if all > text.len() {
        text.push("…".to_owned());
    }
    text.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_hosts_are_named_and_all_are_counted() {
        let mut hosts = Hosts::default();
        hosts.note("web-1", 0);
        assert_eq!((hosts.summary(9), hosts.only()), (None, Some("web-1")));
        hosts.note("web-1", 0);
        assert_eq!(hosts.summary(9), None);
        hosts.note("web-2", 0);
        let told = hosts.summary(9);
        assert_eq!(told.as_deref(), Some("on 2 of 9 hosts (web-1, web-2)"));
        for number in 3..=1_000 {
            let mut more = Hosts::default();
            more.note(&format!("web-{number}"), 0);
            hosts.absorb(more);
        }
        assert_eq!(
            hosts.summary(1_000).as_deref(),
            Some("on 1,000 hosts (web-1, web-2, web-3, …)")
        );
        assert_eq!(hosts.only(), None);
        (0..9_000).for_each(|number| hosts.note(&format!("db-{number}"), 0));
        let told = hosts.summary(20_000).unwrap();
        assert!(
            told.starts_with("on 4,128 or more of 20,000 hosts"),
            "{told}"
        );
    }

    #[test]
    fn processes_are_counted_on_one_host() {
        let mut hosts = Hosts::default();
        hosts.note("web-1", 7);
        assert_eq!(hosts.summary(3), None);
        hosts.note("web-1", 8);
        assert_eq!(hosts.summary(3).as_deref(), Some("in 2 of 3 processes"));
    }
}
