//! The state of a member: joined, or alone because its broker is away.
//!
//! Pure: the time is an argument.

use std::time::{Duration, Instant};

/// How long the answers of the broker must be good before a member that is alone returns.
const RETURN: Duration = Duration::from_secs(5);

/// The first pause after a missing answer, and the longest ones.
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST_JOINED: Duration = Duration::from_secs(2);
const LONGEST_ALONE: Duration = Duration::from_secs(30);

/// The state of one member towards its broker.
#[derive(Debug)]
pub(crate) struct Membership {
    /// How long the broker or a leader may be missing before the member is alone.
    timeout: Duration,
    failing_since: Option<Instant>,
    is_alone: bool,
    /// Since when all answers are good.
    good_since: Option<Instant>,
    /// The number of failed requests in a row.
    faults: u32,
}

impl Membership {
    /// Creates the state of a member that is joined. `timeout` is spread by the member's name, so
    /// that not all of many act at the same time.
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

    /// Notes an answer, which is good if the lane has a leader; returns whether the member is
    /// joined again as of now.
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

    /// Notes a request without a useful answer; returns how long to wait before the next one.
    /// `jitter` is from 0 to 1.
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

    /// Returns when the member is alone unless a good answer comes.
    pub(super) fn alone_at(&self) -> Option<Instant> {
        let since = self.failing_since.filter(|_| !self.is_alone)?;
        since.checked_add(self.timeout)
    }

    /// Makes the member alone if the timeout is over; returns whether it did.
    pub(super) fn check_timeout(&mut self, now: Instant) -> bool {
        let falls = self.alone_at().is_some_and(|at| at <= now);
        if falls {
            self.is_alone = true;
            self.good_since = None;
        }
        falls
    }
}
