//! The interface between a `logout!` block and the worker.

#[cfg(feature = "fleet")]
use std::future::{pending, ready};

use crate::block::BlockDefinition;
use crate::config::Config;
#[cfg(feature = "fleet")]
use crate::fleet::Verified;
use crate::transport::Transport;
use crate::worker::{Clock, Worker};

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
pub trait Dispatch: Dispatcher {}

impl<D: Dispatcher> Dispatch for D {}

/// The methods of [`Dispatch`] that the macro implements.
pub trait Dispatcher: BlockDefinition {
    /// Builds every instance from the block's options and the configuration.
    fn read(config: &mut Config) -> Self;

    /// Runs one lane per instance until all are closed.
    fn run<T: Transport, C: Clock>(&self, worker: &Worker<T, C>) -> impl Future<Output = ()>;

    /// Speaks with the broker of the fleet for as long as it is polled, if the block is of one.
    #[cfg(feature = "fleet")]
    fn speak<T: Transport, C: Clock>(&self, _worker: &Worker<T, C>) -> impl Future<Output = ()> {
        pending()
    }

    /// Tries all that the fleet of this name does with its broker, if the block is of one.
    #[cfg(feature = "fleet")]
    fn verify_broker(&self, _fleet: String) -> impl Future<Output = Verified> {
        ready(None)
    }

    /// Takes over the settings of a newly read dispatcher of the same block.
    fn succeed(&self, next: &Self);
}
