//! Records of the `log` crate, whose call site is the bridge's and whose place is in fields.

use tracing::Metadata;

/// The field in which `tracing-log` puts the target of a `log` record.
pub(crate) const LOG_TARGET: &str = "log.target";
pub(super) const LOG_FILE: &str = "log.file";
pub(super) const LOG_LINE: &str = "log.line";

/// Returns whether the call site is one of the five that `tracing-log` sends every `log` record
/// through.
pub(crate) fn is_bridged(metadata: &Metadata<'_>) -> bool {
    metadata.target() == "log" && metadata.name() == "log event"
}
