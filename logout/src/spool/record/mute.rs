//! Problems that one process of a fleet has muted, for the process that sends.

use super::parts::{PartWriter, RecordPart, tag};

/// A problem that was muted or unmuted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredMute {
    /// The digits of its fingerprint, as people write them.
    pub(crate) digits: String,
    /// The end in milliseconds: in an entry from when it was stored, in a known problem by the
    /// broker's clock. 0 unmutes.
    pub(crate) until: u64,
}

impl StoredMute {
    pub(super) fn write(&self, parts: &mut PartWriter<'_>) {
        parts.text(tag::DIGITS, &self.digits);
        parts.number(tag::UNTIL, self.until);
    }

    pub(super) fn set(&mut self, part: &RecordPart<'_>) {
        match part.tag {
            tag::DIGITS => self.digits = part.text(),
            tag::UNTIL => self.until = part.number(),
            _ => {}
        }
    }
}
