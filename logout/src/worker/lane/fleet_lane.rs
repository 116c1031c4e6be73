//! A lane's fleet state: outbox, lease and read entries.

use std::rc::Rc;
use std::time::Instant;

use super::group::{Group, Kept, Key};
use super::groups::Groups;
use super::known::Earlier;
use super::lane_state::LaneState;
use super::outgoing_losses::OutgoingLosses;
use super::read_losses::ReadLosses;
use super::seen::Seen;
use super::{Sending, Switch};
use crate::block::memory_budget::MemoryBudget;
use crate::event::EventView;
use crate::fleet::{Going, Member};
use crate::spool::history::Sighting;
use crate::spool::record::StoredMute;
use crate::text::sort::sorted;
use crate::worker::mute_list::{Mute, Muting};
use crate::worker::stats::{FleetState, Reason};

/// The fleet state of a lane.
#[derive(Debug)]
pub(crate) struct FleetLane {
    pub(crate) member: Member,
    /// The groups of this process that are not handed over.
    pub(crate) outbox: Groups,
    /// Those of them that are being written to the stream.
    pub(crate) under_way: Vec<Group>,
    /// What earlier leaders may have sent.
    pub(crate) inherited: Going,
    /// How often it stopped leading: what it read before is another leader's.
    pub(crate) terms: u64,
    /// Converts instants to the broker's clock, which all leaders share.
    pub(crate) earlier: Option<Rc<Earlier>>,
    /// Problems whose change the broker was not told of yet.
    pub(crate) changed: Vec<Key>,
    /// The losses of this process, which the leader reports.
    pub(crate) losses: OutgoingLosses,
    /// The losses of other members, which this one reports while it leads.
    pub(crate) read_losses: ReadLosses,
    /// The mutes of this process that are not handed over.
    pub(crate) mutes: Vec<Mute>,
    /// Those of them that are being written to the stream.
    pub(crate) mutes_under_way: Vec<Mute>,
    /// The mutes of the whole fleet, as the broker keeps them.
    pub(crate) kept_mutes: Vec<StoredMute>,
}

impl FleetLane {
    pub(crate) fn new(member: Member, memory: MemoryBudget) -> Self {
        Self {
            member,
            outbox: Groups::within(memory),
            under_way: Vec::new(),
            inherited: Going::default(),
            terms: 0,
            earlier: None,
            changed: Vec::new(),
            losses: OutgoingLosses::within(memory.sites),
            read_losses: ReadLosses::within(memory.sites),
            mutes: Vec::new(),
            mutes_under_way: Vec::new(),
            kept_mutes: Vec::new(),
        }
    }

    pub(super) fn state(&self, now: Instant) -> FleetState {
        match self.member.leads(now) {
            _ if self.member.is_alone() => FleetState::Alone,
            true => FleetState::Leading,
            false => FleetState::Joined,
        }
    }

    /// Adds an event of this process.
    pub(super) fn offer(
        &mut self,
        key: Key,
        number: u64,
        event: &EventView<'_>,
        now: Instant,
        own: impl FnOnce() -> Rc<Kept>,
    ) {
        self.outbox.offer(key, number, event, now, own);
        match event.is_panic() {
            true => self.member.hurry(now),
            false => self.member.note(key.number(), now),
        }
    }

    /// Returns whether there are events or losses of this process that nobody else has.
    pub(crate) fn has_own(&self) -> bool {
        !self.outbox.is_empty() || !self.under_way.is_empty() || !self.losses.is_empty()
    }

    /// Returns the lane's number of the oldest event that is not handed over, and when it came.
    pub(super) fn oldest(&self) -> Option<(u64, Instant)> {
        let under_way = self.under_way.iter().map(Group::oldest);
        self.outbox.oldest().into_iter().chain(under_way).min()
    }
}

impl Key {
    /// Returns the number under which the broker keeps what is known of a problem.
    pub(crate) fn number(self) -> u64 {
        self.telling.fingerprint ^ self.route
    }
}

impl LaneState {
    /// Whether it may choose a message now, and no other sends for it, nor comes its turn later. One that is
    /// alone takes over what it has not handed over, in its turn; so does a leader that can read the stream
    /// and put nothing into it.
    pub(super) fn may_choose(&mut self, is_closing: bool, now: Instant) -> bool {
        let waits = !self.groups.is_empty() || self.known.counted() > 0;
        let Some(fleet) = &mut self.fleet else {
            return true;
        };
        let speaks = fleet.member.speaks_alone();
        if fleet.member.sends_until(now).is_some() && !fleet.member.is_leaving() {
            if speaks && fleet.has_own() {
                self.tell_own_news(now);
            }
            return true;
        }
        let is_turn = fleet.member.turn(now).is_some();
        let may_end = is_closing && speaks;
        if !(is_turn || may_end) || !(fleet.has_own() || waits) {
            return false;
        }
        fleet.member.note_turn(now);
        for group in self.take_own() {
            self.groups.merge(group);
        }
        self.keep_bounds(now);
        true
    }

