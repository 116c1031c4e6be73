//! The effects of a member's answers on its lane.

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use super::super::lane::{Earlier, LaneState, OutgoingLosses, ReadLosses};
use super::entry::{self, Author};
use super::wall;
use crate::event::carried;
use crate::fleet::{Entry, Going, Kind, Takeover};
use crate::spool::history::History;
use crate::spool::record::{Record, StoredMute, from_wall, to_wall};
use crate::worker::mute_list::Muting;
use crate::worker::{Clock, Worker};

/// The most groups that are handed over at a time, and the most bytes.
const GROUPS: usize = 256;
const BYTES: usize = 1 << 20;

/// With more unsent entries in the stream than this, the broker keeps their content instead.
const UNTOLD: usize = 1_000;

impl<T, C: Clock> Worker<T, C> {
    /// Hands over as much of what the lane has as goes at a time.
    pub(super) fn hand_over(&self, index: usize, now: Instant) {
        let settings = self.settings();
        let (Some(lane), Some(composer)) = (self.lanes.get(index), settings.composer(index)) else {
            return;
        };
        let mut state = lane.state.borrow_mut();
        let LaneState { fleet, known, .. } = &mut *state;
        let Some(fleet) = fleet else {
            return;
        };
        let (mut kinds, mut entries, mut bytes) = (Vec::new(), Vec::new(), 0);
        let author = Author {
            composer: &composer,
            process: fleet.member.process(),
            clock: fleet.member.clock(SystemTime::now(), now),
        };
        if let Some(losses) = fleet.losses.begin() {
            let entry = entry::write_losses(losses, &composer, author.process);
            bytes += entry.len();
            kinds.push(Kind::of(OutgoingLosses::KIND));
            entries.push(entry);
        }
        fleet.mutes_under_way = std::mem::take(&mut fleet.mutes);
        for mute in &fleet.mutes_under_way {
            entries.push(entry::write_mutes([StoredMute::of(*mute, now)]));
        }
        let mut rest = Vec::new();
        for group in fleet.outbox.drain() {
            if entries.len() >= GROUPS || bytes >= BYTES {
                rest.push(group);
                continue;
            }
            let (number, level) = (group.key.number(), carried::level_number(group.level));
            // Without reminders each event is sent in full.
            let is_brief = !group.first.view().is_panic()
                && known.takes(group.level)
                && fleet.member.is_known(number, level, now);
            let entry = entry::write_group(&group, is_brief, &author, now);
            bytes += entry.len();
            kinds.push(Kind {
                number,
                whole: (!is_brief).then_some(level),
            });
            entries.push(entry);
            fleet.under_way.push(group);
        }
        let is_all = rest.is_empty();
        fleet.outbox.requeue(rest);
        fleet.member.put(kinds, entries, now);
        if !is_all {
            fleet.member.hurry(now);
        }
    }

    /// Notes that the groups that were being written to the stream are stored.
    pub(super) fn note_stored(&self, lane: usize) {
        self.with_lane(lane, |state| {
            let Some(fleet) = &mut state.fleet else {
                return;
            };
            let stored = std::mem::take(&mut fleet.under_way);
            fleet.losses.note_stored();
            fleet.mutes_under_way.clear();
            let events = stored.iter().map(|group| group.events).sum();
            state.stats.forward(events);
        });
    }

    /// Takes over what the broker keeps for a new leader.
    pub(super) fn take_over(&self, index: usize, takeover: &Takeover, now: Instant) {
        let Some(lane) = self.lanes.get(index) else {
            return;
        };
        let mut state = lane.state.borrow_mut();
        state.drop_stream(now);
        let Some(fleet) = &mut state.fleet else {
            return;
        };
        fleet.inherited = Going::read(&takeover.going);
        let time = fleet.member.time(now).unwrap_or_default();
        let (mut history, mut waiting) = (History::default(), Vec::new());
        let (mut mutes, mut losses) = (Vec::new(), None);
        for bytes in &takeover.known {
            let mut known = entry::read_known(bytes);
            mutes.append(&mut known.mutes);
            losses = losses.or(known.losses);
            if let Some(sighting) = known.sighting {
                history.set(sighting);
            }
            waiting.append(&mut known.waiting);
        }
        let earlier = Rc::new(Earlier::new(history, now, wall(time)));
        fleet.earlier = Some(Rc::clone(&earlier));
        fleet.kept_mutes.clone_from(&mutes);
        let inherited = fleet.inherited.keys.clone();
        state.known_earlier(&earlier);
        for stored in waiting {
            let number = state.number_restored();
            // Both by the broker's clock.
            let lay = wall(time).duration_since(from_wall(stored.written));
            let lay = match stored.counted {
                true => Duration::ZERO,
                false => lay.unwrap_or_default(),
            };
            let group = entry::read_group(&stored, None, number, lay, &self.kept, now);
            let Some(mut group) = group else { continue };
            if let Some(seen) = &mut group.seen {
                seen.possible_repeat |= inherited.contains(&group.key.number());
            }
            match stored.counted {
                true => state.restore_counted(group, now),
                false => state.read_group(group, now),
            }
        }
        let losses =
            losses.and_then(|losses| entry::read_losses(&losses, self.shared.memory.sites, now));
        if let Some(losses) = losses {
            let may_be_told = inherited.contains(&ReadLosses::NUMBER);
            state.restore_losses(losses, may_be_told, now);
        }
        drop(state);
        self.forget_mutes(&mutes);
        for mute in &mutes {
            self.mute_known(index, mute, now);
        }
        lane.notify();
    }

