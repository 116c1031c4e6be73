//! The waiting events: a list of heads and one buffer of text.

use std::time::{Duration, SystemTime};

use tracing::Metadata;

use super::missed::allocating;
use crate::event::EventView;

/// A buffer that grew beyond this is given back to the allocator after it was emptied.
const KEPT_BYTES: usize = 64 << 10;
const KEPT_HEADS: usize = 1 << 10;

/// Events in the order in which they came: a head each, their text in one buffer.
#[derive(Debug, Default)]
pub(crate) struct EventBatch {
    heads: Vec<EventHead>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct EventHead {
    metadata: &'static Metadata<'static>,
    time: SystemTime,
    spans_at: usize,
    end: usize,
}

impl EventBatch {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.heads.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Returns whether the oldest event had waited for `span` by `time`.
    #[inline]
    pub(super) fn has_waited(&self, span: Duration, time: SystemTime) -> bool {
        let first = self.heads.first();
        first.is_some_and(|first| {
            let waited = time.duration_since(first.time);
            waited.is_ok_and(|waited| waited >= span)
        })
    }

    /// Returns whether an event of this many bytes fits into `most` bytes. Up to twice `most` is
    /// held, since the worker keeps the buffer it swapped out while callers fill the other.
    #[inline]
    pub(super) fn has_room(&self, bytes: usize, most: usize) -> bool {
        let heads = self.heads.len() * size_of::<EventHead>();
        heads + self.bytes.len() + bytes <= most
    }

    /// Copies an encoded event, which must [have room](Self::has_room), into the batch.
    #[inline]
    pub(super) fn push(
        &mut self,
        most: usize,
        metadata: &'static Metadata<'static>,
        time: SystemTime,
        spans_at: usize,
        bytes: &[u8],
    ) {
        let length = self.bytes.len() + bytes.len();
        if length > self.bytes.capacity() || self.heads.len() == self.heads.capacity() {
            self.grow(bytes.len(), most);
        }
        self.bytes.extend_from_slice(bytes);
        self.heads.push(EventHead {
            metadata,
            time,
            spans_at,
            end: length,
        });
    }

    /// Reserves room for one more event of this many bytes.
    #[cold]
    fn grow(&mut self, bytes: usize, most: usize) {
        allocating(|| {
            self.heads.reserve(1);
            let length = self.bytes.len() + bytes;
            if length > self.bytes.capacity() && length > most / 2 {
                // Doubling would go past the bound.
                self.bytes.reserve_exact(most - self.bytes.len());
            }
            self.bytes.reserve(bytes);
        });
    }

    /// Iterates over the events, oldest first.
    pub(crate) fn events(&self) -> impl Iterator<Item = EventView<'_>> {
        let mut start = 0;
        self.heads.iter().map(move |head| {
            let event = self.view(head, start);
            start = head.end;
            event
        })
    }

    fn view(&self, head: &EventHead, start: usize) -> EventView<'_> {
        let bytes = self.bytes.get(start..head.end).unwrap_or_default();
        EventView::new(head.metadata, head.time, bytes, head.spans_at)
    }

    /// Returns the event that `place` others precede.
    pub(super) fn event(&self, place: usize) -> Option<EventView<'_>> {
        let head = self.heads.get(place)?;
        let before = place.checked_sub(1).and_then(|last| self.heads.get(last));
        Some(self.view(head, before.map_or(0, |before| before.end)))
    }

    pub(super) fn clear(&mut self) {
        self.heads.clear();
        self.heads.shrink_to(KEPT_HEADS);
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
    }
}
