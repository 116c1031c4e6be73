//! How many events of which call site were discarded before they were formatted.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use tracing::Metadata;

/// Counts by call site. It grows with the number of places in the program that log, not with the
/// number of events.
#[derive(Debug, Default)]
pub(crate) struct Discards {
    sites: HashMap<usize, (&'static Metadata<'static>, u64), BuildHasherDefault<AddressHasher>>,
}

impl Discards {
    pub(crate) fn count(&mut self, metadata: &'static Metadata<'static>) {
        self.sites
            .entry(std::ptr::from_ref(metadata).addr())
            .or_insert((metadata, 0))
            .1 += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.sites.clear();
    }

    /// Each call site with its count.
    pub(crate) fn sites(&self) -> impl Iterator<Item = (&'static Metadata<'static>, u64)> {
        self.sites.values().copied()
    }
}

/// Addresses of statics differ in their middle bits, which one multiplication spreads; the
/// default hasher would cost a discarded event as much as its lock.
#[derive(Debug, Default)]
pub(crate) struct AddressHasher(u64);

impl Hasher for AddressHasher {
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
