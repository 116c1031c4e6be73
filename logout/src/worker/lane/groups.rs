//! The pending events of one lane, like ones together.
//!
//! Pure: the time is an argument.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime};

use tracing::{Level, Metadata};

use crate::block::memory_budget::MemoryBudget;
use crate::event::encoding::truncated;
use crate::event::{Event, EventView, Site, panic};
use crate::message::{DigestEntry, ToldText, route_key};
use crate::text::sort::{SortedMap, sorted};
use crate::worker::problems::{KnownFingerprints, Telling};
use crate::worker::turns::Gravity;

/// How much of the last message of a group is kept.
const LAST_BYTES: usize = 512;

/// How many call sites of one group are told apart beside its first event's.
const OTHERS: usize = 64;

/// How many texts of those that are told together are shown.
const TEXTS: usize = 8;

/// What makes events alike: the problem that they tell, and the place they asked to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) telling: Telling,
    pub(super) route: u64,
}

impl Key {
    /// Returns a key like no other number's.
    #[cfg(test)]
    pub(super) fn of_tests(number: u64) -> Self {
        Self {
            telling: Telling::of_tests(number),
            route: 0,
        }
    }

    /// `is_plain` is an event without fields that have a say in where it goes.
    pub(crate) fn of(telling: Telling, event: &EventView<'_>, is_plain: bool) -> Self {
        let route = if is_plain { 0 } else { route_key(event) };
        Self { telling, route }
    }
}

/// An event that lanes keep, and that counts once in what all of them keep.
#[derive(Debug)]
pub(crate) struct Kept {
    event: Event,
    total: Rc<Cell<usize>>,
}

impl Kept {
    pub(crate) fn new(event: Event, total: &Rc<Cell<usize>>) -> Self {
        total.set(total.get() + event.size());
        let total = Rc::clone(total);
        Self { event, total }
    }
}

impl Deref for Kept {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let left = self.total.get().saturating_sub(self.event.size());
        self.total.set(left);
    }
}

/// Like events: the first whole, and how many came after it.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) key: Key,
    pub(crate) first: Rc<Kept>,
    /// The last message, where more than one came.
    last: String,
    last_time: SystemTime,
    /// Some of the texts, where what they tell takes in what its call site says too much of.
    texts: Vec<ToldText>,
    /// The gravest of their levels.
    pub(crate) level: Level,
    pub(crate) events: u64,
    /// How many of them came from other call sites than the first, which one problem may have: a
    /// report tells where what was lost came from.
    others: Vec<(&'static Metadata<'static>, u64)>,
    /// Whether people have not been told of its like, as of when it was last looked at.
    new: bool,
    /// The lane's number of the first event, for whoever waits for all before a moment.
    pub(crate) number: u64,
    /// Which others alone it may share a message with, once a message that it was in was refused.
    bound: Option<u64>,
    /// When the last of them came in.
    newest: Instant,
    oldest: Instant,
    /// Whether it goes alone and last: something on the way refused it where it let others pass.
    suspect: bool,
}

/// What a lane holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bytes {
    pub(crate) all: usize,
    /// What is beside the events, which other lanes may hold as well.
    pub(crate) beside: usize,
}

impl Bytes {
    fn change(&mut self, before: Self, after: Self) {
        self.all = (self.all + after.all).saturating_sub(before.all);
        self.beside = (self.beside + after.beside).saturating_sub(before.beside);
    }
}

/// The groups of one lane.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    bounds: MemoryBudget,
    groups: HashMap<Key, Group>,
    /// By gravity and number: the first to be given up, the last the gravest.
    by_gravity: SortedMap<(Gravity, u64), Key>,
    /// By number alone: the oldest first.
    by_number: SortedMap<u64, ()>,
    /// No group came in last before this.
    oldest_newest: Option<Instant>,
    bytes: Bytes,
    delivered: HashSet<Key>,
    /// How often messages were halved.
    halves: u64,
}

