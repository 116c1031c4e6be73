//! What stands in a frame: groups of events that wait, what has become of them, and what is known of
//! problems.
//!
//! ```text
//! record = u8 version, u8 kind, u32 length, part*
//! part   = u16 tag, u32 length, bytes             a tag that is not known is skipped
//! ```
//!
//! A part that is not there has its default, so that parts can be added. Numbers are little-endian. A
//! record of a newer version is not read, and where it stands is told. Pure, and total on any bytes.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use self::parts::{Part, Parts, fill_length, parts, tag, take_block};
use super::history::Sighting;
use super::life::Life;
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

/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u8 = 1;

const GROUP: u8 = 1;
#[cfg(feature = "fleet")]
const LOSSES: u8 = 2;
#[cfg(feature = "fleet")]
const MUTE: u8 = 4;
const CHANGE: u8 = 16;
const GONE: u8 = 17;
const PROBLEMS: u8 = 18;
const LIFE: u8 = 19;

/// What is kept of one group of like events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredGroup {
    /// The number by which later records name it.
    pub(crate) id: u64,
    /// The instance that has to tell it.
    pub(crate) lane: String,
    pub(crate) fingerprint: u64,
    /// What it is where it is told together with others; 0 is nothing.
    pub(crate) collective: u8,
    /// The most severe level, as `event::carried` writes levels.
    pub(crate) level: u8,
    pub(crate) events: u64,
    /// The first of them, as `event::carried` writes it.
    pub(crate) first: Vec<u8>,
    pub(crate) last: String,
    pub(crate) last_time: u64,
    /// When it was written, by the clock on the wall.
    pub(crate) written: u64,
    /// How long the oldest and the newest of them had waited then, in milliseconds.
    pub(crate) oldest_age: u64,
    pub(crate) newest_age: u64,
    pub(crate) origin: StoredOrigin,
    /// Whether a message with it was under way.
    pub(crate) under_way: bool,
    /// Whether people were told of its problem before, and it waits for the moment of a reminder.
    pub(crate) counted: bool,
    /// What came from other places than the first.
    pub(crate) sites: Vec<StoredSite>,
    /// Whether the first says no more than a line, since all of it was handed over before.
    #[cfg(feature = "fleet")]
    pub(crate) brief: bool,
    /// The names of more hosts, where it is of several.
    #[cfg(feature = "fleet")]
    pub(crate) hosts: Vec<String>,
}

/// Who saw the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredOrigin {
    pub(crate) project: String,
    pub(crate) environment: String,
    pub(crate) host: String,
    pub(crate) release: String,
    /// What tells its process from others, in a fleet; 0 is not known.
    pub(crate) process: u64,
    /// How far its clock was ahead of the broker's, in milliseconds; 0 is not known, too.
    #[cfg(feature = "fleet")]
    pub(crate) clock: i64,
}

/// How many events came from another place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredSite {
    pub(crate) target: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) events: u64,
}

/// What has changed of what is known of problems.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredProblems {
    pub(crate) releases: Vec<(u8, String)>,
    pub(crate) problems: Vec<Sighting>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Group(StoredGroup),
    /// What has changed of a group that is kept: of the number, the events, their level, times and state, and
    /// the last text everything; another first event, if there is one; and nothing else.
    Change(StoredGroup),
    /// What became of a group is settled: it was told or given up.
    Gone(u64),
    Problems(StoredProblems),
    Life(Life),
    /// What another process gave up.
    #[cfg(feature = "fleet")]
    Losses(StoredLosses),
    #[cfg(feature = "fleet")]
    Mute(StoredMute),
}

/// What was found where a record begins.
#[derive(Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
pub(super) enum Found {
    Record(Record),
    /// It is of a newer version, or of a kind that only that has.
    Newer,
    /// It is none.
    Wrong,
}

impl Record {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let kind = match self {
            Self::Group(_) => GROUP,
            Self::Change(_) => CHANGE,
            Self::Gone(_) => GONE,
            Self::Problems(_) => PROBLEMS,
            Self::Life(_) => LIFE,
            #[cfg(feature = "fleet")]
            Self::Losses(_) => LOSSES,
            #[cfg(feature = "fleet")]
            Self::Mute(_) => MUTE,
        };
        out.extend_from_slice(&[VERSION, kind]);
        let place = out.len();
        out.extend_from_slice(&[0; 4]);
        let mut parts = Parts { out };
        match self {
            Self::Group(group) | Self::Change(group) => group.write(&mut parts),
            Self::Gone(id) => parts.number(tag::ID, *id),
            Self::Problems(known) => known.write(&mut parts),
            Self::Life(life) => life.write(&mut parts),
            #[cfg(feature = "fleet")]
            Self::Losses(losses) => losses.write(&mut parts),
            #[cfg(feature = "fleet")]
            Self::Mute(mute) => mute.write(&mut parts),
        }
        fill_length(out, place);
    }
}

