//! A future of the program's on the worker's thread, whose panics stay inside.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::event::encoding::catch_panics;

/// Catches what the future panics with when it is polled, and when it is dropped.
pub(super) struct CaughtFuture<'p, F: Future>(pub(super) Pin<&'p mut Option<F>>);

impl<F: Future> CaughtFuture<'_, F> {
    /// Polls it; nothing where it panicked, now or before.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Option<Poll<F::Output>> {
        let future = self.0.as_mut().as_pin_mut()?;
        catch_panics(|| future.poll(cx))
    }
}

impl<F: Future> Drop for CaughtFuture<'_, F> {
    fn drop(&mut self) {
        let _panicked = catch_panics(|| self.0.set(None));
    }
}
