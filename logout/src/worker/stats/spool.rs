//! The statistics of the spool.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::lane::as_seconds;

/// The state of the spool on disk.
///
/// ```
/// use logout::stats::SpoolState;
///
/// # let directory = std::env::temp_dir().join(format!("logout-doc-{}", std::process::id()));
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// # let figment = figment::Figment::from(url).merge(("spool", &directory));
/// let (_alerts, guard) = Alerts::from_figment(figment)?.start::<tracing_subscriber::Registry>()?;
/// let handle = guard.handle();
/// # let start = std::time::Instant::now();
/// # while handle.stats().spool.unwrap().state == SpoolState::Opening && start.elapsed().as_secs() < 10 {
/// #     std::thread::sleep(std::time::Duration::from_millis(5));
/// # }
/// let spool = handle.stats().spool.unwrap();
/// assert_eq!(spool.state, SpoolState::Ready);
/// # drop(guard);
/// # std::fs::remove_dir_all(directory)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SpoolStats {
    /// Whether what waits gets to the disk.
    pub state: SpoolState,
    /// How long the log on disk is, in bytes. It shrinks when little of it is still of use.
    pub bytes: u64,
    /// How long the oldest of the events on disk has been waiting; `None` if there are none, or if
    /// the disk cannot be used.
    #[serde(serialize_with = "as_seconds")]
    pub oldest: Option<Duration>,
}

/// The state of the spool's disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpoolState {
    /// The directory is being opened.
    #[default]
    Opening,
    /// Pending events get to the disk.
    Ready,
    /// Pending events are in memory only. Standard error says why, and it is tried again every 30
    /// s.
    Failed,
}

/// The published stats of the spool, for every thread to read.
#[derive(Debug, Default)]
pub(crate) struct SharedSpoolStats(Mutex<(SpoolState, u64, Option<Instant>)>);

impl SharedSpoolStats {
    pub(crate) fn set(&self, state: SpoolState, bytes: u64, oldest_since: Option<Instant>) {
        let mut stats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *stats = (state, bytes, oldest_since);
    }

    /// Returns the stats with ages as of now.
    pub(crate) fn read(&self, now: Instant) -> SpoolStats {
        let stats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, bytes, oldest_since) = *stats;
        SpoolStats {
            state,
            bytes,
            oldest: oldest_since.map(|since| now.saturating_duration_since(since)),
        }
    }
}
