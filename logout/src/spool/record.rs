//! The records in a frame: waiting groups of events, their changes, and the history of problems.
//!
//! ```text
//! record = u8 version, u8 kind, u32 length, part*
//! part   = u16 tag, u32 length, bytes             a tag that is not known is skipped
//! ```
//!
//! A part that is not there has its default, so that parts can be added. Numbers are little-endian. A
//! record of a newer version is not read, and where it stands is told. Pure, and total on any bytes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::parts::{PartWriter, RecordPart, fill_length, parts, tag, take_block};
use super::history::Sighting;
use super::process_run::ProcessRun;
use crate::event::Site;
use crate::event::carried::nanoseconds;

#[cfg(feature = "fleet")]
mod losses;
#[cfg(feature = "fleet")]
mod mute;
mod parts;

#[cfg(feature = "fleet")]
pub(crate) use self::losses::{StoredLoss, StoredLosses};
#[cfg(feature = "fleet")]
pub(crate) use self::mute::StoredMute;

/// The version that is written, and the newest that is understood.
pub(crate) const VERSION: u8 = 1;

const GROUP: u8 = 1;
#[cfg(feature = "fleet")]
const LOSSES: u8 = 2;
#[cfg(feature = "fleet")]
const MUTE: u8 = 4;
const CHANGE: u8 = 16;
const GONE: u8 = 17;
const PROBLEMS: u8 = 18;
const RUN: u8 = 19;

/// A group of like events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredGroup {
    /// The number by which later records refer to it.
    pub(crate) id: u64,
    /// The instance that is to send it.
    pub(crate) lane: String,
    pub(crate) fingerprint: u64,
    /// The kind of collective group; 0 is none.
    pub(crate) collective: u8,
    /// The most severe level, as `event::carried` encodes levels.
    pub(crate) level: u8,
    pub(crate) events: u64,
    /// The first event, as `event::carried` encodes it.
    pub(crate) first: Vec<u8>,
    pub(crate) last: String,
    pub(crate) last_time: u64,
    /// When it was written, by the wall clock.
    pub(crate) written: u64,
    /// How long the oldest and the newest event had waited by then, in milliseconds.
    pub(crate) oldest_age: u64,
    pub(crate) newest_age: u64,
    pub(crate) origin: StoredOrigin,
    /// Whether a message with it was in flight.
    pub(crate) in_flight: bool,
    /// Whether its problem was reported before, and it waits for a reminder.
    pub(crate) counted: bool,
    /// Events from other call sites than the first.
    pub(crate) sites: Vec<StoredSite>,
    /// Whether the first event has just one line, because a whole one was handed over before.
    #[cfg(feature = "fleet")]
    pub(crate) brief: bool,
    /// The names of further hosts, if it has events of several.
    #[cfg(feature = "fleet")]
    pub(crate) hosts: Vec<String>,
}

/// The process that saw the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredOrigin {
    pub(crate) project: String,
    pub(crate) environment: String,
    pub(crate) host: String,
    pub(crate) release: String,
    /// The process's number in its fleet; 0 is unknown.
    pub(crate) process: u64,
    /// How far its clock was ahead of the broker's, in milliseconds; 0 also if unknown.
    #[cfg(feature = "fleet")]
    pub(crate) clock: i64,
}

/// The number of events from another call site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredSite {
    pub(crate) target: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) events: u64,
}

/// The changes to the history of problems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredProblems {
    pub(crate) releases: Vec<(u8, String)>,
    pub(crate) problems: Vec<Sighting>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Group(StoredGroup),
    /// A change to a stored group: its events, level, times and state, and its last text. The first
    /// event is replaced if there is another; nothing else changes.
    Change(StoredGroup),
    /// A group that was sent or given up.
    Gone(u64),
    Problems(StoredProblems),
    Run(ProcessRun),
    /// Events that another process gave up.
    #[cfg(feature = "fleet")]
    Losses(StoredLosses),
    #[cfg(feature = "fleet")]
    Mute(StoredMute),
}

/// The result of reading one record.
#[derive(Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
pub(super) enum ParsedRecord {
    Record(Record),
    /// It has a newer version, or a kind that only newer versions know.
    Newer,
    /// It is malformed.
    Wrong,
}

impl Record {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let kind = match self {
            Self::Group(_) => GROUP,
            Self::Change(_) => CHANGE,
            Self::Gone(_) => GONE,
            Self::Problems(_) => PROBLEMS,
            Self::Run(_) => RUN,
            #[cfg(feature = "fleet")]
            Self::Losses(_) => LOSSES,
            #[cfg(feature = "fleet")]
            Self::Mute(_) => MUTE,
        };
        out.extend_from_slice(&[VERSION, kind]);
        let place = out.len();
        out.extend_from_slice(&[0; 4]);
        let mut parts = PartWriter { out };
        match self {
            Self::Group(group) | Self::Change(group) => group.write(&mut parts),
            Self::Gone(id) => parts.number(tag::ID, *id),
            Self::Problems(known) => known.write(&mut parts),
            Self::Run(run) => run.write(&mut parts),
            #[cfg(feature = "fleet")]
            Self::Losses(losses) => losses.write(&mut parts),
            #[cfg(feature = "fleet")]
            Self::Mute(mute) => mute.write(&mut parts),
        }
        fill_length(out, place);
    }
}

