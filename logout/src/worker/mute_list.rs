//! The list of muted problems, which are counted and not sent.

use std::time::Instant;

use crate::event::Fingerprint;

/// A muted problem, and until when; `None` for good.
pub(crate) type Mute = (Fingerprint, Option<Instant>);

/// The problems that are muted, by the configuration for good and by the program for a while.
#[derive(Clone, Debug, Default)]
pub(crate) struct MuteList {
    muted: Vec<Mute>,
    /// The last fingerprints unmuted, and the number of all unmutes, for the fleet.
    #[cfg(feature = "fleet")]
    unmuted: Vec<Fingerprint>,
    #[cfg(feature = "fleet")]
    unmutes: usize,
}

/// The kind of muting of a problem, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Muting {
    Not,
    ForAWhile,
    ForGood,
}

impl MuteList {
    /// Creates the list of the fingerprints that the configuration mutes for good.
    pub(crate) fn of(configured: impl Iterator<Item = Fingerprint>) -> Self {
        let mut list = Self::default();
        let muted = configured.map(|fingerprint| (fingerprint, None));
        list.muted.extend(muted);
        list
    }

    /// Keeps what the program muted after the configuration was read again.
    pub(crate) fn succeed(&mut self, before: &Self) {
        let timed = before.muted.iter().filter(|(_, until)| until.is_some());
        for (fingerprint, until) in timed {
            if !self.muted.iter().any(|(known, _)| known == fingerprint) {
                self.muted.push((*fingerprint, *until));
            }
        }
        #[cfg(feature = "fleet")]
        {
            self.unmuted.clone_from(&before.unmuted);
            self.unmutes = before.unmutes;
        }
    }

    /// Mutes a fingerprint until then. It does not shorten what the configuration mutes for good.
    pub(crate) fn mute(&mut self, fingerprint: Fingerprint, until: Instant, now: Instant) {
        self.muted
            .retain(|(_, until)| until.is_none_or(|until| until > now));
        let mut muted = self.muted.iter_mut();
        match muted.find(|(known, _)| *known == fingerprint) {
            Some((_, known)) => *known = known.and(Some(until)),
            None => self.muted.push((fingerprint, Some(until))),
        }
    }

    /// Unmutes every entry that overlaps this fingerprint, until the configuration is read again.
    pub(crate) fn unmute(&mut self, fingerprint: Fingerprint) {
        self.end(fingerprint);
        #[cfg(feature = "fleet")]
        {
            if self.unmuted.len() >= UNMUTED {
                self.unmuted.remove(0);
            }
            self.unmuted.push(fingerprint);
            self.unmutes += 1;
        }
    }

    /// Removes the entries that overlap this fingerprint, which may be unmuted by another process.
    pub(crate) fn end(&mut self, fingerprint: Fingerprint) {
        self.muted.retain(|(muted, _)| !muted.overlaps(fingerprint));
    }

    /// Returns the entries that mute this fingerprint now.
    pub(crate) fn muting(
        &self,
        fingerprint: u64,
        now: Instant,
    ) -> impl Iterator<Item = (Fingerprint, Muting)> {
        let muted = self.muted.iter();
        let muting = muted.filter(move |(muted, until)| {
            muted.matches(fingerprint) && until.is_none_or(|until| until > now)
        });
        muting.map(|(muted, until)| match until {
            None => (*muted, Muting::ForGood),
            Some(_) => (*muted, Muting::ForAWhile),
        })
    }
}

/// The number of unmutes that the worker may be late to see.
#[cfg(feature = "fleet")]
const UNMUTED: usize = 64;

#[cfg(feature = "fleet")]
impl MuteList {
    /// Returns the entries that mute for a while.
    pub(crate) fn timed(&self, now: Instant) -> impl Iterator<Item = (Fingerprint, Instant)> {
        let timed = self.muted.iter();
        let timed = timed.filter_map(|(fingerprint, until)| Some((*fingerprint, (*until)?)));
        timed.filter(move |(_, until)| *until > now)
    }

    /// Returns the fingerprints unmuted since `heard` unmutes, and the number of all.
    pub(crate) fn unmuted_since(&self, heard: usize) -> (&[Fingerprint], usize) {
        let new = self.unmutes.saturating_sub(heard).min(self.unmuted.len());
        let new = self.unmuted.get(self.unmuted.len() - new..);
        (new.unwrap_or_default(), self.unmutes)
    }
}