    /// Sends new problems of this process by itself. Its other events are worth no message, and
    /// wait until the broker takes them.
    fn tell_own_news(&mut self, now: Instant) {
        for group in self.take_own() {
            let (key, told) = (group.key, self.groups.get(group.key));
            let waits = told.is_some_and(|told| told.seen.is_some()) || self.is_under_way(key);
            let is_known = self.known.would_count(key, group.level, now);
            match &mut self.fleet {
                Some(fleet) if waits || is_known => fleet.outbox.merge(group),
                _ => self.groups.merge(group),
            }
        }
        self.keep_bounds(now);
    }

    /// Takes the groups of this process that nobody else has.
    fn take_own(&mut self) -> Vec<Group> {
        let Some(fleet) = &mut self.fleet else {
            return Vec::new();
        };
        let repeats = fleet.member.abandon();
        let mut own = std::mem::take(&mut fleet.under_way);
        for group in &mut own {
            group.repeats |= repeats;
        }
        own.extend(fleet.outbox.drain());
        // A mute that the stream has already is applied once more.
        let mut mutes = std::mem::take(&mut fleet.mutes_under_way);
        mutes.append(&mut fleet.mutes);
        fleet.mutes = mutes;
        self.take_own_losses();
        own
    }

    /// Takes a group that was read from the stream.
    pub(crate) fn read_group(&mut self, mut group: Group, now: Instant) {
        self.stats.accept(group.events);
        let key = group.key;
        let repeats = group.seen.as_ref().is_some_and(|seen| seen.possible_repeat);
        if !repeats && !self.is_under_way(key) && self.known.offer_group(&group, now) {
            let marks = group.seen.take().map(|seen| seen.marks);
            self.settle(&marks.unwrap_or_default());
            self.note_changed(key);
            return;
        }
        self.groups.merge(group);
        self.keep_bounds(now);
    }

    /// Counts a group that was read from the stream and is muted.
    pub(crate) fn mute_group(&mut self, group: &Group, now: Instant) {
        self.stats.accept(group.events);
        self.lose_group(group, Reason::Muted, now);
    }

    /// What mutes a problem in this lane: in a fleet the one that tells mutes what is muted for a while, so
    /// that it is muted for all, and for all no more.
    pub(crate) fn muting_here(&self, muting: Muting, now: Instant) -> Muting {
        let fleet = self.fleet.as_ref();
        let is_others =
            fleet.is_some_and(|fleet| fleet.is_reported_for() && !fleet.member.leads(now));
        match muting {
            Muting::ForAWhile if is_others => Muting::Not,
            muting => muting,
        }
    }

    /// Returns whether no message is in flight, nor a report that is sent as soon as it may.
    pub(crate) fn is_idle(&self) -> bool {
        let reports = self.switch == Switch::On && self.has_read_losses();
        self.telling.is_empty() && !reports
    }

    /// Takes a reminder of the leader before.
    pub(crate) fn restore_counted(&mut self, group: Group, now: Instant) {
        self.stats.accept(group.events);
        if !self.known.restore_group(&group, now) {
            self.groups.merge(group);
        }
    }

    /// Lets the broker keep pending groups in place of their entries, to make room for more: at
    /// most this many bytes of them at a time.
    pub(crate) fn keep_waiting(&mut self, most: usize) {
        let marks = |group: &Group| group.seen.as_ref().map_or(0, |seen| seen.marks.len());
        let waiting = self.groups.all().filter(|group| marks(group) > 0);
        let waiting = waiting.filter(|group| !self.is_under_way(group.key));
        let waiting = sorted(waiting, |a, b| marks(b).cmp(&marks(a)));
        let mut bytes = 0;
        let keys = waiting.into_iter().map_while(|group| {
            bytes += group.bytes().all;
            (bytes <= most).then_some(group.key)
        });
        let keys: Vec<_> = keys.collect();
        for key in keys {
            let Some(mut group) = self.groups.remove(key) else {
                continue;
            };
            if let Some(seen) = &mut group.seen {
                seen.kept = true;
                let marks = std::mem::take(&mut seen.marks);
                self.settle(&marks);
            }
            self.groups.requeue([group]);
            self.note_changed(key);
        }
    }

    /// Returns the pending group of a problem that the broker keeps.
    pub(crate) fn kept_of(&self, key: Key) -> Option<&Group> {
        let is_kept = |group: &&Group| group.seen.as_ref().is_some_and(|seen| seen.kept);
        self.groups.get(key).filter(is_kept)
    }

    /// Returns whether the message in flight reports this problem.
    pub(crate) fn is_under_way(&self, key: Key) -> bool {
        self.telling.contains(&key)
    }

    /// Notes that these entries of the stream are sent, lost or counted.
    pub(super) fn settle(&mut self, marks: &[crate::fleet::Mark]) {
        if let Some(fleet) = &mut self.fleet {
            for mark in marks {
                fleet.member.settle(*mark);
            }
        }
    }

