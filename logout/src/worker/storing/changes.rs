//! The difference between what the lanes hold and what is on disk.

use std::time::{Instant, SystemTime};

use super::Storing;
use crate::event::{EventView, carried};
use crate::message::Composer;
use crate::spool::Sync;
use crate::spool::record::{Record, StoredGroup, StoredOrigin, StoredSite, to_nanoseconds};
use crate::text::sorted_map::sorted;
use crate::worker::lane::{GroupRecord, LaneState, StoredLane};
use crate::worker::{Clock, Worker};

/// A batch of records to be written.
#[derive(Debug, Default)]
struct PendingRecords {
    records: Vec<u8>,
    /// The changed groups: their lanes, and their numbers in them.
    changed: Vec<(usize, u64)>,
    /// Whether events are among them that are not on disk yet.
    has_events: bool,
    /// Since when the oldest event on disk waits.
    oldest: Option<Instant>,
}

impl PendingRecords {
    fn note_age(&mut self, since: Instant) {
        self.oldest = Some(self.oldest.map_or(since, |oldest| oldest.min(since)));
    }
}

/// The changes of one lane.
struct LaneChanges<'s, 'c, C: Clock> {
    storing: &'s Storing<C>,
    composer: Composer<'c>,
    lane: usize,
    written: &'s mut PendingRecords,
}

impl<T, C: Clock> Worker<T, C> {
    /// Writes the difference between what the lanes hold and what is on disk; returns the number of
    /// the batch. While the disk cannot be written, its numbers are unknown and nothing is noted.
    pub(super) fn write_changes(
        &self,
        storing: &Storing<C>,
        sync: Sync,
        now: Instant,
    ) -> Option<u64> {
        storing.at.set(None);
        let are_counts_due = storing.counts_at.get().is_some_and(|at| at <= now);
        if !storing.is_ready() {
            storing.counts_at.set(None);
            return None;
        }
        let round = storing.round.get() + 1;
        storing.round.set(round);
        let mut written = PendingRecords::default();
        let mut are_gone = !storing.gone.borrow().is_empty();
        self.note_lanes(storing, &mut written, |changes, state| {
            changes.note_groups(state, now);
            are_gone |= changes.has_gone(state);
        });
        // Counts are written along with anything else.
        let with_counts =
            are_counts_due || sync == Sync::Now || are_gone || !written.records.is_empty();
        self.note_lanes(storing, &mut written, |changes, state| {
            changes.note_counted(state, with_counts, now);
            changes.note_gone(&mut state.stored);
        });
        // Neither the fate of events on disk nor counts are worth a sync.
        let sync = match sync {
            _ if !self.shared.spool_sync => Sync::Never,
            Sync::Now => Sync::Now,
            _ if written.has_events => Sync::Soon,
            _ => Sync::Never,
        };
        if with_counts {
            storing.counts_at.set(None);
        }
        self.write_problems(storing, with_counts, &mut written.records);
        let mut gone = storing.gone.borrow_mut();
        let gone_records = gone.iter().map(|id| Record::Gone(*id));
        gone_records.for_each(|record| record.write(&mut written.records));
        let batch = match written.records.is_empty() && sync != Sync::Now {
            true => storing.writer.written(),
            false => storing.writer.put(&written.records, sync)?,
        };
        gone.clear();
        storing.oldest.set(written.oldest);
        if storing.over_at.get().is_none() {
            storing.over_at.set(Some(batch));
        }
        for (index, number) in written.changed {
            if let Some(lane) = self.lanes.get(index)
                && let Some(unit) = lane.state.borrow_mut().stored.units.get_mut(&number)
            {
                unit.batch = Some(batch);
            }
        }
        Some(batch)
    }

    fn note_lanes(
        &self,
        storing: &Storing<C>,
        written: &mut PendingRecords,
        mut note: impl FnMut(&mut LaneChanges<'_, '_, C>, &mut LaneState),
    ) {
        let settings = self.settings();
        for (lane, shared) in self.lanes.iter().enumerate() {
            let Some(composer) = settings.composer(lane) else {
                continue;
            };
            let mut changes = LaneChanges {
                storing,
                composer,
                lane,
                written,
            };
            note(&mut changes, &mut shared.state.borrow_mut());
        }
    }
}

