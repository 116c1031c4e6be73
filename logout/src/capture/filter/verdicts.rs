//! A cache of the verdicts on call sites.

use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::Metadata;

/// The number of call sites remembered; two that share a slot replace each other.
const PLACES: usize = 512;

/// The verdict on a call site.
#[derive(Clone, Copy, Debug)]
pub(super) struct SiteVerdict {
    /// Whether an instance could ever want events of it.
    pub(super) wanted: bool,
    /// Whether a trail could ever keep them.
    pub(super) kept: bool,
}

impl SiteVerdict {
    pub(super) fn is_none(self) -> bool {
        !self.wanted && !self.kept
    }
}

/// The bits of a verdict.
const WANTED: usize = 1;
const KEPT: usize = 2;

/// A table of call sites by the address of their metadata.
///
/// Only addresses of `'static` metadata are stored, and nothing else can come to lie at such an
/// address, so any metadata may be looked up. The verdict occupies the lowest bits of the address,
/// which alignment leaves free, so one atomic word suffices, without a lock or a race.
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

    /// Returns whether an instance wants it, if that is remembered.
    #[inline]
    pub(super) fn find(&self, metadata: &Metadata<'_>) -> Option<bool> {
        self.read(metadata, WANTED)
    }

    /// Returns whether a trail wants it, if that is remembered.
    #[inline]
    pub(super) fn find_kept(&self, metadata: &Metadata<'_>) -> Option<bool> {
        self.read(metadata, KEPT)
    }

    pub(super) fn remember(&self, metadata: &'static Metadata<'static>, verdict: SiteVerdict) {
        let address = address(metadata);
        if let Some(place) = self.place(address) {
            let wanted = usize::from(verdict.wanted) * WANTED;
            let kept = usize::from(verdict.kept) * KEPT;
            place.store(address | wanted | kept, Ordering::Relaxed);
        }
    }

    #[inline]
    fn read(&self, metadata: &Metadata<'_>, bit: usize) -> Option<bool> {
        let address = address(metadata);
        let known = self.place(address)?.load(Ordering::Relaxed);
        (known & !(WANTED | KEPT) == address).then_some(known & bit != 0)
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
    const { assert!(align_of::<Metadata<'static>>() >= 4) };
    std::ptr::from_ref(metadata).addr()
}
