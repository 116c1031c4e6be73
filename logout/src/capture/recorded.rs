//! What was captured of a span, as it is copied into each event inside it.

use crate::event::encoding;

/// What the name and two or three fields of a span take. The registry moves them about.
const SHORT: usize = 78;

/// A span's name and fields, kept in the span's extensions and shared by all blocks of a program:
/// a second layer replaces it by the same.
///
/// The registry boxes whatever it keeps beside a span. Short ones lie in that box, because an
/// allocation of their own and its release are 130 of the 2,500 instructions that a span costs.
#[derive(Debug)]
pub(super) enum Recorded {
    Short { length: u8, bytes: [u8; SHORT] },
    Long(Box<[u8]>),
}

impl Recorded {
    #[inline]
    pub(super) fn new(recorded: &[u8]) -> Self {
        let mut bytes = [0; SHORT];
        match (bytes.get_mut(..recorded.len()), u8::try_from(recorded.len())) {
            (Some(place), Ok(length)) => {
                place.copy_from_slice(recorded);
                Self::Short { length, bytes }
            }
            _ => Self::Long(recorded.into()),
        }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or_default(),
            Self::Long(bytes) => bytes,
        }
    }

    /// Adds fields, in place of those of the same name.
    pub(super) fn amend(&mut self, newer: &[u8]) {
        let mut bytes = self.bytes().to_vec();
        encoding::amend(&mut bytes, newer);
        *self = Self::new(&bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::{Recorded, SHORT};

    #[test]
    fn every_length_is_kept_whole() {
        for length in 0..2 * SHORT {
            let bytes = vec![7; length];
            assert_eq!(Recorded::new(&bytes).bytes(), bytes);
        }
    }
}
