//! One adapter of a block with its settings.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::adapter::Adapter;
use crate::config::InstanceSettings;
use crate::transport::Secret;

/// One adapter of a block, with its settings: what each field of the generated struct holds. A
/// program has no use for it.
///
/// The running lane owns the adapter; what the struct of the block holds is the place where a
/// new one is laid for it when the configuration is read again.
pub struct Instance<A> {
    next: Arc<Mutex<Option<Configured<A>>>>,
}

/// An adapter with the settings every instance has.
#[derive(Clone, Debug)]
pub(crate) struct Configured<A> {
    pub(crate) adapter: A,
    pub(crate) settings: InstanceSettings,
}

impl<A> Configured<A> {
    /// Whether its destination is another one than before.
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

    /// Takes over what `newer` holds.
    pub fn succeed(&self, newer: &Self) {
        let newer = newer.take();
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = newer;
    }

    /// Lays an adapter back whose lane has died, unless a newer one lies there.
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
