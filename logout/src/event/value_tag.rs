//! The tags of encoded values, which say their types.

/// The type of an encoded value. Its number is on disk, too: a new one comes last.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ValueTag {
    Str,
    Text,
    I64,
    U64,
    I128,
    U128,
    F64,
    Bool,
    Error,
}

impl ValueTag {
    const ALL: [Self; 9] = [
        Self::Str,
        Self::Text,
        Self::I64,
        Self::U64,
        Self::I128,
        Self::U128,
        Self::F64,
        Self::Bool,
        Self::Error,
    ];

    /// Returns how many bytes the head of a value takes.
    pub(super) fn head(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Str | Self::Text | Self::Error => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
            Self::I128 | Self::U128 => 16,
        }
    }

    /// Returns the tag with this number.
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }
}
