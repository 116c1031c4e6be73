//! Whether a member of a fleet is joined, or alone since its broker is away.
//!
//! Pure: the time is an argument.

use std::time::{Duration, Instant};

/// How far two good answers are apart after which one that is alone returns.
const RETURN: Duration = Duration::from_secs(5);

/// The first and the longest pause after an answer that did not come.
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST_JOINED: Duration = Duration::from_secs(2);
const LONGEST_ALONE: Duration = Duration::from_secs(30);

/// Where one member stands.
#[derive(Debug)]
pub(crate) struct Standing {
    /// After how long without a broker or a leader it is alone.
    timeout: Duration,
    failing_since: Option<Instant>,
    is_alone: bool,
    /// Since when all answers are good, while it is alone.
    good_since: Option<Instant>,
    /// How many asks in a row had no good answer.
    faults: u32,
}

impl Standing {
    /// `timeout` is spread by the member's name, so that not all of many do the same at once.
    pub(super) fn new(timeout: Duration, name: &str) -> Self {
        let hash = name.bytes().fold(0_u32, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(byte.into())
        });
        // From 70 % to 130 %.
        let timeout = timeout.mul_f64(0.7 + f64::from(hash % 601) / 1_000.0);
        Self {
            timeout,
            failing_since: None,
            is_alone: false,
            good_since: None,
            faults: 0,
        }
    }

    pub(super) fn is_alone(&self) -> bool {
        self.is_alone
    }

    /// Notes an answer. It is good where somebody leads the lane. Tells whether it returns now.
    pub(super) fn answered(&mut self, has_leader: bool, now: Instant) -> bool {
        self.faults = 0;
        if !has_leader {
            self.good_since = None;
            self.failing_since.get_or_insert(now);
            return false;
        }
        self.failing_since = None;
        let since = *self.good_since.get_or_insert(now);
        let returns = self.is_alone && now.saturating_duration_since(since) >= RETURN;
        if returns {
            self.is_alone = false;
        }
        returns
    }

    /// Notes that there was no answer, or none that helps; tells how long it waits before it asks
    /// again, `jitter` being from 0 to 1.
    pub(super) fn failed(&mut self, now: Instant, jitter: f64) -> Duration {
        self.good_since = None;
        self.failing_since.get_or_insert(now);
        let longest = match self.is_alone {
            true => LONGEST_ALONE,
            false => LONGEST_JOINED,
        };
        let pause = SHORTEST.saturating_mul(1 << self.faults.min(10));
        self.faults = self.faults.saturating_add(1);
        pause
            .min(longest)
            .mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
    }

    /// When it is alone unless an answer comes.
    pub(super) fn alone_at(&self) -> Option<Instant> {
        let since = self.failing_since.filter(|_| !self.is_alone)?;
        since.checked_add(self.timeout)
    }

    /// Becomes alone where it is time to; tells whether it does.
    pub(super) fn falls(&mut self, now: Instant) -> bool {
        let falls = self.alone_at().is_some_and(|at| at <= now);
        if falls {
            self.is_alone = true;
            self.good_since = None;
        }
        falls
    }
}
