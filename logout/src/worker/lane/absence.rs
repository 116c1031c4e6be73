//! The absence of a destination: when it is asked again, and what is sent meanwhile.
//!
//! Pure: time and chance are arguments.

use std::time::{Duration, Instant};

use super::group::GroupKey;

/// Minutes from the announcement to each recheck; after them every hour.
const RECHECK_MINUTES: [u32; 4] = [1, 5, 15, 60];

/// Minutes for which something else may answer in its place before that is announced.
const UNANNOUNCED_MINUTES: u32 = 10;

/// Minutes for which a missing route is remembered.
pub(super) const MISSING_ROUTE_MINUTES: u32 = 60;

/// The next step after something else has answered in the destination's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextTry {
    /// Try again as after any passing fault.
    BackOff,
    /// Announce that it answers, but not as its platform does, and try again then.
    Announce(Instant),
    /// It was announced; try again then.
    Recheck(Instant),
}

/// The absence of a destination: since when it is away or gone.
#[derive(Debug, Default)]
pub(super) struct Absence {
    /// Since when only something else has answered.
    strangers_since: Option<Instant>,
    /// When it was announced, from which the rechecks count, and as what.
    announced: Option<(Instant, AbsenceKind)>,
    /// When a destination that is gone is tried again.
    until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AbsenceKind {
    Stranger,
    Gone,
}

impl Absence {
    /// Notes that something else has answered in the destination's place.
    pub(super) fn note_stranger(&mut self, now: Instant, minute: Duration) -> NextTry {
        if let Some((announced_at, _)) = self.announced {
            return NextTry::Recheck(recheck_after(announced_at, now, minute));
        }
        let since = *self.strangers_since.get_or_insert(now);
        if now.saturating_duration_since(since) < minute.saturating_mul(UNANNOUNCED_MINUTES) {
            return NextTry::BackOff;
        }
        self.announced = Some((now, AbsenceKind::Stranger));
        NextTry::Announce(recheck_after(now, now, minute))
    }

    /// Notes that the destination says that it is gone; returns when to try again, and whether that
    /// is news.
    pub(super) fn note_gone(&mut self, now: Instant, minute: Duration) -> (Instant, bool) {
        let (announced_at, is_news) = match self.announced {
            Some((announced_at, AbsenceKind::Gone)) => (announced_at, false),
            _ => (now, true),
        };
        self.announced = Some((announced_at, AbsenceKind::Gone));
        let until = recheck_after(announced_at, now, minute);
        self.until = Some(until);
        (until, is_news)
    }

    /// Notes that the lane is on. Before the recheck that is somebody's doing, who is to hear of it
    /// if the destination is still gone.
    pub(super) fn note_switched_on(&mut self, now: Instant) {
        if self.until.is_some_and(|until| now < until) {
            self.end();
        }
    }

    /// Ends the absence: the platform itself has answered.
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }
}

/// Returns the first recheck after `now`, counted from `announced_at`.
fn recheck_after(announced_at: Instant, now: Instant, minute: Duration) -> Instant {
    let elapsed = now.saturating_duration_since(announced_at);
    let mut early = RECHECK_MINUTES
        .map(|minutes| minute.saturating_mul(minutes))
        .into_iter();
    let hour = minute.saturating_mul(60).max(Duration::from_millis(1));
    let hours = u32::try_from(elapsed.as_nanos() / hour.as_nanos()).unwrap_or(u32::MAX);
    let later = hour.saturating_mul(hours.saturating_add(1));
    let after = early.find(|after| *after > elapsed).unwrap_or(later);
    announced_at
        .checked_add(after)
        .unwrap_or_else(|| now + hour)
}

/// After this many rejections in a row none of the groups is to blame.
const REFUSED_IN_A_ROW: usize = 3;

/// The groups to which a firewall's rejection is attributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blame {
    /// One of several; which is not known.
    OneOfThem,
    /// The only one of the message.
    This,
    /// None of them: everything is rejected.
    Nobody,
}

/// The size of messages while a firewall rejects some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum MessageSize {
    /// As many groups as fit.
    #[default]
    Full,
    /// At most this many groups, until the rejected one is found: half as many after each
    /// rejection, twice as many after each delivery.
    AtMost(usize),
    /// One group, any of them, to see whether the destination is back.
    Probe,
}

/// The search for groups that a firewall rejects, so that one text does not hold up all others.
#[derive(Debug, Default)]
pub(super) struct RejectionSearch {
    message_size: MessageSize,
    /// Groups that were rejected alone since the last delivery, for the first time.
    refused: Vec<GroupKey>,
}

