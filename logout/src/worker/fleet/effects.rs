//! The effects of a member's answers on its lane.

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use super::super::lane::{EarlierHistory, LaneState, OutgoingLosses, PeerLosses};
use super::entry::{self, Author};
use super::wall;
use crate::event::carried;
use crate::fleet::{Entry, EntryKind, InFlight, Takeover};
use crate::spool::history::History;
use crate::spool::record::{Record, StoredMute, from_nanoseconds, to_nanoseconds};
use crate::worker::mute_list::Muting;
use crate::worker::{Clock, Worker};

/// The most groups that are handed over at a time, and the most bytes.
const MAX_BATCH_GROUPS: usize = 256;
const MAX_BATCH_BYTES: usize = 1 << 20;

/// With more unsent entries in the stream than this, the broker keeps their content instead.
const MAX_UNTOLD_ENTRIES: usize = 1_000;

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
            clock: fleet.member.clock_ahead(SystemTime::now(), now),
        };
        if let Some(losses) = fleet.losses.begin() {
            let entry = entry::encode_losses(losses, &composer, author.process);
            bytes += entry.len();
            kinds.push(EntryKind::brief(OutgoingLosses::KIND));
            entries.push(entry);
        }
        fleet.mutes_in_flight = std::mem::take(&mut fleet.mutes);
        for mute in &fleet.mutes_in_flight {
            entries.push(entry::encode_mutes([StoredMute::of(*mute, now)]));
        }
        let mut rest = Vec::new();
        for group in fleet.outbox.drain() {
            if entries.len() >= MAX_BATCH_GROUPS || bytes >= MAX_BATCH_BYTES {
                rest.push(group);
                continue;
            }
            let (number, level) = (
                group.key.broker_number(),
                carried::level_number(group.level),
            );
            // Without reminders each event is sent in full.
            let is_brief = !group.first.view().is_panic()
                && known.counts_level(group.level)
                && fleet.member.is_known(number, level, now);
            let entry = entry::encode_group(&group, is_brief, &author, now);
            bytes += entry.len();
            kinds.push(EntryKind {
                number,
                whole: (!is_brief).then_some(level),
            });
            entries.push(entry);
            fleet.in_flight.push(group);
        }
        let is_all = rest.is_empty();
        fleet.outbox.requeue(rest);
        fleet.member.put(kinds, entries, now);
        if !is_all {
            fleet.member.make_due(now);
        }
    }

    /// Notes that the groups that were being written to the stream are stored.
    pub(super) fn note_stored(&self, lane: usize) {
        self.with_lane(lane, |state| {
            let Some(fleet) = &mut state.fleet else {
                return;
            };
            let stored = std::mem::take(&mut fleet.in_flight);
            fleet.losses.note_stored();
            fleet.mutes_in_flight.clear();
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
        state.return_all_to_fleet(now);
        let Some(fleet) = &mut state.fleet else {
            return;
        };
        fleet.inherited = InFlight::decode(&takeover.going);
        let time = fleet.member.time(now).unwrap_or_default();
        let (mut history, mut waiting) = (History::default(), Vec::new());
        let (mut mutes, mut losses) = (Vec::new(), None);
        for bytes in &takeover.known {
            let mut known = entry::decode_known(bytes);
            mutes.append(&mut known.mutes);
            losses = losses.or(known.losses);
            if let Some(sighting) = known.sighting {
                history.set(sighting);
            }
            waiting.append(&mut known.waiting);
        }
        let earlier = Rc::new(EarlierHistory::new(history, now, wall(time)));
        fleet.earlier = Some(Rc::clone(&earlier));
        fleet.kept_mutes.clone_from(&mutes);
        let inherited = fleet.inherited.keys.clone();
        state.set_earlier(&earlier);
        for stored in waiting {
            let number = state.take_number();
            // Both by the broker's clock.
            let lay = wall(time).duration_since(from_nanoseconds(stored.written));
            let lay = match stored.counted {
                true => Duration::ZERO,
                false => lay.unwrap_or_default(),
            };
            let group = entry::decode_group(&stored, None, number, lay, &self.kept, now);
            let Some(mut group) = group else { continue };
            if let Some(origins) = &mut group.origins {
                origins.possible_repeat |= inherited.contains(&group.key.broker_number());
            }
            match stored.counted {
                true => state.restore_reminder(group, now),
                false => state.add_read_group(group, now),
            }
        }
        let losses =
            losses.and_then(|losses| entry::decode_losses(&losses, self.shared.memory.sites, now));
        if let Some(losses) = losses {
            let may_be_told = inherited.contains(&PeerLosses::NUMBER);
            state.restore_losses(losses, may_be_told, now);
        }
        drop(state);
        self.end_missing_mutes(&mutes);
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
        let untold = state.fleet.as_ref().map(|fleet| fleet.member.unsettled());
        if untold.is_some_and(|untold| untold > MAX_UNTOLD_ENTRIES) {
            state.keep_pending_at_broker(MAX_BATCH_BYTES);
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
        let number = state.take_number();
        let fleet = state.fleet.as_mut()?;
        let mark = entry.mark;
        // The broker's clock tells how long it lay there.
        let time = fleet.member.time(now).unwrap_or(mark.time);
        let lay = Duration::from_millis(time.saturating_sub(mark.time));
        match entry::decode_stored(&entry.bytes)? {
            Record::Group(stored) => {
                let mut group =
                    entry::decode_group(&stored, Some(mark), number, lay, &self.kept, now)?;
                if let Some(origins) = &mut group.origins {
                    origins.possible_repeat |= fleet.inherited.marks.contains(&mark);
                }
                let fingerprint = group.key.problem.fingerprint;
                // Where it is not known what is muted, all lanes are told so.
                drop(state);
                self.note(fingerprint);
                let muting = self.muting(fingerprint, now);
                self.with_lane(index, |state| match muting {
                    Muting::Not => state.add_read_group(group, now),
                    _ => state.mute_group(&group, now),
                });
            }
            Record::Losses(stored) => {
                let losses = entry::decode_losses(&stored, self.shared.memory.sites, now)?;
                // The broker keeps them with earlier ones until they are reported.
                fleet.member.settle(mark);
                state.add_peer_losses(losses, now);
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
        if let Some(losses) = fleet.peer_losses.changed() {
            let losses = losses.map(|losses| entry::encode_losses(&losses, &composer, 0));
            let bytes = losses.unwrap_or_default();
            fleet.member.set_known(PeerLosses::NUMBER, bytes);
        }
        let time = to_nanoseconds(wall(fleet.member.time(now).unwrap_or_default()));
        // The broker keeps problems in flight as they are until they are sent or not.
        let (in_flight, changed): (Vec<_>, Vec<_>) = changed
            .into_iter()
            .partition(|key| state.is_in_flight(*key));
        let known = changed.into_iter().map(|key| {
            let sighting = state.sighting(key);
            let waiting = state.known.pending_reminder(key);
            let untold = state.kept_at_broker(key);
            let moment = (now, time);
            let bytes = entry::encode_known(sighting, waiting.as_ref(), untold, &composer, moment);
            (key.broker_number(), bytes)
        });
        let known: Vec<_> = known.collect();
        if let Some(fleet) = &mut state.fleet {
            fleet.changed = in_flight;
            for (number, bytes) in known {
                fleet.member.set_known(number, bytes);
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
                fleet.member.make_due(now);
            }
            return;
        }
        let has_others = fleet.member.place().is_some_and(|place| place.members > 1);
        let is_done = !fleet.member.leads(now) || fleet.member.has_read_all() && is_told;
        if has_others || is_done || fleet.member.is_alone() {
            fleet.member.leave(now);
        }
    }
}
