//! The contents of the queue: what callers fill under the lock, and what the worker takes out.

use std::task::Waker;
use std::time::Instant;

use super::{Batch, Discards, Spin};
use crate::event::{Event, EventView};

/// How many panics wait beside the queue. More at once are threads that die of one cause.
const MAX_PANICS: usize = 16;

/// What the lock guards.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) batch: Batch,
    pub(super) panics: Vec<Event>,
    /// What found no room.
    pub(super) discards: Discards,
    /// What came after the end.
    pub(super) late: Discards,
    /// Counts the swaps, so that a waiting caller can tell its own.
    pub(super) swaps: u64,
    /// How many callers wait for the next swap.
    pub(super) waiters: usize,
    /// Since when, where the worker runs on an executor of the program.
    pub(super) waiting_since: Option<Instant>,
    /// Whether one of them spins before it sleeps.
    pub(super) spin: Spin,
    pub(super) worker: Option<Waker>,
}

impl State {
    /// Whether a panic may wait; one alone always may.
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

/// What the worker found in the queue.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) batch: Batch,
    pub(crate) discards: Discards,
    /// What came while the worker was ending.
    pub(crate) late: Discards,
    pub(crate) panics: Vec<Event>,
}

impl Taken {
    /// The events, panics first.
    pub(crate) fn events(&self) -> impl Iterator<Item = EventView<'_>> {
        let panics = self.panics.iter().map(Event::view);
        panics.chain(self.batch.events())
    }

    /// One of these, by its place among them.
    pub(crate) fn event(&self, place: usize) -> Option<EventView<'_>> {
        match place.checked_sub(self.panics.len()) {
            Some(place) => self.batch.event(place),
            None => self.panics.get(place).map(Event::view),
        }
    }
}
