//! The filter of call sites that the layer wants to see.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing_subscriber::layer::{self, Context};

use crate::block::BlockDefinition;
use crate::event::ReentryGuard;

mod levels;
#[cfg(feature = "verify")]
mod probe;
mod verdicts;

pub(crate) use self::levels::Levels;
#[cfg(feature = "verify")]
pub(crate) use self::probe::hidden_below;

/// Lets through the events that an instance wants and the spans that give them context.
///
/// What no instance of the block can want costs what a disabled event costs without any layer:
/// the level hint is the most verbose level of the instances and of `spans`, and a call site that
/// no instance wants is switched off for good. So an `info_span!` around an `error!` is seen even
/// when only errors are sent.
///
/// # No feedback
///
/// What logout itself does while it sends must not become events to be sent. So nothing that its
/// own thread emits is seen, and elsewhere:
///
/// - the crates that move the bytes for every async program on smol (`async_io`, `polling`,
///   `blocking`, `mio`, `want` and their kin) are never seen, because any thread of the program
///   may do their work for logout's connections;
/// - crates of HTTP and TLS (`hyper` and `rustls` with their families, `h2`, `reqwest`, `surf`,
///   `isahc`, ...) are seen from WARN up: a transport of the program's own may run them on
///   threads logout does not know, yet a program wants to hear that its own server fails.
///
/// A program names it only where it writes out the type of its subscriber.
///
/// ```
/// use tracing::level_filters::LevelFilter;
/// use tracing_subscriber::{Registry, layer};
///
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// let (alerts, _guard) = Alerts::from_figment(("enabled", false))?.start::<Registry>()?;
/// // Events from WARN up, which is the default, and spans from INFO up.
/// assert_eq!(layer::Filter::<Registry>::max_level_hint(alerts.filter()), Some(LevelFilter::INFO));
/// # Ok::<(), logout::Error>(())
/// ```
pub struct Filter<D> {
    levels: Arc<Levels>,
    block: PhantomData<fn() -> D>,
}

impl<D: BlockDefinition> Filter<D> {
    pub(crate) fn new(levels: Arc<Levels>) -> Self {
        const {
            assert!(
                D::BLOCK.instances.len() <= u64::BITS as usize,
                "a block has at most 64 adapters"
            );
        }
        Self {
            levels,
            block: PhantomData,
        }
    }

    /// The most verbose level of an event that an instance may want.
    const EVENTS: LevelFilter = levels::most_verbose(&D::BLOCK);

    /// The most verbose level of a span that may be around such an event.
    const SPANS: LevelFilter = match Self::EVENTS {
        LevelFilter::OFF => LevelFilter::OFF,
        _ => D::BLOCK.spans,
    };

    /// The most verbose level of an event that a trail may keep.
    const TRAIL: LevelFilter = match (Self::EVENTS, D::BLOCK.trail) {
        (LevelFilter::OFF, _) | (_, None) => LevelFilter::OFF,
        (_, Some(trail)) => trail.level,
    };

    const HINT: LevelFilter =
        levels::more_verbose(levels::more_verbose(Self::EVENTS, Self::TRAIL), Self::SPANS);

    /// If it is false, no code for trails is compiled.
    const HAS_TRAIL: bool = !matches!(Self::TRAIL, LevelFilter::OFF);

    /// Returns whether the call site may be wanted: an unknown one passes here and is judged when
    /// the event comes.
    ///
    /// Inlined: a call would make tracing save registers around it, also for the many events that
    /// only other layers want (30 instructions of their 230).
    #[inline(always)]
    fn may_want(&self, metadata: &Metadata<'_>) -> bool {
        let wanted = if metadata.is_span() {
            self.levels.may_follow(*metadata.level())
        } else {
            self.levels.may_want(metadata)
                || (const { Self::HAS_TRAIL }
                    && *metadata.level() <= Self::TRAIL
                    && self.levels.may_keep(metadata))
        };
        wanted && !ReentryGuard::is_active()
    }
}

impl<D: BlockDefinition, S> layer::Filter<S> for Filter<D> {
    #[inline]
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        *metadata.level() <= Self::HINT && self.may_want(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        let possible = if metadata.is_span() {
            *metadata.level() <= Self::SPANS
        } else {
            !self.levels.verdict(metadata).is_none()
        };
        if possible {
            // Never `always`: then `enabled` is not asked, and where a Debug implementation logs
            // while another layer formats it, the inner event takes over the outer one's verdict.
            Interest::sometimes()
        } else {
            Interest::never()
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(Self::HINT)
    }
}

impl<D> fmt::Debug for Filter<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter").finish_non_exhaustive()
    }
}
