//! The events that lanes keep, and the memory that they and their groups take.

use std::cell::Cell;
use std::ops::Deref;
use std::rc::Rc;

use crate::event::Event;

/// An event that lanes share, which counts once in the total of all lanes.
#[derive(Debug)]
pub(crate) struct KeptEvent {
    event: Event,
    total: Rc<Cell<usize>>,
}

impl KeptEvent {
    pub(crate) fn new(event: Event, total: &Rc<Cell<usize>>) -> Self {
        total.set(total.get() + event.size());
        let total = Rc::clone(total);
        Self { event, total }
    }
}

impl Deref for KeptEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

impl Drop for KeptEvent {
    fn drop(&mut self) {
        let left = self.total.get().saturating_sub(self.event.size());
        self.total.set(left);
    }
}

/// The memory that a lane takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MemoryUse {
    pub(crate) all: usize,
    /// Without the events, which other lanes may hold as well.
    pub(crate) beside: usize,
}

impl MemoryUse {
    pub(in crate::worker::lane) fn change(&mut self, before: Self, after: Self) {
        self.all = (self.all + after.all).saturating_sub(before.all);
        self.beside = (self.beside + after.beside).saturating_sub(before.beside);
    }
}
