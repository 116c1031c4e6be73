//! Where events wait for the worker.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tracing::Metadata;

use crate::event::Event;

/// The events that wait.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    waiting: Mutex<Vec<Event>>,
}

impl Intake {
    /// Asked before anything is formatted: false means discarded and already counted.
    pub(crate) fn admits(&self, _: &'static Metadata<'static>) -> bool {
        true
    }

    /// One copy of `bytes`; `spans_at` is where the span part begins in it.
    pub(crate) fn push(
        &self,
        metadata: &'static Metadata<'static>,
        time: SystemTime,
        spans_at: usize,
        bytes: &[u8],
    ) {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Event::new(metadata, time, spans_at, bytes));
    }

    /// All that waits.
    #[cfg(test)]
    pub(crate) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
