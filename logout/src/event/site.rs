//! The place in the program where an event happened.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Metadata};

use super::log_bridge::{LOG_FILE, LOG_LINE, LOG_TARGET, is_bridged};
use super::view::EventView;

/// A place in the program that logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Site {
    pub(crate) target: String,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
}

impl Site {
    pub(crate) fn of(event: &EventView<'_>) -> Self {
        Self {
            target: event.target().to_owned(),
            file: event.file().map(str::to_owned),
            line: event.line(),
        }
    }

    pub(crate) fn of_metadata(metadata: &'static Metadata<'static>) -> Self {
        Self {
            target: metadata.target().to_owned(),
            file: metadata.file().map(str::to_owned),
            line: metadata.line(),
        }
    }

    /// Returns the place that a record of the `log` bridge carries in its fields, read without
    /// formatting anything.
    pub(crate) fn of_record(event: &Event<'_>) -> Option<Self> {
        let metadata = event.metadata();
        is_bridged(metadata).then(|| {
            let mut site = Self::of_metadata(metadata);
            event.record(&mut site);
            site
        })
    }
}

/// A place in the program that is read only where it is asked for: that of most events is their
/// call site's.
#[derive(Clone, Debug)]
pub(crate) enum LazySite {
    CallSite(&'static Metadata<'static>),
    Site(Site),
}

impl LazySite {
    pub(crate) fn of(event: &EventView<'_>) -> Self {
        match event.carries_its_place() {
            true => Self::Site(Site::of(event)),
            false => Self::CallSite(event.metadata()),
        }
    }

    pub(crate) fn into_site(self) -> Site {
        match self {
            Self::CallSite(metadata) => Site::of_metadata(metadata),
            Self::Site(site) => site,
        }
    }
}

impl Visit for Site {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            LOG_TARGET => value.clone_into(&mut self.target),
            LOG_FILE => self.file = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == LOG_LINE {
            self.line = u32::try_from(value).ok();
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