    /// Takes the entries that were read from the stream.
    pub(super) fn read_entries(&self, index: usize, entries: Vec<Entry>, now: Instant) {
        let Some(lane) = self.lanes.get(index) else {
            return;
        };
        let mut odd = 0_u64;
        for entry in entries {
            if self.read_entry(index, &entry, now).is_none() {
                odd += 1;
                self.with_member(index, |member| member.settle_odd(entry.mark));
            }
        }
        let mut state = lane.state.borrow_mut();
        let untold = state.fleet.as_ref().map(|fleet| fleet.member.untold());
        if untold.is_some_and(|untold| untold > UNTOLD) {
            state.keep_waiting(BYTES);
        }
        drop(state);
        if odd > 0 {
            self.say(&format!(
                "fleet: {odd} entries of the stream cannot be read, and are put aside; another version may have written them"
            ));
        }
        lane.notify();
        self.notified.set(true);
    }

    /// Takes one entry of the stream; nothing where it cannot be read.
    fn read_entry(&self, index: usize, entry: &Entry, now: Instant) -> Option<()> {
        let mut state = self.lanes.get(index)?.state.borrow_mut();
        let number = state.number_restored();
        let fleet = state.fleet.as_mut()?;
        let mark = entry.mark;
        // The broker's clock tells how long it lay there.
        let time = fleet.member.time(now).unwrap_or(mark.time);
        let lay = Duration::from_millis(time.saturating_sub(mark.time));
        match entry::read_stored(&entry.bytes)? {
            Record::Group(stored) => {
                let mut group =
                    entry::read_group(&stored, Some(mark), number, lay, &self.kept, now)?;
                if let Some(seen) = &mut group.seen {
                    seen.possible_repeat |= fleet.inherited.marks.contains(&mark);
                }
                let fingerprint = group.key.telling.fingerprint;
                // Where it is not known what is muted, all lanes are told so.
                drop(state);
                self.note(fingerprint);
                let muting = self.muting(fingerprint, now);
                self.with_lane(index, |state| match muting {
                    Muting::Not => state.read_group(group, now),
                    _ => state.mute_group(&group, now),
                });
            }
            Record::Losses(stored) => {
                let losses = entry::read_losses(&stored, self.shared.memory.sites, now)?;
                // The broker keeps them with earlier ones until they are reported.
                fleet.member.settle(mark);
                state.take_in_losses(losses, now);
            }
            Record::Mute(mute) => {
                fleet.member.settle(mark);
                drop(state);
                self.read_mute(index, mute, mark, now);
            }
            _ => return None,
        }
        Some(())
    }

    /// Sends the broker what has changed of what is known.
    pub(super) fn write_known(&self, index: usize, now: Instant) {
        let settings = self.settings();
        let (Some(lane), Some(composer)) = (self.lanes.get(index), settings.composer(index)) else {
            return;
        };
        let mut state = lane.state.borrow_mut();
        let Some(fleet) = &mut state.fleet else {
            return;
        };
        let changed = std::mem::take(&mut fleet.changed);
        if !fleet.member.leads(now) {
            return;
        }
        if let Some(losses) = fleet.read_losses.changed() {
            let losses = losses.map(|losses| entry::write_losses(&losses, &composer, 0));
            let bytes = losses.unwrap_or_default();
            fleet.member.know(ReadLosses::NUMBER, bytes);
        }
        let time = to_wall(wall(fleet.member.time(now).unwrap_or_default()));
        // The broker keeps problems in flight as they are until they are sent or not.
        let (under_way, changed): (Vec<_>, Vec<_>) = changed
            .into_iter()
            .partition(|key| state.is_under_way(*key));
        let known = changed.into_iter().map(|key| {
            let sighting = state.sighting(key);
            let waiting = state.known.waiting_of(key);
            let untold = state.kept_of(key);
            let moment = (now, time);
            let bytes = entry::write_known(sighting, waiting.as_ref(), untold, &composer, moment);
            (key.number(), bytes)
        });
        let known: Vec<_> = known.collect();
        if let Some(fleet) = &mut state.fleet {
            fleet.changed = under_way;
            for (number, bytes) in known {
                fleet.member.know(number, bytes);
            }
        }
    }

    /// Leaves the fleet once all is handed over. If there are others, one of them leads at once;
    /// without others the member sends what there is first.
    pub(super) fn leave_fleet(&self, index: usize, now: Instant) {
        let Some(lane) = self.lanes.get(index) else {
            return;
        };
        let mut state = lane.state.borrow_mut();
        let is_told = state.groups.is_empty() && state.is_idle();
        let Some(fleet) = &mut state.fleet else {
            return;
        };
        if fleet.has_own() {
            if !fleet.member.is_putting() {
                fleet.member.hurry(now);
            }
            return;
        }
        let has_others = fleet.member.place().is_some_and(|place| place.members > 1);
        let is_through = !fleet.member.leads(now) || fleet.member.has_read_all() && is_told;
        if has_others || is_through || fleet.member.is_alone() {
            fleet.member.leave(now);
        }
    }
}
