//! The parts of a record: a tag, a length, bytes.

/// More events than any group has.
pub(super) const MOST_EVENTS: u64 = 1 << 40;

/// The tags of parts; a new part gets a number that was never used.
pub(super) mod tag {
    pub(in crate::spool::record) const ID: u16 = 1;
    pub(in crate::spool::record) const LANE: u16 = 2;
    pub(in crate::spool::record) const FINGERPRINT: u16 = 3;
    pub(in crate::spool::record) const COLLECTIVE: u16 = 4;
    pub(in crate::spool::record) const LEVEL: u16 = 5;
    pub(in crate::spool::record) const EVENTS: u16 = 6;
    pub(in crate::spool::record) const FIRST: u16 = 7;
    pub(in crate::spool::record) const LAST: u16 = 8;
    pub(in crate::spool::record) const LAST_TIME: u16 = 9;
    pub(in crate::spool::record) const WRITTEN: u16 = 10;
    pub(in crate::spool::record) const OLDEST_AGE: u16 = 11;
    pub(in crate::spool::record) const NEWEST_AGE: u16 = 12;
    pub(in crate::spool::record) const PROJECT: u16 = 13;
    pub(in crate::spool::record) const ENVIRONMENT: u16 = 14;
    pub(in crate::spool::record) const HOST: u16 = 15;
    pub(in crate::spool::record) const RELEASE: u16 = 16;
    pub(in crate::spool::record) const IN_FLIGHT: u16 = 17;
    pub(in crate::spool::record) const COUNTED: u16 = 18;
    pub(in crate::spool::record) const SITE: u16 = 19;
    pub(in crate::spool::record) const TARGET: u16 = 20;
    pub(in crate::spool::record) const FILE: u16 = 21;
    pub(in crate::spool::record) const LINE: u16 = 22;
    pub(in crate::spool::record) const PROBLEMS: u16 = 23;
    pub(in crate::spool::record) const STARTED: u16 = 24;
    pub(in crate::spool::record) const ENDED: u16 = 25;
    pub(in crate::spool::record) const BOOT: u16 = 26;
    pub(in crate::spool::record) const GROUP: u16 = 27;
    pub(in crate::spool::record) const KILLED: u16 = 28;
    pub(in crate::spool::record) const CRASHES: u16 = 29;
    pub(in crate::spool::record) const PROCESS: u16 = 30;
    #[cfg(feature = "fleet")]
    pub(in crate::spool::record) const LOSS: u16 = 31;
    #[cfg(feature = "fleet")]
    pub(in crate::spool::record) const REASON: u16 = 32;
    #[cfg(feature = "fleet")]
    pub(in crate::spool::record) const OTHERS: u16 = 33;
    #[cfg(feature = "fleet")]
    pub(in crate::spool::record) const DIGITS: u16 = 34;
    #[cfg(feature = "fleet")]
    pub(in crate::spool::record) const UNTIL: u16 = 35;
    #[cfg(feature = "fleet")]
    pub(in crate::spool::record) const CLOCK: u16 = 36;
    #[cfg(feature = "fleet")]
    pub(in crate::spool::record) const BRIEF: u16 = 37;
    #[cfg(feature = "fleet")]
    pub(in crate::spool::record) const HOSTS: u16 = 38;
}

/// A writer of parts. Those with their default value are left out.
pub(super) struct PartWriter<'o> {
    pub(super) out: &'o mut Vec<u8>,
}

impl PartWriter<'_> {
    pub(super) fn bytes(&mut self, tag: u16, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.within(tag, |parts| parts.out.extend_from_slice(bytes));
    }

    pub(super) fn text(&mut self, tag: u16, text: &str) {
        self.bytes(tag, text.as_bytes());
    }

    /// Writes a number in as few bytes as possible.
    pub(super) fn number(&mut self, tag: u16, number: u64) {
        let bytes = number.to_le_bytes();
        let length = bytes.len() - number.leading_zeros() as usize / 8;
        self.bytes(tag, bytes.get(..length).unwrap_or_default());
    }

    /// Writes a signed number; small ones take few bytes.
    #[cfg(feature = "fleet")]
    pub(super) fn signed(&mut self, tag: u16, number: i64) {
        self.number(tag, ((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    pub(super) fn within(&mut self, tag: u16, write: impl FnOnce(&mut PartWriter<'_>)) {
        self.out.extend_from_slice(&tag.to_le_bytes());
        let place = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        write(&mut PartWriter { out: self.out });
        fill_length(self.out, place);
    }
}

/// Writes the number of bytes after `place` into `place`.
pub(super) fn fill_length(out: &mut [u8], place: usize) {
    let length = u32::try_from(out.len().saturating_sub(place + 4)).unwrap_or_default();
    if let Some(place) = out.get_mut(place..place + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// A part that was read.
pub(super) struct RecordPart<'b> {
    pub(super) tag: u16,
    pub(super) bytes: &'b [u8],
}

impl RecordPart<'_> {
    pub(super) fn number(&self) -> u64 {
        let bytes = self.bytes.iter().take(8).rev();
        bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    #[cfg(feature = "fleet")]
    pub(super) fn signed(&self) -> i64 {
        let number = self.number();
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }

    /// Returns a number of events, bounded so that the sum over a log cannot overflow.
    pub(super) fn events(&self) -> u64 {
        self.number().min(MOST_EVENTS)
    }

    pub(super) fn byte(&self) -> u8 {
        self.bytes.first().copied().unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(self.bytes).into_owned()
    }
}

pub(super) fn parts(mut bytes: &[u8]) -> impl Iterator<Item = RecordPart<'_>> {
    std::iter::from_fn(move || {
        let (tag, rest) = bytes.split_first_chunk()?;
        let (block, rest) = take_block(rest)?;
        bytes = rest;
        Some(RecordPart {
            tag: u16::from_le_bytes(*tag),
            bytes: block,
        })
    })
}

/// Splits off bytes that are preceded by their length.
pub(super) fn take_block(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}
