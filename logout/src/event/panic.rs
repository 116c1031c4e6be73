//! A panic as an event.

use std::time::SystemTime;

use super::encoding;
pub(crate) use super::panic_callsite::{is_panic, metadata};
use super::view::{Event, EventView};

/// How many bytes of a message are kept.
const MESSAGE: usize = 8 << 10;

/// How many bytes of a backtrace are kept.
const TRACE: usize = 64 << 10;

/// How many bytes of a file's path are kept.
const PATH: usize = 4 << 10;

/// The messages of the standard library before it aborts a process that already panics.
const ABORT_AFTER_PANIC: [&str; 2] = [
    "panic in a destructor during cleanup",
    "panic in a function that cannot unwind",
];

/// The beginnings of the messages of all other panics that cannot unwind, in the words of the
/// standard library (`core/src/panicking.rs`, `core/src/ub_checks.rs`) and of the compiler
/// (`rustc_codegen_ssa/src/mir/block.rs`).
const ABORTING: [&str; 7] = [
    "unsafe precondition(s) violated",
    "misaligned pointer dereference",
    "null pointer dereference occurred",
    "trying to construct an enum from an invalid value",
    "attempted to instantiate uninhabited type",
    "attempted to zero-initialize type",
    "attempted to leave type",
];

/// Returns whether the event is a panic that only follows from another one and ends the process.
pub(crate) fn is_consequence(event: &EventView<'_>) -> bool {
    let message = event.message().unwrap_or_default();
    event.is_panic() && ABORT_AFTER_PANIC.contains(&message.as_ref())
}

/// Returns whether the process aborts after a panic with this message.
pub(crate) fn is_abort(message: &str) -> bool {
    let begins = |known: &&str| message.starts_with(known);
    ABORT_AFTER_PANIC.iter().chain(&ABORTING).any(begins)
}

/// A panic as the hook sees it.
#[derive(Debug)]
pub(crate) struct Panic<'p> {
    pub(crate) thread: &'p str,
    pub(crate) message: &'p str,
    pub(crate) file: &'p str,
    pub(crate) line: u32,
    pub(crate) backtrace: &'p str,
    /// The spans around it, encoded.
    pub(crate) spans: &'p [u8],
    /// The most bytes of an event.
    pub(crate) most: usize,
}

/// Encodes a panic as an event.
pub(crate) fn event(panic: &Panic<'_>) -> Event {
    let mut bytes = Vec::new();
    encoding::thread(panic.thread, &mut bytes);
    let most = MESSAGE.min(panic.most / 2);
    encoding::text_field(0, panic.message, most, &mut bytes);
    encoding::text_field(1, panic.file, PATH, &mut bytes);
    encoding::number_field(2, panic.line.into(), &mut bytes);
    let most = TRACE.min(panic.most / 4);
    encoding::text_field(3, panic.backtrace, most, &mut bytes);
    let spans_at = bytes.len();
    bytes.extend_from_slice(panic.spans);
    Event::new(metadata(), SystemTime::now(), spans_at, &bytes)
}

#[cfg(test)]
mod tests {
    use super::{Panic, event, is_abort};

    #[test]
    fn what_cannot_unwind_is_known_by_its_words() {
        for text in [
            "unsafe precondition(s) violated: hint::assert_unchecked must never be called when the condition is false",
            "panic in a function that cannot unwind",
        ] {
            assert!(is_abort(text), "{text}");
        }
        assert!(!is_abort("the shelf fell"));
    }

    #[test]
    fn a_panic_carries_its_place_and_its_backtrace() {
        let event = event(&Panic {
            thread: "worker-2",
            message: "index out of bounds",
            file: "src/cart.rs",
            line: 41,
            backtrace: "0: cart::remove",
            spans: &[],
            most: 16,
        });
        let view = event.view();
        assert!(view.is_panic());
        assert_eq!(view.message().as_deref(), Some("index ou (truncated)"));
        assert_eq!((view.file(), view.line()), (Some("src/cart.rs"), Some(41)));
        assert_eq!(
            (view.thread(), view.backtrace()),
            (Some("worker-2"), Some("0: c (truncated)"))
        );
        assert_eq!(view.fields().count(), 0);
    }
}
