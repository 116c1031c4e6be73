//! A lane's fleet state: outbox, lease and read entries.

use std::rc::Rc;
use std::time::Instant;

use super::fleet_origins::FleetOrigins;
use super::group::{Group, GroupKey, KeptEvent};
use super::groups::Groups;
use super::known::EarlierHistory;
use super::lane_state::LaneState;
use super::outgoing_losses::OutgoingLosses;
use super::peer_losses::PeerLosses;
use super::{OutgoingMessage, Switch};
use crate::block::memory_budget::MemoryBudget;
use crate::event::EventView;
use crate::fleet::{InFlight, Member};
use crate::spool::history::Sighting;
use crate::spool::record::StoredMute;
use crate::text::sorted_map::sorted;
use crate::worker::mute_list::{Mute, Muting};
use crate::worker::stats::{FleetState, Reason};

/// The fleet state of a lane.
#[derive(Debug)]
pub(crate) struct FleetLaneState {
    pub(crate) member: Member,
    /// The groups of this process that are not handed over.
    pub(crate) outbox: Groups,
    /// Those of them that are being written to the stream.
    pub(crate) in_flight: Vec<Group>,
    /// What earlier leaders may have sent.
    pub(crate) inherited: InFlight,
    /// How often it stopped leading: what it read before is another leader's.
    pub(crate) terms: u64,
    /// Converts instants to the broker's clock, which all leaders share.
    pub(crate) earlier: Option<Rc<EarlierHistory>>,
    /// Problems whose change the broker was not told of yet.
    pub(crate) changed: Vec<GroupKey>,
    /// The losses of this process, which the leader reports.
    pub(crate) losses: OutgoingLosses,
    /// The losses of other members, which this one reports while it leads.
    pub(crate) peer_losses: PeerLosses,
    /// The mutes of this process that are not handed over.
    pub(crate) mutes: Vec<Mute>,
    /// Those of them that are being written to the stream.
    pub(crate) mutes_in_flight: Vec<Mute>,
    /// The mutes of the whole fleet, as the broker keeps them.
    pub(crate) kept_mutes: Vec<StoredMute>,
}

impl FleetLaneState {
    pub(crate) fn new(member: Member, memory: MemoryBudget) -> Self {
        Self {
            member,
            outbox: Groups::within(memory),
            in_flight: Vec::new(),
            inherited: InFlight::default(),
            terms: 0,
            earlier: None,
            changed: Vec::new(),
            losses: OutgoingLosses::within(memory.sites),
            peer_losses: PeerLosses::within(memory.sites),
            mutes: Vec::new(),
            mutes_in_flight: Vec::new(),
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
        key: GroupKey,
        number: u64,
        event: &EventView<'_>,
        now: Instant,
        own: impl FnOnce() -> Rc<KeptEvent>,
    ) {
        self.outbox.offer(key, number, event, now, own);
        match event.is_panic() {
            true => self.member.make_due(now),
            false => self.member.note(key.broker_number(), now),
        }
    }

    /// Returns whether there are events or losses of this process that nobody else has.
    pub(crate) fn has_own(&self) -> bool {
        !self.outbox.is_empty() || !self.in_flight.is_empty() || !self.losses.is_empty()
    }

    /// Returns the lane's number of the oldest event that is not handed over, and when it came.
    pub(super) fn oldest(&self) -> Option<(u64, Instant)> {
        let in_flight = self.in_flight.iter().map(Group::oldest);
        self.outbox.oldest().into_iter().chain(in_flight).min()
    }
}

impl GroupKey {
    /// Returns the number under which the broker keeps what is known of a problem.
    pub(crate) fn broker_number(self) -> u64 {
        self.problem.fingerprint ^ self.route
    }
}

impl LaneState {
    /// Returns whether the lane may choose a message now. When alone, or leading but unable to write the
    /// stream, it first takes over its own outbox, in its time slot.
    pub(super) fn may_choose(&mut self, is_closing: bool, now: Instant) -> bool {
        let waits = !self.groups.is_empty() || self.known.counted() > 0;
        let Some(fleet) = &mut self.fleet else {
            return true;
        };
        let speaks = fleet.member.sends_alone();
        if fleet.member.sends_until(now).is_some() && !fleet.member.is_leaving() {
            if speaks && fleet.has_own() {
                self.send_new_problems(now);
            }
            return true;
        }
        let is_turn = fleet.member.slot_until(now).is_some();
        let may_end = is_closing && speaks;
        if !(is_turn || may_end) || !(fleet.has_own() || waits) {
            return false;
        }
        fleet.member.note_slot_used(now);
        for group in self.take_own() {
            self.groups.merge(group);
        }
        self.evict_over_budget(now);
        true
    }

