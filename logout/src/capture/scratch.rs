//! A buffer per thread to capture into, so that capture does not allocate once it has grown.

use std::cell::Cell;
use std::thread;

use crate::event::encoding;

/// A buffer that has grown beyond this is given back: one long message on each of a thousand
/// threads would otherwise stay in memory for ever.
const KEPT: usize = 32 * 1024;

/// The main thread's name, which tells nothing and is left out.
const MAIN: &str = "main";

thread_local! {
    /// Begins with the encoded name of its thread; empty before the first capture and during one.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lends a buffer that holds the thread's name and nothing else.
///
/// The thread's own buffer is taken out while it is lent, so a Debug implementation that logs
/// gets another one.
#[inline]
pub(super) fn with_buffer(f: impl FnOnce(&mut Vec<u8>)) {
    let mut buffer = match SCRATCH.try_with(Cell::take) {
        Ok(buffer) => buffer,
        // At the end of a thread, where its name can no longer be asked for either.
        Err(_) => buffer_for(""),
    };
    if buffer.is_empty() {
        buffer = buffer_of_this_thread();
    }
    let start = buffer.len();
    f(&mut buffer);
    if buffer.capacity() <= KEPT {
        buffer.truncate(start);
        let _gone_with_its_thread = SCRATCH.try_with(|scratch| scratch.set(buffer));
    }
}

#[cold]
fn buffer_of_this_thread() -> Vec<u8> {
    let thread = thread::current();
    let name = thread.name().filter(|name| *name != MAIN);
    buffer_for(name.unwrap_or_default())
}

#[cold]
fn buffer_for(thread: &str) -> Vec<u8> {
    let mut buffer = Vec::with_capacity(1024);
    encoding::thread(thread, &mut buffer);
    buffer
}
