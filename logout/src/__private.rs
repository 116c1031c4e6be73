//! What the code that `logout!` generates may name. Not part of the public interface.

pub use std::concat;
pub use std::env;
pub use std::future::{Future, poll_fn};
pub use std::pin::{Pin, pin};
pub use std::primitive;
pub use std::result::Result;
pub use std::task::{Context, Poll};
pub use std::time::Duration;

pub use figment::Provider;
pub use logout_macros::logout;
pub use tracing::level_filters::LevelFilter;

pub use crate::block::{Block, Declaration, Format, Metadata, Rule, Segment};
pub use crate::config::{Config, Section};
pub use crate::lane::Desk;

/// Polls one lane of several that run side by side; tells whether it is still open.
pub fn poll_lane<F: Future<Output = ()>>(
    mut lane: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> bool {
    if let Some(running) = lane.as_mut().as_pin_mut()
        && running.poll(cx).is_ready()
    {
        lane.set(None);
    }
    lane.is_some()
}
