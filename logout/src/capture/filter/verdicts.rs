//! Remembers what was judged of a call site, so that it is judged once.

use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::Metadata;

/// How many call sites are remembered; two that fall on one place take turns.
const PLACES: usize = 512;

/// A table of call sites by the address of their metadata.
///
/// Only addresses of `'static` metadata are ever remembered, and nothing else can come to lie at
/// such an address, so it may be asked about any metadata. The verdict occupies the lowest bit of
/// the address, which alignment leaves free: one atomic word is all there is, no lock and no race.
#[derive(Debug)]
pub(super) struct Verdicts {
    places: Box<[AtomicUsize]>,
}

impl Verdicts {
    pub(super) fn new() -> Self {
        Self {
            places: (0..PLACES).map(|_| AtomicUsize::new(0)).collect(),
        }
    }

    /// Returns the verdict on this call site, where it is remembered.
    #[inline]
    pub(super) fn find(&self, metadata: &Metadata<'_>) -> Option<bool> {
        let address = address(metadata);
        let known = self.place(address)?.load(Ordering::Relaxed);
        (known & !1 == address).then_some(known & 1 == 1)
    }

    pub(super) fn remember(&self, metadata: &'static Metadata<'static>, wanted: bool) {
        let address = address(metadata);
        if let Some(place) = self.place(address) {
            place.store(address | usize::from(wanted), Ordering::Relaxed);
        }
    }

    #[inline]
    fn place(&self, address: usize) -> Option<&AtomicUsize> {
        // Fibonacci hashing: metadata lie at regular distances.
        let hash = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.places.get((hash >> 55) as usize % PLACES)
    }
}

#[inline]
fn address(metadata: &Metadata<'_>) -> usize {
    const { assert!(align_of::<Metadata<'static>>() >= 2) };
    std::ptr::from_ref(metadata).addr()
}
