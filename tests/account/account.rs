//! Holds what logout says became of the events against what the sandbox saw.
#![expect(dead_code, reason = "each test uses its part of it")]

use std::collections::{BTreeMap, BTreeSet};

use logout::sandbox::{Message, Sandbox};
use logout::{LaneStats, Stats};

/// How many events the messages tell of, by the `site-…` in their text.
///
/// An event alone counts one, a group as many as its `×1,204` says. What a digest quotes as the
/// last of a group is counted in that number already.
pub fn told(messages: &[Message]) -> BTreeMap<String, u64> {
    let mut told = BTreeMap::new();
    for message in messages {
        for line in message.text().lines() {
            let Some(at) = line.find("site-") else { continue };
            if line.trim_start().starts_with("last:") {
                continue;
            }
            let site = line[at..].split([' ', ':']).next().unwrap();
            *told.entry(site.to_owned()).or_default() += times(&line[..at]);
        }
    }
    told
}

fn times(before: &str) -> u64 {
    let Some((_, number)) = before.rsplit_once('×') else {
        return 1;
    };
    let digits: String = number
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

/// The ids (`id-17`) that messages of `destination` name, and those that stand in several that do
/// not say that they may be repeats.
pub fn ids(messages: &[Message]) -> (BTreeSet<u64>, Vec<u64>) {
    let (mut seen, mut twice) = (BTreeSet::new(), Vec::new());
    for message in messages {
        let repeat = message.text().contains("possible repeat");
        let mut here = BTreeSet::new();
        for rest in message.text().split("id-").skip(1) {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            here.insert(digits.parse::<u64>().unwrap());
        }
        for id in here {
            if !seen.insert(id) && !repeat {
                twice.push(id);
            }
        }
    }
    (seen, twice)
}

/// The messages of one destination.
pub fn inbox_of(sandbox: &Sandbox, destination: &str) -> Vec<Message> {
    let mut inbox = sandbox.inbox();
    inbox.retain(|message| message.destination() == destination);
    inbox
}

/// Checks that every term adds up, for every lane.
#[track_caller]
pub fn assert_holds(stats: &Stats) {
    for lane in &stats.lanes {
        assert_eq!(
            lane.accepted,
            lane.delivered + lane.pending + lane.discarded.total(),
            "{stats}"
        );
    }
}

#[track_caller]
pub fn lane<'s>(stats: &'s Stats, name: &str) -> &'s LaneStats {
    stats.lane(name).expect("the block has such an instance")
}

/// The most memory this process ever held, and holds now, in KiB.
pub fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |key: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .unwrap_or_default()
    };
    (of("VmHWM:"), of("VmRSS:"))
}
