//! A guard that keeps events of logout's own sending from being sent.

use std::cell::Cell;
use std::marker::PhantomData;

use tracing::Level;

thread_local! {
    /// How many guards are held on this thread.
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// A guard: while it lives, events of its thread are ignored.
///
/// The worker holds one on its own thread, and around every poll where it runs on an executor of
/// the program.
#[derive(Debug)]
#[must_use]
pub(crate) struct ReentryGuard {
    /// It belongs to the thread it was made on.
    thread: PhantomData<*const ()>,
}

impl ReentryGuard {
    pub(crate) fn enter() -> Self {
        change_held(|held| held.saturating_add(1));
        Self {
            thread: PhantomData,
        }
    }

    /// Returns whether a guard is held on this thread.
    #[inline]
    pub(crate) fn is_active() -> bool {
        HELD.try_with(Cell::get).is_ok_and(|held| held > 0)
    }
}

impl Drop for ReentryGuard {
    fn drop(&mut self) {
        change_held(|held| held.saturating_sub(1));
    }
}

fn change_held(change: impl FnOnce(usize) -> usize) {
    // Where thread-locals are gone, no event can be captured either.
    let _gone_with_its_thread = HELD.try_with(|held| held.set(change(held.get())));
}

/// Returns whether events of this level and target are ignored on every thread.
pub(crate) fn denied(level: Level, target: &str) -> bool {
    let name = target.split("::").next().unwrap_or_default();
    is_io_crate(name) || (level > Level::WARN && is_http_crate(name))
}

/// Returns whether the crate does the I/O of logout's own connections on whichever thread happens
/// to drive the reactor or the blocking pool: the program's, too.
fn is_io_crate(name: &str) -> bool {
    matches!(
        name,
        "async_io"
            | "async_executor"
            | "async_global_executor"
            | "blocking"
            | "mio"
            | "polling"
            | "want"
    )
}

/// Returns whether it is a crate of HTTP and TLS that a transport of the program's own may run on
/// its own threads.
fn is_http_crate(name: &str) -> bool {
    let is_of = |family: &str| {
        name.strip_prefix(family)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    ["hyper", "rustls", "isahc", "reqwest"]
        .into_iter()
        .any(is_of)
        || matches!(
            name,
            "async_h1"
                | "async_std"
                | "curl"
                | "futures_rustls"
                | "h2"
                | "http_client"
                | "surf"
                | "tokio_rustls"
                | "tokio_util"
        )
}
