//! Groups of like events: the first whole, and how many came after it.

use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use tracing::{Level, Metadata};

#[cfg(feature = "fleet")]
use super::fleet_origins::FleetOrigins;
use super::known::ProblemSnapshot;
#[cfg(feature = "spool")]
use super::restored::Restored;
use crate::adapter::{ProblemState, Severity};
use crate::event::encoding::truncated;
use crate::event::{EventView, LazySite, Site, panic};
use crate::message::{CollectiveText, DigestEntry, NAMED};
use crate::worker::problems::KnownFingerprints;
use crate::worker::turns::Priority;

mod kept_event;
mod key;

pub(crate) use self::kept_event::{KeptEvent, MemoryUse};
pub(crate) use self::key::GroupKey;

/// The most bytes of a group's last message that are kept.
pub(super) const LAST_BYTES: usize = 512;

/// The most call sites of a group that are told apart, beside that of its first event.
const OTHERS: usize = 64;

/// A group of like events: the first whole, and how many came after it.
#[derive(Debug)]
#[cfg_attr(feature = "spool", derive(Clone))]
pub(crate) struct Group {
    pub(crate) key: GroupKey,
    pub(crate) first: Rc<KeptEvent>,
    /// The last message, if there is more than one.
    pub(super) last: String,
    pub(super) last_time: SystemTime,
    /// Some of the texts, if too many different ones come from its call site.
    pub(super) texts: Vec<CollectiveText>,
    /// The most severe of their levels.
    pub(crate) level: Level,
    pub(crate) events: u64,
    /// The number of events from each call site but the first event's, which a report of losses
    /// names.
    pub(super) others: Vec<(&'static Metadata<'static>, u64)>,
    /// Whether its problem was not reported yet, as of when it was last looked at.
    pub(super) new: bool,
    /// What was reported of its problem before, if it was.
    pub(super) known: Option<ProblemSnapshot>,
    /// Whether it is more severe than all that was reported of its problem.
    pub(super) rose: bool,
    /// The lane's number of the first event, by which a flush waits for it.
    pub(crate) number: u64,
    /// The half of a rejected message that it was in, with which alone it may share one.
    pub(super) half: Option<u64>,
    /// When its last event came in.
    pub(super) newest: Instant,
    pub(super) oldest: Instant,
    /// Whether something on the way rejected it and let others pass; it is sent alone and last.
    pub(super) rejected: bool,
    /// The origin of a group that another process left.
    #[cfg(feature = "spool")]
    pub(crate) restored: Option<Box<Restored>>,
    /// Its origins, if it came over the stream of a fleet.
    #[cfg(feature = "fleet")]
    pub(crate) origins: Option<Box<FleetOrigins>>,
    /// Whether it may be in the stream as well, and be sent again from there.
    #[cfg(feature = "fleet")]
    pub(crate) repeats: bool,
}

impl Group {
    /// Creates the group of a first event.
    pub(super) fn new(
        key: GroupKey,
        number: u64,
        event: &EventView<'_>,
        now: Instant,
        own: Rc<KeptEvent>,
    ) -> Self {
        let collective = key.problem.collective.iter();
        let texts = collective.map(|_| CollectiveText::of(event));
        Self {
            key,
            first: own,
            last: String::new(),
            last_time: event.time(),
            texts: texts.collect(),
            level: event.level(),
            events: 1,
            others: Vec::new(),
            new: true,
            known: None,
            rose: false,
            number,
            half: None,
            newest: now,
            oldest: now,
            rejected: false,
            #[cfg(feature = "spool")]
            restored: None,
            #[cfg(feature = "fleet")]
            origins: None,
            #[cfg(feature = "fleet")]
            repeats: false,
        }
    }

    /// Adds a like event.
    pub(super) fn add(&mut self, event: &EventView<'_>, now: Instant) {
        self.events += 1;
        self.level = self.level.min(event.level());
        self.last.clear();
        keep_last(&mut self.last, event);
        self.last_time = self.last_time.max(event.time());
        self.newest = now;
        self.note_site(event.metadata(), 1);
        if self.key.problem.collective.is_some() {
            CollectiveText::count(event, &mut self.texts);
        }
    }

