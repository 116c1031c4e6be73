//! A probe that detects a filter of the whole subscriber that hides what an instance wants.

use tracing::field::FieldSet;
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Callsite, Level, Metadata, callsite, dispatcher};

use super::Filter;
use super::levels::ALL;
use crate::block::BlockDefinition;
use crate::capture::Layer;
use crate::event::encoding::catch_panics;

/// Returns the most verbose level at which events of `target` reach the layer, if an instance wants
/// more.
///
/// It asks the filters of this thread's subscriber, which belong to the program and may panic, and
/// returns `None` if the layer is not part of that subscriber. Call it between events, never inside
/// one. The layer's own filter never disables a call site for good, so the filters are asked again
/// before the next event.
///
/// `LevelFilter::current()` is no substitute: it is the maximum of all hints, ours among them.
pub(crate) fn hidden_below<D: BlockDefinition>(target: &str) -> Option<LevelFilter> {
    let reached = dispatcher::get_default(|dispatch| {
        let reaches = |level: &Level| dispatch.enabled(&macro_like_metadata(target, *level));
        let most_verbose_first = ALL.into_iter().rev();
        let mut wanted = most_verbose_first.filter(|level| *level <= Filter::<D>::EVENTS);
        dispatch
            .is::<Layer<D>>()
            .then(|| catch_panics(|| wanted.find(reaches)))
    })??;
    // A feature such as `release_max_level_error` hides as well.
    let reached = reached.map_or(LevelFilter::OFF, LevelFilter::from_level);
    let reached = reached.min(STATIC_MAX_LEVEL);
    (reached < Filter::<D>::EVENTS).then_some(reached)
}

/// Creates metadata such as tracing's macros create, since a filter may judge by any of it.
fn macro_like_metadata(target: &str, level: Level) -> Metadata<'_> {
    Metadata::new(
        "event src/main.rs:1",
        target,
        level,
        Some("src/main.rs"),
        Some(1),
        Some(target),
        FieldSet::new(&["message"], callsite::Identifier(&Probe)),
        Kind::EVENT,
    )
}

/// The call site that metadata must have.
struct Probe;

static METADATA: Metadata<'static> = Metadata::new(
    "event src/main.rs:1",
    "logout",
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(&["message"], callsite::Identifier(&Probe)),
    Kind::EVENT,
);

impl Callsite for Probe {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}
