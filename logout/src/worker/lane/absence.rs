//! The absence of a destination: when it is asked again, and what is sent meanwhile.
//!
//! Pure: time and chance are arguments.

use std::time::{Duration, Instant};

use super::group::Key;

/// Minutes from the announcement to each recheck; after them every hour.
const RECHECKS: [u32; 4] = [1, 5, 15, 60];

/// Minutes for which something else may answer in its place before that is announced.
const UNSAID: u32 = 10;

/// Minutes for which a missing route is remembered.
pub(super) const MISSING_ROUTE: u32 = 60;

/// The next step after something else has answered in the destination's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again as after any passing fault.
    BackOff,
    /// Announce that it answers, but not as its platform does, and try again then.
    Say(Instant),
    /// It was announced; try again then.
    Ask(Instant),
}

/// The absence of a destination: since when it is away or gone.
#[derive(Debug, Default)]
pub(super) struct Absence {
    /// Since when only something else has answered.
    strangers_since: Option<Instant>,
    /// When it was announced, from which the rechecks count, and as what.
    said: Option<(Instant, Said)>,
    /// When a destination that is gone is tried again.
    until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Stranger,
    Gone,
}

impl Absence {
    /// Notes that something else has answered in the destination's place.
    pub(super) fn note_stranger(&mut self, now: Instant, minute: Duration) -> Next {
        if let Some((said_at, _)) = self.said {
            return Next::Ask(recheck_after(said_at, now, minute));
        }
        let since = *self.strangers_since.get_or_insert(now);
        if now.saturating_duration_since(since) < minute.saturating_mul(UNSAID) {
            return Next::BackOff;
        }
        self.said = Some((now, Said::Stranger));
        Next::Say(recheck_after(now, now, minute))
    }

