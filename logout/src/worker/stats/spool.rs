//! How what waits is kept on disk.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

/// How what waits is kept on disk, where the block says `spool`.
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
/// # handle.flush(std::time::Duration::from_secs(3))?;
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
}

/// Whether what waits gets to the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SpoolState {
    /// The directory is being opened.
    #[default]
    Opening,
    /// It does.
    Ready,
    /// It does not: what waits is in memory alone. Standard error says why, and it is tried again
    /// every 30 s.
    Failed,
}

/// Where the worker lays it for everybody to read.
#[derive(Debug, Default)]
pub(crate) struct SharedSpoolStats(Mutex<(SpoolStats, String)>);

impl SharedSpoolStats {
    /// `why` is what is wrong with the directory.
    pub(crate) fn set(&self, stats: SpoolStats, why: String) {
        *self.lock() = (stats, why);
    }

    pub(crate) fn get(&self) -> SpoolStats {
        self.lock().0
    }

    #[cfg(feature = "verify")]
    pub(crate) fn why(&self) -> String {
        self.lock().1.clone()
    }

    fn lock(&self) -> MutexGuard<'_, (SpoolStats, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
