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
pub(super) struct PanicCallsite;

pub(super) static CALLSITE: PanicCallsite = PanicCallsite;

const FIELDS: &[&str] = &["message", "log.file", "log.line", BACKTRACE];

static METADATA: Metadata<'static> = Metadata::new(
    "panic",
    "panic",
    Level::ERROR,
    None,
    None,
    None,
    FieldSet::new(FIELDS, tracing::callsite::Identifier(&CALLSITE)),
    Kind::EVENT,
);

impl Callsite for PanicCallsite {
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
