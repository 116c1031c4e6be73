//! The mode of the queue: what it does with the next event, given how many wait.

use std::time::Duration;

use tracing::Level;

/// The three modes of the queue, named as in LoggerBackends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The caller returns at once.
    Async,
    /// The caller waits until the worker has swapped its event out.
    Sync,
    /// The event is counted and dropped.
    Discard,
}

/// The numbers of waiting events at which the mode changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thresholds {
    /// From here on callers wait; at or above `discard` they never do.
    pub(crate) sync: usize,
    /// From here on events are discarded.
    pub(crate) discard: usize,
    /// How long a caller waits at most; zero means never.
    pub(crate) sync_timeout: Duration,
}

impl Thresholds {
    /// Checks that the thresholds are consistent.
    pub(crate) fn check(self) -> Result<(), String> {
        if self.discard == 0 {
            return Err(
                "`discard_threshold` is 0, which would discard every event; write 1 or more"
                    .to_owned(),
            );
        }
        if self.sync > self.discard {
            return Err(format!(
                "`sync_threshold` ({}) is above `discard_threshold` ({}); write an equal number to turn waiting off",
                self.sync, self.discard
            ));
        }
        Ok(())
    }

    /// Returns the mode for the next event of this level while `waiting` others wait.
    ///
    /// A count below a threshold returns to the lower mode at once: the worker takes everything in
    /// one swap, so the count cannot oscillate around a threshold.
    #[inline]
    pub(crate) fn mode(self, level: Level, waiting: usize) -> Mode {
        if waiting >= self.room(level) {
            Mode::Discard
        } else if waiting >= self.sync && self.sync < self.discard {
            Mode::Sync
        } else {
            Mode::Async
        }
    }

    /// Returns the number of waiting events below which the mode of every level is [`Mode::Async`].
    pub(crate) fn async_limit(self) -> usize {
        self.sync.min(self.discard)
    }

    /// Returns the number of waiting events from which one of this level is discarded. Errors have
    /// a tenth more room, so that a burst of warnings does not displace them.
    #[inline]
    fn room(self, level: Level) -> usize {
        if level == Level::ERROR {
            self.discard.saturating_add(self.discard.div_ceil(10))
        } else {
            self.discard
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use tracing::Level;

    use super::{Mode, Thresholds};

    fn thresholds(sync: usize, discard: usize) -> Thresholds {
        Thresholds {
            sync,
            discard,
            sync_timeout: Duration::from_millis(100),
        }
    }

    #[test]
    fn modes_change_at_the_thresholds_and_back_one_below() {
        let defaults = thresholds(20, 500);
        for (waiting, mode) in [
            (0, Mode::Async),
            (19, Mode::Async),
            (20, Mode::Sync),
            (499, Mode::Sync),
            (500, Mode::Discard),
        ] {
            assert_eq!(defaults.mode(Level::WARN, waiting), mode, "{waiting}");
        }
    }

    #[test]
    fn an_error_has_a_tenth_more_room() {
        let defaults = thresholds(20, 500);
        assert_eq!(defaults.mode(Level::ERROR, 549), Mode::Sync);
        assert_eq!(defaults.mode(Level::ERROR, 550), Mode::Discard);
    }

    #[test]
    fn equal_thresholds_turn_waiting_off_and_zero_always_waits() {
        assert_eq!(thresholds(500, 500).mode(Level::ERROR, 520), Mode::Async);
        assert_eq!(thresholds(0, 500).mode(Level::INFO, 0), Mode::Sync);
    }

    proptest! {
        #[test]
        fn more_waiting_never_makes_the_mode_milder(sync in 0usize..600, discard in 1usize..600, waiting in 0usize..700) {
            let rank = |mode| match mode { Mode::Async => 0, Mode::Sync => 1, Mode::Discard => 2 };
            for level in [Level::ERROR, Level::WARN] {
                let now = rank(thresholds(sync, discard).mode(level, waiting));
                prop_assert!(rank(thresholds(sync, discard).mode(level, waiting + 1)) >= now);
            }
        }

        #[test]
        fn nothing_waits_or_is_discarded_below_the_async_limit(sync in 0usize..600, discard in 1usize..600, waiting in 0usize..600) {
            let thresholds = thresholds(sync, discard);
            for level in [Level::ERROR, Level::WARN] {
                prop_assert!(waiting >= thresholds.async_limit() || thresholds.mode(level, waiting) == Mode::Async);
            }
        }

        #[test]
        fn what_a_warning_passes_an_error_passes(sync in 0usize..600, discard in 1usize..600, waiting in 0usize..700) {
            let thresholds = thresholds(sync, discard);
            if thresholds.mode(Level::WARN, waiting) != Mode::Discard {
                prop_assert_ne!(thresholds.mode(Level::ERROR, waiting), Mode::Discard);
            }
        }
    }
}
