//! The compile-time definition behind a generated type.

use std::fmt;

use super::Block;

/// The options of an adapter, each with its documentation.
pub type OptionDocs = &'static [(&'static str, &'static str)];

/// The compile-time definition behind a generated type.
pub trait BlockDefinition: Sized + Send + Sync + 'static {
    /// The constants of the block.
    const BLOCK: Block;

    /// The documentation of each instance's options, in the order of [`Self::BLOCK`]. Only the
    /// templates read it, so that other programs do not contain it.
    const OPTION_DOCS: &'static [OptionDocs] = &[];

    /// One variant per instance of the block, in the order in which they were declared.
    type Instance: Copy + fmt::Debug + Send + Sync + 'static;

    /// Returns the position of an instance in the block.
    fn index(instance: Self::Instance) -> usize;
}
