//! How what the lanes hold differs from what is on disk.

use std::time::{Instant, SystemTime};

use super::Storing;
use crate::event::carried;
use crate::message::Composer;
use crate::spool::Sync;
use crate::spool::record::{Record, StoredChange, StoredGroup, StoredOrigin, to_wall};
use crate::worker::lane::{Kept, LaneState, StoredLane, Unit};
use crate::worker::{Clock, Worker};

/// Records that are to be written.
struct Changes<'s, 'c, C: Clock> {
    storing: &'s Storing<C>,
    composer: Composer<'c>,
    lane: usize,
    records: Vec<u8>,
    /// The lanes and the numbers of the groups in them.
    changed: Vec<(usize, u64)>,
    /// Whether events are among them that are not on disk yet, and not only what becomes of others.
    has_events: bool,
    round: u64,
}

impl<T, C: Clock> Worker<T, C> {
    /// Writes how what the lanes hold differs from what is on disk; tells the number of the batch.
    pub(super) fn write_changes(
        &self,
        storing: &Storing<C>,
        sync: Sync,
        now: Instant,
    ) -> Option<u64> {
        storing.at.set(None);
        let settings = self.settings();
        let round = storing.round.get() + 1;
        storing.round.set(round);
        let (mut records, mut changed, mut has_events) = (Vec::new(), Vec::new(), false);
        let has_composer = |index| settings.composer(index);
        let lanes = || self.lanes.iter().enumerate();
        for (index, lane) in lanes() {
            let Some(composer) = has_composer(index) else {
                continue;
            };
            let mut changes = Changes {
                storing,
                composer,
                lane: index,
                records: std::mem::take(&mut records),
                changed: std::mem::take(&mut changed),
                has_events: false,
                round,
            };
            changes.note_groups(&mut lane.state.borrow_mut(), now);
            has_events |= changes.has_events;
            (records, changed) = (changes.records, changes.changed);
        }
        let are_counts_due = storing.counts_at.get().is_some_and(|at| at <= now);
        let with_counts = are_counts_due || sync == Sync::Now || !records.is_empty();
        for (index, lane) in lanes() {
            let Some(composer) = has_composer(index) else {
                continue;
            };
            let mut changes = Changes {
                storing,
                composer,
                lane: index,
                records: std::mem::take(&mut records),
                changed: std::mem::take(&mut changed),
                has_events: false,
                round,
            };
            let mut state = lane.state.borrow_mut();
            changes.note_counted(&mut state, with_counts, now);
            changes.note_gone(&mut state.stored);
            (records, changed) = (changes.records, changes.changed);
        }
        // What becomes of events that are on disk is no reason for a sync, nor are counts.
        let sync = match sync {
            _ if !storing.syncs => Sync::Never,
            Sync::Now => Sync::Now,
            _ if has_events => Sync::Soon,
            _ => Sync::Never,
        };
        let with_counts = with_counts || storing.is_kept.get();
        if with_counts {
            storing.counts_at.set(None);
        }
        self.write_problems(storing, with_counts, &mut records);
        let mut gone = storing.gone.borrow_mut();
        let gone_records = gone.iter().map(|id| Record::Gone(*id));
        gone_records.for_each(|record| record.write(&mut records));
        if records.is_empty() && sync != Sync::Now {
            return Some(storing.writer.written());
        }
        let batch = storing.writer.put(&records, sync)?;
        gone.clear();
        for (index, number) in changed {
            if let Some(lane) = self.lanes.get(index)
                && let Some(unit) = lane.state.borrow_mut().stored.units.get_mut(&number)
            {
                unit.batch = Some(batch);
            }
        }
        Some(batch)
    }
}

impl<C: Clock> Changes<'_, '_, C> {
    /// Writes what has changed of groups that people were not told of.
    fn note_groups(&mut self, state: &mut LaneState, now: Instant) {
        let LaneState {
            groups,
            stored,
            stats,
            ..
        } = state;
        let StoredLane {
            units, under_way, ..
        } = stored;
        let under_way = under_way.iter().map(|group| (group, true));
        for (group, is_under_way) in groups.all().map(|group| (group, false)).chain(under_way) {
            let unit = units.entry(group.number).or_insert_with(|| self.new_unit());
            unit.round = self.round;
            let known = (unit.events, unit.under_way);
            let is_whole = unit.batch.is_none();
            if !is_whole && known == (group.events, is_under_way) {
                continue;
            }
            self.has_events |= is_whole || unit.events != group.events;
            (unit.events, unit.under_way) = (group.events, is_under_way);
            let mut whole = group.to_stored(now);
            whole.id = unit.id;
            stats.name.clone_into(&mut whole.lane);
            whole.under_way = is_under_way || group.may_have_been_told();
            self.write(whole, is_whole, is_whole.then_some(&*group.first));
            self.changed.push((self.lane, group.number));
        }
    }

    /// Writes what has been counted of known problems, where it is time to.
    fn note_counted(&mut self, state: &mut LaneState, is_due: bool, now: Instant) {
        let LaneState {
            known,
            stored,
            stats,
            ..
        } = state;
        for waiting in known.waiting() {
            let number = waiting.number;
            let is_known = stored.units.contains_key(&number);
            if !is_known && !is_due {
                continue;
            }
            let unit = stored
                .units
                .entry(number)
                .or_insert_with(|| self.new_unit());
            unit.round = self.round;
            if !is_due || unit.batch.is_some() && unit.events == waiting.events {
                continue;
            }
            let is_whole = unit.batch.is_none();
            (unit.events, unit.under_way) = (waiting.events, false);
            let mut whole = waiting.to_stored(now);
            whole.id = unit.id;
            stats.name.clone_into(&mut whole.lane);
            self.write(whole, is_whole, Some(waiting.last));
            self.changed.push((self.lane, number));
        }
    }

    /// Notes what is no more of what is on disk.
    fn note_gone(&self, stored: &mut StoredLane) {
        let mut gone = self.storing.gone.borrow_mut();
        stored.units.retain(|_, unit| {
            let lives = unit.round == self.round;
            if !lives {
                gone.push(unit.id);
            }
            lives
        });
    }

    fn new_unit(&self) -> Unit {
        let id = self.storing.next_id.get();
        self.storing.next_id.set(id + 1);
        Unit {
            id,
            events: 0,
            under_way: false,
            batch: None,
            round: self.round,
        }
    }

    /// Writes a group whole, or of one that is on disk what has changed.
    fn write(&mut self, mut stored: StoredGroup, is_whole: bool, first: Option<&Kept>) {
        stored.last = self.composer.text(&stored.last);
        stored.written = to_wall(SystemTime::now());
        if let Some(first) = first {
            carried::write(&first.view(), &self.composer, &mut stored.first);
        }
        if !is_whole {
            let change = StoredChange {
                id: stored.id,
                events: stored.events,
                level: stored.level,
                last: stored.last,
                last_time: stored.last_time,
                written: stored.written,
                oldest_age: stored.oldest_age,
                newest_age: stored.newest_age,
                under_way: stored.under_way,
                first: stored.first,
            };
            return Record::Change(change).write(&mut self.records);
        }
        if stored.origin == StoredOrigin::default() {
            let origin = self.composer.origin;
            stored.origin = StoredOrigin {
                project: self.composer.text(&origin.project),
                environment: self.composer.text(&origin.environment),
                host: self.composer.text(&origin.host),
                release: self.composer.text(&origin.release),
            };
        }
        for site in &mut stored.sites {
            site.target = self.composer.text(&site.target);
            site.file = self.composer.text(&site.file);
        }
        Record::Group(stored).write(&mut self.records);
    }
}
