//! An adapter of a block with its settings.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::adapter::Adapter;
use crate::config::InstanceSettings;
use crate::transport::Secret;

/// An adapter of a block with its settings: the type of each field in the generated struct. A
/// program has no use for it.
///
/// The running lane owns the adapter. The struct of the block holds a place where the next one is
/// put when the configuration is read again.
pub struct Instance<A> {
    next: Arc<Mutex<Option<Configured<A>>>>,
}

/// An adapter with the settings that every instance has.
#[derive(Clone, Debug)]
pub(crate) struct Configured<A> {
    pub(crate) adapter: A,
    pub(crate) settings: InstanceSettings,
}

impl<A> Configured<A> {
    /// Returns whether its destination differs from that of `before`.
    pub(crate) fn leads_elsewhere(&self, before: &Self) -> bool {
        let exposed = self.settings.secrets.iter().map(Secret::expose);
        exposed.ne(before.settings.secrets.iter().map(Secret::expose))
    }
}

impl<A: Adapter> Instance<A> {
    pub(crate) fn new(adapter: A, settings: InstanceSettings) -> Self {
        Self {
            next: Arc::new(Mutex::new(Some(Configured { adapter, settings }))),
        }
    }

    /// Takes over the adapter of `newer`.
    pub fn succeed(&self, newer: &Self) {
        let newer = newer.take();
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = newer;
    }

    /// Puts back the adapter of a lane that has died, unless there is a newer one.
    pub(crate) fn put_back(&self, configured: Configured<A>) {
        self.next
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(configured);
    }

    pub(crate) fn take(&self) -> Option<Configured<A>> {
        self.next
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl<A> fmt::Debug for Instance<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").finish_non_exhaustive()
    }
}