impl<C: Clock> LaneChanges<'_, '_, C> {
    /// Writes the changes of groups that were not sent.
    fn note_groups(&mut self, state: &mut LaneState, now: Instant) {
        let (stored, name) = (&mut state.stored, state.stats.name);
        let (units, in_flight) = (&mut stored.units, &stored.in_flight);
        let in_flight = in_flight.iter().map(|group| (group, true));
        let groups = state.groups.all().map(|group| (group, false));
        let all = groups.chain(in_flight);
        // What came over the stream of a fleet stays there until it is sent.
        #[cfg(feature = "fleet")]
        let all = {
            let own = state.fleet.iter().flat_map(|fleet| {
                let outbox = fleet.outbox.all().map(|group| (group, false));
                outbox.chain(fleet.in_flight.iter().map(|group| (group, true)))
            });
            all.filter(|(group, _)| group.origins.is_none()).chain(own)
        };
        // An all-quiet notice is no event.
        let all = all.filter(|(group, _)| group.events > 0);
        for (group, is_in_flight) in sorted(all, |a, b| a.0.number.cmp(&b.0.number)) {
            let unit = units.entry(group.number).or_insert_with(|| self.new_unit());
            unit.round = self.storing.round.get();
            self.written.note_age(group.oldest().1);
            let known = (unit.events, unit.in_flight, unit.counted);
            let is_whole = unit.batch.is_none();
            if !is_whole && known == (group.events, is_in_flight, group.is_reminder()) {
                continue;
            }
            self.written.has_events |= is_whole || unit.events != group.events;
            unit.events = group.events;
            unit.in_flight = is_in_flight;
            unit.counted = group.is_reminder();
            let mut whole = group.to_stored(now);
            whole.id = unit.id;
            name.clone_into(&mut whole.lane);
            whole.in_flight = is_in_flight || group.may_have_been_told();
            self.write(whole, is_whole, is_whole.then(|| group.first.view()));
            self.written.changed.push((self.lane, group.number));
        }
    }

    /// Returns whether something on disk is done.
    fn has_gone(&self, state: &mut LaneState) -> bool {
        let LaneState { known, stored, .. } = state;
        for waiting in known.pending_reminders() {
            if let Some(unit) = stored.units.get_mut(&waiting.number) {
                unit.round = self.storing.round.get();
            }
        }
        let mut units = stored.units.values();
        units.any(|unit| unit.round != self.storing.round.get())
    }

    /// Writes the counts of known problems, if they are due, and those that are no longer a
    /// reminder in flight.
    fn note_counted(&mut self, state: &mut LaneState, is_due: bool, now: Instant) {
        let (known, stored, name) = (&state.known, &mut state.stored, state.stats.name);
        // The broker keeps the counts of a leader.
        #[cfg(feature = "fleet")]
        if state.fleet.is_some() {
            return;
        }
        for waiting in known.pending_reminders() {
            let number = waiting.number;
            let unit = stored.units.get(&number);
            let is_other = unit.is_some_and(|unit| unit.in_flight || !unit.counted);
            if !is_due && !is_other {
                continue;
            }
            let unit = stored.units.entry(number);
            let unit = unit.or_insert_with(|| self.new_unit());
            unit.round = self.storing.round.get();
            self.written.note_age(waiting.last_event);
            if unit.batch.is_some() && unit.events == waiting.events && !is_other {
                continue;
            }
            let is_whole = unit.batch.is_none();
            (unit.events, unit.in_flight, unit.counted) = (waiting.events, false, true);
            let mut whole = waiting.to_stored(now);
            whole.id = unit.id;
            name.clone_into(&mut whole.lane);
            self.write(whole, is_whole, Some(waiting.last));
            self.written.changed.push((self.lane, number));
        }
    }

    /// Notes which groups on disk are done.
    fn note_gone(&self, stored: &mut StoredLane) {
        let mut gone = self.storing.gone.borrow_mut();
        stored.units.retain(|_, unit| {
            let lives = unit.round == self.storing.round.get();
            if !lives {
                gone.push(unit.id);
            }
            lives
        });
    }

    fn new_unit(&self) -> GroupRecord {
        let id = self.storing.next_id.get();
        self.storing.next_id.set(id.saturating_add(1));
        GroupRecord {
            id,
            round: self.storing.round.get(),
            ..GroupRecord::default()
        }
    }

    /// Writes a group whole, or only its changes if it is on disk.
    fn write(&mut self, mut stored: StoredGroup, is_whole: bool, first: Option<EventView<'_>>) {
        stored.last = self.composer.text(&stored.last);
        stored.written = to_nanoseconds(SystemTime::now());
        if let Some(first) = first {
            carried::write(&first, &self.composer, &mut stored.first);
        }
        if !is_whole {
            // All that does not change is on disk.
            let change = StoredGroup {
                lane: String::new(),
                fingerprint: 0,
                collective: 0,
                origin: StoredOrigin::default(),
                sites: Vec::new(),
                ..stored
            };
            return Record::Change(change).write(&mut self.written.records);
        }
        if stored.origin == StoredOrigin::default() {
            stored.origin = self.composer.stored_origin();
        }
        self.composer.clean_sites(&mut stored.sites);
        Record::Group(stored).write(&mut self.written.records);
    }
}

impl Composer<'_> {
    /// Returns the origin of this process's events, as it is stored.
    pub(in crate::worker) fn stored_origin(&self) -> StoredOrigin {
        let origin = self.origin;
        StoredOrigin {
            project: self.text(&origin.project),
            environment: self.text(&origin.environment),
            host: self.text(&origin.host),
            release: self.text(&origin.release),
            ..StoredOrigin::default()
        }
    }

    /// Takes out of the names of places what nobody is to read.
    pub(in crate::worker) fn clean_sites(&self, sites: &mut [StoredSite]) {
        for site in sites {
            site.target = self.text(&site.target);
            site.file = self.text(&site.file);
        }
    }
}
