//! The platforms' rate limits.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// How much earlier than allowed a request may arrive. A sender that keeps the pace by its own
/// clock is not refused because one request was faster on its way than the one before.
const GRACE: Duration = Duration::from_millis(50);

/// A limit on the requests of one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rate {
    /// At most `count` in any stretch of `per`.
    Sliding { count: u32, per: Duration },
    /// At most `count` from the first request on until `per` has passed, then anew.
    Fixed { count: u32, per: Duration },
    /// One in `every` on average, `burst` at once after a rest.
    Bucket { burst: u32, every: Duration },
}

/// A record of the requests under one [`Rate`].
#[derive(Debug)]
struct RateMeter {
    rate: Rate,
    taken: VecDeque<Instant>,
    /// When a bucket will be full again.
    full_at: Option<Instant>,
}

impl RateMeter {
    const fn new(rate: Rate) -> Self {
        Self {
            rate,
            taken: VecDeque::new(),
            full_at: None,
        }
    }

    fn forget(&mut self, now: Instant) {
        let (Rate::Sliding { per, .. } | Rate::Fixed { per, .. }) = self.rate else {
            return;
        };
        let has_ended = |then: &Instant| now + GRACE >= *then + per;
        while self.taken.front().is_some_and(has_ended) {
            match self.rate {
                Rate::Fixed { .. } => self.taken.clear(),
                _ => drop(self.taken.pop_front()),
            }
        }
    }

    /// Returns how long the next request has to wait.
    fn wait(&self, now: Instant) -> Duration {
        match self.rate {
            Rate::Sliding { .. } | Rate::Fixed { .. } => match self.state(now) {
                allowance if allowance.remaining == 0 => allowance.reset_after,
                _ => Duration::ZERO,
            },
            Rate::Bucket { burst, every } => self.full_at.map_or(Duration::ZERO, |full_at| {
                let fill = full_at.saturating_duration_since(now);
                let wait = (fill + every).saturating_sub(every * burst);
                if wait <= GRACE { Duration::ZERO } else { wait }
            }),
        }
    }

    fn take(&mut self, now: Instant) {
        match self.rate {
            Rate::Bucket { every, .. } => {
                self.full_at = Some(self.full_at.map_or(now, |at| at.max(now)) + every);
            }
            _ => self.taken.push_back(now),
        }
    }

    fn state(&self, now: Instant) -> Allowance {
        match self.rate {
            Rate::Sliding { count, per } | Rate::Fixed { count, per } => Allowance {
                limit: count,
                remaining: count
                    .saturating_sub(u32::try_from(self.taken.len()).unwrap_or(u32::MAX)),
                reset_after: self.taken.front().map_or(Duration::ZERO, |&first| {
                    (first + per).saturating_duration_since(now)
                }),
            },
            Rate::Bucket { burst, every } => {
                let full_at = self.full_at.unwrap_or(now);
                let fill = full_at.saturating_duration_since(now);
                let used = fill
                    .saturating_sub(GRACE)
                    .as_nanos()
                    .div_ceil(every.as_nanos().max(1));
                Allowance {
                    limit: burst,
                    remaining: burst.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)),
                    reset_after: fill,
                }
            }
        }
    }
}

/// The remainder of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowance {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    pub(super) reset_after: Duration,
}

/// A request that came too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RateExceeded {
    pub(super) wait: Duration,
    /// Which of the limits it broke.
    pub(super) limit: usize,
}

/// The meters of all destinations.
#[derive(Debug, Default)]
pub(super) struct RateLimiter {
    meters: BTreeMap<String, RateMeter>,
}

impl RateLimiter {
    /// Takes a slot of every limit, or of none of them if one has none left.
    pub(super) fn take_slot(
        &mut self,
        limits: &[(String, Rate)],
        now: Instant,
    ) -> Result<(), RateExceeded> {
        let mut refused: Option<RateExceeded> = None;
        for (index, (key, rate)) in limits.iter().enumerate() {
            let meter = self.meter(key, *rate);
            meter.forget(now);
            let wait = meter.wait(now);
            if !wait.is_zero() && refused.is_none_or(|other| wait > other.wait) {
                refused = Some(RateExceeded { wait, limit: index });
            }
        }
        if let Some(refused) = refused {
            return Err(refused);
        }
        for (key, rate) in limits {
            self.meter(key, *rate).take(now);
        }
        Ok(())
    }

