//! The entries that a leader has read from the stream, has in flight and has settled.
//!
//! Pure. An entry is in the stream until it is settled, so nothing here has to outlive the leader.

use std::collections::BTreeSet;

use super::broker::Mark;
use super::in_flight::InFlight;

/// How many entries are read at a time.
pub(super) const AT_ONCE: usize = 500;

/// The entries of one leader.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Entries up to this one are not read again.
    after: Mark,
    /// Read, and neither sent nor given up.
    unsettled: BTreeSet<Mark>,
    /// Sent or given up, and not yet known to be deleted from the stream.
    settled: BTreeSet<Mark>,
    odd: BTreeSet<Mark>,
    sending: InFlightState,
    /// What earlier leaders may have sent, which is sent again with a remark. It stays noted with
    /// the broker until it is settled, because this leader may fail too.
    inherited: InFlight,
    /// The contents of the last `done`, until it is answered.
    asked: Option<(Vec<Mark>, Vec<Mark>)>,
}

/// The message in flight, as far as the broker knows.
#[derive(Debug, Default)]
enum InFlightState {
    #[default]
    Nothing,
    /// To be noted with the broker before it is sent.
    Wanted(InFlight),
    Noted(InFlight),
}

impl Ledger {
    /// Creates the ledger of a leader that takes over from one with this message in flight.
    pub(super) fn inheriting(in_flight: InFlight) -> Self {
        Self {
            inherited: in_flight,
            ..Self::default()
        }
    }

    pub(super) fn after(&self) -> Mark {
        self.after
    }

    /// Notes that an entry was read; returns whether it is new.
    pub(super) fn read(&mut self, mark: Mark) -> bool {
        self.after = self.after.max(mark);
        !self.settled.contains(&mark) && self.unsettled.insert(mark)
    }

    /// Returns how many entries are read, and neither sent nor given up.
    pub(super) fn unsettled(&self) -> usize {
        self.unsettled.len()
    }

    /// Notes that an entry was sent, given up or counted.
    pub(super) fn settle(&mut self, mark: Mark) {
        if self.unsettled.remove(&mark) {
            self.settled.insert(mark);
            self.inherited.marks.retain(|known| *known != mark);
        }
    }

    /// Notes that an entry is malformed.
    pub(super) fn settle_odd(&mut self, mark: Mark) {
        if self.unsettled.remove(&mark) {
            self.settled.insert(mark);
            self.odd.insert(mark);
        }
    }

    /// Sets the message that is about to be sent, so that it is noted with the broker first.
    pub(super) fn begin(&mut self, in_flight: InFlight) {
        self.sending = InFlightState::Wanted(in_flight);
    }

    /// Notes that no message is in flight.
    pub(super) fn end(&mut self) {
        self.sending = InFlightState::Nothing;
    }

    /// Notes that the counts of these known problems were sent.
    pub(super) fn note_counts_sent(&mut self, keys: &[u64]) {
        let inherited = &mut self.inherited.keys;
        inherited.retain(|key| !keys.contains(key));
    }

    /// Returns what may have been sent if this leader fails now.
    pub(super) fn in_flight(&self) -> InFlight {
        let mut in_flight = self.inherited.clone();
        if let InFlightState::Wanted(sending) | InFlightState::Noted(sending) = &self.sending {
            in_flight.marks.extend(&sending.marks);
            in_flight.keys.extend(&sending.keys);
        }
        in_flight
    }

    /// Returns whether the message that is about to be sent must still be noted with the broker.
    pub(super) fn must_note(&self) -> bool {
        matches!(self.sending, InFlightState::Wanted(_))
    }

    /// Notes that the broker has stored this.
    pub(super) fn note_in_flight(&mut self, noted: &InFlight) {
        if self.must_note()
            && self.in_flight() == *noted
            && let InFlightState::Wanted(in_flight) = std::mem::take(&mut self.sending)
        {
            self.sending = InFlightState::Noted(in_flight);
        }
    }

    /// Returns whether a message was begun and not ended. The broker may know of it even before it
    /// is noted, from a `done`.
    pub(super) fn has_begun(&self) -> bool {
        !matches!(self.sending, InFlightState::Nothing)
    }

    /// Returns whether the message is noted with the broker and so may be sent.
    pub(super) fn is_noted(&self) -> bool {
        matches!(self.sending, InFlightState::Noted(_))
    }

    /// Returns whether settled entries are still in the stream.
    pub(super) fn has_settled(&self) -> bool {
        !self.settled.is_empty()
    }

    /// Returns the entries that the broker is to delete, and those of them that are malformed.
    pub(super) fn deletable(&mut self) -> (Vec<Mark>, Vec<Mark>) {
        let settled: Vec<_> = self.settled.iter().copied().collect();
        let odd: Vec<_> = self.odd.iter().copied().collect();
        self.asked = Some((settled.clone(), odd.clone()));
        (settled, odd)
    }

    /// Notes that the entries of the last request are deleted.
    pub(super) fn note_deleted(&mut self) {
        let (settled, odd) = self.asked.take().unwrap_or_default();
        for mark in settled {
            self.settled.remove(&mark);
        }
        for mark in odd {
            self.odd.remove(&mark);
        }
    }
}
