//! The settings `remind`, `remind_from`, `quiet` and `quiet_notice`.

use std::time::Duration;

use tracing::level_filters::LevelFilter;

/// `remind` by default: 1m, 5m, 30m and 2h after a problem's first message.
pub(crate) const DEFAULT_STEPS: &[Duration] = &[
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
];

/// `quiet` by default.
pub(crate) const DEFAULT_QUIET: Duration = Duration::from_secs(15 * 60);

/// The most steps; nobody could distinguish more.
pub(crate) const MOST_STEPS: usize = 8;

/// The settings of an instance's reminders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemindSettings {
    /// The times after a problem's first message, growing; empty if reminders are off.
    pub(crate) steps: Vec<Duration>,
    /// The level from which problems get reminders; below it each event is sent.
    pub(crate) from: LevelFilter,
    /// How long after its last event a problem is over.
    pub(crate) quiet: Duration,
    /// Whether a message reports that.
    pub(crate) quiet_notice: bool,
}

impl RemindSettings {
    /// Returns the settings without durations above `longest`, which could overflow an `Instant`.
    pub(crate) fn bounded(mut self, longest: Duration) -> Self {
        self.quiet = self.quiet.min(longest);
        for step in &mut self.steps {
            *step = (*step).min(longest);
        }
        self.steps.dedup();
        self
    }
}

/// Returns why these cannot be the steps of `remind`; an empty list is `off`.
pub(crate) const fn wrong_steps(steps: &[Duration]) -> Option<WrongSteps> {
    if steps.len() > MOST_STEPS {
        return Some(WrongSteps::TooMany);
    }
    let mut before = 0;
    let mut steps = steps;
    while let [step, rest @ ..] = steps {
        let step = step.as_nanos();
        if step == 0 {
            return Some(WrongSteps::Zero);
        }
        if step <= before {
            return Some(WrongSteps::NotLonger);
        }
        before = step;
        steps = rest;
    }
    None
}

/// The reason why durations cannot be the steps of `remind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrongSteps {
    /// There are more than eight.
    TooMany,
    /// A step is zero.
    Zero,
    /// A step is not longer than the one before.
    NotLonger,
}

impl WrongSteps {
    /// Returns what is wrong and what to write, for files and variables.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TooMany => {
                "it has more than 8 steps; after the last one, steps of that length follow, so \
                write fewer"
            }
            Self::Zero => {
                "it has a step of zero; the first message is sent at once anyway, so write only \
                durations above zero"
            }
            Self::NotLonger => {
                "one of its steps is not longer than the one before; all of them count from a problem's first message, so write them in growing order, such as `1m, 5m, 30m, 2h`"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{DEFAULT_STEPS, MOST_STEPS, WrongSteps, wrong_steps};

    #[test]
    fn the_steps_that_hold_unless_given_are_right() {
        assert_eq!(wrong_steps(DEFAULT_STEPS), None);
        assert_eq!(wrong_steps(&[]), None);
    }

    proptest! {
        #[test]
        fn steps_are_right_where_they_are_few_above_zero_and_growing(
            seconds in prop::collection::vec(0_u64..12, 0..12),
        ) {
            let steps: Vec<_> = seconds.iter().copied().map(Duration::from_secs).collect();
            let right = seconds.len() <= MOST_STEPS
                && !seconds.contains(&0)
                && seconds.windows(2).all(|pair| pair[0] < pair[1]);
            prop_assert_eq!(wrong_steps(&steps).is_none(), right);
            if wrong_steps(&steps) == Some(WrongSteps::TooMany) {
                prop_assert!(steps.len() > MOST_STEPS);
            }
        }
    }
}
