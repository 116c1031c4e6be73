//! What can change while a worker runs.

use std::time::Duration;

use crate::change::Change;
use crate::compose::{Composer, Mask, Origin, Scrubber, Shape};
use crate::config::Shown;
use crate::event::Fingerprint;

/// Bounds in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How old an event may become before it is given up.
    pub(crate) max_age: Duration,
    /// How often losses are reported.
    pub(crate) report_period: Duration,
    /// After how long a destination that is gone is tried again.
    pub(crate) recheck: Duration,
    /// How long a message with a file may fail before it is sent without.
    pub(crate) lighter_after: Duration,
}

/// No bound in time is longer: a clock plus a century is no moment any more.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl Limits {
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
pub(crate) struct Live {
    pub(crate) origin: Origin,
    pub(crate) scrubber: Scrubber,
    pub(crate) mask: Mask,
    pub(crate) utc: bool,
    pub(crate) limits: Limits,
    /// One per instance.
    pub(crate) looks: Vec<Look>,
    /// Whether nothing is sent, and shown instead.
    pub(crate) dry_run: bool,
    /// Whether variables set anything, or the program's own figment alone.
    pub(crate) reads_environment: bool,
}

/// How the messages of one instance look.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) shown: Shown,
    pub(crate) shape: Shape,
}

/// What a running worker takes over.
#[derive(Debug)]
pub(crate) enum Adopted {
    /// A configuration that was read again; the instances of it lie ready.
    Live {
        live: Box<Live>,
        muted: Vec<Fingerprint>,
        /// For each instance, whether it is enabled.
        enabled: Vec<bool>,
    },
    /// A change of some settings, of one instance or of all.
    Change { lane: Option<usize>, change: Change },
}

impl Live {
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
                    look.shape = Shape::Changed(template.clone());
                }
                if let Some(shown) = &change.metadata {
                    look.shown = shown.clone();
                }
            }
        }
    }
}
