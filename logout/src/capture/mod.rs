//! The encoding of tracing's events and spans as bytes, on the thread that logs.
//!
//! A user's Debug implementation may log, panic, never end, or touch the very span it is a field
//! of. So every value is formatted before a span's extensions are locked, into a buffer that a
//! second capture on the same thread does not share, with a bound, and under `catch_unwind`.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use tracing::span::{Attributes, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::event::encoding::{
    self, Buffer as _, ByIndex, ByName, Encoder, SmallBuffer, catch_panics,
};

pub(crate) mod filter;
pub(crate) mod layer;
mod scratch;
mod trail;

pub use self::filter::Filter;
pub use self::layer::Layer;
pub(crate) use self::trail::{append_from_scope as append_trail, held as trail_bytes};

/// The bounds of capture; how much of a text is kept can be changed while the program runs.
#[derive(Debug)]
pub(crate) struct CaptureLimits {
    truncate: AtomicUsize,
    /// Bytes of the longest event, its spans included.
    event: usize,
    /// Bytes of all trails of the program, above which this block's do not grow.
    trails: usize,
    /// The layer's bit; the sixty-fifth layer shares that of the first.
    layer: u64,
}

impl CaptureLimits {
    /// Creates the limits; `truncate` bytes of every text are kept.
    pub(crate) fn new(truncate: usize) -> Self {
        static LAYERS: AtomicU32 = AtomicU32::new(0);
        Self {
            layer: 1_u64.rotate_left(LAYERS.fetch_add(1, Ordering::Relaxed)),
            truncate: AtomicUsize::new(truncate),
            event: encoding::EVENT,
            trails: 0,
        }
    }

    /// Sets the bytes of the longest event.
    pub(crate) fn with_event_limit(mut self, event: usize) -> Self {
        self.event = event;
        self
    }

    /// Lets trails grow until all of them together have `trails` bytes.
    pub(crate) fn with_trails(mut self, trails: usize) -> Self {
        self.trails = trails;
        self
    }

    /// Returns the bytes of the longest event.
    pub(crate) fn event(&self) -> usize {
        self.event
    }

    pub(crate) fn set_truncate(&self, bytes: usize) {
        self.truncate.store(bytes, Ordering::Relaxed);
    }

    #[inline]
    fn truncate(&self) -> usize {
        self.truncate.load(Ordering::Relaxed)
    }
}

/// A span's name and fields as they are copied into each event inside it.
///
/// Kept in the span's extensions, and shared by all blocks of a program: a second layer replaces
/// it by the same.
#[derive(Debug, Default)]
struct Recorded(SmallBuffer);

/// Encodes an event and hands its bytes to `push`, with the index at which its spans begin.
/// `append` may add to the spans.
#[inline]
pub(crate) fn event<S>(
    event: &Event<'_>,
    ctx: &Context<'_, S>,
    limits: &CaptureLimits,
    append: impl FnOnce(&mut Vec<u8>),
    push: impl FnOnce(usize, &[u8]),
) where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    scratch::with_buffer(|buffer| {
        event.record(&mut Encoder::<ByIndex>::new(
            buffer,
            limits.truncate(),
            limits.event - limits.event / 4,
        ));
        let spans_at = buffer.len();
        let caught = catch_panics(|| {
            if let Some(scope) = ctx.event_scope(event) {
                scope.for_each(|span| append_span(&span, limits.event, buffer));
            }
            append(buffer);
        });
        if caught.is_none() {
            buffer.truncate(spans_at);
        }
        push(spans_at, buffer);
    });
}

#[inline]
fn append_span<S>(span: &SpanRef<'_, S>, most: usize, buffer: &mut Vec<u8>)
where
    S: for<'span> LookupSpan<'span>,
{
    if let Err(missing) = append_in_place(span, most, buffer) {
        buffer.reserve(missing);
        // Should it have grown meanwhile, it is left out.
        let _fits = append_in_place(span, most, buffer);
    }
}

/// Appends the span, or returns the number of bytes to reserve first: an allocator that logs would
/// access the span's extensions while they are locked.
#[inline]
fn append_in_place<S>(span: &SpanRef<'_, S>, most: usize, buffer: &mut Vec<u8>) -> Result<(), usize>
where
    S: for<'span> LookupSpan<'span>,
{
    if let Some(recorded) = span.extensions().get::<Recorded>() {
        let bytes = recorded.0.bytes();
        if buffer.len() + bytes.len() <= most {
            if buffer.capacity() - buffer.len() < bytes.len() {
                return Err(bytes.len());
            }
            buffer.extend_from_slice(bytes);
        }
    }
    Ok(())
}

/// Records the fields that a new span was created with.
#[inline]
pub(crate) fn new_span<S>(
    attributes: &Attributes<'_>,
    span: &SpanRef<'_, S>,
    limits: &CaptureLimits,
) where
    S: for<'span> LookupSpan<'span>,
{
    let mut recorded = Recorded::default();
    encoding::span(
        attributes.metadata().name(),
        limits.truncate(),
        &mut recorded.0,
        |encoder| {
            attributes.record(encoder);
        },
    );
    // `insert` would panic where two layers are installed.
    span.extensions_mut().replace(recorded);
}

/// Records fields that are set later; of a field recorded twice, the last value is kept.
pub(crate) fn record<S>(values: &Record<'_>, span: &SpanRef<'_, S>, limits: &CaptureLimits)
where
    S: for<'span> LookupSpan<'span>,
{
    let mut newer = SmallBuffer::default();
    values.record(&mut Encoder::<ByName, _>::new(
        &mut newer,
        limits.truncate(),
        encoding::SPAN,
    ));
    // Neither allocated nor released while the extensions are locked, for the same reason.
    let mut bytes = Vec::new();
    loop {
        let mut extensions = span.extensions_mut();
        let Some(recorded) = extensions.get_mut::<Recorded>() else {
            return;
        };
        let needed = recorded.0.bytes().len() + newer.bytes().len();
        if bytes.capacity() >= needed {
            bytes.extend_from_slice(recorded.0.bytes());
            encoding::amend(&mut bytes, newer.bytes());
            let older = std::mem::replace(&mut recorded.0, SmallBuffer::from(bytes));
            drop(extensions);
            drop(older);
            return;
        }
        drop(extensions);
        bytes.reserve(needed);
    }
}

/// Copies the recorded spans of a scope, as [`event`] would, in `most` bytes.
pub(crate) fn recorded<'r, S>(scope: impl Iterator<Item = SpanRef<'r, S>>, most: usize) -> Vec<u8>
where
    S: for<'span> LookupSpan<'span> + 'r,
{
    let mut bytes = Vec::new();
    for span in scope {
        append_span(&span, most, &mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests;
