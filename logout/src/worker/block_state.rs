//! The state that the guard, its handles, the layer and the worker share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;

#[cfg(feature = "spool")]
use crate::block::NoticeOf;
use crate::block::memory_budget::{self, MemoryBudget};
use crate::block::{Block, BlockDefinition, Declaration};
use crate::capture::filter::Levels;
use crate::capture::layer::{AlertsLayer, Layer};
use crate::capture::{self, CaptureLimits};
use crate::config::{Error, Settings};
use crate::event::{EventRules, EventView};
use crate::queue::{Discards, Phase, Queue};
use crate::worker::control::Control;
use crate::worker::problems::KnownFingerprints;
use crate::worker::routing::wanting;
use crate::worker::settings::LiveSettings;
#[cfg(feature = "spool")]
use crate::worker::stats::SharedSpoolStats;
use crate::worker::stats::{LaneStats, PublishedLane, Reason, SharedStats};

/// The state of a running block that crosses threads: everything but its lanes.
#[derive(Debug)]
pub(crate) struct BlockState {
    /// `false` if logout is turned off and nothing runs.
    pub(crate) enabled: bool,
    pub(crate) block: &'static Block,
    pub(crate) memory: MemoryBudget,
    pub(crate) shutdown_timeout: Duration,
    /// How long a thread that panics waits.
    pub(crate) panic_timeout: Duration,
    pub(crate) queue: Arc<Queue>,
    pub(crate) levels: Arc<Levels>,
    pub(crate) limits: Arc<CaptureLimits>,
    pub(crate) control: Control,
    pub(crate) stats: SharedStats,
    pub(crate) fingerprints: KnownFingerprints,
    /// The stats that a fork of this process continues with.
    stats_of_fork: OnceLock<SharedStats>,
    /// The directory of the spool.
    #[cfg(feature = "spool")]
    pub(crate) spool: Option<std::path::PathBuf>,
    /// Whether what is written there is to outlive a loss of power.
    #[cfg(feature = "spool")]
    pub(crate) spool_sync: bool,
    /// The spool's writer, while the worker runs.
    #[cfg(feature = "spool")]
    pub(crate) writer: OnceLock<std::sync::Weak<crate::spool::Writer>>,
    /// The notices about the program's start and end that are sent.
    #[cfg(feature = "spool")]
    notices: Vec<NoticeOf>,
    #[cfg(feature = "spool")]
    pub(crate) spool_stats: SharedSpoolStats,
    /// The settings of the fleet, if there is one.
    #[cfg(feature = "fleet")]
    pub(crate) fleet: Option<crate::config::FleetSettings>,
    /// Whether the panic hook is set.
    pub(crate) captures_panics: AtomicBool,
    settings: Mutex<Arc<LiveSettings>>,
    /// The number of changes of `settings`, read without the lock.
    version: AtomicUsize,
}

impl BlockState {
    pub(crate) fn new(block: &'static Block, settings: Settings) -> Self {
        let trails = memory_budget::trail_share(block, settings.memory_limit);
        let shared_out = settings.memory_limit - trails;
        let memory = MemoryBudget::new(shared_out, block.instances.len());
        let (enabled, shutdown_timeout) = (settings.enabled, settings.shutdown_timeout);
        let panic_timeout = settings.panic_timeout;
        #[cfg(feature = "spool")]
        let spool = settings.spool.clone().filter(|_| !settings.dry_run);
        #[cfg(feature = "spool")]
        let (spool_sync, notices) = (settings.spool_sync, settings.notices.clone());
        #[cfg(feature = "fleet")]
        let fleet = settings.fleet.clone().filter(|_| !settings.dry_run);
        let settings = LiveSettings::new(block, settings);
        let limits = CaptureLimits::new(settings.truncate).with_event_limit(memory.event);
        let shared = Self {
            enabled,
            block,
            memory,
            shutdown_timeout,
            panic_timeout,
            queue: Arc::new(Queue::new(settings.thresholds).with_byte_limit(memory.queue)),
            levels: Arc::new(Levels::new(block)),
            limits: Arc::new(limits.with_trails(trails)),
            control: Control::default(),
            stats: SharedStats::default(),
            fingerprints: KnownFingerprints::with_limit(memory.problems),
            stats_of_fork: OnceLock::new(),
            #[cfg(feature = "spool")]
            spool,
            #[cfg(feature = "spool")]
            spool_sync,
            #[cfg(feature = "spool")]
            writer: OnceLock::new(),
            #[cfg(feature = "spool")]
            notices,
            #[cfg(feature = "spool")]
            spool_stats: SharedSpoolStats::default(),
            #[cfg(feature = "fleet")]
            fleet,
            captures_panics: AtomicBool::new(false),
            settings: Mutex::new(Arc::new(settings)),
            version: AtomicUsize::new(0),
        };
        let names = block.instances.iter().map(|instance| instance.name);
        shared.stats.publish(names.map(PublishedLane::new));
        shared.put_in_effect(&shared.settings());
        if !enabled {
            shared.queue.close();
            shared.control.end();
        }
        shared
    }

