//! What a guard and its handles share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::block::Block;
use crate::block::memory_budget::MemoryBudget;
use crate::capture::CaptureLimits;
use crate::capture::filter::Levels;
use crate::config::Settings;
use crate::handle::builder::{set_levels, thresholds};
use crate::queue::Queue;
use crate::worker::control::Control;
use crate::worker::stats::SharedStats;

/// What a guard and its handles share.
#[derive(Debug)]
pub(crate) struct Running<D> {
    /// `false` where logout is turned off, and nothing runs.
    pub(crate) enabled: bool,
    pub(crate) dispatch: Arc<D>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) control: Arc<Control>,
    pub(crate) board: Arc<SharedStats>,
    pub(crate) levels: Arc<Levels>,
    pub(crate) limits: Arc<CaptureLimits>,
    /// The instances that their configuration enables, as bits; a block has at most 64.
    configured: AtomicU64,
    /// Whether the hook is set that captures panics.
    pub(crate) captures_panics: AtomicBool,
}

impl<D> Running<D> {
    pub(crate) fn new(dispatch: D, block: &'static Block, settings: &Settings) -> Self {
        let bounds = MemoryBudget::new(settings.memory_limit, block.instances.len());
        let running = Self {
            enabled: settings.enabled,
            dispatch: Arc::new(dispatch),
            queue: Arc::new(Queue::new(thresholds(settings)).within(bounds.queue)),
            control: Arc::default(),
            board: Arc::default(),
            levels: Arc::new(Levels::new(block)),
            limits: Arc::new(CaptureLimits::new(settings.truncate).within(bounds.event)),
            configured: AtomicU64::new(0),
            captures_panics: AtomicBool::new(false),
        };
        running.note_configured(settings);
        set_levels(&running.levels, settings);
        running
    }

    /// Notes which instances were read with their secrets.
    pub(super) fn note_configured(&self, settings: &Settings) {
        let bits = settings.instances.iter().enumerate();
        let bits = bits.filter(|(_, instance)| settings.enabled && instance.enabled);
        let mask = bits.fold(0, |mask, (index, _)| mask | 1 << index);
        self.configured.store(mask, Ordering::Relaxed);
    }

    pub(super) fn is_configured(&self, index: usize) -> bool {
        self.configured.load(Ordering::Relaxed) >> index & 1 == 1
    }
}
