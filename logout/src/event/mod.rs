//! Events as they cross from the program's thread to the worker.

#[cfg(feature = "spool")]
pub(crate) mod carried;
mod decoding;
pub(crate) mod encoding;
mod excerpt;
mod fingerprint;
mod log_bridge;
pub(crate) mod panic;
mod panic_callsite;
mod reader;
mod reentry;
mod rules;
mod site;
mod trail;
mod value;
mod value_tag;
mod view;

pub(crate) use self::excerpt::Excerpt;
pub(crate) use self::fingerprint::{Fingerprint, FingerprintError, ShownFingerprint};
pub(crate) use self::log_bridge::{LOG_TARGET, is_bridged};
pub(crate) use self::reentry::{ReentryGuard, denied};
pub(crate) use self::rules::EventRules;
pub(crate) use self::site::{LazySite, Site};
pub(crate) use self::trail::{LineView, encoded_lines};
pub(crate) use self::value::Value;
#[cfg(test)]
pub(crate) use self::view::SpanView;
pub(crate) use self::view::{Event, EventView};

#[cfg(test)]
pub(crate) mod tests;
