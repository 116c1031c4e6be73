//! Counts, by call site, of events that were discarded before they were formatted.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use tracing::Metadata;

use super::missed::allocating;
use crate::event::{EventView, Site};

/// The number of places, other than tracing's call sites, that are told apart: a program can make
/// them up.
const MOST_CARRIED: usize = 512;

/// Counts by call site. It grows with the number of places in the program that log, not with the
/// number of events.
#[derive(Debug, Default)]
pub(crate) struct Discards {
    sites: HashMap<usize, (&'static Metadata<'static>, u64), BuildHasherDefault<NumberHasher>>,
    /// Counts of events that carried their own place, such as records of the `log` bridge, which
    /// share five call sites.
    carried: HashMap<(usize, Site), (&'static Metadata<'static>, u64)>,
}

/// The number of events discarded at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DiscardCount<'d> {
    pub(crate) metadata: &'static Metadata<'static>,
    /// Where they happened, if not at the call site.
    pub(crate) site: Option<&'d Site>,
    pub(crate) events: u64,
}

impl Discards {
    /// Counts one event of a call site.
    #[inline]
    pub(crate) fn count(&mut self, metadata: &'static Metadata<'static>) {
        self.add(metadata, 1);
    }

    /// Counts this many events of a call site.
    #[inline]
    pub(crate) fn add(&mut self, metadata: &'static Metadata<'static>, events: u64) {
        let address = std::ptr::from_ref(metadata).addr();
        match self.sites.get_mut(&address) {
            Some((_, known)) => *known += events,
            None => allocating(|| {
                self.sites.insert(address, (metadata, events));
            }),
        }
    }

    /// Counts an event that carried its own place, or counts it at its call site if too many places
    /// are known.
    pub(crate) fn count_carried(&mut self, metadata: &'static Metadata<'static>, site: Site) {
        let key = (std::ptr::from_ref(metadata).addr(), site);
        if self.carried.len() < MOST_CARRIED || self.carried.contains_key(&key) {
            allocating(|| self.carried.entry(key).or_insert((metadata, 0)).1 += 1);
        } else {
            self.count(metadata);
        }
    }

    /// Counts an event at the place it carries, else at its call site.
    pub(crate) fn count_event(&mut self, event: &EventView<'_>) {
        let metadata = event.metadata();
        if event.carries_its_place() {
            self.count_carried(metadata, allocating(|| Site::of(event)));
        } else {
            self.count(metadata);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sites.is_empty() && self.carried.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.sites.clear();
        self.carried.clear();
    }

    /// Iterates over the places with their counts.
    pub(crate) fn sites(&self) -> impl Iterator<Item = DiscardCount<'_>> {
        let sites = self.sites.values().map(|(metadata, events)| DiscardCount {
            metadata,
            site: None,
            events: *events,
        });
        let carried = self.carried.iter();
        sites.chain(carried.map(|((_, site), (metadata, events))| DiscardCount {
            metadata,
            site: Some(site),
            events: *events,
        }))
    }
}

/// A hasher of numbers that costs one multiplication each. Addresses of statics differ in their
/// middle bits alone; the default hasher would cost a discarded event as much as its lock.
#[derive(Debug, Default)]
pub(crate) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        self.write_u64(address as u64);
    }

    fn write_u64(&mut self, number: u64) {
        // The multiplier is 2^64 divided by the golden ratio (Knuth, TAOCP 3, section 6.4).
        let spread = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ (spread >> 32);
    }
}
