//! The state shared by the thread that writes a log and its users.

use std::task::Waker;
use std::time::{Duration, Instant};

use crate::spool::image::Image;

/// The shortest time between two syncs, unless somebody waits for one.
const SYNC_EVERY: Duration = Duration::from_millis(200);

/// The health of the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Health {
    /// The log is being opened.
    #[default]
    Opening,
    Ready,
    /// The log cannot be used, for this reason.
    Failed(String),
}

/// The time within which records must survive a power failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sync {
    #[default]
    Never,
    /// Within the usual time between two syncs.
    Soon,
    Now,
}

#[derive(Debug, Default)]
pub(super) struct WriterState {
    pub(super) records: Vec<u8>,
    /// The number of the last batch that was handed over, and of the last one written.
    pub(super) handed: u64,
    pub(super) written: u64,
    pub(super) synced: u64,
    pub(super) sync: Sync,
    pub(super) is_syncing: bool,
    pub(super) last_sync: Option<Instant>,
    pub(super) health: Health,
    /// How often written records were lost.
    pub(super) failures: u64,
    /// The contents of the log, until somebody takes them.
    pub(super) image: Option<Image>,
    pub(super) was_open: bool,
    pub(super) reads_again: bool,
    /// The numbers of the last write check that was requested, and of the last that was done.
    pub(super) checks_requested: u64,
    pub(super) checks_done: u64,
    pub(super) notes: Vec<String>,
    pub(super) length: u64,
    pub(super) worker: Option<Waker>,
    pub(super) ends: bool,
    pub(super) has_ended: bool,
}

impl WriterState {
    /// Returns whether it is time for a sync.
    pub(super) fn wants_sync_at(&self, now: Instant) -> bool {
        if self.is_syncing || self.synced >= self.written {
            return false;
        }
        match self.sync {
            Sync::Never => false,
            Sync::Soon => self.sync_in(now).is_zero(),
            Sync::Now => true,
        }
    }

    /// Returns how long until the next sync.
    pub(super) fn sync_in(&self, now: Instant) -> Duration {
        const LONG: Duration = Duration::from_secs(3_600);
        if self.sync == Sync::Never || self.is_syncing || self.synced >= self.written {
            return LONG;
        }
        let next = self.last_sync.map_or(now, |last| last + SYNC_EVERY);
        next.saturating_duration_since(now)
    }

    pub(super) fn note_failure(&mut self, why: &str) {
        self.records = Vec::new();
        self.sync = Sync::Never;
        self.checks_done = self.checks_requested;
        if !matches!(self.health, Health::Failed(_)) {
            self.failures += 1;
        }
        self.health = Health::Failed(why.to_owned());
    }
}
