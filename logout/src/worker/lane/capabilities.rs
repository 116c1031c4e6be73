//! The capabilities of an adapter, whatever its type.

use std::time::Duration;

use crate::adapter::preview::type_name;
use crate::adapter::{Adapter, Severity, Window};
use crate::config::Configured;
use crate::event::encoding::catch_panics;

/// The capabilities of an adapter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capabilities {
    /// The name of its platform.
    pub(super) platform: &'static str,
    /// As [`Adapter::ROOM`].
    pub(super) room: usize,
    /// As [`Adapter::DIGEST`].
    pub(super) digest: bool,
    /// As [`Adapter::IDEMPOTENT`].
    pub(super) idempotent: bool,
    /// From which severity on it mentions people.
    pub(super) mentions_from: Option<Severity>,
}

impl Capabilities {
    pub(super) fn of<A: Adapter>(configured: &Configured<A>) -> Self {
        Self {
            platform: type_name::<A>(),
            room: A::ROOM,
            digest: A::DIGEST,
            idempotent: A::IDEMPOTENT,
            mentions_from: catch_panics(|| configured.adapter.mentions_from()).flatten(),
        }
    }
}

/// Returns the windows of an adapter, which always has one.
pub(crate) fn windows<A: Adapter>(configured: &Configured<A>, index: usize) -> Vec<Window> {
    let pace = || configured.adapter.pace().into_iter().collect();
    let windows = catch_panics(pace).unwrap_or_default();
    complete(windows, configured.settings.incomplete, index)
}

fn complete(mut windows: Vec<Window>, is_incomplete: bool, index: usize) -> Vec<Window> {
    if windows.is_empty() {
        windows.push(Window::new(1, Duration::from_secs(1), ("lane", index)));
    }
    if is_incomplete {
        // The placeholder for missing addresses is the same for all of them.
        for window in &mut windows {
            *window = window.apart(index);
        }
    }
    windows
}
