//! Events that one process of a fleet gave up, for the process that reports them.

use super::parts::{PartWriter, RecordPart, tag};
use super::{StoredOrigin, StoredSite, read};

/// The events that one process gave up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredLosses {
    pub(crate) counts: Vec<StoredLoss>,
    pub(crate) sites: Vec<StoredSite>,
    /// The number of events whose call sites are not listed.
    pub(crate) others: u64,
    /// When the last of them happened, by the wall clock.
    pub(crate) last_time: u64,
    /// Host and process.
    pub(crate) origin: StoredOrigin,
    /// The names of further hosts, if they are of several.
    pub(crate) hosts: Vec<String>,
}

/// The number of events of one level that were given up for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredLoss {
    /// The name of the reason, by [`Reason::as_str`](crate::stats::Reason::as_str).
    pub(crate) reason: String,
    /// As `event::carried` writes levels.
    pub(crate) level: u8,
    pub(crate) events: u64,
}

impl StoredLosses {
    pub(super) fn write(&self, parts: &mut PartWriter<'_>) {
        parts.text(tag::HOST, &self.origin.host);
        parts.number(tag::PROCESS, self.origin.process);
        parts.number(tag::LAST_TIME, self.last_time);
        for loss in &self.counts {
            parts.within(tag::LOSS, |parts| {
                parts.text(tag::REASON, &loss.reason);
                parts.number(tag::LEVEL, loss.level.into());
                parts.number(tag::EVENTS, loss.events);
            });
        }
        self.sites.iter().for_each(|site| site.write(parts));
        parts.number(tag::OTHERS, self.others);
        let hosts = self.hosts.iter();
        hosts.for_each(|host| parts.text(tag::HOSTS, host));
    }

    pub(super) fn set(&mut self, part: &RecordPart<'_>) {
        match part.tag {
            tag::HOST => self.origin.host = part.text(),
            tag::PROCESS => self.origin.process = part.number(),
            tag::LAST_TIME => self.last_time = part.number(),
            tag::LOSS => self.counts.push(read(part.bytes, StoredLoss::set)),
            tag::SITE => self.sites.push(read(part.bytes, StoredSite::set)),
            tag::OTHERS => self.others = part.events(),
            tag::HOSTS => self.hosts.push(part.text()),
            _ => {}
        }
    }
}

impl StoredLoss {
    fn set(&mut self, part: &RecordPart<'_>) {
        match part.tag {
            tag::REASON => self.reason = part.text(),
            tag::LEVEL => self.level = part.byte(),
            tag::EVENTS => self.events = part.events(),
            _ => {}
        }
    }
}
