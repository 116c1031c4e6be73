//! The entries of a stream: groups of events, as the spool writes them.
//!
//! Every text passes the composer before it leaves the process, so no entry holds a configured secret or
//! the value of a masked field.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use super::super::lane::{Group, Kept, Seen, Waiting};
use crate::event::{Site, carried};
use crate::fleet::Mark;
use crate::message::{Composer, Losses, Reason};
use crate::spool::history::Sighting;
use crate::spool::record::{
    Record, StoredGroup, StoredLoss, StoredLosses, StoredMute, StoredOrigin, StoredProblems,
    StoredSite, from_wall, read_all, to_wall,
};

/// The largest entry that is read.
const LARGEST: usize = 256 << 10;

/// How many call sites of losses are told apart.
const SITES: usize = 64;

/// What the broker keeps of one known problem, or of one that is muted.
#[derive(Debug, Default)]
pub(super) struct KnownEntry {
    pub(super) sighting: Option<Sighting>,
    pub(super) waiting: Option<StoredGroup>,
    pub(super) mute: Option<StoredMute>,
}

/// Writes a group whole.
pub(super) fn write_group(
    group: &Group,
    composer: &Composer<'_>,
    process: u64,
    now: Instant,
) -> Vec<u8> {
    let mut stored = group.to_stored(now);
    stored.under_way = group.may_have_been_told() || group.repeats;
    carried::write(&group.first.view(), composer, &mut stored.first);
    finish(stored, composer, process)
}

fn finish(mut stored: StoredGroup, composer: &Composer<'_>, process: u64) -> Vec<u8> {
    stored.last = composer.text(&stored.last);
    stored.written = to_wall(SystemTime::now());
    if stored.origin == StoredOrigin::default() {
        let origin = composer.origin;
        stored.origin = StoredOrigin {
            project: composer.text(&origin.project),
            environment: composer.text(&origin.environment),
            host: composer.text(&origin.host),
            release: composer.text(&origin.release),
            process,
        };
    }
    for site in &mut stored.sites {
        site.target = composer.text(&site.target);
        site.file = composer.text(&site.file);
    }
    let mut bytes = Vec::new();
    Record::Group(stored).write(&mut bytes);
    bytes
}

/// What one entry holds.
#[derive(Debug)]
pub(super) enum Stored {
    Group(StoredGroup),
    Losses(StoredLosses),
    Mute(StoredMute),
}

/// Reads one.
pub(super) fn read_stored(bytes: &[u8]) -> Option<Stored> {
    if bytes.len() > LARGEST {
        return None;
    }
    let mut records = read_all(bytes)?.into_iter();
    match (records.next(), records.next()) {
        (Some(Record::Group(group)), None) => Some(Stored::Group(group)),
        (Some(Record::Losses(losses)), None) => Some(Stored::Losses(losses)),
        (Some(Record::Mute(mute)), None) => Some(Stored::Mute(mute)),
        _ => None,
    }
}

/// Makes a group of what was stored; it lay in the stream for this long.
pub(super) fn read_group(
    stored: &StoredGroup,
    mark: Option<Mark>,
    number: u64,
    lay: Duration,
    kept: &Rc<Cell<usize>>,
    now: Instant,
) -> Option<Group> {
    let first = Rc::new(Kept::new(carried::read(&stored.first)?, kept));
    let age = |millis: u64| Duration::from_millis(millis).saturating_add(lay);
    let ages = (age(stored.oldest_age), age(stored.newest_age));
    let mut whole = stored.clone();
    // Like ones of all processes are one group.
    whole.id = 0;
    let mut group = Group::restored(&whole, &first, number, ages, now);
    group.restored = None;
    let mut seen = Seen::new(
        mark.unwrap_or_default(),
        stored.origin.clone(),
        stored.under_way,
    );
    if mark.is_none() {
        seen.marks.clear();
    }
    group.seen = Some(Box::new(seen));
    Some(group)
}

/// Writes what is muted.
pub(super) fn write_mute(mute: StoredMute) -> Vec<u8> {
    let mut bytes = Vec::new();
    Record::Mute(mute).write(&mut bytes);
    bytes
}

/// Writes what this process gave up.
pub(super) fn write_losses(losses: &Losses, composer: &Composer<'_>, process: u64) -> Vec<u8> {
    let counts = losses.reasons().into_iter().flat_map(|(reason, levels)| {
        levels.into_iter().map(move |(level, events)| StoredLoss {
            reason: reason.as_str().to_owned(),
            level: carried::level_number(level),
            events,
        })
    });
    let (named, others) = losses.sites().into_iter().enumerate().fold(
        (Vec::new(), losses.others().events),
        |(mut named, others), (index, (site, events))| {
            if index >= SITES {
                return (named, others + events);
            }
            named.push(StoredSite {
                target: composer.text(&site.target),
                file: composer.text(site.file.as_deref().unwrap_or_default()),
                line: site.line.unwrap_or_default(),
                events,
            });
            (named, others)
        },
    );
    let stored = StoredLosses {
        counts: counts.collect(),
        sites: named,
        others,
        last_time: to_wall(losses.last()),
        origin: StoredOrigin {
            host: composer.text(&composer.origin.host),
            process,
            ..StoredOrigin::default()
        },
    };
    let mut bytes = Vec::new();
    Record::Losses(stored).write(&mut bytes);
    bytes
}

/// Makes losses of what was stored; nothing where they have a reason that this version does not know.
pub(super) fn read_losses(stored: &StoredLosses, most: usize, now: Instant) -> Option<Losses> {
    let mut losses = Losses::within(most);
    for StoredLoss {
        reason,
        level,
        events,
    } in &stored.counts
    {
        let known = Reason::ALL.into_iter();
        let reason = known.into_iter().find(|known| known.as_str() == reason)?;
        losses.add_count(reason, carried::level(*level), *events);
    }
    for site in &stored.sites {
        let place = Site {
            target: site.target.clone(),
            file: (!site.file.is_empty()).then(|| site.file.clone()),
            line: (site.line != 0).then_some(site.line),
        };
        losses.add_site(place, site.events);
    }
    losses.add_elsewhere(stored.others);
    losses.note_last(now, from_wall(stored.last_time));
    losses
        .hosts
        .note(&stored.origin.host, stored.origin.process);
    Some(losses)
}

/// Writes what is known of a problem; nothing where it is forgotten.
pub(super) fn write_known(
    sighting: Option<Sighting>,
    waiting: Option<&Waiting<'_>>,
    composer: &Composer<'_>,
    now: Instant,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some(sighting) = sighting else {
        return bytes;
    };
    let known = StoredProblems {
        problems: vec![sighting],
        ..StoredProblems::default()
    };
    Record::Problems(known).write(&mut bytes);
    if let Some(waiting) = waiting {
        let mut stored = waiting.to_stored(now);
        carried::write(&waiting.last, composer, &mut stored.first);
        // Who saw it is not known any more.
        stored.origin = StoredOrigin {
            project: composer.text(&composer.origin.project),
            environment: composer.text(&composer.origin.environment),
            ..StoredOrigin::default()
        };
        bytes.extend(finish(stored, composer, 0));
    }
    bytes
}

/// Reads it.
pub(super) fn read_known(bytes: &[u8]) -> KnownEntry {
    let mut known = KnownEntry::default();
    for record in read_all(bytes).unwrap_or_default() {
        match record {
            Record::Problems(problems) => known.sighting = problems.problems.first().copied(),
            Record::Group(stored) => known.waiting = Some(stored),
            Record::Mute(mute) => known.mute = Some(mute),
            _ => {}
        }
    }
    known
}
