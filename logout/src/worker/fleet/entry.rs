//! The entries of a stream: groups of events, as the spool writes them.
//!
//! Every text passes the composer before it leaves the process, so no entry holds a configured
//! secret or the value of a masked field.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use super::super::lane::{FleetOrigins, Group, KeptEvent, PendingReminder};
use crate::event::{Excerpt, carried};
use crate::fleet::Mark;
use crate::message::{Composer, Losses, NAMED, Reason, is_route};
use crate::spool::history::Sighting;
use crate::spool::record::{
    Record, StoredGroup, StoredLoss, StoredLosses, StoredMute, StoredOrigin, StoredProblems,
    StoredSite, from_nanoseconds, read_all, to_nanoseconds,
};

/// The largest entry that is read.
const LARGEST: usize = 256 << 10;

/// The most call sites of losses that are told apart.
const SITES: usize = 64;

/// A value that the broker keeps under one number: a known problem with groups that wait, or mutes,
/// or losses that are not reported.
#[derive(Debug, Default)]
pub(super) struct KnownEntry {
    pub(super) sighting: Option<Sighting>,
    pub(super) waiting: Vec<StoredGroup>,
    pub(super) mutes: Vec<StoredMute>,
    pub(super) losses: Option<StoredLosses>,
}

/// The author of an entry.
pub(super) struct Author<'c> {
    pub(super) composer: &'c Composer<'c>,
    pub(super) process: u64,
    /// By how many milliseconds its clock is ahead of the broker's.
    pub(super) clock: i64,
}

/// Writes a group, its first event whole or as an excerpt.
pub(super) fn encode_group(
    group: &Group,
    is_brief: bool,
    author: &Author<'_>,
    now: Instant,
) -> Vec<u8> {
    let composer = author.composer;
    let mut stored = group.to_stored(now);
    stored.in_flight = group.may_have_been_told() || group.repeats;
    let first = group.first.view();
    match is_brief {
        false => carried::write(&first, composer, &mut stored.first),
        true => {
            let mut buffer = Vec::new();
            let is_kept = |name: &str| name == NAMED || is_route(name);
            let spans_at = first.excerpt(is_kept, &mut buffer);
            let line = Excerpt::new(first.metadata(), &buffer, spans_at);
            carried::write(&line.view(first.time()), composer, &mut stored.first);
            stored.brief = true;
        }
    }
    stored.last = composer.text(&stored.last);
    stored.written = to_nanoseconds(SystemTime::now());
    if stored.origin == StoredOrigin::default() {
        stored.origin = StoredOrigin {
            process: author.process,
            clock: author.clock,
            ..composer.stored_origin()
        };
    }
    finish(stored, composer)
}

fn finish(mut stored: StoredGroup, composer: &Composer<'_>) -> Vec<u8> {
    composer.clean_sites(&mut stored.sites);
    let mut bytes = Vec::new();
    Record::Group(stored).write(&mut bytes);
    bytes
}

/// Reads an entry, which holds one record.
pub(super) fn decode_stored(bytes: &[u8]) -> Option<Record> {
    if bytes.len() > LARGEST {
        return None;
    }
    let mut records = read_all(bytes)?.into_iter();
    records.next().filter(|_| records.next().is_none())
}

/// Reads a group, which was in the stream for as long as `lay`.
pub(super) fn decode_group(
    stored: &StoredGroup,
    mark: Option<Mark>,
    number: u64,
    lay: Duration,
    kept: &Rc<Cell<usize>>,
    now: Instant,
) -> Option<Group> {
    let first = Rc::new(KeptEvent::new(carried::read(&stored.first)?, kept));
    let age = |millis: u64| Duration::from_millis(millis).saturating_add(lay);
    let ages = (age(stored.oldest_age), age(stored.newest_age));
    let mut whole = stored.clone();
    // Like groups of all processes are one.
    whole.id = 0;
    let mut group = Group::restored(&whole, &first, number, ages, now);
    group.restored = None;
    let mut origins = FleetOrigins::new(stored.origin.clone(), stored.in_flight);
    match mark {
        Some(mark) => origins.marks.push(mark),
        None => {
            origins.kept = !stored.counted;
            let hosts = stored.hosts.iter();
            hosts.for_each(|host| origins.hosts.note(host, 0));
        }
    }
    origins.brief = stored.brief;
    group.origins = Some(Box::new(origins));
    Some(group)
}

