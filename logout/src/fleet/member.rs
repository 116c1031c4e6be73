//! One lane of one process in its fleet.
//!
//! Pure: the time is an argument. The owner asks the broker what [`Member::next`] says, one thing at a
//! time, and tells [`Member::answer`] what came of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

pub(crate) use self::answer::{Answer, Effect};
pub(crate) use self::ask::Ask;
use super::broker::{Mark, Place};
use super::going::Going;
use super::lease::{Change, EVERY, Lease, TERM};
use super::ledger::{AT_ONCE, Ledger};
use super::sender::{Kind, Sender};
use super::share::Share;
use super::standing::Standing;

mod answer;
mod ask;

/// How often a leader looks for more.
const POLL: Duration = Duration::from_millis(200);

/// How long a leader that leaves waits for a chat's answer: shorter than programs are given to end.
const ANSWER: Duration = Duration::from_secs(2);

/// How a lane takes part.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Like no other's, and new with each start.
    pub(crate) name: String,
    /// Whether it sends for others.
    pub(crate) lead: bool,
    /// Whether it sends for itself while the broker is away.
    pub(crate) alone: bool,
    pub(crate) timeout: Duration,
    /// In which time the lane sends one message.
    pub(crate) span: Duration,
}

/// One lane of one process in its fleet.
#[derive(Debug)]
pub(crate) struct Member {
    options: Options,
    sender: Sender,
    lease: Lease,
    ledger: Ledger,
    standing: Standing,
    share: Share,
    /// What is known of problems and the broker has not heard of.
    known: BTreeMap<u64, Vec<u8>>,
    /// Nothing is asked before.
    pause: Option<Instant>,
    /// What has found no room is not put before.
    full: Option<Instant>,
    /// Whether the broker refused what was put last: however well it answers the rest, it is away.
    is_refused: bool,
    /// When it is looked for more.
    read_at: Option<Instant>,
    /// When one that does not lead shows that it is there.
    attends_at: Option<Instant>,
    /// Under which number something is known that one has to hear of that does not lead, and when it asks
    /// for that.
    recalls: Option<u64>,
    recall_at: Option<Instant>,
    /// Whether nothing is in the stream that was not read, as of the last put.
    has_read_all: bool,
    /// The number of the last request that rested on the lease.
    number: u64,
    /// Since when it leaves, to hand over what it leads.
    leaves: Option<Instant>,
    has_left: bool,
}