    /// Notes that the destination says that it is gone; returns when to try again, and whether that
    /// is news.
    pub(super) fn note_gone(&mut self, now: Instant, minute: Duration) -> (Instant, bool) {
        let (said_at, is_news) = match self.said {
            Some((said_at, Said::Gone)) => (said_at, false),
            _ => (now, true),
        };
        self.said = Some((said_at, Said::Gone));
        let until = recheck_after(said_at, now, minute);
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

/// Returns the first recheck after `now`, counted from `said_at`.
fn recheck_after(said_at: Instant, now: Instant, minute: Duration) -> Instant {
    let elapsed = now.saturating_duration_since(said_at);
    let mut early = RECHECKS
        .map(|minutes| minute.saturating_mul(minutes))
        .into_iter();
    let hour = minute.saturating_mul(60).max(Duration::from_millis(1));
    let hours = u32::try_from(elapsed.as_nanos() / hour.as_nanos()).unwrap_or(u32::MAX);
    let later = hour.saturating_mul(hours.saturating_add(1));
    let after = early.find(|after| *after > elapsed).unwrap_or(later);
    said_at.checked_add(after).unwrap_or_else(|| now + hour)
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
enum Makeup {
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
pub(super) struct Suspicion {
    makeup: Makeup,
    /// Groups that were rejected alone since the last delivery, for the first time.
    refused: Vec<Key>,
}

impl Suspicion {
    /// Notes that something on the way rejected a message with these groups. That a group is
    /// rejected once more tells nothing of the others.
    pub(super) fn note_refusal(&mut self, keys: &[Key], is_suspect: bool) -> Blame {
        match keys {
            _ if self.makeup == Makeup::Probe => Blame::Nobody,
            [_] if is_suspect => Blame::This,
            [key] => {
                self.refused.push(*key);
                if self.refused.len() < REFUSED_IN_A_ROW {
                    return Blame::This;
                }
                self.refused.clear();
                self.makeup = Makeup::Probe;
                Blame::Nobody
            }
            _ => {
                self.makeup = Makeup::AtMost((keys.len() / 2).max(1));
                Blame::OneOfThem
            }
        }
    }

    /// Notes that a message was delivered.
    pub(super) fn note_delivery(&mut self) {
        self.refused.clear();
        self.makeup = match self.makeup {
            Makeup::AtMost(most) => Makeup::AtMost(most.saturating_mul(2)),
            Makeup::Full | Makeup::Probe => Makeup::Full,
        };
    }

    /// Returns whether a rejected message is worth another try in plain form.
    pub(super) fn tries_plain(&self) -> bool {
        self.makeup != Makeup::Probe
    }

    /// Returns those of the groups that may go into the next message; `chance` is from 0 to 1.
    pub(super) fn select(&mut self, mut keys: Vec<Key>, chance: f64) -> Vec<Key> {
        match self.makeup {
            Makeup::Full => {}
            Makeup::AtMost(most) if keys.len() <= most => self.makeup = Makeup::Full,
            Makeup::AtMost(most) => keys.truncate(most),
            Makeup::Probe => {
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

    use super::{Absence, Blame, Next, Suspicion, recheck_after};
    use crate::worker::lane::group::Key;

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
        assert_eq!(absence.note_stranger(start, MINUTE), Next::BackOff);
        assert_eq!(absence.note_stranger(at(599), MINUTE), Next::BackOff);
        assert_eq!(absence.note_stranger(at(601), MINUTE), Next::Say(at(661)));
        assert_eq!(absence.note_stranger(at(661), MINUTE), Next::Ask(at(901)));
        absence.end();
        assert_eq!(absence.note_stranger(at(902), MINUTE), Next::BackOff);
    }

    fn keys(number: u64) -> Vec<Key> {
        (0..number).map(Key::of_tests).collect()
    }

    /// Sends until only rejected groups are left; returns how many requests that took.
    fn send(
        suspicion: &mut Suspicion,
        waiting: &mut Vec<Key>,
        refused: &[Key],
        chance: f64,
    ) -> usize {
        let mut suspects: Vec<Key> = Vec::new();
        for request in 0..1_000 {
            let innocent: Vec<_> = waiting
                .iter()
                .filter(|key| !suspects.contains(key))
                .copied()
                .collect();
            if innocent.is_empty() {
                return request;
            }
            let message = suspicion.select(innocent, chance);
            assert!(!message.is_empty());
            if !message.iter().any(|key| refused.contains(key)) {
                suspicion.note_delivery();
                waiting.retain(|key| !message.contains(key));
                continue;
            }
            match suspicion.note_refusal(&message, false) {
                Blame::This => suspects.extend(message),
                Blame::Nobody => suspects.clear(),
                Blame::OneOfThem => {}
            }
        }
        1_000
    }

    #[test]
    fn one_text_that_a_firewall_dislikes_is_found_soon_wherever_it_is() {
        for number in [1, 2, 3, 7, 20, 64, 100, 150_u64] {
            for disliked in keys(number) {
                let (mut suspicion, mut waiting) = (Suspicion::default(), keys(number));
                let requests = send(&mut suspicion, &mut waiting, &[disliked], 0.5);
                assert_eq!(waiting, [disliked]);
                let most = 4 * number.ilog2() as usize + 3;
                assert!(requests <= most, "{requests} for {number}");
            }
        }
    }

    #[test]
    fn a_refusal_that_was_nobodys_fault_costs_three_messages_instead_of_one() {
        let (mut suspicion, mut waiting) = (Suspicion::default(), keys(150));
        assert_eq!(suspicion.note_refusal(&waiting, false), Blame::OneOfThem);
        assert_eq!(send(&mut suspicion, &mut waiting, &[], 0.5), 2);
        assert!(waiting.is_empty());
        // Later messages are as full as before.
        assert_eq!(suspicion.select(keys(150), 0.5).len(), 150);
    }

    #[test]
    fn where_all_is_refused_that_is_known_after_a_few_requests() {
        let (mut suspicion, all) = (Suspicion::default(), keys(200));
        let mut suspects: Vec<Key> = Vec::new();
        let requests = (1..).find(|_| {
            let innocent = all.iter().filter(|key| !suspects.contains(key));
            let message = suspicion.select(innocent.copied().collect(), 0.5);
            let blame = suspicion.note_refusal(&message, false);
            suspects.extend(message);
            match blame {
                Blame::OneOfThem => suspects.clear(),
                Blame::This | Blame::Nobody => {}
            }
            blame == Blame::Nobody
        });
        assert_eq!(requests, Some(10));
    }

    #[test]
    fn where_all_is_refused_nobody_is_blamed_and_the_first_delivery_ends_it() {
        let (mut suspicion, all) = (Suspicion::default(), keys(3));
        assert_eq!(suspicion.note_refusal(&all, false), Blame::OneOfThem);
        for (key, blame) in all.iter().zip([Blame::This, Blame::This, Blame::Nobody]) {
            assert!(suspicion.tries_plain());
            assert_eq!(suspicion.note_refusal(&[*key], false), blame);
            if blame == Blame::This {
                assert_eq!(suspicion.note_refusal(&[*key], true), blame);
            }
        }
        assert!(!suspicion.tries_plain());
        assert_eq!(suspicion.select(all.clone(), 0.99), [all[2]]);
        suspicion.note_delivery();
        assert_eq!(suspicion.select(all.clone(), 0.0), all);
    }

    proptest! {
        #[test]
        fn a_recheck_comes_later_and_within_the_hour(elapsed in 0_u64..1_000_000, minute in 1_u64..120_000) {
            let (said_at, minute) = (Instant::now(), Duration::from_millis(minute));
            let now = said_at + Duration::from_millis(elapsed);
            let at = recheck_after(said_at, now, minute);
            prop_assert!(at > now && at <= now + 60 * minute);
            prop_assert!(recheck_after(said_at, at, minute) > at);
        }

        #[test]
        fn rechecks_of_any_bounds_are_moments(minute in any::<u64>(), elapsed in any::<u32>()) {
            let said_at = Instant::now();
            let now = said_at + Duration::from_secs(u64::from(elapsed));
            let minute = Duration::from_millis(minute).min(Duration::from_secs(10 * 365 * 24 * 60 * 60));
            prop_assert!(recheck_after(said_at, now, minute) > now);
        }

        #[test]
        fn innocent_events_arrive_whatever_is_disliked(number in 1_u64..12, disliked in any::<prop::sample::Index>(), second in any::<Option<prop::sample::Index>>(), chance in 0.0_f64..1.0) {
            let (mut suspicion, mut waiting) = (Suspicion::default(), keys(number));
            let mut all = vec![waiting[disliked.index(waiting.len())]];
            all.extend(second.map(|second| waiting[second.index(waiting.len())]));
            send(&mut suspicion, &mut waiting, &all, chance);
            prop_assert!(waiting.iter().all(|key| all.contains(key)));
        }
    }
}
