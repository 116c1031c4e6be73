//! Finds out whether a filter of the whole subscriber hides what an instance wants.

use tracing::field::FieldSet;
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Callsite, Level, Metadata, callsite, dispatcher};

use super::Filter;
use crate::block::Declared;
use crate::capture::Layer;
use crate::event::ReentryGuard;

/// The name of an event that the filter lets through whatever its target, and nobody emits.
pub(crate) const PROBE: &str = "logout probe";

/// The level down to which events of `target` reach the layer, if an instance wants more.
///
/// `target` had better be that of an event which did arrive, since a filter that goes by targets
/// may rightly hide others. Nothing is known where the layer is not part of this thread's
/// dispatcher. To be asked between events, never inside one.
pub(crate) fn hidden_below<D: Declared>(target: &str) -> Option<LevelFilter> {
    let reached = dispatcher::get_default(|dispatch| {
        dispatch.is::<Layer<D>>().then(|| {
            ReentryGuard::suspended(|| {
                let reaches = |level: &Level| dispatch.enabled(&probe(target, *level));
                let levels = [
                    Level::TRACE,
                    Level::DEBUG,
                    Level::INFO,
                    Level::WARN,
                    Level::ERROR,
                ];
                levels
                    .into_iter()
                    .filter(|level| *level <= Filter::<D>::EVENTS)
                    .find(reaches)
                    .map_or(LevelFilter::OFF, LevelFilter::from_level)
            })
        })
    })?;
    // A feature such as `release_max_level_error` hides as well.
    let reached = reached.min(STATIC_MAX_LEVEL);
    (reached < Filter::<D>::EVENTS).then_some(reached)
}

fn probe(target: &str, level: Level) -> Metadata<'_> {
    let fields = FieldSet::new(&[], callsite::Identifier(&Probe));
    Metadata::new(PROBE, target, level, None, None, None, fields, Kind::EVENT)
}

/// The call site that metadata must have.
struct Probe;

static METADATA: Metadata<'static> = Metadata::new(
    PROBE,
    "logout",
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(&[], callsite::Identifier(&Probe)),
    Kind::EVENT,
);

impl Callsite for Probe {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}
