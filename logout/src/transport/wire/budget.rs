//! The time limits of a request, in all and in each of its steps.

use std::time::{Duration, Instant};

use async_io::Timer;
use futures_lite::future;

/// The time limits of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    /// Each step of connecting.
    pub(super) connect: Duration,
    /// From the writing of the request to the end of the answer's head.
    pub(super) head: Duration,
    /// The answer's body.
    pub(super) body: Duration,
    /// Between two pieces of the body of a success, whose head has already said what matters.
    pub(super) silence: Duration,
    /// All of it.
    pub(super) whole: Duration,
    /// How long a connection is kept for the next request.
    ///
    /// Long enough for many messages in a row to need one handshake; shorter than what servers
    /// (nginx closes after 75 s) and address translators (some forget a flow after a minute, and
    /// then drop what is sent on it) do to idle connections.
    pub(super) idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            head: Duration::from_secs(30),
            body: Duration::from_secs(10),
            silence: Duration::from_secs(3),
            whole: Duration::from_secs(60),
            idle: Duration::from_secs(30),
        }
    }
}

/// The remaining time of a request.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) timeouts: Timeouts,
    /// `None` when the bound is too far away to be an instant.
    end: Option<Instant>,
}

impl Budget {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            end: Instant::now().checked_add(timeouts.whole),
        }
    }

    /// Runs one step of connecting, or returns the limit that it exceeded.
    pub(super) async fn connect<T>(&self, step: impl Future<Output = T>) -> Result<T, Duration> {
        self.run(self.timeouts.connect, step).await
    }

    /// Runs a step that has this bound beside that of the whole request.
    pub(super) async fn run<T>(
        &self,
        bound: Duration,
        step: impl Future<Output = T>,
    ) -> Result<T, Duration> {
        match self.end {
            Some(end) => {
                let left = end.saturating_duration_since(Instant::now());
                let late = within(bound.min(left), step).await;
                // The error names the limit that was set, not the rest that happened to be left of
                // it.
                late.map_err(|_| {
                    if left < bound {
                        self.timeouts.whole
                    } else {
                        bound
                    }
                })
            }
            None => within(bound, step).await,
        }
    }
}

/// Runs `step`, or returns the limit that it exceeded.
pub(in crate::transport) async fn within<T>(
    limit: Duration,
    step: impl Future<Output = T>,
) -> Result<T, Duration> {
    future::or(async { Ok(step.await) }, async {
        Timer::after(limit).await;
        Err(limit)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Budget, Timeouts};

    #[test]
    fn no_step_outlives_the_whole() {
        let budget = Budget::new(Timeouts {
            whole: Duration::from_millis(20),
            ..Timeouts::default()
        });
        let step = smol::future::pending::<()>();
        let late = smol::block_on(budget.run(budget.timeouts.head, step));
        assert_eq!(late, Err(Duration::from_millis(20)));
    }

    #[test]
    fn an_unbounded_request_is_not_an_overflow() {
        let forever = Timeouts {
            connect: Duration::MAX,
            head: Duration::MAX,
            body: Duration::MAX,
            silence: Duration::MAX,
            whole: Duration::MAX,
            idle: Duration::MAX,
        };
        let budget = Budget::new(forever);
        assert_eq!(smol::block_on(budget.connect(async { 7 })), Ok(7));
    }
}
