//! Blocking work on threads of their own.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use async_lock::OnceCell;

/// Runs `work` on a thread of this name, and waits for it without blocking this one.
///
/// smol's pool is unsuitable: if the system grants no thread, it asks again and again without a
/// pause, on the thread that wants something done (`Executor::grow_pool` of blocking 1.7). That
/// thread is the worker's, and every chat would stand still.
pub(super) async fn on_thread<R: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> R + Send + 'static,
) -> io::Result<R> {
    let done = Arc::new(OnceCell::new());
    let doing = Arc::clone(&done);
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(work)).ok();
            let _once = doing.set_blocking(Mutex::new(result));
        })?;
    let result = done.wait().await.lock();
    let result = result.unwrap_or_else(PoisonError::into_inner).take();
    result.ok_or_else(|| io::Error::other("its thread panicked"))
}

#[cfg(test)]
mod tests {
    use super::on_thread;

    #[test]
    fn what_blocks_is_done_elsewhere_and_its_panic_is_an_error() {
        let name = || std::thread::current().name().map(str::to_owned);
        let there = async_io::block_on(on_thread("elsewhere", name)).unwrap();
        assert_eq!(there.as_deref(), Some("elsewhere"));
        let panicked = || -> u8 { panic!("as asked for") };
        let error = async_io::block_on(on_thread("elsewhere", panicked)).unwrap_err();
        assert_eq!(error.to_string(), "its thread panicked");
    }
}
