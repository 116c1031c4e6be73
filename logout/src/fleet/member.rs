//! A lane of this process as a member of its fleet.
//!
//! Pure: the time is an argument. The owner sends the broker the request that [`Member::next`]
//! returns, one at a time, and passes the answer to [`Member::answer`].

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

pub(crate) use self::answer::{BrokerAnswer, Effect};
pub(crate) use self::request::BrokerRequest;
use super::broker::{Mark, Place};
use super::in_flight::InFlight;
use super::lease::{Lease, LeaseChange, RENEW_EVERY, TERM};
use super::ledger::{AT_ONCE, Ledger};
use super::membership::Membership;
use super::sender::{EntryKind, Sender};
use super::time_slots::TimeSlots;

mod answer;
mod request;

/// How often a leader reads the stream.
const POLL: Duration = Duration::from_millis(200);

/// How long a leader that leaves waits for a chat's answer: less than programs are given to end.
const CHAT_ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The settings of a member.
#[derive(Clone, Debug)]
pub(crate) struct MemberOptions {
    /// A name that is random and new with each start.
    pub(crate) name: String,
    /// Whether it may lead.
    pub(crate) lead: bool,
    /// Whether it sends for itself while the broker is away.
    pub(crate) alone: bool,
    pub(crate) timeout: Duration,
    /// The pace of the lane: it sends one message in this time.
    pub(crate) span: Duration,
}

/// A lane of this process as a member of its fleet.
#[derive(Debug)]
pub(crate) struct Member {
    options: MemberOptions,
    sender: Sender,
    lease: Lease,
    ledger: Ledger,
    membership: Membership,
    slots: TimeSlots,
    /// Changes to the known problems that the broker has not stored yet.
    known: BTreeMap<u64, Vec<u8>>,
    /// No request is made before.
    pause: Option<Instant>,
    /// A batch that was refused or had no room is not repeated before.
    full: Option<Instant>,
    /// Whether the broker refused the last batch: it then counts as away, however well it answers
    /// other requests.
    is_refused: bool,
    /// When the stream is read next.
    read_at: Option<Instant>,
    /// When a member that may not lead next reports that it is there.
    attends_at: Option<Instant>,
    /// The number of the known problem that a member that does not lead asks for, and when it does
    /// so next.
    recalls: Option<u64>,
    recall_at: Option<Instant>,
    /// Whether the last read found the stream empty, and nothing was appended since.
    has_read_all: bool,
    /// The number of the last request made as the leader.
    number: u64,
    /// When it began to leave, to hand over the lease.
    leaves: Option<Instant>,
    has_left: bool,
}

