//! What `logout!` makes of a block, as the rest of the library sees it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::block::Block;
use crate::config::{Config, InstanceSettings};
use crate::lane::Desk;
use crate::{Adapter, Transport};

/// The dispatcher a `logout!` block becomes: one field per instance, every type known.
///
/// Implemented by the macro and by nothing else; a program names it as a bound, in functions that
/// work on any block.
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// fn is_idle<D: logout::Dispatch>(handle: &logout::Handle<D>) -> bool {
///     handle.stats().left() == 0
/// }
///
/// let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// let (_alerts, guard) = Alerts::from_figment(url)?.start::<tracing_subscriber::Registry>()?;
/// assert!(is_idle(&guard.handle()));
/// # Ok::<(), logout::Error>(())
/// ```
pub trait Dispatch: Sized + Send + Sync + 'static {
    /// What the block fixed.
    const BLOCK: Block;

    /// One variant per instance of the block, in the order in which they were declared.
    type Instance: Copy + fmt::Debug + Send + Sync + 'static;

    /// The position of an instance in the block.
    fn index(instance: Self::Instance) -> usize;

    /// Builds every instance from the block's options and the configuration.
    fn read(config: &mut Config) -> Self;

    /// Runs one lane per instance until all are closed.
    fn run<T: Transport>(&self, desk: &Desk<T>) -> impl Future<Output = ()>;

    /// Takes over the settings of a newly read dispatcher of the same block.
    fn succeed(&self, next: &Self);
}

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