    /// Sends new problems of this process by itself. Its other events are worth no message, and
    /// wait until the broker takes them.
    fn send_new_problems(&mut self, now: Instant) {
        for group in self.take_own() {
            let (key, told) = (group.key, self.groups.get(group.key));
            let waits = told.is_some_and(|told| told.origins.is_some()) || self.is_in_flight(key);
            let is_known = self.known.would_count(key, group.level, now);
            match &mut self.fleet {
                Some(fleet) if waits || is_known => fleet.outbox.merge(group),
                _ => self.groups.merge(group),
            }
        }
        self.evict_over_budget(now);
    }

    /// Takes the groups of this process that nobody else has.
    fn take_own(&mut self) -> Vec<Group> {
        let Some(fleet) = &mut self.fleet else {
            return Vec::new();
        };
        let repeats = fleet.member.abandon();
        let mut own = std::mem::take(&mut fleet.in_flight);
        for group in &mut own {
            group.repeats |= repeats;
        }
        own.extend(fleet.outbox.drain());
        // A mute that the stream has already is applied once more.
        let mut mutes = std::mem::take(&mut fleet.mutes_in_flight);
        mutes.append(&mut fleet.mutes);
        fleet.mutes = mutes;
        self.take_own_losses();
        own
    }

    /// Takes a group that was read from the stream.
    pub(crate) fn add_read_group(&mut self, mut group: Group, now: Instant) {
        self.stats.accept(group.events);
        let key = group.key;
        let repeats = group
            .origins
            .as_ref()
            .is_some_and(|origins| origins.possible_repeat);
        if !repeats && !self.is_in_flight(key) && self.known.offer_group(&group, now) {
            let marks = group.origins.take().map(|origins| origins.marks);
            self.settle(&marks.unwrap_or_default());
            self.note_changed(key);
            return;
        }
        self.groups.merge(group);
        self.evict_over_budget(now);
    }

    /// Counts a group that was read from the stream and is muted.
    pub(crate) fn mute_group(&mut self, group: &Group, now: Instant) {
        self.stats.accept(group.events);
        self.lose_group(group, Reason::Muted, now);
    }

    /// Returns the muting that holds in this lane. In a fleet the leader applies a temporary mute, so that
    /// it begins and ends for all members at once.
    pub(crate) fn muting_here(&self, muting: Muting, now: Instant) -> Muting {
        let fleet = self.fleet.as_ref();
        let is_others =
            fleet.is_some_and(|fleet| fleet.leader_reports_losses() && !fleet.member.leads(now));
        match muting {
            Muting::ForAWhile if is_others => Muting::Not,
            muting => muting,
        }
    }

    /// Returns whether no message is in flight, nor a report that is sent as soon as it may.
    pub(crate) fn is_idle(&self) -> bool {
        let reports = self.switch == Switch::On && self.has_peer_losses();
        self.keys_in_flight.is_empty() && !reports
    }

    /// Takes a reminder of the leader before.
    pub(crate) fn restore_reminder(&mut self, group: Group, now: Instant) {
        self.stats.accept(group.events);
        if !self.known.restore_group(&group, now) {
            self.groups.merge(group);
        }
    }

    /// Lets the broker keep pending groups in place of their entries, to make room for more: at
    /// most this many bytes of them at a time.
    pub(crate) fn keep_pending_at_broker(&mut self, most: usize) {
        let marks = |group: &Group| {
            group
                .origins
                .as_ref()
                .map_or(0, |origins| origins.marks.len())
        };
        let waiting = self.groups.all().filter(|group| marks(group) > 0);
        let waiting = waiting.filter(|group| !self.is_in_flight(group.key));
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
            if let Some(origins) = &mut group.origins {
                origins.kept = true;
                let marks = std::mem::take(&mut origins.marks);
                self.settle(&marks);
            }
            self.groups.requeue([group]);
            self.note_changed(key);
        }
    }

    /// Returns the pending group of a problem that the broker keeps.
    pub(crate) fn kept_at_broker(&self, key: GroupKey) -> Option<&Group> {
        let is_kept = |group: &&Group| group.origins.as_ref().is_some_and(|origins| origins.kept);
        self.groups.get(key).filter(is_kept)
    }