impl Member {
    pub(crate) fn new(options: MemberOptions, now: Instant) -> Self {
        let slots = TimeSlots::of(&options.name, now);
        Self {
            membership: Membership::new(options.timeout, &options.name),
            options,
            sender: Sender::default(),
            lease: Lease::default(),
            ledger: Ledger::default(),
            slots,
            known: BTreeMap::new(),
            pause: None,
            full: None,
            is_refused: false,
            read_at: None,
            attends_at: None,
            recalls: None,
            recall_at: None,
            has_read_all: false,
            number: 0,
            leaves: None,
            has_left: false,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.options.name
    }

    /// Returns the number of this process, from its random name.
    pub(crate) fn process(&self) -> u64 {
        let name = self.options.name.get(..16);
        let number = name.and_then(|name| u64::from_str_radix(name, 16).ok());
        number.unwrap_or(1)
    }

    pub(crate) fn set_span(&mut self, span: Duration) {
        self.options.span = span;
    }

    /// Sets the number of the known problem to ask for while it does not lead.
    pub(crate) fn recall(&mut self, number: u64) {
        self.recalls = Some(number);
    }

    /// Returns its place among the members, as of the broker's last answer.
    pub(crate) fn place(&self) -> Option<Place> {
        self.slots.place()
    }

    /// Returns the broker's time in milliseconds, if it is known.
    pub(crate) fn time(&self, now: Instant) -> Option<u64> {
        self.slots.time(now)
    }

    /// Returns by how many milliseconds this process's wall clock is ahead of the broker's; 0 if
    /// they agree within some seconds or it is not known.
    pub(crate) fn clock_ahead(&self, wall: SystemTime, now: Instant) -> i64 {
        let wall = wall
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let wall = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
        self.slots.clock_ahead(wall, now).unwrap_or_default()
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.membership.is_alone()
    }

    /// Returns whether the broker is away and the member sends for itself meanwhile.
    pub(crate) fn sends_alone(&self) -> bool {
        self.is_alone() && self.options.alone
    }

    pub(crate) fn leads(&self, now: Instant) -> bool {
        self.lease.is_held(now)
    }

    /// Notes that the owner has something of this kind to hand over.
    pub(crate) fn note(&mut self, kind: u64, now: Instant) {
        self.sender.note(kind, now);
    }

    /// Makes the next batch due now.
    pub(crate) fn make_due(&mut self, now: Instant) {
        self.sender.make_due(now);
    }

    /// Returns whether the owner is to call [`Self::put`].
    pub(crate) fn wants_batch(&self, now: Instant) -> bool {
        !self.is_alone() && self.sender.due().is_some_and(|due| due <= now)
    }

    /// Returns whether the fleet has a whole event of this kind, so that one line of the next one
    /// is enough.
    pub(crate) fn is_known(&self, kind: u64, level: u8, now: Instant) -> bool {
        self.sender.is_known(kind, level, now)
    }

    /// Hands over entries of these kinds.
    pub(crate) fn put(
        &mut self,
        kinds: impl IntoIterator<Item = EntryKind>,
        entries: Vec<Vec<u8>>,
        now: Instant,
    ) {
        self.sender.put(kinds, entries, now);
    }

    /// Sets the message that is about to be sent. It may be sent once [`Self::may_send`] returns
    /// true.
    pub(crate) fn begin(&mut self, in_flight: InFlight) {
        self.ledger.begin(in_flight);
    }

    /// Returns whether the message that was begun may be sent now.
    pub(crate) fn may_send(&self, now: Instant) -> bool {
        self.ledger.is_noted() && self.sends_until(now).is_some()
    }

    /// Notes that the counts of these known problems were sent.
    pub(crate) fn note_counts_sent(&mut self, keys: &[u64]) {
        self.ledger.note_counts_sent(keys);
    }

    /// Notes that no message is in flight.
    pub(crate) fn end(&mut self) {
        self.ledger.end();
    }

    /// Notes that an entry was sent, given up, or counted in what is known.
    pub(crate) fn settle(&mut self, mark: Mark) {
        self.ledger.settle(mark);
    }

    /// Notes that an entry is malformed.
    pub(crate) fn settle_odd(&mut self, mark: Mark) {
        self.ledger.settle_odd(mark);
    }

    /// Sets the encoded state of a known problem.
    pub(crate) fn set_known(&mut self, number: u64, bytes: Vec<u8>) {
        self.known.insert(number, bytes);
    }

    /// Returns until when messages about entries of the stream may be sent, if they may be sent
    /// now.
    pub(crate) fn sends_until(&self, now: Instant) -> Option<Instant> {
        self.lease.sends_until(now)
    }

    /// Returns until when it may send one message while the broker is away, if it may do so now.
    pub(crate) fn slot_until(&self, now: Instant) -> Option<Instant> {
        self.sends_alone()
            .then(|| self.slots.until(now, self.options.span))
            .flatten()
    }

    /// Notes that its message was begun while the broker is away.
    pub(crate) fn note_slot_used(&mut self, now: Instant) {
        self.slots.note_sent(now, self.options.span);
    }

    /// Gives up the batch in flight, which the owner sends itself while the broker is away; returns
    /// whether it may then be sent twice.
    pub(crate) fn abandon(&mut self) -> bool {
        self.sender.abandon()
    }

    /// Begins to leave. It is a member, and keeps the lease, until the message in flight is
    /// answered.
    pub(crate) fn leave(&mut self, now: Instant) {
        self.leaves.get_or_insert(now);
    }

    /// Returns whether it is leaving, and begins nothing more.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaves.is_some()
    }

    /// Returns until when a member that leaves waits for the answer to the message in flight. The
    /// next leader could not know whether it arrived, and would send it again.
    fn waits_until(&self) -> Option<Instant> {
        let leaves = self.leaves?;
        self.ledger
            .has_begun()
            .then_some(leaves + CHAT_ANSWER_TIMEOUT)
    }

    /// Returns whether it has left. A broker that is away need not be told.
    pub(crate) fn has_left(&self) -> bool {
        let is_away = self.pause.is_some() && self.lease.epoch() == 0;
        self.has_left || self.is_leaving() && is_away
    }

    /// Drops the lease and the entries that were read, because the owner has lost them. It then
    /// asks for the lease, and reads, anew.
    pub(crate) fn retake_lease(&mut self) {
        let _lost = self.lose();
        self.lease.make_due();
    }

    /// Returns whether the leader's last read found the stream empty, and it appended nothing
    /// since.
    pub(crate) fn has_read_all(&self) -> bool {
        self.has_read_all
    }

    /// Returns how many entries were read and are not settled.
    pub(crate) fn unsettled(&self) -> usize {
        self.ledger.unsettled()
    }

    /// Returns whether a batch is in flight.
    pub(crate) fn is_putting(&self) -> bool {
        self.sender.in_flight().is_some()
    }

    /// Applies the expiry of the lease, or of the timeout for a broker that is away.
    pub(crate) fn tick(&mut self, now: Instant) -> Option<Effect> {
        if self.lease.epoch() != 0 && !self.lease.is_held(now) {
            return self.lose();
        }
        if self.membership.check_timeout(now) {
            self.slots.begin();
            // The next leader may never have seen those events.
            self.sender.forget();
            return Some(Effect::Alone);
        }
        None
    }

    fn lose(&mut self) -> Option<Effect> {
        self.ledger = Ledger::default();
        self.known.clear();
        self.read_at = None;
        (self.lease.lose() == LeaseChange::Lost).then_some(Effect::Lost)
    }
}

#[cfg(test)]
mod tests;
