//! The wish of a lane to send something, and the answer to it.

use std::time::Instant;

use tracing::Level;

/// The severity of what waits in a lane: lowest a report, then a reminder, then new events by
/// level, highest a panic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Priority(pub(super) u8);

impl Priority {
    pub(crate) const REPORT: Self = Self(0);
    /// Known problems, whatever their level.
    pub(crate) const REMINDER: Self = Self(1);
    pub(crate) const PANIC: Self = Self(7);
    /// All of them, lowest first.
    pub(crate) const ALL: [Self; 8] = [
        Self::REPORT,
        Self::REMINDER,
        Self(2),
        Self(3),
        Self(4),
        Self(5),
        Self(6),
        Self::PANIC,
    ];

    pub(crate) fn of(level: Level) -> Self {
        Self(match level {
            Level::TRACE => 2,
            Level::DEBUG => 3,
            Level::INFO => 4,
            Level::WARN => 5,
            Level::ERROR => 6,
        })
    }

    /// Returns the position in [`ALL`](Self::ALL).
    pub(crate) fn index(self) -> usize {
        self.0.into()
    }
}

/// A message or request that a lane wants to send.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Claim {
    pub(crate) priority: Priority,
    /// Whether it is a message of which nothing was sent yet, and no retry.
    pub(crate) is_new: bool,
    /// Whether somebody waits for it: then only the windows count, not the spreading of requests or
    /// how many messages a person reads.
    pub(crate) is_awaited: bool,
    /// Whether it may be sent while the destination rests, because it is not what failed.
    pub(crate) ignores_rest: bool,
}

impl Claim {
    /// Describes a message of which nothing was sent yet.
    pub(crate) fn new_message(priority: Priority, is_awaited: bool) -> Self {
        Self {
            priority,
            is_new: true,
            is_awaited,
            ..Self::default()
        }
    }
}

/// The answer to a lane that wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendTime {
    Now,
    /// Wait until then.
    At(Instant),
    /// Wait until another lane has had its turn.
    After(usize),
}
