//! The choice of fields that a message shows.

use crate::block::Metadata;

/// The fields that a message shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldSelection {
    All,
    /// These, in this order.
    Only(Vec<String>),
}

impl From<Metadata> for FieldSelection {
    fn from(metadata: Metadata) -> Self {
        match metadata {
            Metadata::All => Self::All,
            Metadata::Only(names) => {
                Self::Only(names.iter().map(|&name| name.to_owned()).collect())
            }
        }
    }
}
