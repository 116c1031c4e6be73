//! What a block fixed, of the type that `logout!` made of it.

use std::fmt;

use super::Block;

/// The options of an adapter, each with what its documentation says.
pub type OptionDocs = &'static [(&'static str, &'static str)];

/// The declaration behind a dispatcher: what its block fixed at compile time.
pub trait Declared: Sized + Send + Sync + 'static {
    /// What the block fixed.
    const BLOCK: Block;

    /// What the options of each instance say of themselves, in the order of [`Self::BLOCK`]; read
    /// by the templates alone, so that other programs do not hold it.
    const OPTION_DOCS: &'static [OptionDocs] = &[];

    /// One variant per instance of the block, in the order in which they were declared.
    type Instance: Copy + fmt::Debug + Send + Sync + 'static;

    /// Returns the position of an instance in the block.
    fn index(instance: Self::Instance) -> usize;
}
