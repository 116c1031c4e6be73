//! What a member's news means for its lane.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::super::lane::{Earlier, Group, Key, OutgoingLosses};
use super::entry::{self, KnownEntry, Stored};
use super::wall;
use crate::fleet::{Entry, Going, Takeover};
use crate::message::Losses;
use crate::spool::history::History;
use crate::spool::record::StoredMute;
use crate::worker::mute_list::Muting;
use crate::worker::{Clock, Worker};

/// What was read of a stream.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
enum Read {
    Group(Group),
    Losses(Losses),
    Mute(StoredMute),
}

/// How many groups are handed over at a time, and how many bytes of them.
const GROUPS: usize = 256;
const BYTES: usize = 1 << 20;

impl<T, C: Clock> Worker<T, C> {
    /// Hands over what the lane has: as much of it as goes at a time.
    pub(super) fn hand_over(&self, index: usize, now: Instant) {
        let settings = self.settings();
        let (Some(lane), Some(composer)) = (self.lanes.get(index), settings.composer(index)) else {
            return;
        };
        let mut state = lane.state.borrow_mut();
        let Some(fleet) = &mut state.fleet else {
            return;
        };
        let (mut kinds, mut entries, mut bytes) = (Vec::new(), Vec::new(), 0);
        let process = fleet.member.process();
        if let Some(losses) = fleet.losses.begin() {
            let entry = entry::write_losses(losses, &composer, process);
            bytes += entry.len();
            kinds.push(OutgoingLosses::KIND);
            entries.push(entry);
        }
        fleet.mutes_under_way = std::mem::take(&mut fleet.mutes);
        for mute in &fleet.mutes_under_way {
            entries.push(entry::write_mute(StoredMute::of(*mute, now)));
        }
        let mut rest = Vec::new();
        for group in fleet.outbox.drain() {
            if entries.len() >= GROUPS || bytes >= BYTES {
                rest.push(group);
                continue;
            }
            let entry = entry::write_group(&group, &composer, process, now);
            bytes += entry.len();
            kinds.push(group.key.number());
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

    /// What was on its way into the stream is there.
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

    /// Begins to lead.
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
        let (mut history, mut counted) = (History::default(), Vec::new());
        let mut mutes = Vec::new();
        for bytes in &takeover.known {
            let KnownEntry {
                sighting,
                waiting,
                mute,
            } = entry::read_known(bytes);
            mutes.extend(mute);
            if let Some(sighting) = sighting {
                history.set(sighting);
            }
            counted.extend(waiting);
        }
        let earlier = Rc::new(Earlier::new(history, now, wall(time)));
        fleet.earlier = Some(Rc::clone(&earlier));
        let inherited = fleet.inherited.keys.clone();
        state.known_earlier(&earlier);
        for stored in counted {
            let number = state.number_restored();
            let group = entry::read_group(&stored, None, number, Duration::ZERO, &self.kept, now);
            if let Some(mut group) = group {
                if let Some(seen) = &mut group.seen {
                    seen.possible_repeat |= inherited.contains(&group.key.number());
                }
                state.restore_counted(group, now);
            }
        }
        drop(state);
        self.forget_mutes(&mutes);
        for mute in &mutes {
            self.mute_known(index, mute, now);
        }
        lane.notify();
    }

    /// Takes what was read of the stream.
    pub(super) fn read_entries(&self, index: usize, entries: Vec<Entry>, now: Instant) {
        let Some(lane) = self.lanes.get(index) else {
            return;
        };
        let mut odd = 0_u64;
        for Entry { mark, bytes } in entries {
            let mut state = lane.state.borrow_mut();
            let number = state.number_restored();
            let Some(fleet) = &mut state.fleet else {
                return;
            };
            // The broker's clock tells how long it lay there.
            let time = fleet.member.time(now).unwrap_or(mark.time);
            let lay = Duration::from_millis(time.saturating_sub(mark.time));
            let repeats = fleet.inherited.marks.contains(&mark);
            let read = entry::read_stored(&bytes).and_then(|stored| match stored {
                Stored::Group(group) => {
                    entry::read_group(&group, Some(mark), number, lay, &self.kept, now)
                        .map(Read::Group)
                }
                Stored::Losses(losses) => {
                    entry::read_losses(&losses, self.shared.memory.sites, now).map(Read::Losses)
                }
                Stored::Mute(mute) => Some(Read::Mute(mute)),
            });
            match read {
                Some(Read::Group(mut group)) => {
                    if let Some(seen) = &mut group.seen {
                        seen.possible_repeat |= repeats;
                    }
                    self.note_fingerprint(group.key);
                    match self.muting(group.key.telling.fingerprint, now) {
                        Muting::Not => state.read_group(group, now),
                        _ => state.mute_group(&group, now),
                    }
                }
                Some(Read::Mute(mute)) => {
                    fleet.member.settle(mark);
                    drop(state);
                    self.read_mute(index, mute, mark, now);
                }
                Some(Read::Losses(losses)) => {
                    // This process reports them now, as it does its own.
                    fleet.member.settle(mark);
                    state.take_in_losses(losses, now);
                }
                None => {
                    odd += 1;
                    fleet.member.settle_odd(mark);
                }
            }
        }
        if odd > 0 {
            self.say(&format!(
                "fleet: {odd} entries of the stream cannot be read, and are put aside; another version may have written them"
            ));
        }
        lane.notify();
        self.notified.set(true);
    }

    fn note_fingerprint(&self, key: Key) {
        self.note(key.telling.fingerprint);
    }

    /// Has the broker hear what has changed of what is known.
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
        let known = changed.into_iter().map(|key| {
            let sighting = state.sighting(key);
            let waiting = state.known.waiting_of(key);
            let bytes = entry::write_known(sighting, waiting.as_ref(), &composer, now);
            (key.number(), bytes)
        });
        let known: Vec<_> = known.collect();
        if let Some(fleet) = &mut state.fleet {
            for (number, bytes) in known {
                fleet.member.know(number, bytes);
            }
        }
    }

    /// Leaves the fleet once all is handed over. Where there are others, one of them leads at once; one
    /// without others sends what there is first.
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
