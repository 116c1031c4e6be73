//! What one process of a fleet has muted, for the one that tells.

use super::parts::{Part, Parts, tag};

/// A problem that is muted, or is not any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoredMute {
    /// The digits of its fingerprint, as people write them.
    pub(crate) digits: String,
    /// Until when, in milliseconds: from when the entry was stored, or by the broker's clock in what is known.
    /// 0 ends it.
    pub(crate) until: u64,
}

impl StoredMute {
    pub(super) fn write(&self, parts: &mut Parts<'_>) {
        parts.text(tag::DIGITS, &self.digits);
        parts.number(tag::UNTIL, self.until);
    }

    pub(super) fn set(&mut self, part: &Part<'_>) {
        match part.tag {
            tag::DIGITS => self.digits = part.text(),
            tag::UNTIL => self.until = part.number(),
            _ => {}
        }
    }
}