    /// Changes the settings: everything that `change` asks for, or nothing if it fails.
    ///
    /// When this returns, the change applies to the next event.
    pub(crate) fn change<R>(
        &self,
        change: impl FnOnce(&mut LiveSettings) -> Result<R, Error>,
    ) -> Result<R, Error> {
        self.check_running()?;
        let mut settings = self.lock();
        let mut next = LiveSettings::clone(&settings);
        let result = change(&mut next)?;
        self.put_in_effect(&next);
        *settings = Arc::new(next);
        self.version.fetch_add(1, Ordering::Release);
        drop(settings);
        self.control.wake();
        Ok(result)
    }

    /// Checks that the worker has not ended, if there is to be one.
    pub(crate) fn check_running(&self) -> Result<(), Error> {
        self.check_process()?;
        if self.enabled && self.control.has_ended() {
            return Err(self.end_error());
        }
        Ok(())
    }

    /// Checks that this process is not a fork, in which nothing may wait for the worker or a lock.
    pub(crate) fn check_process(&self) -> Result<(), Error> {
        if self.enabled && self.queue.notices_fork() {
            return Err(Error::forked());
        }
        Ok(())
    }

    /// Returns why there is no worker any more, as an error.
    pub(crate) fn end_error(&self) -> Error {
        match self.queue.phase() {
            Phase::Died => Error::died(),
            Phase::Forked => Error::forked(),
            _ => Error::stopped(),
        }
    }

    /// Returns the stats of all lanes, with ages as of now. Adds the events that came after the
    /// worker's end, since nobody else does.
    pub(crate) fn lane_stats(&self, now: Instant) -> Vec<LaneStats> {
        let names = || self.block.instances.iter().map(|instance| instance.name);
        let stats = if self.enabled && self.queue.notices_fork() {
            let copy = || self.stats.copy_in_fork(names());
            self.stats_of_fork.get_or_init(copy)
        } else {
            &self.stats
        };
        let reason = match self.queue.phase() {
            Phase::Open | Phase::Closing => None,
            Phase::Ended => Some(Reason::Shutdown),
            Phase::Died => Some(Reason::WorkerDied),
            Phase::Forked => Some(Reason::Forked),
        };
        if let Some(reason) = reason {
            let mut late = Discards::default();
            let unseen = self.queue.take_late(&mut late);
            let sites = late.sites();
            let lost = sites.map(|lost| (wanting(&self.levels, lost), lost.events));
            let unseen = (self.levels.on(), unseen);
            stats.lose(reason, lost.chain([unseen]));
        }
        stats.read(now)
    }

    /// Returns whether this notice about the program's start or end is sent.
    #[cfg(feature = "spool")]
    pub(crate) fn sends_notice(&self, notice: NoticeOf) -> bool {
        self.notices.contains(&notice)
    }

    /// Returns the directory of the spool as text, if there is one.
    #[cfg(any(feature = "spool", feature = "verify"))]
    pub(crate) fn spool_directory(&self) -> Option<String> {
        #[cfg(feature = "spool")]
        return self.spool.as_ref().map(|path| path.display().to_string());
        #[cfg(not(feature = "spool"))]
        None
    }

    /// Returns the bytes of all trails, or `None` if the block has no trail.
    pub(crate) fn trail_bytes(&self) -> Option<u64> {
        self.block.trail.map(|_| capture::trail_bytes() as u64)
    }

    /// Returns the layer that fills this queue, behind its filter.
    pub(crate) fn layer<D: BlockDefinition, S>(&self) -> AlertsLayer<D, S> {
        Layer::filtered(
            Arc::clone(&self.queue),
            Arc::clone(&self.levels),
            Arc::clone(&self.limits),
        )
    }

    /// Returns whether the rules of the block and of the instance let an event through. For a panic only
    /// the rules of `ignore` count.
    pub(super) fn admits(
        &self,
        instance: &Declaration,
        event: &EventView<'_>,
        fingerprint: u64,
    ) -> bool {
        let block = self.block;
        let rules = [
            EventRules::new(block.metadata_filter, block.ignore),
            EventRules::new(instance.metadata_filter, instance.ignore),
        ];
        rules.into_iter().all(|rules| {
            let rules = if event.is_panic() {
                rules.of_panic()
            } else {
                rules
            };
            rules.admit_event(event, fingerprint)
        })
    }

    /// Returns the settings of now.
    pub(crate) fn settings(&self) -> Arc<LiveSettings> {
        Arc::clone(&self.lock())
    }

    /// Returns the version of the settings of now.
    pub(crate) fn version(&self) -> usize {
        self.version.load(Ordering::Acquire)
    }

    /// Copies settings to where threads that log read them without a lock. Changes are never
    /// computed from the copies.
    fn put_in_effect(&self, settings: &LiveSettings) {
        self.queue.set_thresholds(settings.thresholds);
        self.limits.set_truncate(settings.truncate);
        self.levels.set_spans(settings.spans);
        for (index, instance) in settings.instances.iter().enumerate() {
            let level = if instance.configured {
                instance.level
            } else {
                LevelFilter::OFF
            };
            self.levels.set(index, level, instance.max_level);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Arc<LiveSettings>> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