impl StoredGroup {
    fn write(&self, parts: &mut PartWriter<'_>) {
        parts.number(tag::ID, self.id);
        parts.text(tag::LANE, &self.lane);
        parts.number(tag::FINGERPRINT, self.fingerprint);
        parts.number(tag::COLLECTIVE, self.collective.into());
        parts.number(tag::LEVEL, self.level.into());
        parts.number(tag::EVENTS, self.events);
        parts.bytes(tag::FIRST, &self.first);
        parts.text(tag::LAST, &self.last);
        parts.number(tag::LAST_TIME, self.last_time);
        parts.number(tag::WRITTEN, self.written);
        parts.number(tag::OLDEST_AGE, self.oldest_age);
        parts.number(tag::NEWEST_AGE, self.newest_age);
        parts.text(tag::PROJECT, &self.origin.project);
        parts.text(tag::ENVIRONMENT, &self.origin.environment);
        parts.text(tag::HOST, &self.origin.host);
        parts.text(tag::RELEASE, &self.origin.release);
        parts.number(tag::PROCESS, self.origin.process);
        parts.number(tag::IN_FLIGHT, self.in_flight.into());
        parts.number(tag::COUNTED, self.counted.into());
        self.sites.iter().for_each(|site| site.write(parts));
        #[cfg(feature = "fleet")]
        {
            parts.signed(tag::CLOCK, self.origin.clock);
            parts.number(tag::BRIEF, self.brief.into());
            let hosts = self.hosts.iter();
            hosts.for_each(|host| parts.text(tag::HOSTS, host));
        }
    }

    fn set(&mut self, part: &RecordPart<'_>) {
        match part.tag {
            tag::ID => self.id = part.number(),
            tag::LANE => self.lane = part.text(),
            tag::FINGERPRINT => self.fingerprint = part.number(),
            tag::COLLECTIVE => self.collective = part.byte(),
            tag::LEVEL => self.level = part.byte(),
            tag::EVENTS => self.events = part.events(),
            tag::FIRST => self.first = part.bytes.to_vec(),
            tag::LAST => self.last = part.text(),
            tag::LAST_TIME => self.last_time = part.number(),
            tag::WRITTEN => self.written = part.number(),
            tag::OLDEST_AGE => self.oldest_age = part.number(),
            tag::NEWEST_AGE => self.newest_age = part.number(),
            tag::PROJECT => self.origin.project = part.text(),
            tag::ENVIRONMENT => self.origin.environment = part.text(),
            tag::HOST => self.origin.host = part.text(),
            tag::RELEASE => self.origin.release = part.text(),
            tag::PROCESS => self.origin.process = part.number(),
            tag::IN_FLIGHT => self.in_flight = part.number() != 0,
            tag::COUNTED => self.counted = part.number() != 0,
            tag::SITE => self.sites.push(read(part.bytes, StoredSite::set)),
            #[cfg(feature = "fleet")]
            tag::CLOCK => self.origin.clock = part.signed(),
            #[cfg(feature = "fleet")]
            tag::BRIEF => self.brief = part.number() != 0,
            #[cfg(feature = "fleet")]
            tag::HOSTS => self.hosts.push(part.text()),
            _ => {}
        }
    }

    /// Applies a change.
    pub(super) fn change(&mut self, change: StoredGroup) {
        self.events = change.events;
        self.level = change.level;
        self.last = change.last;
        self.last_time = change.last_time;
        self.written = change.written;
        self.oldest_age = change.oldest_age;
        self.newest_age = change.newest_age;
        self.in_flight = change.in_flight;
        self.counted = change.counted;
        if !change.first.is_empty() {
            self.first = change.first;
        }
    }
}

impl StoredProblems {
    fn write(&self, parts: &mut PartWriter<'_>) {
        for (index, release) in &self.releases {
            parts.within(tag::RELEASE, |parts| {
                parts.out.push(*index);
                parts.out.extend_from_slice(release.as_bytes());
            });
        }
        parts.within(tag::PROBLEMS, |parts| {
            self.problems.iter().for_each(|one| one.write(parts.out));
        });
    }

    fn set(&mut self, part: &RecordPart<'_>) {
        match (part.tag, part.bytes.split_first()) {
            (tag::RELEASE, Some((index, text))) => {
                let text = String::from_utf8_lossy(text).into_owned();
                self.releases.push((*index, text));
            }
            (tag::PROBLEMS, _) => self.problems.extend(Sighting::read_all(part.bytes)),
            _ => {}
        }
    }
}

impl ProcessRun {
    fn write(&self, parts: &mut PartWriter<'_>) {
        parts.number(tag::STARTED, self.started.into());
        parts.number(tag::ENDED, self.has_ended.into());
        parts.text(tag::BOOT, &self.boot);
        parts.text(tag::GROUP, &self.group);
        parts.number(tag::KILLED, self.killed);
        parts.within(tag::CRASHES, |parts| {
            let crashes = self.crashes.iter().flat_map(|at| at.to_le_bytes());
            parts.out.extend(crashes);
        });
    }

