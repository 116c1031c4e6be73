//! Timed mutes that hold in a whole fleet.
//!
//! A process hands over its mutes as it does events. The leader applies them for all, and has the
//! broker keep them for the next leader.

use std::time::{Duration, Instant};

use crate::event::Fingerprint;
use crate::fleet::Mark;
use crate::spool::record::StoredMute;
use crate::worker::mute_list::{Mute, MuteList};
use crate::worker::{Clock, Worker};

/// The longest mute that is handed over: ten years.
const LONGEST: u64 = 10 * 366 * 24 * 60 * 60 * 1_000;

/// The mutes that the fleet knows, and how many unmutes it was told of.
#[derive(Debug, Default)]
pub(super) struct FleetMutes {
    known: Vec<(Fingerprint, Instant)>,
    unmutes: usize,
    /// The mutes that the broker kept when it was last asked.
    received: Vec<StoredMute>,
}

impl FleetMutes {
    /// Returns the mutes and unmutes of this process that the fleet does not know yet.
    fn changes(&mut self, list: &MuteList, now: Instant) -> Vec<Mute> {
        let (unmuted, unmutes) = list.unmuted_since(self.unmutes);
        self.unmutes = unmutes;
        let mut changes: Vec<Mute> = unmuted.iter().map(|one| (*one, None)).collect();
        let timed: Vec<_> = list.timed(now).collect();
        let before = std::mem::replace(&mut self.known, timed);
        let new = self.known.iter().filter(|mute| !before.contains(mute));
        changes.extend(new.map(|(fingerprint, until)| (*fingerprint, Some(*until))));
        changes
    }

    /// Takes the mutes that the broker keeps; returns the new and the ended ones.
    fn receive(&mut self, mutes: Vec<StoredMute>) -> (Vec<StoredMute>, Vec<Fingerprint>) {
        let is_there = |mute: &&StoredMute| mutes.iter().any(|one| one.digits == mute.digits);
        let ended = self.received.iter().filter(|mute| !is_there(mute));
        let ended = ended.filter_map(|mute| mute.digits.parse().ok()).collect();
        let new = mutes.iter().filter(|mute| !self.received.contains(mute));
        let new = new.cloned().collect();
        self.received = mutes;
        (new, ended)
    }

    /// Notes a mute or an unmute that the fleet knows.
    fn note(&mut self, (fingerprint, until): Mute) {
        self.known.retain(|(known, _)| *known != fingerprint);
        self.known.extend(until.map(|until| (fingerprint, until)));
    }
}

impl StoredMute {
    /// Returns the record of a mute that is handed over.
    pub(super) fn of((fingerprint, until): Mute, now: Instant) -> Self {
        let lasts = until.map_or(0, |until| {
            let lasts = until.saturating_duration_since(now).as_millis();
            u64::try_from(lasts).unwrap_or(LONGEST).clamp(1, LONGEST)
        });
        Self {
            digits: fingerprint.to_string(),
            until: lasts,
        }
    }

    /// Returns the mute as the broker keeps it, with its end in the broker's time.
    fn in_broker_time(mut self, mark: Mark) -> Self {
        if self.until > 0 {
            self.until = mark.time.saturating_add(self.until);
        }
        self
    }
}

/// The number under which the broker keeps the mutes: none of a problem's, but by chance.
pub(super) const NUMBER: u64 = u64::from_be_bytes(*b"is muted");

impl<T, C: Clock> Worker<T, C> {
    /// Hands over the mutes of this process.
    pub(super) fn hand_over_mutes(&self, now: Instant) {
        let Some(fleet) = &self.fleet else {
            return;
        };
        // Not the worker's settings: mutes that it just received may not be among them yet.
        let settings = self.shared.settings();
        let changes = fleet.mutes.borrow_mut().changes(&settings.mutes, now);
        if changes.is_empty() {
            return;
        }
        for lane in &self.lanes {
            if let Some(fleet) = &mut lane.state.borrow_mut().fleet {
                fleet.mutes.extend(&changes);
                fleet.member.make_due(now);
            }
        }
    }

    /// Applies a mute that was read from the stream, as of when its entry was stored.
    pub(super) fn read_mute(&self, index: usize, mute: StoredMute, mark: Mark, now: Instant) {
        let Ok(fingerprint) = mute.digits.parse() else {
            return;
        };
        let known = mute.in_broker_time(mark);
        self.keep_mute(index, &known, fingerprint, now);
        self.mute_known(index, &known, now);
    }

    /// Lets the broker keep a mute, for the next leader and for members that are alone while it is
    /// away.
    fn keep_mute(&self, index: usize, mute: &StoredMute, fingerprint: Fingerprint, now: Instant) {
        self.with_lane(index, |state| {
            let Some(fleet) = &mut state.fleet else {
                return;
            };
            let time = fleet.member.time(now).unwrap_or_default();
            let stays = |kept: &StoredMute| match (mute.until, kept.digits.parse::<Fingerprint>()) {
                _ if kept.until <= time => false,
                (_, Err(_)) => false,
                // An unmute ends all mutes that it overlaps.
                (0, Ok(kept)) => !kept.overlaps(fingerprint),
                (_, Ok(kept)) => kept != fingerprint,
            };
            fleet.kept_mutes.retain(stays);
            if mute.until > 0 {
                fleet.kept_mutes.push(mute.clone());
            }
            let bytes = super::entry::encode_mutes(fleet.kept_mutes.iter().cloned());
            fleet.member.set_known(NUMBER, bytes);
        });
    }

