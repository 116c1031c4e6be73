//! The call site of all panics.

use tracing::callsite::Callsite;
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata};

/// The field that holds a backtrace.
pub(super) const BACKTRACE: &str = "backtrace";

/// The call site of all panics, and of what comes from another process. Where one happened is in its fields.
#[derive(Debug)]
pub(super) struct Site;

pub(super) static SITE: Site = Site;

const FIELDS: &[&str] = &["message", "log.file", "log.line", BACKTRACE];

static METADATA: Metadata<'static> = Metadata::new(
    "panic",
    "panic",
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(FIELDS, tracing::callsite::Identifier(&SITE)),
    Kind::EVENT,
);

impl Callsite for Site {
    fn set_interest(&self, _: Interest) {}

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}

/// Returns the call site that stands for all panics.
pub(crate) fn metadata() -> &'static Metadata<'static> {
    &METADATA
}

/// Returns whether this is that call site.
pub(crate) fn is_panic(metadata: &'static Metadata<'static>) -> bool {
    std::ptr::eq(metadata, &raw const METADATA)
}
