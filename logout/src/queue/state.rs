//! The contents of the queue: what callers fill under the lock, and what the worker takes out.

use std::task::Waker;
use std::time::Instant;

use super::{Discards, EventBatch, Spin};
use crate::event::{Event, EventView};

/// The number of panics that may wait. More at once are threads that die of one cause.
const MAX_PANICS: usize = 16;

/// The contents of the queue, behind its lock.
#[derive(Debug, Default)]
pub(super) struct QueueState {
    pub(super) batch: EventBatch,
    pub(super) panics: Vec<Event>,
    /// Events for which there was no room.
    pub(super) discards: Discards,
    /// Events after the end.
    pub(super) late: Discards,
    /// The number of swaps, by which a caller that waits detects the next one.
    pub(super) swaps: u64,
    /// How many callers wait for the next swap.
    pub(super) waiters: usize,
    /// When the first of them began to wait, if the worker runs on an executor of the program.
    pub(super) waiting_since: Option<Instant>,
    /// Decides whether one of them spins before it sleeps.
    pub(super) spin: Spin,
    pub(super) worker: Option<Waker>,
}

impl QueueState {
    /// Returns whether this panic may wait too. The first always may.
    pub(super) fn has_room_for(&self, panic: &Event, most: usize) -> bool {
        let held: usize = self.panics.iter().map(Event::size).sum();
        self.panics.is_empty()
            || (self.panics.len() < MAX_PANICS && held + panic.size() <= most / 4)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batch.is_empty()
            && self.panics.is_empty()
            && self.discards.is_empty()
            && self.late.is_empty()
    }
}

/// The events and counts that the worker took from the queue.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) batch: EventBatch,
    pub(crate) discards: Discards,
    /// Events after the queue was closed.
    pub(crate) late: Discards,
    pub(crate) panics: Vec<Event>,
}

impl Taken {
    /// Iterates over the events, panics first.
    pub(crate) fn events(&self) -> impl Iterator<Item = EventView<'_>> {
        let panics = self.panics.iter().map(Event::view);
        panics.chain(self.batch.events())
    }

    /// Returns an event by its position in [`events`](Self::events).
    pub(crate) fn event(&self, place: usize) -> Option<EventView<'_>> {
        match place.checked_sub(self.panics.len()) {
            Some(place) => self.batch.event(place),
            None => self.panics.get(place).map(Event::view),
        }
    }
}