impl StoredGroup {
    fn write(&self, parts: &mut Parts<'_>) {
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
        parts.number(tag::UNDER_WAY, self.under_way.into());
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

    fn set(&mut self, part: &Part<'_>) {
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
            tag::UNDER_WAY => self.under_way = part.number() != 0,
            tag::COUNTED => self.counted = part.number() != 0,
            tag::SITE => self.sites.push(StoredSite::read(part.bytes)),
            #[cfg(feature = "fleet")]
            tag::CLOCK => self.origin.clock = part.signed(),
            #[cfg(feature = "fleet")]
            tag::BRIEF => self.brief = part.number() != 0,
            #[cfg(feature = "fleet")]
            tag::HOSTS => self.hosts.push(part.text()),
            _ => {}
        }
    }

    /// Takes over what has changed of it.
    pub(super) fn change(&mut self, change: StoredGroup) {
        self.events = change.events;
        self.level = change.level;
        self.last = change.last;
        self.last_time = change.last_time;
        self.written = change.written;
        self.oldest_age = change.oldest_age;
        self.newest_age = change.newest_age;
        self.under_way = change.under_way;
        self.counted = change.counted;
        if !change.first.is_empty() {
            self.first = change.first;
        }
    }
}

impl StoredProblems {
    fn write(&self, parts: &mut Parts<'_>) {
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

    fn set(&mut self, part: &Part<'_>) {
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

impl Life {
    fn write(&self, parts: &mut Parts<'_>) {
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

    fn set(&mut self, part: &Part<'_>) {
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

    fn write(&self, parts: &mut Parts<'_>) {
        parts.within(tag::SITE, |parts| {
            parts.text(tag::TARGET, &self.target);
            parts.text(tag::FILE, &self.file);
            parts.number(tag::LINE, self.line.into());
            parts.number(tag::EVENTS, self.events);
        });
    }

    fn read(bytes: &[u8]) -> Self {
        let mut site = Self::default();
        for part in parts(bytes) {
            match part.tag {
                tag::TARGET => site.target = part.text(),
                tag::FILE => site.file = part.text(),
                tag::LINE => site.line = u32::try_from(part.number()).unwrap_or_default(),
                tag::EVENTS => site.events = part.events(),
                _ => {}
            }
        }
        site
    }
}

/// Cuts records between two of them, into pieces of at most `most` bytes where they are not longer.
pub(super) fn pieces(mut bytes: &[u8], most: usize) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let mut end = 0;
        while let Some(length) = bytes.get(end..).and_then(first_length)
            && (end == 0 || end + length <= most)
        {
            end += length;
        }
        // What is no record is none of several.
        let end = if end == 0 { bytes.len() } else { end };
        let (piece, rest) = bytes.split_at_checked(end)?;
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The length of the record that bytes begin with.
fn first_length(bytes: &[u8]) -> Option<usize> {
    let (_, rest) = bytes.split_first_chunk::<2>()?;
    let (_, behind) = take_block(rest)?;
    Some(bytes.len() - behind.len())
}

/// Reads the records of a frame.
pub(super) fn records(mut bytes: &[u8]) -> impl Iterator<Item = Found> {
    std::iter::from_fn(move || {
        let ([version, kind], rest) = bytes.split_first_chunk()?;
        let block = take_block(rest);
        bytes = block.map_or(&[], |(_, rest)| rest);
        let Some((block, _)) = block else {
            return Some(Found::Wrong);
        };
        if *version > VERSION {
            return Some(Found::Newer);
        }
        Some(match *kind {
            GROUP | CHANGE => {
                let mut group = StoredGroup::default();
                parts(block).for_each(|part| group.set(&part));
                Found::Record(match *kind {
                    GROUP => Record::Group(group),
                    _ => Record::Change(group),
                })
            }
            LIFE => {
                let mut life = Life::default();
                parts(block).for_each(|part| life.set(&part));
                Found::Record(Record::Life(life))
            }
            PROBLEMS => {
                let mut known = StoredProblems::default();
                parts(block).for_each(|part| known.set(&part));
                Found::Record(Record::Problems(known))
            }
            GONE => {
                let id = parts(block).find(|part| part.tag == tag::ID);
                Found::Record(Record::Gone(
                    id.map(|part| part.number()).unwrap_or_default(),
                ))
            }
            #[cfg(feature = "fleet")]
            LOSSES => {
                let mut losses = StoredLosses::default();
                parts(block).for_each(|part| losses.set(&part));
                Found::Record(Record::Losses(losses))
            }
            #[cfg(feature = "fleet")]
            MUTE => {
                let mut mute = StoredMute::default();
                parts(block).for_each(|part| mute.set(&part));
                Found::Record(Record::Mute(mute))
            }
            _ => Found::Newer,
        })
    })
}

/// Reads records that stand by themselves; nothing where one of them is none, or of a newer version.
#[cfg(feature = "fleet")]
pub(crate) fn read_all(bytes: &[u8]) -> Option<Vec<Record>> {
    let found = records(bytes).map(|found| match found {
        Found::Record(record) => Some(record),
        Found::Newer | Found::Wrong => None,
    });
    found.collect()
}

/// A moment as it is written.
pub(crate) fn to_wall(time: SystemTime) -> u64 {
    nanoseconds(time)
}

/// A moment as it was written.
pub(crate) fn from_wall(nanoseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

#[cfg(test)]
mod tests;