    fn set(&mut self, part: &RecordPart<'_>) {
        match part.tag {
            tag::STARTED => self.started = u32::try_from(part.number()).unwrap_or_default(),
            tag::ENDED => self.has_ended = part.number() != 0,
            tag::BOOT => self.boot = part.text(),
            tag::GROUP => self.group = part.text(),
            tag::KILLED => self.killed = part.number(),
            tag::CRASHES => {
                let times = part.bytes.chunks(4).filter_map(|time| time.first_chunk());
                self.crashes = times.map(|time| u32::from_le_bytes(*time)).collect();
            }
            _ => {}
        }
    }
}

impl StoredSite {
    pub(crate) fn new(place: Site, events: u64) -> Self {
        Self {
            target: place.target,
            file: place.file.unwrap_or_default(),
            line: place.line.unwrap_or_default(),
            events,
        }
    }

    pub(crate) fn place(&self) -> Site {
        Site {
            target: self.target.clone(),
            file: Some(self.file.clone()).filter(|file| !file.is_empty()),
            line: Some(self.line).filter(|line| *line > 0),
        }
    }

    fn write(&self, parts: &mut PartWriter<'_>) {
        parts.within(tag::SITE, |parts| {
            parts.text(tag::TARGET, &self.target);
            parts.text(tag::FILE, &self.file);
            parts.number(tag::LINE, self.line.into());
            parts.number(tag::EVENTS, self.events);
        });
    }

    fn set(&mut self, part: &RecordPart<'_>) {
        match part.tag {
            tag::TARGET => self.target = part.text(),
            tag::FILE => self.file = part.text(),
            tag::LINE => self.line = u32::try_from(part.number()).unwrap_or_default(),
            tag::EVENTS => self.events = part.events(),
            _ => {}
        }
    }
}

/// Splits encoded records into pieces of at most `most` bytes, unless a single record is longer.
pub(super) fn pieces(mut bytes: &[u8], most: usize) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let mut end = 0;
        while let Some(length) = bytes.get(end..).and_then(first_length)
            && (end == 0 || end + length <= most)
        {
            end += length;
        }
        // Malformed bytes stay in one piece.
        let end = if end == 0 { bytes.len() } else { end };
        let (piece, rest) = bytes.split_at_checked(end)?;
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// Returns the length of the first record.
fn first_length(bytes: &[u8]) -> Option<usize> {
    let (_, rest) = bytes.split_first_chunk::<2>()?;
    let (_, behind) = take_block(rest)?;
    Some(bytes.len() - behind.len())
}

/// Decodes the records of a frame.
pub(super) fn records(mut bytes: &[u8]) -> impl Iterator<Item = ParsedRecord> {
    std::iter::from_fn(move || {
        let ([version, kind], rest) = bytes.split_first_chunk()?;
        let block = take_block(rest);
        bytes = block.map_or(&[], |(_, rest)| rest);
        let Some((block, _)) = block else {
            return Some(ParsedRecord::Wrong);
        };
        if *version > VERSION {
            return Some(ParsedRecord::Newer);
        }
        let record = match *kind {
            GROUP => Record::Group(read(block, StoredGroup::set)),
            CHANGE => Record::Change(read(block, StoredGroup::set)),
            GONE => {
                let id = parts(block).find(|part| part.tag == tag::ID);
                Record::Gone(id.map_or(0, |part| part.number()))
            }
            PROBLEMS => Record::Problems(read(block, StoredProblems::set)),
            RUN => Record::Run(read(block, ProcessRun::set)),
            #[cfg(feature = "fleet")]
            LOSSES => Record::Losses(read(block, StoredLosses::set)),
            #[cfg(feature = "fleet")]
            MUTE => Record::Mute(read(block, StoredMute::set)),
            _ => return Some(ParsedRecord::Newer),
        };
        Some(ParsedRecord::Record(record))
    })
}

/// Reads what consists of these parts, each of which `set` takes over.
fn read<T: Default>(bytes: &[u8], set: impl Fn(&mut T, &RecordPart<'_>)) -> T {
    let mut value = T::default();
    parts(bytes).for_each(|part| set(&mut value, &part));
    value
}

/// Decodes records outside a frame; `None` if one is malformed or of a newer version.
#[cfg(feature = "fleet")]
pub(crate) fn read_all(bytes: &[u8]) -> Option<Vec<Record>> {
    let found = records(bytes).map(|found| match found {
        ParsedRecord::Record(record) => Some(record),
        ParsedRecord::Newer | ParsedRecord::Wrong => None,
    });
    found.collect()
}

/// Returns a time as it is stored.
pub(crate) fn to_nanoseconds(time: SystemTime) -> u64 {
    nanoseconds(time)
}

/// Returns a time that was stored.
pub(crate) fn from_nanoseconds(nanoseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

#[cfg(test)]
mod tests;