    /// Notes that what is known of a problem has changed.
    pub(super) fn note_changed(&mut self, key: Key) {
        if let Some(fleet) = &mut self.fleet
            && !fleet.changed.contains(&key)
        {
            fleet.changed.push(key);
        }
    }

    /// Settles the entries of a group that is sent or lost.
    pub(super) fn settle_group(&mut self, group: &Group) {
        if self.fleet.is_none() {
            return;
        }
        if let Some(seen) = &group.seen {
            self.settle(&seen.marks);
        }
        self.note_changed(group.key);
    }

    /// Gives the entries of the stream back to the fleet, and hands over what is in none.
    pub(crate) fn drop_stream(&mut self, now: Instant) {
        let mut groups = self.groups.drain();
        groups.append(&mut self.known.drain(now));
        self.known.forget_told(now);
        self.give_back(groups, now);
        if let Some(fleet) = &mut self.fleet {
            fleet.terms += 1;
            fleet.changed.clear();
            fleet.inherited = Going::default();
            fleet.kept_mutes.clear();
        }
        self.drop_read_losses();
        self.hand_over_losses(now);
    }

    /// Hands over the pending groups again, once the broker is back.
    pub(crate) fn rejoin(&mut self, now: Instant) {
        let groups = self.groups.drain().into_iter();
        let (stream, mut own): (Vec<_>, Vec<_>) = groups.partition(|one| one.seen.is_some());
        stream.into_iter().for_each(|one| self.groups.merge(one));
        if let Some(fleet) = &mut self.fleet
            && !fleet.member.leads(now)
        {
            own.append(&mut self.known.drain(now));
        }
        self.give_back(own, now);
        self.hand_over_losses(now);
        if let Some(fleet) = &mut self.fleet {
            fleet.member.hurry(now);
        }
    }

    /// Gives the entries of the stream back to the fleet, and discards what is not handed over.
    pub(super) fn leave_fleet(&mut self, reason: Reason, now: Instant) {
        if self.fleet.is_some() {
            self.drop_stream(now);
            self.lose_own(reason, now);
        }
    }

    /// Discards what is not handed over, reports its losses itself, and restarts the member.
    fn lose_own(&mut self, reason: Reason, now: Instant) {
        let own = self.take_own();
        for group in own {
            self.lose_group(&group, reason, now);
        }
        self.take_own_losses();
        if let Some(fleet) = &mut self.fleet {
            // Should the member go on: what it had read is in the stream.
            fleet.member.begin_again();
        }
    }

    /// Gives groups back to the fleet that came over the stream, and hands over the others.
    pub(super) fn give_back(&mut self, groups: Vec<Group>, now: Instant) {
        for group in groups {
            match (&group.seen, &mut self.fleet) {
                // An all-quiet notice is no event.
                (None, Some(fleet)) if group.events > 0 => {
                    fleet.member.hurry(now);
                    fleet.outbox.merge(group);
                }
                _ => self.stats.forward(group.events),
            }
        }
        self.keep_bounds(now);
    }

    /// Returns what the broker is to keep of a problem, by the broker's clock.
    pub(crate) fn sighting(&self, key: Key) -> Option<Sighting> {
        let earlier = self.fleet.as_ref()?.earlier.as_ref()?;
        self.known.sighting(key, earlier)
    }
}

impl Group {
    /// Returns whether its first event is only an excerpt, since a whole one was handed over
    /// before.
    pub(super) fn is_brief(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| seen.brief)
    }

    /// Merges the origins of a later group, and takes its first event if that has more detail.
    pub(super) fn absorb_seen(&mut self, later: &Rc<Kept>, seen: Option<Box<Seen>>) {
        let is_brief = self.is_brief();
        let says_more = is_brief && seen.as_ref().is_none_or(|seen| !seen.brief);
        if says_more {
            self.first = Rc::clone(later);
        }
        match (&mut self.seen, seen) {
            (Some(known), Some(seen)) => known.absorb(*seen),
            (known @ None, seen) => *known = seen,
            (Some(_), None) => {}
        }
        if let Some(seen) = &mut self.seen {
            seen.brief = is_brief && !says_more;
        }
    }
}

impl Sending {
    /// Returns what the broker is to know before this is sent, if it came over the stream.
    pub(super) fn going(&self) -> Option<Going> {
        let mut going = Going::default();
        if self.is_of_stream {
            going.keys.push(ReadLosses::NUMBER);
        }
        let groups = self.groups().iter();
        let of_stream = groups.filter_map(|group| Some((group, group.seen.as_deref()?)));
        let mut is_any = self.is_of_stream;
        for (group, seen) in of_stream {
            is_any = true;
            going.marks.extend(&seen.marks);
            if group.is_known() || seen.kept {
                going.keys.push(group.key.number());
            }
        }
        is_any.then_some(going)
    }

    /// Returns the origins of all its groups.
    pub(super) fn seen(&self) -> Option<Seen> {
        let groups = self.groups().iter();
        let mut all = groups.filter_map(|group| group.seen.as_deref());
        let mut seen = all.next()?.clone();
        all.for_each(|other| seen.absorb(other.clone()));
        Some(seen)
    }
}
