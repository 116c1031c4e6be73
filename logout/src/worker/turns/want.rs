//! What a lane wants to send, and what it is told to do.

use std::time::Instant;

use tracing::Level;

/// How severe what waits in a lane is: a report least, then a reminder, then what is new by its
/// level, a panic most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Gravity(pub(super) u8);

impl Gravity {
    pub(crate) const REPORT: Self = Self(0);
    /// What people know already, whatever its level.
    pub(crate) const REMINDER: Self = Self(1);
    pub(crate) const PANIC: Self = Self(7);
    /// All there are, the least severe first.
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

    /// Its place among [all](Self::ALL).
    pub(crate) fn index(self) -> usize {
        self.0.into()
    }
}

/// What a lane wants to send.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Want {
    pub(crate) gravity: Gravity,
    /// Whether it is a message that nobody has seen a part of, and no further try.
    pub(crate) is_new: bool,
    /// Whether somebody waits for it: then the windows themselves count, and not how their
    /// requests are spread or how many messages a person reads.
    pub(crate) is_awaited: bool,
    /// Whether it is not for this that the destination is left alone.
    pub(crate) ignores_rest: bool,
}

impl Want {
    /// A message that nobody has seen a part of.
    pub(crate) fn new_message(gravity: Gravity, is_awaited: bool) -> Self {
        Self {
            gravity,
            is_new: true,
            is_awaited,
            ..Self::default()
        }
    }
}

/// What a lane that wants to send does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Now,
    /// Waits until then.
    At(Instant),
    /// Waits until another lane has had its turn.
    After(usize),
}
