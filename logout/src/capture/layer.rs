//! The layer that a program adds to its subscriber.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::block::{BlockDefinition, Trail};
use crate::capture::filter::{Filter, Levels};
use crate::capture::trail::{self, TrailEvent, TrailFilter};
use crate::capture::{self, CaptureLimits};
use crate::event::ReentryGuard;
use crate::event::encoding::catch_panics;
use crate::event::{LOG_TARGET, Site, is_bridged};
use crate::queue::Queue;

/// The layer that `start()` returns for your subscriber: the [`Layer`] behind its [`Filter`].
///
/// It silences no other layer, and no filter of another layer silences it. Two things do, and both
/// are rules of tracing:
///
/// - A filter of the whole subscriber, such as `registry().with(EnvFilter::new("error"))`, hides
///   what it rejects from every layer, this one included. Give such a filter to the layer it is
///   meant for: `fmt::layer().with_filter(EnvFilter::new("error"))`.
/// - Inside `tracing_subscriber::reload`, change the layer in place (`handle.modify`): a `Filtered`
///   that is put in the place of another (`handle.reload`) was never registered with the
///   subscriber.
///
/// ```
/// use tracing_subscriber::prelude::*;
/// use tracing_subscriber::{EnvFilter, Registry, fmt};
///
/// fn subscriber<D: logout::Dispatch>(
///     alerts: logout::AlertsLayer<D, Registry>,
/// ) -> impl tracing::Subscriber + Send + Sync {
///     tracing_subscriber::registry()
///         .with(alerts)
///         .with(fmt::layer().with_filter(EnvFilter::new("error")))
/// }
///
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// # let (alerts, guard) = Alerts::from_figment(("dry_run", true))?.start()?;
/// // The console hears of errors alone, the chat of the warning too.
/// tracing::subscriber::with_default(subscriber(alerts), || tracing::warn!("disk almost full"));
/// guard.handle().flush(std::time::Duration::from_secs(3))?;
/// assert_eq!(guard.handle().stats().lanes[0].delivered, 1);
/// # Ok::<(), logout::Error>(())
/// ```
pub type AlertsLayer<D, S> = Filtered<Layer<D>, Filter<D>, S>;

/// Captures events and the spans around them.
///
/// It belongs behind its own [`Filter`], as in [`AlertsLayer`], which is the type that a program
/// names and which has an example.
pub struct Layer<D> {
    queue: Arc<Queue>,
    levels: Arc<Levels>,
    limits: Arc<CaptureLimits>,
    block: PhantomData<fn() -> D>,
}

impl<D: BlockDefinition> Layer<D> {
    /// Creates the layer behind its filter, ready to be added to a subscriber.
    pub(crate) fn filtered<S>(
        queue: Arc<Queue>,
        levels: Arc<Levels>,
        limits: Arc<CaptureLimits>,
    ) -> AlertsLayer<D, S> {
        let filter = Filter::new(Arc::clone(&levels));
        let layer = Self {
            queue,
            levels,
            limits,
            block: PhantomData,
        };
        Filtered::new(layer, filter)
    }

    /// Returns whether the event is wanted. The filter was asked before, but when a Debug
    /// implementation logs while another layer formats it, `Filtered` confuses the verdicts of the
    /// inner and the outer event.
    #[inline]
    fn wants(&self, event: &Event<'_>) -> bool {
        let metadata = event.metadata();
        self.levels.wants_event(metadata)
            && !ReentryGuard::is_active()
            && (!is_bridged(metadata) || self.wants_record(event, metadata))
    }

    /// Returns the same for a record of the `log` bridge, whose target is a field.
    #[cold]
    fn wants_record(&self, event: &Event<'_>, metadata: &Metadata<'_>) -> bool {
        let mut record = LogTargetVisitor {
            levels: &self.levels,
            metadata,
            wanted: true,
        };
        event.record(&mut record);
        record.wanted
    }

