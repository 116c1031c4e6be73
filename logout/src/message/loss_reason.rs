//! The reasons of lost events, and counts by reason.

use serde::{Serialize, Serializer};

/// The reason why an event that a lane had accepted was not delivered.
///
/// What to do about each:
///
/// | reason | cause | what to do |
/// |---|---|---|
/// | `Threshold` | the program logs faster than the queue is taken | log less, or raise `discard_threshold` |
/// | `Filtered`, `Muted`, `Disabled` | your configuration | nothing |
/// | `Evicted` | a storm of many problems, or an outage | raise `memory_limit` |
/// | `Expired`, `SwitchedOff` | the destination | fix it; `max_age` says how long to wait |
/// | `Rejected` | the platform | read its answer on standard error |
/// | `Shutdown` | time ran out | raise `shutdown_timeout`, and keep the guard until the end of `main` |
/// | `WorkerDied` | logout itself | standard error says so; please report it |
/// | `Forked` | the program forked | start logout in the child, after the fork |
///
/// ```
/// use logout::stats::Reason;
///
/// let labels: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
/// assert_eq!(labels.len(), 11);
/// assert_eq!(labels[0], "threshold");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// The queue was full: `discard_threshold` events, or its bytes, were waiting.
    Threshold,
    /// A rule of `metadata_filter` or `ignore` that looks at fields said no.
    Filtered,
    /// Its fingerprint is muted.
    Muted,
    /// The lane was full, and something newer or more severe took its place.
    Evicted,
    /// It had become older than `max_age`.
    Expired,
    /// The platform refused it, in its plain form too.
    Rejected,
    /// Its destination is gone.
    SwitchedOff,
    /// Its instance is disabled.
    Disabled,
    /// Time ran out at shutdown, or it came after that.
    Shutdown,
    /// Logout's worker died while it held the event, which every lane and standard error are told;
    /// or there is none any more because it could not be started anew.
    WorkerDied,
    /// It came in a process that was forked after logout was started.
    Forked,
}

impl Reason {
    /// All reasons, in the order in which they are listed.
    ///
    /// For a program that registers a metric for each before anything happened.
    pub const ALL: [Self; 11] = [
        Self::Threshold,
        Self::Filtered,
        Self::Muted,
        Self::Evicted,
        Self::Expired,
        Self::Rejected,
        Self::SwitchedOff,
        Self::Disabled,
        Self::Shutdown,
        Self::WorkerDied,
        Self::Forked,
    ];

    /// Returns the reason as a label for metrics: `threshold`, `switched_off`.
    ///
    /// ```
    /// assert_eq!(logout::stats::Reason::SwitchedOff.as_str(), "switched_off");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Threshold => "threshold",
            Self::Filtered => "filtered",
            Self::Muted => "muted",
            Self::Evicted => "evicted",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::SwitchedOff => "switched_off",
            Self::Disabled => "disabled",
            Self::Shutdown => "shutdown",
            Self::WorkerDied => "worker_died",
            Self::Forked => "forked",
        }
    }

    /// Returns the reason as a report says it.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Threshold => "queue full",
            Self::Filtered => "filtered",
            Self::Muted => "muted",
            Self::Evicted => "lane full",
            Self::Expired => "too old",
            Self::Rejected => "refused by the platform",
            Self::SwitchedOff => "destination gone",
            Self::Disabled => "disabled",
            Self::Shutdown => "shut down",
            Self::WorkerDied => "logout's worker died",
            Self::Forked => "the process was forked",
        }
    }
}

/// Counts of events given up, by [`Reason`].
///
/// ```
/// use std::time::Duration;
/// use logout::stats::Reason;
/// # use tracing_subscriber::prelude::*;
///
/// logout::logout! { struct Alerts { adapters: [Slack { ignore: [team: "art"] }] } }
///
/// # let (alerts, guard) = Alerts::from_figment(("dry_run", true))?.start()?;
/// # let subscriber = tracing_subscriber::registry().with(alerts);
/// # tracing::subscriber::with_default(subscriber, || {
/// tracing::error!(team = "art", "the poster hangs askew");
/// # });
/// guard.handle().flush(Duration::from_secs(3))?;
/// let discarded = guard.handle().stats().lanes[0].discarded;
/// assert_eq!((discarded.get(Reason::Filtered), discarded.total()), (1, 1));
/// assert_eq!(discarded.iter().collect::<Vec<_>>(), [(Reason::Filtered, 1)]);
/// # Ok::<(), logout::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discarded([u64; Reason::ALL.len()]);

impl Discarded {
    /// Returns how many were given up for this reason.
    ///
    /// ```
    /// use logout::stats::{Discarded, Reason};
    ///
    /// assert_eq!(Discarded::default().get(Reason::Expired), 0);
    /// ```
    #[must_use]
    pub fn get(&self, reason: Reason) -> u64 {
        self.0.get(reason as usize).copied().unwrap_or_default()
    }

    /// Returns how many were given up in all.
    ///
    /// ```
    /// assert_eq!(logout::stats::Discarded::default().total(), 0);
    /// ```
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Returns each reason with its count, those at zero left out.
    ///
    /// ```
    /// let labels: Vec<String> = logout::stats::Discarded::default()
    ///     .iter()
    ///     .map(|(reason, events)| format!("{}: {events}", reason.as_str()))
    ///     .collect();
    /// assert!(labels.is_empty());
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL
            .into_iter()
            .map(|reason| (reason, self.get(reason)))
            .filter(|(_, count)| *count > 0)
    }

    pub(crate) fn add(&mut self, reason: Reason, count: u64) {
        if let Some(sum) = self.0.get_mut(reason as usize) {
            *sum += count;
        }
    }
}

/// As an object of those not at zero: `{"threshold": 12}`.
impl Serialize for Discarded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(reason, count)| (reason.as_str(), count)))
    }
}
