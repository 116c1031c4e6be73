//! What can change while a worker runs.

use std::time::Duration;

use crate::config::FieldSelection;
use crate::event::Fingerprint;
use crate::message::{Composer, Mask, MessageFormat, Origin, Scrubber};
use crate::worker::change::Change;

/// Bounds in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimits {
    /// How old an event may become before it is given up.
    pub(crate) max_age: Duration,
    /// How often losses are reported.
    pub(crate) report_period: Duration,
    /// A minute, but in tests: a destination that is gone is asked again after 1, 5, 15 and 60 of
    /// these.
    pub(crate) recheck: Duration,
    /// How long a message with a file may fail before it is sent without.
    pub(crate) lighter_after: Duration,
}

/// No bound in time is longer: a clock plus a century is no moment any more.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl TimeLimits {
    pub(super) fn clamped(self) -> Self {
        Self {
            max_age: self.max_age.min(LONGEST),
            report_period: self.report_period.min(LONGEST),
            recheck: self.recheck.min(LONGEST),
            lighter_after: self.lighter_after,
        }
    }
}

/// What the messages of a block say of themselves, and how; it can change while the program runs.
#[derive(Clone, Debug)]
pub(crate) struct LiveSettings {
    pub(crate) origin: Origin,
    pub(crate) scrubber: Scrubber,
    pub(crate) mask: Mask,
    pub(crate) utc: bool,
    pub(crate) limits: TimeLimits,
    /// One per instance.
    pub(crate) looks: Vec<MessageStyle>,
    /// Whether nothing is sent, and shown instead.
    pub(crate) dry_run: bool,
    /// Whether variables set anything, or the program's own figment alone.
    pub(crate) reads_environment: bool,
}

/// How the messages of one instance look.
#[derive(Clone, Debug)]
pub(crate) struct MessageStyle {
    pub(crate) shown: FieldSelection,
    pub(crate) shape: MessageFormat,
}

/// What a running worker takes over.
#[derive(Debug)]
pub(crate) enum NewSettings {
    /// A configuration that was read again; the instances of it lie ready.
    LiveSettings {
        live: Box<LiveSettings>,
        muted: Vec<Fingerprint>,
        /// For each instance, whether it is enabled.
        enabled: Vec<bool>,
    },
    /// A change of some settings, of one instance or of all.
    Change { lane: Option<usize>, change: Change },
}

impl LiveSettings {
    /// What composes the messages of a lane.
    pub(crate) fn composer(&self, lane: usize) -> Option<Composer<'_>> {
        let look = self.looks.get(lane)?;
        Some(Composer {
            origin: &self.origin,
            scrubber: &self.scrubber,
            mask: &self.mask,
            shown: &look.shown,
            shape: &look.shape,
            utc: self.utc,
        })
    }

    /// Takes over what was changed, for one lane or for all.
    pub(super) fn change(&mut self, lane: Option<usize>, change: &Change) {
        self.utc = change.utc_log.unwrap_or(self.utc);
        self.limits.max_age = change.max_age.unwrap_or(self.limits.max_age);
        self.limits.report_period = change
            .discard_threshold_periodic_check
            .unwrap_or(self.limits.report_period);
        if let Some(mask) = &change.mask {
            self.mask = mask.clone();
        }
        for (index, look) in self.looks.iter_mut().enumerate() {
            if lane.is_none_or(|lane| lane == index) {
                if let Some(template) = &change.format {
                    look.shape = MessageFormat::Changed(template.clone());
                }
                if let Some(shown) = &change.metadata {
                    look.shown = shown.clone();
                }
            }
        }
    }
}
