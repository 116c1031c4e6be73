//! A wrapper around a future of the program that keeps its panics inside.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::event::encoding::catch_panics;
use crate::transport::{Fault, Response};

/// A future whose panics are caught, when it is polled and when it is dropped.
pub(super) struct CaughtFuture<'p, F: Future>(pub(super) Pin<&'p mut Option<F>>);

impl<F: Future> CaughtFuture<'_, F> {
    /// Polls the future; returns `None` if it panicked, now or before.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Option<Poll<F::Output>> {
        let future = self.0.as_mut().as_pin_mut()?;
        catch_panics(|| future.poll(cx))
    }
}

/// Returns the answer without the error behind a fault, whose code is the program's.
pub(super) fn without_error_source(mut answer: Result<Response, Fault>) -> Result<Response, Fault> {
    if let Err(fault) = &mut answer {
        let source = fault.take_source();
        let _panicked = catch_panics(|| drop(source));
    }
    answer
}

impl<F: Future> Drop for CaughtFuture<'_, F> {
    fn drop(&mut self) {
        let _panicked = catch_panics(|| self.0.set(None));
    }
}