impl RejectionSearch {
    /// Notes that something on the way rejected a message with these groups. That a group is
    /// rejected once more tells nothing of the others.
    pub(super) fn note_refusal(&mut self, keys: &[GroupKey], was_rejected: bool) -> Blame {
        match keys {
            _ if self.message_size == MessageSize::Probe => Blame::Nobody,
            [_] if was_rejected => Blame::This,
            [key] => {
                self.refused.push(*key);
                if self.refused.len() < REFUSED_IN_A_ROW {
                    return Blame::This;
                }
                self.refused.clear();
                self.message_size = MessageSize::Probe;
                Blame::Nobody
            }
            _ => {
                self.message_size = MessageSize::AtMost((keys.len() / 2).max(1));
                Blame::OneOfThem
            }
        }
    }

    /// Notes that a message was delivered.
    pub(super) fn note_delivery(&mut self) {
        self.refused.clear();
        self.message_size = match self.message_size {
            MessageSize::AtMost(most) => MessageSize::AtMost(most.saturating_mul(2)),
            MessageSize::Full | MessageSize::Probe => MessageSize::Full,
        };
    }

    /// Returns whether a rejected message is worth another try in plain form.
    pub(super) fn tries_plain(&self) -> bool {
        self.message_size != MessageSize::Probe
    }

