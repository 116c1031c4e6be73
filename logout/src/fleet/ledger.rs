//! What a leader has read of the stream, what of it is on its way to people, and what is told.
//!
//! Pure. An entry is in the stream until it is settled, so nothing here outlives a leader, and nothing
//! needs to.

use std::collections::BTreeSet;

use super::broker::Mark;
use super::going::Going;

/// How many entries are read at a time.
pub(super) const AT_ONCE: usize = 500;

/// The ledger of one leader.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Nothing up to here is read again.
    after: Mark,
    /// Read, and neither told nor given up.
    untold: BTreeSet<Mark>,
    /// Told or given up, and still in the stream as far as is known.
    settled: BTreeSet<Mark>,
    odd: BTreeSet<Mark>,
    sending: Sending,
    /// What leaders before this one may have told, and is told again with a mark. It is noted until that
    /// is settled: this one may not live so long.
    inherited: Going,
    /// What the last `done` is about, until it is answered.
    asked: Option<(Vec<Mark>, Vec<Mark>)>,
}

/// What is being sent, as far as the broker knows.
#[derive(Debug, Default)]
enum Sending {
    #[default]
    Nothing,
    /// It is to be noted before it is sent.
    Wanted(Going),
    Noted(Going),
}

impl Ledger {
    /// The ledger of a leader whose predecessor left that.
    pub(super) fn inheriting(going: Going) -> Self {
        Self {
            inherited: going,
            ..Self::default()
        }
    }

    pub(super) fn after(&self) -> Mark {
        self.after
    }

    /// Notes what was read; tells which of it is new.
    pub(super) fn read(&mut self, mark: Mark) -> bool {
        self.after = self.after.max(mark);
        !self.settled.contains(&mark) && self.untold.insert(mark)
    }

    /// How many are read, and neither told nor given up.
    pub(super) fn untold(&self) -> usize {
        self.untold.len()
    }

    /// Notes that this one is told, given up or counted.
    pub(super) fn settle(&mut self, mark: Mark) {
        if self.untold.remove(&mark) {
            self.settled.insert(mark);
            self.inherited.marks.retain(|known| *known != mark);
        }
    }

    /// Notes that this one cannot be read.
    pub(super) fn settle_odd(&mut self, mark: Mark) {
        if self.untold.remove(&mark) {
            self.settled.insert(mark);
            self.odd.insert(mark);
        }
    }

    /// Has it noted that this is going to be sent.
    pub(super) fn begin(&mut self, going: Going) {
        self.sending = Sending::Wanted(going);
    }

    /// Notes that nothing is on its way any more.
    pub(super) fn end(&mut self) {
        self.sending = Sending::Nothing;
    }

    /// Notes that people have what was counted of these.
    pub(super) fn told(&mut self, keys: &[u64]) {
        let inherited = &mut self.inherited.keys;
        inherited.retain(|key| !keys.contains(key));
    }

    /// What may have been told should this leader be heard of no more.
    pub(super) fn going(&self) -> Going {
        let mut going = self.inherited.clone();
        if let Sending::Wanted(sending) | Sending::Noted(sending) = &self.sending {
            going.marks.extend(&sending.marks);
            going.keys.extend(&sending.keys);
        }
        going
    }

    /// Whether the broker is to hear of what is going to be sent.
    pub(super) fn is_to_note(&self) -> bool {
        matches!(self.sending, Sending::Wanted(_))
    }

    /// Notes that the broker knows of this.
    pub(super) fn note_going(&mut self, noted: &Going) {
        if self.is_to_note()
            && self.going() == *noted
            && let Sending::Wanted(going) = std::mem::take(&mut self.sending)
        {
            self.sending = Sending::Noted(going);
        }
    }

    /// Whether something is begun that is not ended: the broker may have heard of it, if only with what was
    /// settled before.
    pub(super) fn has_begun(&self) -> bool {
        !matches!(self.sending, Sending::Nothing)
    }

    /// Whether what was begun may be sent.
    pub(super) fn is_noted(&self) -> bool {
        matches!(self.sending, Sending::Noted(_))
    }

    /// Whether the broker is still to hear of something that is settled.
    pub(super) fn has_settled(&self) -> bool {
        !self.settled.is_empty()
    }

    /// What the broker is to delete, and what of it is odd.
    pub(super) fn deletable(&mut self) -> (Vec<Mark>, Vec<Mark>) {
        let settled: Vec<_> = self.settled.iter().copied().collect();
        let odd: Vec<_> = self.odd.iter().copied().collect();
        self.asked = Some((settled.clone(), odd.clone()));
        (settled, odd)
    }

    /// Notes that what it was asked to is deleted.
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