    pub(super) fn bytes(&self) -> MemoryUse {
        let others = self.others.len() * size_of::<(&Metadata<'_>, u64)>();
        let texts: usize = self.texts.iter().map(CollectiveText::size).sum();
        let beside = size_of::<Self>() + self.last.capacity() + others + texts;
        let all = beside + self.first.size();
        MemoryUse { all, beside }
    }

    /// Returns its call sites, with the number of events of each.
    pub(crate) fn sites(&self) -> impl Iterator<Item = (Site, u64)> {
        let sites = self.lazy_sites();
        sites.map(|(site, events)| (site.into_site(), events))
    }

    /// Returns the same as [`Self::sites`], unread.
    pub(super) fn lazy_sites(&self) -> impl Iterator<Item = (LazySite, u64)> {
        let elsewhere: u64 = self.others.iter().map(|(_, events)| events).sum();
        #[cfg(feature = "spool")]
        let elsewhere = elsewhere + self.restored_sites().map(|(_, events)| events).sum::<u64>();
        let here = self.events.saturating_sub(elsewhere);
        let first = (LazySite::of(&self.first.view()), here);
        let others = self.others.iter();
        let others = others.map(|(metadata, events)| (LazySite::CallSite(metadata), *events));
        let sites = std::iter::once(first).chain(others);
        #[cfg(feature = "spool")]
        let restored = self.restored_sites();
        #[cfg(feature = "spool")]
        let sites = sites.chain(restored.map(|(site, events)| (LazySite::Site(site), events)));
        sites
    }

    fn has_one_site(&self) -> bool {
        #[cfg(feature = "spool")]
        if self.restored_sites().next().is_some() {
            return false;
        }
        self.others.is_empty()
    }

    /// Counts events of a call site.
    fn note_site(&mut self, metadata: &'static Metadata<'static>, events: u64) {
        if std::ptr::eq(metadata, self.first.metadata()) {
            return;
        }
        let mut others = self.others.iter_mut();
        if let Some((_, known)) = others.find(|(known, _)| std::ptr::eq(*known, metadata)) {
            *known += events;
        } else if self.others.len() < OTHERS {
            self.others.push((metadata, events));
        }
    }

    pub(super) fn is_panic(&self) -> bool {
        self.first.is_panic()
    }

    pub(super) fn state(&self) -> ProblemState {
        let known = self.known.as_ref();
        known.map_or(ProblemState::New, |known| known.state)
    }

    pub(super) fn severity(&self) -> Severity {
        if self.is_panic() {
            Severity::Panic
        } else {
            self.level.into()
        }
    }

    /// Returns whether the program named its problem.
    pub(super) fn is_named(&self) -> bool {
        self.first.view().has_field(|name| name == NAMED)
    }

    /// Returns whether a message of its problem was to mention people and was not allowed to.
    pub(super) fn owes_mention(&self) -> bool {
        let known = self.known.as_ref();
        known.is_some_and(|known| known.owes_mention && known.state == ProblemState::Known)
    }

    /// Returns whether it contains something new or worse.
    pub(super) fn is_news(&self) -> bool {
        self.known.is_none() || self.rose
    }

    /// Creates the group of a known problem's counted events; the last stands for all.
    pub(super) fn of_counted(
        key: GroupKey,
        (last, last_time): (Rc<KeptEvent>, SystemTime),
        events: u64,
        due: Instant,
        known: ProblemSnapshot,
        texts: Vec<CollectiveText>,
    ) -> Self {
        let group = Self::new(key, known.number, &last.view(), due, Rc::clone(&last));
        Self {
            last_time,
            texts,
            events,
            new: false,
            known: Some(known),
            ..group
        }
    }

    /// Returns its severity. What the standard library says of a second panic matters less than any
    /// event of the program.
    pub(crate) fn priority(&self) -> Priority {
        match self.first.is_panic() {
            true if panic::is_consequence(&self.first.view()) => Priority::of(Level::TRACE),
            true => Priority::PANIC,
            false => Priority::of(self.level),
        }
    }

    pub(super) fn eviction_rank(&self) -> (Priority, u64) {
        (self.priority(), self.number)
    }

    /// Returns the lane's number of its first event, and when that came.
    pub(crate) fn oldest(&self) -> (u64, Instant) {
        (self.number, self.oldest)
    }

    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.oldest)
    }

    /// Returns whether even its newest event is older than `max_age`.
    pub(crate) fn is_older(&self, now: Instant, max_age: Duration) -> bool {
        now.saturating_duration_since(self.newest) > max_age
    }

    pub(crate) fn entry(&self, known: &KnownFingerprints) -> DigestEntry<'_> {
        let (problem, people_know) = (self.key.problem, self.known.as_ref());
        let texts = self.texts.as_slice();
        DigestEntry {
            first: self.first.view(),
            last: (self.events > 1).then_some(self.last.as_str()),
            last_time: self.last_time,
            events: self.events,
            level: self.level,
            fingerprint: known.shown(problem.fingerprint),
            collective: problem.collective.map(|collective| (collective, texts)),
            new: self.new || self.rose,
            rose: self.rose,
            known: people_know.map(ProblemSnapshot::told),
            sites: match self.has_one_site() {
                true => Vec::new(),
                false => self.sites().collect(),
            },
            silent: people_know.map_or(Duration::ZERO, |known| known.silent),
            oldest: self.oldest,
            newest: self.newest,
        }
    }

    /// Adds the events that came in while it was being sent.
    pub(super) fn absorb(&mut self, later: Self) {
        let elsewhere: u64 = later.others.iter().map(|(_, events)| events).sum();
        let there = later.events.saturating_sub(elsewhere);
        self.note_site(later.first.metadata(), there);
        for (metadata, events) in &later.others {
            self.note_site(metadata, *events);
        }
        for told in later.texts {
            told.count_among(&mut self.texts);
        }
        self.level = self.level.min(later.level);
        self.events += later.events;
        self.newest = later.newest;
        // Another process may have seen its events earlier.
        self.last_time = self.last_time.max(later.last_time);
        self.last = later.last;
        if later.events <= 1 {
            self.last.clear();
            keep_last(&mut self.last, &later.first.view());
        }
        #[cfg(feature = "fleet")]
        {
            self.repeats |= later.repeats;
            self.absorb_origins(&later.first, later.origins);
        }
    }
}

/// Appends the message of an event, marked where it is cut: masking looks for half a secret there.
fn keep_last(last: &mut String, event: &EventView<'_>) {
    let message = event.message().unwrap_or_default();
    last.extend(truncated(&message, LAST_BYTES));
}
