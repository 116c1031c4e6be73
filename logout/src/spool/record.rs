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

use super::history::Sighting;
use super::life::Life;
use crate::event::carried::nanoseconds;

/// The version that is written, and the newest that is read.
pub(crate) const VERSION: u8 = 1;

/// More events than one group has.
const MOST_EVENTS: u64 = 1 << 40;

const GROUP: u8 = 1;
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
        for site in &self.sites {
            parts.within(tag::SITE, |parts| {
                parts.text(tag::TARGET, &site.target);
                parts.text(tag::FILE, &site.file);
                parts.number(tag::LINE, site.line.into());
                parts.number(tag::EVENTS, site.events);
            });
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

/// The tags of parts; a new one gets a number that none has had.
mod tag {
    pub(super) const ID: u16 = 1;
    pub(super) const LANE: u16 = 2;
    pub(super) const FINGERPRINT: u16 = 3;
    pub(super) const COLLECTIVE: u16 = 4;
    pub(super) const LEVEL: u16 = 5;
    pub(super) const EVENTS: u16 = 6;
    pub(super) const FIRST: u16 = 7;
    pub(super) const LAST: u16 = 8;
    pub(super) const LAST_TIME: u16 = 9;
    pub(super) const WRITTEN: u16 = 10;
    pub(super) const OLDEST_AGE: u16 = 11;
    pub(super) const NEWEST_AGE: u16 = 12;
    pub(super) const PROJECT: u16 = 13;
    pub(super) const ENVIRONMENT: u16 = 14;
    pub(super) const HOST: u16 = 15;
    pub(super) const RELEASE: u16 = 16;
    pub(super) const UNDER_WAY: u16 = 17;
    pub(super) const COUNTED: u16 = 18;
    pub(super) const SITE: u16 = 19;
    pub(super) const TARGET: u16 = 20;
    pub(super) const FILE: u16 = 21;
    pub(super) const LINE: u16 = 22;
    pub(super) const PROBLEMS: u16 = 23;
    pub(super) const STARTED: u16 = 24;
    pub(super) const ENDED: u16 = 25;
    pub(super) const BOOT: u16 = 26;
    pub(super) const GROUP: u16 = 27;
    pub(super) const KILLED: u16 = 28;
    pub(super) const CRASHES: u16 = 29;
    pub(super) const PROCESS: u16 = 30;
}

/// Where parts are written. One that holds its default is left out.
struct Parts<'o> {
    out: &'o mut Vec<u8>,
}

impl Parts<'_> {
    fn bytes(&mut self, tag: u16, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.within(tag, |parts| parts.out.extend_from_slice(bytes));
    }

    fn text(&mut self, tag: u16, text: &str) {
        self.bytes(tag, text.as_bytes());
    }

    /// Writes a number in as few bytes as it needs.
    fn number(&mut self, tag: u16, number: u64) {
        let bytes = number.to_le_bytes();
        let length = bytes.len() - number.leading_zeros() as usize / 8;
        self.bytes(tag, bytes.get(..length).unwrap_or_default());
    }

    fn within(&mut self, tag: u16, write: impl FnOnce(&mut Parts<'_>)) {
        self.out.extend_from_slice(&tag.to_le_bytes());
        let place = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        write(&mut Parts { out: self.out });
        fill_length(self.out, place);
    }
}

/// Writes at `place` how many bytes there are behind it.
fn fill_length(out: &mut [u8], place: usize) {
    let length = u32::try_from(out.len().saturating_sub(place + 4)).unwrap_or_default();
    if let Some(place) = out.get_mut(place..place + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

struct Part<'b> {
    tag: u16,
    bytes: &'b [u8],
}

impl Part<'_> {
    fn number(&self) -> u64 {
        let bytes = self.bytes.iter().take(8).rev();
        bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// Reads how many events there were: never so many that the sum of all of a log is none.
    fn events(&self) -> u64 {
        self.number().min(MOST_EVENTS)
    }

    fn byte(&self) -> u8 {
        self.bytes.first().copied().unwrap_or_default()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes).into_owned()
    }
}

fn parts(mut bytes: &[u8]) -> impl Iterator<Item = Part<'_>> {
    std::iter::from_fn(move || {
        let (tag, rest) = bytes.split_first_chunk()?;
        let (block, rest) = take_block(rest)?;
        bytes = rest;
        Some(Part {
            tag: u16::from_le_bytes(*tag),
            bytes: block,
        })
    })
}

/// Splits off bytes behind their length.
fn take_block(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
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
