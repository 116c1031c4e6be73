//! The buffer each thread captures into, so that capture allocates nothing once it is warm.

use std::cell::Cell;
use std::thread;

use crate::event::encoding;

/// A buffer that has grown beyond this is given back: one long message on each of a thousand
/// threads would otherwise stay in memory for ever.
const KEPT: usize = 32 * 1024;

/// The main thread's name, which says nothing.
const MAIN: &str = "main";

/// A buffer that always begins with the encoded name of its thread.
struct Scratch {
    buffer: Vec<u8>,
    /// Where the thread's name ends.
    start: usize,
}

impl Scratch {
    fn new(thread: &str) -> Self {
        let mut buffer = Vec::with_capacity(1024);
        encoding::thread(thread, &mut buffer);
        Self {
            start: buffer.len(),
            buffer,
        }
    }

    fn of_this_thread() -> Self {
        let thread = thread::current();
        Self::new(
            thread
                .name()
                .filter(|name| *name != MAIN)
                .unwrap_or_default(),
        )
    }
}

thread_local! {
    /// Empty before the first capture and during one.
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

/// Lends a buffer that holds the thread's name and nothing else.
///
/// The thread's own buffer is taken out while it is lent, so a Debug implementation that logs
/// gets another one.
#[inline]
pub(super) fn with(f: impl FnOnce(&mut Vec<u8>)) {
    let mut scratch = match SCRATCH.try_with(Cell::take) {
        Ok(Some(scratch)) => scratch,
        Ok(None) => Scratch::of_this_thread(),
        // At the end of a thread, where its name can no longer be asked for either.
        Err(_) => Scratch::new(""),
    };
    f(&mut scratch.buffer);
    if scratch.buffer.capacity() <= KEPT {
        scratch.buffer.truncate(scratch.start);
        let _gone_with_its_thread = SCRATCH.try_with(|cell| cell.set(Some(scratch)));
    }
}
