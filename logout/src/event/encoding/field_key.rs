//! The identification of an encoded field: its position in the call site, or its name.

use tracing::field::Field;

use super::buffer::Buffer;
use crate::event::value_tag::ValueTag;

/// The longest head of a value.
const HEAD: usize = size_of::<u128>();

/// The identification of an encoded field.
pub(crate) trait FieldKey {
    /// The offset of the value's head from the beginning of the field.
    const VALUE: usize;

    fn of(field: &Field) -> Self;
    /// Returns how many bytes it takes with the tag of the field's value.
    fn size(&self) -> usize;
    /// Writes the tag, itself and the head of the value.
    ///
    /// In as few pieces as can be, since each checks anew whether the buffer has room: that took 30
    /// instructions of a typical event, and 80 of three spans.
    fn write<const N: usize>(&self, tag: ValueTag, head: [u8; N], buffer: &mut impl Buffer);
}

/// The position in the call site, which the event carries along.
#[derive(Debug)]
pub(crate) struct ByIndex(pub(super) u16);

impl FieldKey for ByIndex {
    const VALUE: usize = 3;

    #[inline]
    fn of(field: &Field) -> Self {
        // A call site has at most a few hundred fields.
        Self(u16::try_from(field.index()).unwrap_or(u16::MAX))
    }

    #[inline]
    fn size(&self) -> usize {
        3
    }

    #[inline]
    fn write<const N: usize>(&self, tag: ValueTag, head: [u8; N], buffer: &mut impl Buffer) {
        const { assert!(N <= HEAD) }
        let [low, high] = self.0.to_le_bytes();
        let mut bytes = [0; 3 + HEAD];
        let (key, rest) = bytes.split_at_mut(3);
        key.copy_from_slice(&[tag as u8, low, high]);
        rest.split_at_mut(N).0.copy_from_slice(&head);
        buffer.append(bytes.split_at(3 + N).0);
    }
}

/// The name, because a span's call site does not travel with the event.
#[derive(Debug)]
pub(crate) struct ByName(&'static str);

impl FieldKey for ByName {
    const VALUE: usize = 1;

    #[inline]
    fn of(field: &Field) -> Self {
        // A name too long for its length has no room in a span either.
        Self(field.name())
    }

    #[inline]
    fn size(&self) -> usize {
        3 + self.0.len()
    }

    #[inline]
    fn write<const N: usize>(&self, tag: ValueTag, head: [u8; N], buffer: &mut impl Buffer) {
        const { assert!(N <= HEAD) }
        let mut bytes = [0; 3 + HEAD];
        let (tag_at, rest) = bytes.split_at_mut(1);
        tag_at.copy_from_slice(&[tag as u8]);
        let (head_at, rest) = rest.split_at_mut(N);
        head_at.copy_from_slice(&head);
        rest.split_at_mut(2)
            .0
            .copy_from_slice(&length(self.0).to_le_bytes());
        buffer.append(bytes.split_at(3 + N).0);
        buffer.append(self.0.as_bytes());
    }
}

/// Returns the length of a name, which is cut where it does not fit.
#[inline]
pub(super) fn length(name: &str) -> u16 {
    u16::try_from(name.len()).unwrap_or_default()
}