    /// Takes the mutes of the fleet, on a member that does not lead: it applies them once it is
    /// alone.
    pub(super) fn receive_mutes(&self, index: usize, bytes: &[u8], now: Instant) {
        let Some(fleet) = &self.fleet else {
            return;
        };
        let mutes = super::entry::decode_known(bytes).mutes;
        let (new, ended) = fleet.mutes.borrow_mut().receive(mutes);
        for mute in &new {
            self.mute_known(index, mute, now);
        }
        self.end_mutes(&ended);
    }

    /// Applies a mute that the broker keeps.
    pub(super) fn mute_known(&self, index: usize, mute: &StoredMute, now: Instant) {
        let (Some(fleet), Ok(fingerprint)) = (&self.fleet, mute.digits.parse()) else {
            return;
        };
        let time = self.with_member(index, |member| member.time(now)).flatten();
        let lasts = mute.until.saturating_sub(time.unwrap_or(mute.until));
        let until = now.checked_add(Duration::from_millis(lasts.min(LONGEST)));
        let until = until.filter(|_| lasts > 0);
        if until.is_none() && mute.until > 0 {
            // It has expired meanwhile, and is no unmute.
            return;
        }
        fleet.mutes.borrow_mut().note((fingerprint, until));
        let _ended = self.shared.change(|settings| {
            match until {
                Some(until) => settings.mutes.mute(fingerprint, until, now),
                None => settings.mutes.end(fingerprint),
            }
            Ok(())
        });
    }

    /// Ends the mutes of this process that the leader before did not have: somebody unmuted them.
    /// Those not handed over yet come back with the stream.
    pub(super) fn end_missing_mutes(&self, known: &[StoredMute]) {
        let Some(fleet) = &self.fleet else {
            return;
        };
        let _taken_anyway = fleet.mutes.borrow_mut().receive(known.to_vec());
        let known = known.iter().filter_map(|mute| mute.digits.parse().ok());
        let known: Vec<Fingerprint> = known.collect();
        let mutes = fleet.mutes.borrow();
        let received = mutes.known.iter().map(|(fingerprint, _)| *fingerprint);
        let ended: Vec<_> = received.filter(|one| !known.contains(one)).collect();
        drop(mutes);
        self.end_mutes(&ended);
    }

    /// Ends the mutes that another process has ended.
    fn end_mutes(&self, ended: &[Fingerprint]) {
        let Some(fleet) = self.fleet.as_ref().filter(|_| !ended.is_empty()) else {
            return;
        };
        let mut mutes = fleet.mutes.borrow_mut();
        mutes.known.retain(|(one, _)| !ended.contains(one));
        drop(mutes);
        let _ended = self.shared.change(|settings| {
            ended.iter().for_each(|one| settings.mutes.end(*one));
            Ok(())
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(muted: &[Mute], now: Instant) -> MuteList {
        let mut list = MuteList::default();
        for (fingerprint, until) in muted {
            list.mute(*fingerprint, until.unwrap(), now);
        }
        list
    }

    #[test]
    fn the_fleet_hears_of_each_mute_once_and_of_its_end() {
        let now = Instant::now();
        let hour = now + Duration::from_secs(3_600);
        let [one, two, configured] =
            ["3fa9c1", "77aa00", "001122"].map(|digits| digits.parse::<Fingerprint>().unwrap());
        let mut mutes = FleetMutes::default();
        let mut muted = MuteList::of(std::iter::once(configured));
        muted.mute(one, hour, now);
        // Mutes of the configuration are not handed over: the other processes have them, too.
        assert_eq!(mutes.changes(&muted, now), [(one, Some(hour))]);
        assert_eq!(mutes.changes(&muted, now), []);
        mutes.note((two, Some(hour)));
        muted.mute(two, hour, now);
        assert_eq!(mutes.changes(&muted, now), [], "it came from the fleet");
        muted.end(two);
        mutes.note((two, None));
        assert_eq!(mutes.changes(&muted, now), [], "so did its end");
        muted.unmute(one);
        muted.unmute(two);
        assert_eq!(mutes.changes(&muted, now), [(one, None), (two, None)]);
        assert_eq!(mutes.changes(&muted, now), []);
    }

    #[test]
    fn of_what_the_broker_keeps_only_changes_are_taken() {
        let mute = |digits: &str, until| StoredMute {
            digits: digits.to_owned(),
            until,
        };
        let (one, two) = (mute("3fa9c1", 5), mute("77aa00", 6));
        let mut mutes = FleetMutes::default();
        let both = vec![one.clone(), two.clone()];
        assert_eq!(mutes.receive(both.clone()), (both.clone(), Vec::new()));
        assert_eq!(mutes.receive(both), (Vec::new(), Vec::new()));
        let longer = mute("3fa9c1", 9);
        let ended = vec!["77aa00".parse().unwrap()];
        assert_eq!(
            mutes.receive(vec![longer.clone()]),
            (vec![longer.clone()], ended)
        );
        let ended = vec!["3fa9c1".parse().unwrap()];
        assert_eq!(mutes.receive(Vec::new()), (Vec::new(), ended));
    }

    #[test]
    fn longer_and_shorter_mutes_are_published() {
        let now = Instant::now();
        let at = |minutes: u64| Some(now + Duration::from_secs(60 * minutes));
        let one: Fingerprint = "3fa9c1".parse().unwrap();
        let mut mutes = FleetMutes::default();
        for minutes in [5, 9, 2] {
            let muted = [(one, at(minutes))];
            assert_eq!(mutes.changes(&list(&muted, now), now), muted);
        }
        let later = now + Duration::from_secs(3_600);
        assert_eq!(mutes.changes(&MuteList::default(), later), []);
    }
}