impl Group {
    fn bytes(&self) -> Bytes {
        let others = self.others.len() * size_of::<(&Metadata<'_>, u64)>();
        let texts: usize = self.texts.iter().map(ToldText::size).sum();
        let beside = size_of::<Self>() + self.last.capacity() + others + texts;
        let all = beside + self.first.size();
        Bytes { all, beside }
    }

    /// Where its events happened, and how many of them at each place.
    pub(crate) fn sites(&self) -> impl Iterator<Item = (Site, u64)> {
        let elsewhere: u64 = self.others.iter().map(|(_, events)| events).sum();
        let here = (
            Site::of(&self.first.view()),
            self.events.saturating_sub(elsewhere),
        );
        let others = self.others.iter();
        let others = others.map(|(metadata, events)| (Site::of_metadata(metadata), *events));
        std::iter::once(here).chain(others)
    }

    /// Notes where so many of its events came from.
    fn note_site(&mut self, metadata: &'static Metadata<'static>, events: u64) {
        if std::ptr::eq(metadata, self.first.view().metadata()) {
            return;
        }
        let mut others = self.others.iter_mut();
        if let Some((_, known)) = others.find(|(known, _)| std::ptr::eq(*known, metadata)) {
            *known += events;
        } else if self.others.len() < OTHERS {
            self.others.push((metadata, events));
        }
    }

    /// Notes what was said where several texts are told together.
    fn note_text(&mut self, told: ToldText) {
        let mut texts = self.texts.iter_mut();
        if let Some(known) = texts.find(|known| known.is_like(&told)) {
            known.events += told.events;
        } else if self.texts.len() < TEXTS {
            self.texts.push(told);
        }
    }

    /// Returns whether it goes alone and last.
    pub(super) fn is_suspect(&self) -> bool {
        self.suspect
    }

    fn is_panic(&self) -> bool {
        self.first.view().is_panic()
    }

    /// How grave it is. What the standard library says of a second panic tells less than any event
    /// of the program.
    pub(crate) fn gravity(&self) -> Gravity {
        let first = self.first.view();
        match first.is_panic() {
            true if panic::is_about_another(&first) => Gravity::of(Level::TRACE),
            true => Gravity::PANIC,
            false => Gravity::of(self.level),
        }
    }

    fn place(&self) -> (Gravity, u64) {
        (self.gravity(), self.number)
    }

    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.oldest)
    }

    /// Whether even the newest of them is older than that.
    pub(crate) fn is_older(&self, now: Instant, max_age: Duration) -> bool {
        now.saturating_duration_since(self.newest) > max_age
    }

    pub(crate) fn entry(&self, known: &KnownFingerprints) -> DigestEntry<'_> {
        let telling = self.key.telling;
        DigestEntry {
            first: self.first.view(),
            last: (self.events > 1).then_some(self.last.as_str()),
            last_time: self.last_time,
            events: self.events,
            level: self.level,
            fingerprint: known.shown(telling.fingerprint),
            collective: telling
                .collective
                .map(|collective| (collective, self.texts.as_slice())),
            new: self.new,
            oldest: self.oldest,
            newest: self.newest,
        }
    }

    /// Takes over what came after it while it was on its way.
    fn absorb(&mut self, later: Self) {
        let elsewhere: u64 = later.others.iter().map(|(_, events)| events).sum();
        let there = later.events.saturating_sub(elsewhere);
        self.note_site(later.first.view().metadata(), there);
        for (metadata, events) in &later.others {
            self.note_site(metadata, *events);
        }
        for told in later.texts {
            self.note_text(told);
        }
        self.level = self.level.min(later.level);
        self.events += later.events;
        self.newest = later.newest;
        self.last_time = later.last_time;
        self.last = if later.events > 1 {
            later.last
        } else {
            let mut last = String::new();
            keep_last(&mut last, &later.first.view());
            last
        };
    }
}

/// Adds the message of an event, which says so where it is cut: half a secret is looked for there.
fn keep_last(last: &mut String, event: &EventView<'_>) {
    let message = event.message().unwrap_or_default();
    last.extend(truncated(&message, LAST_BYTES));
}

