//! What the worker is made of, from the settings.

use std::sync::Arc;
use std::time::Duration;

use crate::block::memory_budget::MemoryBudget;
use crate::capture::filter::Levels;
use crate::config::Settings;
use crate::event::Fingerprint;
use crate::handle::running::Running;
use crate::message::{Mask, MessageFormat, Origin, Scrubber};
use crate::queue::Thresholds;
use crate::worker::dispatch::Dispatch;
use crate::worker::{LiveSettings, MessageStyle, Parts, TimeLimits};

/// A destination that is gone is asked again after 1, 5, 15 and 60 of these.
const RECHECK: Duration = Duration::from_secs(60);

/// How long a message with a file may fail before it is sent without: some eight tries.
const LIGHTER_AFTER: Duration = Duration::from_secs(3 * 60);

pub(crate) fn parts<D: Dispatch>(running: &Running<D>, settings: Settings) -> Parts {
    Parts {
        block: &D::BLOCK,
        intake: Arc::clone(&running.intake),
        levels: Arc::clone(&running.levels),
        board: Arc::clone(&running.board),
        enabled: enabled(&settings),
        muted: muted(&settings),
        bounds: MemoryBudget::new(settings.memory_limit, D::BLOCK.instances.len()),
        live: live::<D>(settings),
        kept: None,
    }
}

pub(crate) fn thresholds(settings: &Settings) -> Thresholds {
    Thresholds {
        sync: settings.sync_threshold,
        discard: settings.discard_threshold,
        sync_timeout: settings.sync_timeout,
    }
}

/// Sets the levels of all instances to what was configured.
pub(crate) fn set_levels(levels: &Levels, settings: &Settings) {
    levels.set_spans(settings.spans);
    for (index, instance) in settings.instances.iter().enumerate() {
        let on = settings.enabled && instance.enabled;
        levels.set(
            index,
            if on {
                instance.level
            } else {
                tracing::level_filters::LevelFilter::OFF
            },
        );
    }
}

/// For each instance, whether it is enabled.
pub(crate) fn enabled(settings: &Settings) -> Vec<bool> {
    let instances = settings.instances.iter();
    instances.map(|instance| instance.enabled).collect()
}

pub(crate) fn muted(settings: &Settings) -> Vec<Fingerprint> {
    settings
        .mute
        .iter()
        .filter_map(|text| Fingerprint::parse(text))
        .collect()
}

pub(crate) fn live<D: Dispatch>(settings: Settings) -> LiveSettings {
    let secrets: Vec<_> = settings
        .instances
        .iter()
        .flat_map(|instance| instance.secrets.clone())
        .collect();
    let declared = settings.instances.iter().zip(D::BLOCK.instances);
    let looks = declared.map(|(instance, declared)| MessageStyle {
        shown: instance.metadata.clone(),
        shape: MessageFormat::Block(declared.format.unwrap_or(D::BLOCK.format)),
    });
    LiveSettings {
        looks: looks.collect(),
        dry_run: settings.dry_run,
        reads_environment: settings.reads_environment,
        scrubber: Scrubber::new(&secrets),
        mask: Mask::new(&settings.mask),
        utc: settings.utc_log,
        limits: TimeLimits {
            max_age: settings.max_age,
            report_period: settings.discard_threshold_periodic_check,
            recheck: RECHECK,
            lighter_after: LIGHTER_AFTER,
        },
        origin: Origin {
            project: settings.project_name,
            environment: settings.environment,
            host: host(),
            release: settings.release,
        },
    }
}

#[cfg(unix)]
fn host() -> String {
    let uname = rustix::system::uname();
    uname.nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}
