//! Counts of events that cannot wait for the lock, since their own thread may hold it.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use tracing::Metadata;

thread_local! {
    /// Whether this thread allocates while it holds the lock.
    static ALLOCATES: Cell<bool> = const { Cell::new(false) };
}

/// The number of call sites told apart: an allocator that logs has one or two.
const SITES: usize = 4;

/// Counts by call site that never allocate.
#[derive(Debug, Default)]
pub(super) struct Missed(Mutex<[Option<(&'static Metadata<'static>, u64)>; SITES]>);

impl Missed {
    /// Counts one event, at the last known call site if there are too many.
    #[cold]
    pub(super) fn count(&self, metadata: &'static Metadata<'static>) {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = sites
            .iter()
            .position(|site| site.is_none_or(|(known, _)| std::ptr::eq(known, metadata)));
        if let Some(site) = sites.get_mut(place.unwrap_or(SITES - 1)) {
            site.get_or_insert((metadata, 0)).1 += 1;
        }
    }

    /// Takes the counts and resets them.
    pub(super) fn take(&self) -> impl Iterator<Item = (&'static Metadata<'static>, u64)> {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *sites).into_iter().flatten()
    }
}

/// Runs code that may allocate while the lock is held. If the program's allocator logs meanwhile,
/// that event is [counted](Missed) instead of waiting for the lock.
pub(super) fn allocating<R>(allocate: impl FnOnce() -> R) -> R {
    struct Reset(bool);
    impl Drop for Reset {
        fn drop(&mut self) {
            let _gone_with_its_thread = ALLOCATES.try_with(|allocates| allocates.set(self.0));
        }
    }
    let _reset = Reset(
        ALLOCATES
            .try_with(|allocates| allocates.replace(true))
            .unwrap_or_default(),
    );
    allocate()
}

/// Returns whether this thread is inside [`allocating`].
pub(super) fn is_allocating() -> bool {
    ALLOCATES.try_with(Cell::get).unwrap_or_default()
}