    /// Captures an event. Out of line because of the many events that only other layers want:
    /// `Filtered` checks for each whether it was let through, and the compiler would not inline
    /// that check around this code.
    #[inline(never)]
    fn capture<S>(&self, event: &Event<'_>, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let _caught = catch_panics(|| {
            if let Some(trail) = const { &D::BLOCK.trail } {
                return self.capture_with_trail(trail, event, ctx);
            }
            if self.admit(event) {
                let (metadata, time) = (event.metadata(), SystemTime::now());
                let push =
                    |spans_at, bytes: &[u8]| self.queue.push(metadata, time, spans_at, bytes);
                capture::event(event, ctx, &self.limits, |_| {}, push);
            }
        });
    }

    /// Returns whether the event is wanted and there is room for it; if there is no room, it is
    /// counted as discarded.
    #[inline]
    fn admit(&self, event: &Event<'_>) -> bool {
        let site = || Site::of_record(event);
        self.wants(event) && self.queue.admits(event.metadata(), site)
    }

    /// Captures an event together with its trail, or adds it to the trail for a later one.
    fn capture_with_trail<S>(&self, trail: &Trail, event: &Event<'_>, ctx: &Context<'_, S>)
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let (is_admitted, is_kept) = (self.admit(event), self.keeps(trail, event));
        if !is_admitted && !is_kept {
            return;
        }
        let innermost = ctx.event_span(event);
        let holder = innermost.and_then(|span| trail::holder_above(span, trail));
        let time = SystemTime::now();
        let trail = TrailEvent {
            trail,
            levels: &self.levels,
            limits: &self.limits,
            event,
            time,
        };
        if is_admitted {
            let append = |buffer: &mut Vec<u8>| {
                if let Some(holder) = &holder {
                    let wanted = TrailFilter {
                        trail: trail.trail,
                        levels: &self.levels,
                        limits: &self.limits,
                        of: Some(&trail),
                    };
                    trail::append(holder, &wanted, buffer);
                }
            };
            let push = |spans_at, bytes: &[u8]| {
                self.queue.push(event.metadata(), time, spans_at, bytes);
                if let Some(holder) = holder.as_ref().filter(|_| is_kept) {
                    trail.keep_captured(holder, bytes.get(..spans_at).unwrap_or_default());
                }
            };
            capture::event(event, ctx, &self.limits, append, push);
        } else if let Some(holder) = &holder {
            trail.keep(holder);
        }
    }

    /// Returns whether the event belongs into the trail.
    #[inline]
    fn keeps(&self, trail: &Trail, event: &Event<'_>) -> bool {
        let metadata = event.metadata();
        *metadata.level() <= trail.level
            && self.levels.keeps_event(metadata)
            && !ReentryGuard::is_active()
    }
}

impl<D, S> tracing_subscriber::Layer<S> for Layer<D>
where
    D: BlockDefinition,
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    #[inline]
    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        self.capture(event, &ctx);
    }

    /// Records the fields of a new span. Out of line for the same reason: inlined, it cost each
    /// span 25 instructions more.
    #[inline(never)]
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let _caught = catch_panics(|| {
            if let Some(span) = ctx.span(id) {
                capture::new_span(attributes, &span, &self.limits);
            }
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let _caught = catch_panics(|| {
            if let Some(span) = ctx.span(id) {
                capture::record(values, &span, &self.limits);
            }
        });
    }
}

impl<D> fmt::Debug for Layer<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").finish_non_exhaustive()
    }
}

/// Judges a `log` record by the target it carries as a field.
struct LogTargetVisitor<'a> {
    levels: &'a Levels,
    metadata: &'a Metadata<'a>,
    wanted: bool,
}

impl Visit for LogTargetVisitor<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == LOG_TARGET {
            self.wanted = self.levels.wants_target(*self.metadata.level(), value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

#[cfg(test)]
pub(crate) mod tests;
