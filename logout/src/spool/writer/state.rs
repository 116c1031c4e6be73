//! What the thread that writes a log and those who hand it records share.

use std::task::Waker;
use std::time::{Duration, Instant};

use crate::spool::image::Image;

/// How far apart two syncs are at least, unless somebody waits.
const SYNC_EVERY: Duration = Duration::from_millis(200);

/// Whether records get to the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Health {
    /// It is being opened.
    #[default]
    Opening,
    Ready,
    /// It cannot be used, and why.
    Failed(String),
}

/// How soon what is handed over must outlive a loss of power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sync {
    #[default]
    Never,
    /// Within the time between two syncs.
    Soon,
    Now,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) records: Vec<u8>,
    /// The number of the last batch that was handed over, and of the last that was written.
    pub(super) handed: u64,
    pub(super) written: u64,
    pub(super) synced: u64,
    pub(super) sync: Sync,
    pub(super) is_syncing: bool,
    pub(super) last_sync: Option<Instant>,
    pub(super) health: Health,
    /// How often what had been written came to be not.
    pub(super) failures: u64,
    /// What was on disk at the start, until somebody takes it.
    pub(super) image: Option<Image>,
    pub(super) was_open: bool,
    pub(super) reads_again: bool,
    /// How often somebody asked whether it can be written to, and how many of them were answered.
    pub(super) asked: u64,
    pub(super) answered: u64,
    pub(super) notes: Vec<String>,
    pub(super) length: u64,
    pub(super) worker: Option<Waker>,
    pub(super) ends: bool,
    pub(super) has_ended: bool,
}

impl State {
    /// Whether it is time for a sync.
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

    /// How long there is nothing to do.
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
        self.answered = self.asked;
        if !matches!(self.health, Health::Failed(_)) {
            self.failures += 1;
        }
        self.health = Health::Failed(why.to_owned());
    }
}
