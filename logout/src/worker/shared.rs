//! What the guard, its handles, the layer and the worker share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::block::memory_budget::MemoryBudget;
use crate::block::{Block, Declared};
use crate::capture::CaptureLimits;
use crate::capture::filter::Levels;
use crate::capture::layer::{AlertsLayer, Layer};
use crate::config::{Error, Settings};
use crate::queue::Queue;
use crate::worker::control::Control;
use crate::worker::settings::LiveSettings;
use crate::worker::stats::{LaneStats, SharedStats};

/// What crosses threads: all that a running block is, but for its lanes.
#[derive(Debug)]
pub(crate) struct Shared {
    /// `false` where logout is turned off, and nothing runs.
    pub(crate) enabled: bool,
    pub(crate) block: &'static Block,
    pub(crate) memory: MemoryBudget,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) queue: Arc<Queue>,
    pub(crate) levels: Arc<Levels>,
    pub(crate) limits: Arc<CaptureLimits>,
    pub(crate) control: Control,
    pub(crate) stats: SharedStats,
    /// Whether the hook is set that captures panics.
    pub(crate) captures_panics: AtomicBool,
    settings: Mutex<Arc<LiveSettings>>,
    /// Counts the changes of `settings`, for whoever would rather not take the lock.
    version: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(block: &'static Block, settings: Settings) -> Self {
        let memory = MemoryBudget::new(settings.memory_limit, block.instances.len());
        let (enabled, shutdown_timeout) = (settings.enabled, settings.shutdown_timeout);
        let settings = LiveSettings::new(block, settings);
        let shared = Self {
            enabled,
            block,
            memory,
            shutdown_timeout,
            queue: Arc::new(Queue::new(settings.thresholds).within(memory.queue)),
            levels: Arc::new(Levels::new(block)),
            limits: Arc::new(CaptureLimits::new(settings.truncate).within(memory.event)),
            control: Control::default(),
            stats: SharedStats::default(),
            captures_panics: AtomicBool::new(false),
            settings: Mutex::new(Arc::new(settings)),
            version: AtomicUsize::new(0),
        };
        let lanes = block.instances.iter();
        shared
            .stats
            .publish(lanes.map(|instance| LaneStats::new(instance.name)));
        shared.put_in_effect(&shared.settings());
        if !enabled {
            shared.queue.close();
            shared.control.end();
        }
        shared
    }

    /// Changes what can change: all that `change` asks for, or nothing where it fails.
    ///
    /// When this returns, what is logged next is treated accordingly.
    pub(crate) fn change<R>(
        &self,
        change: impl FnOnce(&mut LiveSettings) -> Result<R, Error>,
    ) -> Result<R, Error> {
        if self.enabled && self.control.has_ended() {
            return Err(Error::stopped());
        }
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

    /// The layer that hands its events over here, behind its filter.
    pub(crate) fn layer<D: Declared, S>(&self) -> AlertsLayer<D, S> {
        Layer::filtered(
            Arc::clone(&self.queue),
            Arc::clone(&self.levels),
            Arc::clone(&self.limits),
        )
    }

    /// What holds now.
    pub(crate) fn settings(&self) -> Arc<LiveSettings> {
        Arc::clone(&self.lock())
    }

    /// The number of the settings that hold now.
    pub(crate) fn version(&self) -> usize {
        self.version.load(Ordering::Acquire)
    }

    /// Lays copies where those who log read them without a lock. Nobody computes a change from
    /// these.
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
            self.levels.set(index, level);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Arc<LiveSettings>> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