    pub(super) fn allowance(&mut self, key: &str, rate: Rate, now: Instant) -> Allowance {
        let meter = self.meter(key, rate);
        meter.forget(now);
        meter.state(now)
    }

    fn meter(&mut self, key: &str, rate: Rate) -> &mut RateMeter {
        let meter = self
            .meters
            .entry(key.to_owned())
            .or_insert_with(|| RateMeter::new(rate));
        if meter.rate != rate {
            *meter = RateMeter::new(rate);
        }
        meter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(rate: Rate, at: &[u64]) -> Vec<bool> {
        let start = Instant::now();
        let mut paces = RateLimiter::default();
        at.iter()
            .map(|&ms| {
                let now = start + Duration::from_millis(ms);
                paces.take_slot(&[("key".to_owned(), rate)], now).is_ok()
            })
            .collect()
    }

    #[test]
    fn a_bucket_grants_a_burst_and_then_one_at_a_time() {
        let rate = Rate::Bucket {
            burst: 3,
            every: Duration::from_secs(1),
        };
        assert_eq!(
            passes(
                rate,
                &[0, 0, 0, 0, 500, 1000, 1001, 2000, 9000, 9000, 9000, 9000]
            ),
            [
                true, true, true, false, false, true, false, true, true, true, true, false
            ]
        );
    }

    #[test]
    fn a_bucket_tells_what_is_left_in_it() {
        let rate = Rate::Bucket {
            burst: 3,
            every: Duration::from_secs(1),
        };
        let start = Instant::now();
        let mut paces = RateLimiter::default();
        let limits = [("key".to_owned(), rate)];
        let mut left = vec![paces.allowance("key", rate, start).remaining];
        for _ in 0..3 {
            paces.take_slot(&limits, start).unwrap();
            left.push(paces.allowance("key", rate, start).remaining);
        }
        let later = start + Duration::from_millis(1500);
        left.push(paces.allowance("key", rate, later).remaining);
        assert_eq!(left, [3, 2, 1, 0, 1]);
    }

    #[test]
    fn a_bucket_never_refuses_who_keeps_the_average() {
        let rate = Rate::Bucket {
            burst: 1,
            every: Duration::from_secs(1),
        };
        assert_eq!(passes(rate, &[0, 990, 2020, 2990, 4000]), [true; 5]);
    }

    #[test]
    fn a_sliding_window_holds_in_every_stretch() {
        let rate = Rate::Sliding {
            count: 2,
            per: Duration::from_secs(1),
        };
        assert_eq!(
            passes(rate, &[0, 900, 910, 1000, 1010, 1900]),
            [true, true, false, true, false, true]
        );
    }

    #[test]
    fn a_fixed_window_begins_anew_with_the_first_request_after_it() {
        let rate = Rate::Fixed {
            count: 2,
            per: Duration::from_secs(2),
        };
        assert_eq!(
            passes(rate, &[0, 1900, 1910, 2000, 2001, 2002]),
            [true, true, false, true, true, false]
        );
    }

    #[test]
    fn a_refused_request_takes_no_slot_of_any_limit() {
        let now = Instant::now();
        let mut paces = RateLimiter::default();
        let per = Duration::from_secs(60);
        let narrow = ("chat".to_owned(), Rate::Sliding { count: 1, per });
        let wide = ("bot".to_owned(), Rate::Sliding { count: 3, per });
        let both = [narrow, wide.clone()];
        assert!(paces.take_slot(&both, now).is_ok());
        let refused = paces.take_slot(&both, now).unwrap_err();
        assert_eq!((refused.limit, refused.wait), (0, per));
        assert_eq!(paces.allowance("bot", wide.1, now).remaining, 2);
    }
}
