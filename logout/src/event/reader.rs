//! The reader of encoded bytes.

/// A position in encoded bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    pub(super) fn name(&mut self) -> Option<&'a str> {
        let length = self.array().map(u16::from_le_bytes)?;
        str::from_utf8(self.take(length.into())?).ok()
    }

    /// Reads a text of at most 255 bytes.
    pub(super) fn short_text(&mut self) -> Option<&'a str> {
        let [length] = self.array()?;
        str::from_utf8(self.take(length.into())?).ok()
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        str::from_utf8(self.block()?).ok()
    }

    /// Reads bytes that follow their length.
    pub(super) fn block(&mut self) -> Option<&'a [u8]> {
        let length = self.array().map(u32::from_le_bytes)?;
        self.take(length.try_into().ok()?)
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }
}