    /// Returns those of the groups that may go into the next message; `chance` is from 0 to 1.
    pub(super) fn select(&mut self, mut keys: Vec<GroupKey>, chance: f64) -> Vec<GroupKey> {
        match self.message_size {
            MessageSize::Full => {}
            MessageSize::AtMost(most) if keys.len() <= most => {
                self.message_size = MessageSize::Full;
            }
            MessageSize::AtMost(most) => keys.truncate(most),
            MessageSize::Probe => {
                let index = (chance * keys.len() as f64) as usize;
                keys.drain(..index.min(keys.len().saturating_sub(1)));
                keys.truncate(1);
            }
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use proptest::prelude::*;

    use super::{Absence, Blame, NextTry, RejectionSearch, recheck_after};
    use crate::worker::lane::group::GroupKey;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn what_is_gone_is_asked_after_1_5_15_and_60_minutes_and_then_every_hour() {
        let (mut absence, start) = (Absence::default(), Instant::now());
        let mut now = start;
        let mut asked = Vec::new();
        for time in 0..7 {
            let (at, is_news) = absence.note_gone(now, MINUTE);
            assert_eq!(is_news, time == 0);
            asked.push((at - start).as_secs() / 60);
            now = at;
        }
        assert_eq!(asked, [1, 5, 15, 60, 120, 180, 240]);
        absence.end();
        assert_eq!(absence.note_gone(now, MINUTE), (now + MINUTE, true));
    }

    #[test]
    fn what_somebody_switches_on_is_told_anew_when_it_is_still_gone() {
        let (mut absence, start) = (Absence::default(), Instant::now());
        let (until, _) = absence.note_gone(start, MINUTE);
        absence.note_switched_on(until);
        assert_eq!(
            absence.note_gone(until, MINUTE),
            (start + 5 * MINUTE, false)
        );
        let early = until + MINUTE;
        absence.note_switched_on(early);
        assert_eq!(absence.note_gone(early, MINUTE), (early + MINUTE, true));
    }

    #[test]
    fn a_stranger_is_said_after_ten_minutes_of_nothing_else() {
        let (mut absence, start) = (Absence::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(absence.note_stranger(start, MINUTE), NextTry::BackOff);
        assert_eq!(absence.note_stranger(at(599), MINUTE), NextTry::BackOff);
        assert_eq!(
            absence.note_stranger(at(601), MINUTE),
            NextTry::Announce(at(661))
        );
        assert_eq!(
            absence.note_stranger(at(661), MINUTE),
            NextTry::Recheck(at(901))
        );
        absence.end();
        assert_eq!(absence.note_stranger(at(902), MINUTE), NextTry::BackOff);
    }

    fn keys(number: u64) -> Vec<GroupKey> {
        (0..number).map(GroupKey::of_tests).collect()
    }

    /// Sends until only rejected groups are left; returns how many requests that took.
    fn send(
        rejection_search: &mut RejectionSearch,
        waiting: &mut Vec<GroupKey>,
        refused: &[GroupKey],
        chance: f64,
    ) -> usize {
        let mut rejected: Vec<GroupKey> = Vec::new();
        for request in 0..1_000 {
            let unrejected: Vec<_> = waiting
                .iter()
                .filter(|key| !rejected.contains(key))
                .copied()
                .collect();
            if unrejected.is_empty() {
                return request;
            }
            let message = rejection_search.select(unrejected, chance);
            assert!(!message.is_empty());
            if !message.iter().any(|key| refused.contains(key)) {
                rejection_search.note_delivery();
                waiting.retain(|key| !message.contains(key));
                continue;
            }
            match rejection_search.note_refusal(&message, false) {
                Blame::This => rejected.extend(message),
                Blame::Nobody => rejected.clear(),
                Blame::OneOfThem => {}
            }
        }
        1_000
    }

    #[test]
    fn one_text_that_a_firewall_dislikes_is_found_soon_wherever_it_is() {
        for number in [1, 2, 3, 7, 20, 64, 100, 150_u64] {
            for disliked in keys(number) {
                let (mut rejection_search, mut waiting) =
                    (RejectionSearch::default(), keys(number));
                let requests = send(&mut rejection_search, &mut waiting, &[disliked], 0.5);
                assert_eq!(waiting, [disliked]);
                let most = 4 * number.ilog2() as usize + 3;
                assert!(requests <= most, "{requests} for {number}");
            }
        }
    }

    #[test]
    fn a_refusal_that_was_nobodys_fault_costs_three_messages_instead_of_one() {
        let (mut rejection_search, mut waiting) = (RejectionSearch::default(), keys(150));
        assert_eq!(
            rejection_search.note_refusal(&waiting, false),
            Blame::OneOfThem
        );
        assert_eq!(send(&mut rejection_search, &mut waiting, &[], 0.5), 2);
        assert!(waiting.is_empty());
        // Later messages are as full as before.
        assert_eq!(rejection_search.select(keys(150), 0.5).len(), 150);
    }

    #[test]
    fn where_all_is_refused_that_is_known_after_a_few_requests() {
        let (mut rejection_search, all) = (RejectionSearch::default(), keys(200));
        let mut rejected: Vec<GroupKey> = Vec::new();
        let requests = (1..).find(|_| {
            let unrejected = all.iter().filter(|key| !rejected.contains(key));
            let message = rejection_search.select(unrejected.copied().collect(), 0.5);
            let blame = rejection_search.note_refusal(&message, false);
            rejected.extend(message);
            match blame {
                Blame::OneOfThem => rejected.clear(),
                Blame::This | Blame::Nobody => {}
            }
            blame == Blame::Nobody
        });
        assert_eq!(requests, Some(10));
    }

    #[test]
    fn where_all_is_refused_nobody_is_blamed_and_the_first_delivery_ends_it() {
        let (mut rejection_search, all) = (RejectionSearch::default(), keys(3));
        assert_eq!(rejection_search.note_refusal(&all, false), Blame::OneOfThem);
        for (key, blame) in all.iter().zip([Blame::This, Blame::This, Blame::Nobody]) {
            assert!(rejection_search.tries_plain());
            assert_eq!(rejection_search.note_refusal(&[*key], false), blame);
            if blame == Blame::This {
                assert_eq!(rejection_search.note_refusal(&[*key], true), blame);
            }
        }
        assert!(!rejection_search.tries_plain());
        assert_eq!(rejection_search.select(all.clone(), 0.99), [all[2]]);
        rejection_search.note_delivery();
        assert_eq!(rejection_search.select(all.clone(), 0.0), all);
    }

    proptest! {
        #[test]
        fn a_recheck_comes_later_and_within_the_hour(elapsed in 0_u64..1_000_000, minute in 1_u64..120_000) {
            let (announced_at, minute) = (Instant::now(), Duration::from_millis(minute));
            let now = announced_at + Duration::from_millis(elapsed);
            let at = recheck_after(announced_at, now, minute);
            prop_assert!(at > now && at <= now + 60 * minute);
            prop_assert!(recheck_after(announced_at, at, minute) > at);
        }

        #[test]
        fn rechecks_of_any_bounds_are_moments(minute in any::<u64>(), elapsed in any::<u32>()) {
            let announced_at = Instant::now();
            let now = announced_at + Duration::from_secs(u64::from(elapsed));
            let minute = Duration::from_millis(minute).min(Duration::from_secs(10 * 365 * 24 * 60 * 60));
            prop_assert!(recheck_after(announced_at, now, minute) > now);
        }

        #[test]
        fn what_is_not_rejected_arrives_whatever_is_disliked(number in 1_u64..12, disliked in any::<prop::sample::Index>(), second in any::<Option<prop::sample::Index>>(), chance in 0.0_f64..1.0) {
            let (mut rejection_search, mut waiting) = (RejectionSearch::default(), keys(number));
            let mut all = vec![waiting[disliked.index(waiting.len())]];
            all.extend(second.map(|second| waiting[second.index(waiting.len())]));
            send(&mut rejection_search, &mut waiting, &all, chance);
            prop_assert!(waiting.iter().all(|key| all.contains(key)));
        }
    }
}
