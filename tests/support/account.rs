//! The account of events: logout's figures compared with what the sandbox received.

use std::collections::BTreeMap;

use logout::Stats;
use logout::sandbox::{Message, Sandbox};
use logout::stats::LaneStats;

/// Returns how many events the messages count, by the `site-…` in their text.
///
/// An event alone counts one, a group as many as its `×1,204` says, and a reminder as many as its
/// `+310 in the last 5 min`. What a digest quotes as the last of a group is counted in that number
/// already, and a notification and the head of a digest repeat what stands below.
pub(crate) fn events_by_site(messages: &[Message]) -> BTreeMap<String, u64> {
    let mut told = BTreeMap::new();
    for message in messages {
        let mut here = BTreeMap::new();
        let is_head = |line: &str| line.contains(" more (") && line.contains(" · and ");
        let lines: Vec<_> = message
            .text()
            .lines()
            .filter(|line| !is_head(line) && !line.trim_start().starts_with("last:"))
            .collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(at) = line.find("site-") else {
                continue;
            };
            let site = line[at..].split([' ', ':']).next().unwrap();
            let below = lines[index + 1..]
                .iter()
                .take_while(|line| !line.contains("site-"));
            let since = below
                .filter(|line| line.contains(" in the last "))
                .find_map(|line| {
                    let (_, since) = line.split_once(", +")?;
                    Some(leading_number(since))
                });
            here.entry(site)
                .or_insert_with(|| since.unwrap_or_else(|| times(&line[..at])));
        }
        for (site, events) in here {
            *told.entry(site.to_owned()).or_default() += events;
        }
    }
    told
}

/// Returns how many events of known problems found no room: `and 934 more known problems, 12,204 events`.
pub(crate) fn events_of_unlisted_problems(message: &Message) -> u64 {
    let more = message.text().split_once(" more known problem");
    let events = more.and_then(|(_, rest)| rest.split_once(", "));
    events.map_or(0, |(_, events)| leading_number(events))
}

pub(crate) fn times(before: &str) -> u64 {
    let Some((_, number)) = before.rsplit_once('×') else {
        return 1;
    };
    leading_number(number)
}

/// Returns the number that `text` begins with, its thousands separated.
fn leading_number(text: &str) -> u64 {
    let digits: String = text
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap()
}

/// Returns the messages that are no reports of logout's own.
pub(crate) fn without_reports(messages: &[Message]) -> Vec<Message> {
    let events = messages
        .iter()
        .filter(|message| events_reported_lost(message) == 0);
    events.cloned().collect()
}

/// Returns how many events a report says were lost: `📉 1,204 events were not delivered …`.
pub(crate) fn events_reported_lost(message: &Message) -> u64 {
    let Some((before, _)) = message.text().split_once(" not delivered in the last") else {
        return 0;
    };
    leading_number(before.trim_start_matches(|c: char| !c.is_ascii_digit()))
}

/// Returns how many events standard error says were lost: `logout: slack: 1,204 events were not …`.
pub(crate) fn events_lost_by_stderr(stderr: &str) -> u64 {
    let lines = stderr.lines().filter(|line| line.starts_with("logout: "));
    let lost = lines.filter_map(|line| line.split_once(" not delivered ("));
    lost.map(|(before, _)| leading_number(before.rsplit(": ").next().unwrap()))
        .sum()
}

/// Returns the messages that are not marked as a possible repeat.
pub(crate) fn without_possible_repeats(mut messages: Vec<Message>) -> Vec<Message> {
    messages.retain(|message| !message.text().contains("possible repeat"));
    messages
}

/// Returns the messages of one destination.
pub(crate) fn inbox_of(sandbox: &Sandbox, destination: &str) -> Vec<Message> {
    let mut inbox = sandbox.inbox();
    inbox.retain(|message| message.destination() == destination);
    inbox
}

/// Checks that every term adds up, for every lane.
#[track_caller]
pub(crate) fn assert_holds(stats: &Stats) {
    for lane in &stats.lanes {
        assert_eq!(
            lane.accepted,
            lane.delivered + lane.pending + lane.discarded.total(),
            "{stats}"
        );
    }
}

#[track_caller]
pub(crate) fn lane<'s>(stats: &'s Stats, name: &str) -> &'s LaneStats {
    stats.lane(name).expect("the block has such an instance")
}

/// Returns how much the peak of this process's memory exceeds its memory `before`, in KiB.
pub(crate) fn memory_growth(before: (u64, u64)) -> u64 {
    peak_and_current_memory().0.saturating_sub(before.1)
}

/// Returns the peak memory of another process, in KiB, as far as it can be read until the process ends.
pub(crate) fn peak_memory(process: u32) -> u64 {
    let (mut peak, file) = (0, format!("/proc/{process}/status"));
    while let Ok(status) = std::fs::read_to_string(&file) {
        // One that has ended and was not waited for has no memory any more.
        let Some(now) = kib(&status, "VmHWM:") else {
            break;
        };
        peak = peak.max(now);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    peak
}

/// Returns the peak memory of this process and its memory now, in KiB.
pub(crate) fn peak_and_current_memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |key: &str| kib(&status, key).unwrap_or_default();
    (of("VmHWM:"), of("VmRSS:"))
}

fn kib(status: &str, key: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}