/// Writes mutes.
pub(super) fn encode_mutes(mutes: impl IntoIterator<Item = StoredMute>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for mute in mutes {
        Record::Mute(mute).write(&mut bytes);
    }
    bytes
}

/// Writes the losses of one process, or if `process` is 0 of several.
pub(super) fn encode_losses(losses: &Losses, composer: &Composer<'_>, process: u64) -> Vec<u8> {
    let counts = losses.reasons().into_iter().flat_map(|(reason, levels)| {
        levels.into_iter().map(move |(level, events)| StoredLoss {
            reason: reason.as_str().to_owned(),
            level: carried::level_number(level),
            events,
        })
    });
    let sites = losses.sites().into_iter();
    let sites = sites.map(|(site, events)| StoredSite::new(site.clone(), events));
    let mut sites: Vec<_> = sites.collect();
    let others = sites.split_off(SITES.min(sites.len()));
    let others: u64 = others.iter().map(|site| site.events).sum();
    composer.clean_sites(&mut sites);
    let hosts = losses.hosts.names().iter();
    let origin = match process {
        // Losses of several name their hosts themselves.
        0 => StoredOrigin::default(),
        process => StoredOrigin {
            host: composer.text(&composer.origin.host),
            process,
            ..StoredOrigin::default()
        },
    };
    let stored = StoredLosses {
        counts: counts.collect(),
        sites,
        others: losses.others().events + others,
        last_time: to_nanoseconds(losses.last()),
        origin,
        hosts: hosts.map(|host| composer.text(host)).collect(),
    };
    let mut bytes = Vec::new();
    Record::Losses(stored).write(&mut bytes);
    bytes
}

/// Reads losses; none if they have a reason that this version does not know.
pub(super) fn decode_losses(stored: &StoredLosses, most: usize, now: Instant) -> Option<Losses> {
    let mut losses = Losses::with_site_limit(most);
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
        losses.add_site(site.place(), site.events);
    }
    losses.add_elsewhere(stored.others);
    losses.note_last(now, from_nanoseconds(stored.last_time));
    let (origin, hosts) = (&stored.origin, stored.hosts.iter());
    losses.hosts.note(&origin.host, origin.process);
    hosts.for_each(|host| losses.hosts.note(host, 0));
    Some(losses)
}

/// Writes what is known of a problem, and its waiting groups that are in no entry any more; nothing
/// if it is forgotten.
pub(super) fn encode_known(
    sighting: Option<Sighting>,
    waiting: Option<&PendingReminder<'_>>,
    untold: Option<&Group>,
    composer: &Composer<'_>,
    (now, time): (Instant, u64),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(sighting) = sighting {
        let known = StoredProblems {
            problems: vec![sighting],
            ..StoredProblems::default()
        };
        Record::Problems(known).write(&mut bytes);
    }
    if let Some(waiting) = waiting.filter(|_| sighting.is_some()) {
        let mut stored = waiting.to_stored(now);
        carried::write(&waiting.last, composer, &mut stored.first);
        // Its origin is not known any more.
        stored.origin = StoredOrigin {
            project: composer.text(&composer.origin.project),
            environment: composer.text(&composer.origin.environment),
            ..StoredOrigin::default()
        };
        stored.written = time;
        bytes.extend(finish(stored, composer));
    }
    if let Some(group) = untold {
        let mut stored = group.to_stored(now);
        carried::write(&group.first.view(), composer, &mut stored.first);
        if let Some(origins) = &group.origins {
            stored.origin = origins.origin.clone();
            stored.hosts = origins.hosts.names().to_vec();
            stored.in_flight = origins.possible_repeat || group.repeats;
            stored.brief = origins.brief;
        }
        stored.last = composer.text(&stored.last);
        stored.written = time;
        stored.counted = false;
        bytes.extend(finish(stored, composer));
    }
    bytes
}

/// Reads what [`encode_known`] wrote.
pub(super) fn decode_known(bytes: &[u8]) -> KnownEntry {
    let mut known = KnownEntry::default();
    for record in read_all(bytes).unwrap_or_default() {
        match record {
            Record::Problems(problems) => known.sighting = problems.problems.first().copied(),
            Record::Group(stored) => known.waiting.push(stored),
            Record::Mute(mute) => known.mutes.push(mute),
            Record::Losses(losses) => known.losses = Some(losses),
            _ => {}
        }
    }
    known
}