    /// Returns whether the message in flight reports this problem.
    pub(crate) fn is_in_flight(&self, key: GroupKey) -> bool {
        self.keys_in_flight.contains(&key)
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
    pub(super) fn note_changed(&mut self, key: GroupKey) {
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
        if let Some(origins) = &group.origins {
            self.settle(&origins.marks);
        }
        self.note_changed(group.key);
    }

    /// Gives the entries of the stream back to the fleet, and hands over what is in none.
    pub(crate) fn return_all_to_fleet(&mut self, now: Instant) {
        let mut groups = self.groups.drain();
        groups.append(&mut self.known.drain(now));
        self.known.forget_told(now);
        self.return_to_fleet(groups, now);
        if let Some(fleet) = &mut self.fleet {
            fleet.terms += 1;
            fleet.changed.clear();
            fleet.inherited = InFlight::default();
            fleet.kept_mutes.clear();
        }
        self.drop_peer_losses();
        self.hand_over_losses(now);
    }

    /// Hands over the pending groups again, once the broker is back.
    pub(crate) fn rejoin(&mut self, now: Instant) {
        let groups = self.groups.drain().into_iter();
        let (stream, mut own): (Vec<_>, Vec<_>) = groups.partition(|one| one.origins.is_some());
        stream.into_iter().for_each(|one| self.groups.merge(one));
        if let Some(fleet) = &mut self.fleet
            && !fleet.member.leads(now)
        {
            own.append(&mut self.known.drain(now));
        }
        self.return_to_fleet(own, now);
        self.hand_over_losses(now);
        if let Some(fleet) = &mut self.fleet {
            fleet.member.make_due(now);
        }
    }

    /// Gives the entries of the stream back to the fleet, and discards what is not handed over.
    pub(super) fn leave_fleet(&mut self, reason: Reason, now: Instant) {
        if self.fleet.is_some() {
            self.return_all_to_fleet(now);
            self.discard_unsent(reason, now);
        }
    }

    /// Discards what is not handed over, reports its losses itself, and restarts the member.
    fn discard_unsent(&mut self, reason: Reason, now: Instant) {
        let own = self.take_own();
        for group in own {
            self.lose_group(&group, reason, now);
        }
        self.take_own_losses();
        if let Some(fleet) = &mut self.fleet {
            // Should the member go on: what it had read is in the stream.
            fleet.member.retake_lease();
        }
    }

    /// Gives groups back to the fleet that came over the stream, and hands over the others.
    pub(super) fn return_to_fleet(&mut self, groups: Vec<Group>, now: Instant) {
        for group in groups {
            match (&group.origins, &mut self.fleet) {
                // An all-quiet notice is no event.
                (None, Some(fleet)) if group.events > 0 => {
                    fleet.member.make_due(now);
                    fleet.outbox.merge(group);
                }
                _ => self.stats.forward(group.events),
            }
        }
        self.evict_over_budget(now);
    }

    /// Returns what the broker is to keep of a problem, by the broker's clock.
    pub(crate) fn sighting(&self, key: GroupKey) -> Option<Sighting> {
        let earlier = self.fleet.as_ref()?.earlier.as_ref()?;
        self.known.sighting(key, earlier)
    }
}

impl Group {
    /// Returns whether its first event is only an excerpt, since a whole one was handed over
    /// before.
    pub(super) fn is_brief(&self) -> bool {
        self.origins.as_ref().is_some_and(|origins| origins.brief)
    }

    /// Merges the origins of a later group, and takes its first event if that has more detail.
    pub(super) fn absorb_origins(
        &mut self,
        later: &Rc<KeptEvent>,
        origins: Option<Box<FleetOrigins>>,
    ) {
        let is_brief = self.is_brief();
        let says_more = is_brief && origins.as_ref().is_none_or(|origins| !origins.brief);
        if says_more {
            self.first = Rc::clone(later);
        }
        match (&mut self.origins, origins) {
            (Some(known), Some(origins)) => known.absorb(*origins),
            (known @ None, origins) => *known = origins,
            (Some(_), None) => {}
        }
        if let Some(origins) = &mut self.origins {
            origins.brief = is_brief && !says_more;
        }
    }
}

impl OutgoingMessage {
    /// Returns what the broker is to know before this is sent, if it came over the stream.
    pub(super) fn in_flight(&self) -> Option<InFlight> {
        let mut in_flight = InFlight::default();
        if self.reports_peer_losses {
            in_flight.keys.push(PeerLosses::NUMBER);
        }
        let groups = self.groups().iter();
        let of_stream = groups.filter_map(|group| Some((group, group.origins.as_deref()?)));
        let mut is_any = self.reports_peer_losses;
        for (group, origins) in of_stream {
            is_any = true;
            in_flight.marks.extend(&origins.marks);
            if group.is_known() || origins.kept {
                in_flight.keys.push(group.key.broker_number());
            }
        }
        is_any.then_some(in_flight)
    }

    /// Returns the origins of all its groups.
    pub(super) fn origins(&self) -> Option<FleetOrigins> {
        let groups = self.groups().iter();
        let mut all = groups.filter_map(|group| group.origins.as_deref());
        let mut origins = all.next()?.clone();
        all.for_each(|other| origins.absorb(other.clone()));
        Some(origins)
    }
}