impl Groups {
    pub(crate) fn within(bounds: MemoryBudget) -> Self {
        Self {
            bounds,
            ..Self::default()
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    /// The lane's number of the oldest event that is still here.
    pub(crate) fn oldest_number(&self) -> Option<u64> {
        self.by_number.entries().first().map(|(number, ())| *number)
    }

    /// How grave the gravest is.
    pub(crate) fn gravest(&self) -> Option<Gravity> {
        let ((gravity, _), _) = self.by_gravity.entries().last()?;
        Some(*gravity)
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes
    }

    /// Adds an event; `own` makes it last, and is asked only for the first of its kind.
    pub(crate) fn offer(
        &mut self,
        key: Key,
        number: u64,
        event: &EventView<'_>,
        now: Instant,
        own: impl FnOnce() -> Rc<Kept>,
    ) {
        if let Some(group) = self.groups.get_mut(&key) {
            let (before, place) = (group.bytes(), group.place());
            group.events += 1;
            group.level = group.level.min(event.level());
            group.last.clear();
            keep_last(&mut group.last, event);
            group.last_time = event.time();
            group.newest = now;
            group.note_site(event.metadata(), 1);
            if key.telling.collective.is_some() {
                group.note_text(ToldText::of(event));
            }
            self.bytes.change(before, group.bytes());
            // A problem that the program named may have become graver.
            if group.place() != place {
                self.by_gravity.remove(place);
                self.by_gravity.insert(group.place(), key);
            }
            return;
        }
        self.insert(Group {
            key,
            first: own(),
            last: String::new(),
            last_time: event.time(),
            texts: if key.telling.collective.is_some() {
                vec![ToldText::of(event)]
            } else {
                Vec::new()
            },
            level: event.level(),
            events: 1,
            others: Vec::new(),
            new: true,
            number,
            bound: None,
            newest: now,
            oldest: now,
            suspect: false,
        });
    }

    /// Binds groups together, so that they share a message with each other alone.
    pub(crate) fn bind(&mut self, mut groups: Vec<Group>) -> Vec<Group> {
        self.halves += 1;
        for group in &mut groups {
            group.bound = Some(self.halves);
        }
        groups
    }

    /// Requeues groups that could not be sent; what came in meanwhile joins them.
    pub(crate) fn requeue(&mut self, groups: impl IntoIterator<Item = Group>) {
        for mut group in groups {
            if let Some(later) = self.remove(group.key) {
                group.absorb(later);
            }
            self.insert(group);
        }
    }

    /// Takes out one group where there are more than may be: the least grave, and of those the
    /// oldest; a panic last of all.
    pub(crate) fn evict(&mut self) -> Option<Group> {
        (self.groups.len() > self.bounds.groups)
            .then(|| self.take_least())
            .flatten()
    }

    /// Takes out the least grave group.
    pub(crate) fn take_least(&mut self) -> Option<Group> {
        let (_, key) = self.by_gravity.entries().first()?;
        self.remove(*key)
    }

    /// Takes out all groups that have become too old.
    pub(crate) fn expire(&mut self, now: Instant, max_age: Duration) -> Vec<Group> {
        let is_old = |newest: Instant| now.saturating_duration_since(newest) > max_age;
        if !self.oldest_newest.is_some_and(is_old) {
            return Vec::new();
        }
        let groups = self.groups.values();
        let old: Vec<Key> = groups
            .filter(|group| is_old(group.newest))
            .map(|group| group.key)
            .collect();
        let old = old.into_iter().filter_map(|key| self.remove(key)).collect();
        self.oldest_newest = self.groups.values().map(|group| group.newest).min();
        old
    }

    /// Before when none of them becomes too old.
    pub(crate) fn next_expiry(&self, max_age: Duration) -> Option<Instant> {
        self.oldest_newest?.checked_add(max_age)
    }

    /// Takes out everything.
    pub(crate) fn drain(&mut self) -> Vec<Group> {
        self.by_gravity.clear();
        self.by_number.clear();
        self.oldest_newest = None;
        self.bytes = Bytes::default();
        let groups = std::mem::take(&mut self.groups);
        sorted(groups.into_values(), |a, b| a.number.cmp(&b.number))
    }

    /// The groups that may go into one message, in the order in which they get in: what was never
    /// told before, panics and then the gravest first; then whoever has waited longest. So neither a
    /// call site in a loop nor a panic in one keeps the others out. A panic goes alone, and all
    /// others of one message to the same place.
    pub(crate) fn next(&mut self) -> Vec<Key> {
        for group in self.groups.values_mut() {
            group.new = !self.delivered.contains(&group.key);
        }
        let rank = |group: &Group| {
            let gravity = group.new.then(|| Reverse(group.gravity()));
            (group.suspect, !group.new, gravity, group.number)
        };
        let order = sorted(self.groups.values(), |a, b| rank(a).cmp(&rank(b)));
        let Some(first) = order.first() else {
            return Vec::new();
        };
        if first.is_panic() || first.suspect {
            return vec![first.key];
        }
        let (route, bound) = (first.key.route, first.bound);
        let together = order
            .iter()
            .filter(|group| group.key.route == route && group.bound == bound)
            .filter(|group| !group.is_panic() && !group.suspect);
        together.map(|group| group.key).collect()
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Group> {
        self.groups.get(&key)
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<Group> {
        let group = self.groups.remove(&key)?;
        self.by_gravity.remove(group.place());
        self.by_number.remove(group.number);
        if self.groups.is_empty() {
            self.oldest_newest = None;
        }
        self.bytes.change(group.bytes(), Bytes::default());
        Some(group)
    }

    /// Lets a group go alone and last from now on.
    pub(super) fn suspect(&mut self, key: Key) {
        if let Some(group) = self.groups.get_mut(&key) {
            group.suspect = true;
        }
    }

    /// Suspects none of them any more.
    pub(super) fn clear_suspects(&mut self) {
        for group in self.groups.values_mut() {
            group.suspect = false;
        }
    }

    /// Returns whether there is one that is not suspected.
    pub(super) fn has_innocent(&self) -> bool {
        self.groups.values().any(|group| !group.suspect)
    }

    /// Notes that people have been told of it.
    pub(crate) fn mark_delivered(&mut self, group: &Group) {
        if self.delivered.len() >= self.bounds.delivered {
            self.delivered.clear();
        }
        self.delivered.insert(group.key);
    }

    fn insert(&mut self, group: Group) {
        self.bytes.change(Bytes::default(), group.bytes());
        self.by_gravity.insert(group.place(), group.key);
        self.by_number.insert(group.number, ());
        let oldest = self.oldest_newest;
        self.oldest_newest = Some(oldest.map_or(group.newest, |at| at.min(group.newest)));
        self.groups.insert(group.key, group);
    }
}

#[cfg(test)]
mod tests;