impl Member {
    pub(crate) fn new(options: Options, now: Instant) -> Self {
        let share = Share::of(&options.name, now);
        Self {
            standing: Standing::new(options.timeout, &options.name),
            options,
            sender: Sender::default(),
            lease: Lease::default(),
            ledger: Ledger::default(),
            share,
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

    /// What tells its process from others.
    pub(crate) fn process(&self) -> u64 {
        let name = self.options.name.get(..16);
        let number = name.and_then(|name| u64::from_str_radix(name, 16).ok());
        number.unwrap_or(1)
    }

    pub(crate) fn set_span(&mut self, span: Duration) {
        self.options.span = span;
    }

    /// Has it hear of what is known under a number while it does not lead.
    pub(crate) fn recall(&mut self, number: u64) {
        self.recalls = Some(number);
    }

    /// Where it stands among the others, as it was last heard.
    pub(crate) fn place(&self) -> Option<Place> {
        self.share.place()
    }

    /// The broker's time, as far as it is known.
    pub(crate) fn time(&self, now: Instant) -> Option<u64> {
        self.share.time(now)
    }

    /// By how many milliseconds this process's clock on the wall is ahead of the broker's; 0 where that is
    /// hardly anything, or not known.
    pub(crate) fn clock(&self, wall: SystemTime, now: Instant) -> i64 {
        let wall = wall
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let wall = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
        self.share.ahead(wall, now).unwrap_or_default()
    }

    pub(crate) fn is_alone(&self) -> bool {
        self.standing.is_alone()
    }

    /// Whether it is alone, and sends for itself.
    pub(crate) fn speaks_alone(&self) -> bool {
        self.is_alone() && self.options.alone
    }

    pub(crate) fn leads(&self, now: Instant) -> bool {
        self.lease.is_held(now)
    }

    /// Notes that the owner has something of a kind to hand over.
    pub(crate) fn note(&mut self, kind: u64, now: Instant) {
        self.sender.note(kind, now);
    }

    /// Has what there is put at once.
    pub(crate) fn hurry(&mut self, now: Instant) {
        self.sender.hurry(now);
    }

    /// Whether the owner is to say what it hands over.
    pub(crate) fn wants_batch(&self, now: Instant) -> bool {
        !self.is_alone() && self.sender.due().is_some_and(|due| due <= now)
    }

    /// Whether a line of the next event of a kind is enough, since the fleet knows all of one.
    pub(crate) fn is_known(&self, kind: u64, level: u8, now: Instant) -> bool {
        self.sender.is_known(kind, level, now)
    }

    /// Hands over these entries, which are of these kinds.
    pub(crate) fn put(
        &mut self,
        kinds: impl IntoIterator<Item = Kind>,
        entries: Vec<Vec<u8>>,
        now: Instant,
    ) {
        self.sender.put(kinds, entries, now);
    }

    /// Notes what was begun to be told, which may be sent once [`Self::may_send`] says so.
    pub(crate) fn begin(&mut self, going: Going) {
        self.ledger.begin(going);
    }

    /// Whether what was begun may be sent now.
    pub(crate) fn may_send(&self, now: Instant) -> bool {
        self.ledger.is_noted() && self.sends_until(now).is_some()
    }

    /// Notes that people have what was counted of these problems.
    pub(crate) fn told(&mut self, keys: &[u64]) {
        self.ledger.told(keys);
    }

    /// Notes that nothing of what was begun is on its way.
    pub(crate) fn end(&mut self) {
        self.ledger.end();
    }

    /// Notes that this is told, given up, or counted in what is known.
    pub(crate) fn settle(&mut self, mark: Mark) {
        self.ledger.settle(mark);
    }

    /// Notes that this cannot be read.
    pub(crate) fn settle_odd(&mut self, mark: Mark) {
        self.ledger.settle_odd(mark);
    }

    /// Notes what is known of a problem.
    pub(crate) fn know(&mut self, number: u64, bytes: Vec<u8>) {
        self.known.insert(number, bytes);
    }

    /// Until when a message may be sent that tells what was read of the stream.
    pub(crate) fn sends_until(&self, now: Instant) -> Option<Instant> {
        self.lease.sends_until(now)
    }

    /// Until when one that is alone may send one message.
    pub(crate) fn turn(&self, now: Instant) -> Option<Instant> {
        self.speaks_alone()
            .then(|| self.share.turn(now, self.options.span))
            .flatten()
    }

    /// Notes that one that is alone has begun its message.
    pub(crate) fn note_turn(&mut self, now: Instant) {
        self.share.note_sent(now, self.options.span);
    }

    /// Has what is on its way told otherwise, by one that is alone; tells whether that may then come
    /// twice.
    pub(crate) fn abandon(&mut self) -> bool {
        self.sender.abandon()
    }

    /// Leaves: it is no member any more, and what it leads another may take, as soon as what is on its way
    /// to people has its answer.
    pub(crate) fn leave(&mut self, now: Instant) {
        self.leaves.get_or_insert(now);
    }

    /// Whether it begins nothing any more.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaves.is_some()
    }

    /// Until when one that leaves waits for the answer to what is on its way: whoever takes over could not
    /// know whether people have it, and would send it again.
    fn waits_until(&self) -> Option<Instant> {
        let leaves = self.leaves?;
        self.ledger.has_begun().then_some(leaves + ANSWER)
    }

    /// Whether nobody waits for it any more. A broker that is away need not be told.
    pub(crate) fn has_left(&self) -> bool {
        let is_away = self.pause.is_some() && self.lease.epoch() == 0;
        self.has_left || self.is_leaving() && is_away
    }

    /// Forgets what it has read, which its owner has lost: it takes its lease anew, and reads again.
    pub(crate) fn begin_again(&mut self) {
        let _lost = self.lose();
        self.lease.ask_at_once();
    }

    /// Whether a leader has read all that was in the stream when it last put something.
    pub(crate) fn has_read_all(&self) -> bool {
        self.has_read_all
    }

    /// How many entries are read and wait in the stream to be told.
    pub(crate) fn untold(&self) -> usize {
        self.ledger.untold()
    }

    /// Whether something is on its way into the stream.
    pub(crate) fn is_putting(&self) -> bool {
        self.sender.under_way().is_some()
    }

    /// Notes what comes with time alone.
    pub(crate) fn tick(&mut self, now: Instant) -> Option<Effect> {
        if self.lease.epoch() != 0 && !self.lease.is_held(now) {
            return self.lose();
        }
        if self.standing.falls(now) {
            self.share.begin();
            // Whoever leads when the broker is back may never have heard of it.
            self.sender.forget();
            return Some(Effect::Alone);
        }
        None
    }

    fn lose(&mut self) -> Option<Effect> {
        self.ledger = Ledger::default();
        self.known.clear();
        self.read_at = None;
        (self.lease.lose() == Change::Lost).then_some(Effect::Lost)
    }
}

#[cfg(test)]
mod tests;
