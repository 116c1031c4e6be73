//! One lane of one process in its fleet.
//!
//! Pure: the time is an argument. The owner asks the broker what [`Member::next`] says, one thing at a
//! time, and tells [`Member::answer`] what came of it.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::broker::{
    BrokerFault, Entry, FaultKind, Going, Lead, LeadAnswer, Mark, Place, PutAnswer, PutOutcome,
    Takeover,
};
use super::lease::{Change, EVERY, Lease, TERM};
use super::ledger::{AT_ONCE, Ledger};
use super::sender::Sender;
use super::share::Share;
use super::standing::Standing;

/// How often a leader looks for more.
const POLL: Duration = Duration::from_millis(200);

/// How long what found no room waits.
const FULL: Duration = Duration::from_secs(1);

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

/// What the broker is to be asked.
#[derive(Clone, Debug)]
pub(crate) enum Ask {
    Put {
        number: u64,
        entries: Rc<Vec<Vec<u8>>>,
    },
    Lead {
        epoch: u64,
        term: u64,
    },
    Read {
        after: Mark,
        most: usize,
    },
    Going {
        epoch: u64,
        number: u64,
        going: Going,
    },
    Done {
        epoch: u64,
        number: u64,
        settled: Vec<Mark>,
        odd: Vec<Mark>,
        known: Vec<(u64, Vec<u8>)>,
        going: Going,
    },
}

/// What it answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Put(PutAnswer),
    Lead(LeadAnswer),
    Read(Vec<Entry>),
    /// Whether the lease was still held, and it was done.
    Held(bool),
}

/// What the owner has to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// What was put is in the stream, and no concern of this process any more.
    Stored,
    /// It leads: what is known of problems is this, and what was going may have been told.
    Took(Takeover),
    /// These are to be told.
    Read(Vec<Entry>),
    /// It leads no more: what was read and is not told is none of its concern.
    Lost,
    /// It is alone: what it has it tells itself, in its turns.
    Alone,
    /// It has returned, and hands over again.
    Joined,
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
    /// Whether nothing is in the stream that was not read, as of the last put.
    has_read_all: bool,
    /// The number of the last request that rested on the lease.
    number: u64,
    /// Whether it leaves, and hands over what it leads.
    leaves: bool,
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
            has_read_all: false,
            number: 0,
            leaves: false,
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

    /// Where it stands among the others, as it was last heard.
    pub(crate) fn place(&self) -> Option<Place> {
        self.share.place()
    }

    /// The broker's time, as far as it is known.
    pub(crate) fn time(&self, now: Instant) -> Option<u64> {
        self.share.time(now)
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

    /// Hands over these entries, which are of these kinds.
    pub(crate) fn put(
        &mut self,
        kinds: impl IntoIterator<Item = u64>,
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

    /// Leaves: it is no member any more, and what it leads another may take at once.
    pub(crate) fn leave(&mut self) {
        self.leaves = true;
    }

    /// Whether nobody waits for it any more. A broker that is away need not be told.
    pub(crate) fn has_left(&self) -> bool {
        let is_away = self.pause.is_some() && self.lease.epoch() == 0;
        self.has_left || self.leaves && is_away
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

    /// Returns what the broker is to be asked now.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Ask> {
        let is_due = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        if !is_due(self.pause) {
            return None;
        }
        let leads = self.leads(now);
        let epoch = self.lease.epoch();
        let has_news = self.ledger.has_settled() || !self.known.is_empty();
        if self.leaves && !self.has_left && !(leads && has_news) {
            return Some(Ask::Lead { epoch, term: 0 });
        }
        if self.options.lead && !self.leaves && is_due(self.lease.due()) {
            self.lease.note_asked(now);
            let term = u64::try_from(TERM.as_millis()).unwrap_or(u64::MAX);
            return Some(Ask::Lead { epoch, term });
        }
        if leads && has_news {
            let (settled, odd) = self.ledger.deletable();
            let known = self.known.iter();
            let known = known.map(|(number, bytes)| (*number, bytes.clone()));
            self.number += 1;
            return Some(Ask::Done {
                epoch,
                number: self.number,
                settled,
                odd,
                known: known.collect(),
                going: self.ledger.going(),
            });
        }
        // What was told before is gone by now: of two messages nobody could say which is doubled.
        if leads && self.ledger.is_to_note() {
            let going = self.ledger.going();
            self.number += 1;
            return Some(Ask::Going {
                epoch,
                number: self.number,
                going,
            });
        }
        if is_due(self.full)
            && let Some(batch) = self.sender.under_way()
        {
            let ask = Ask::Put {
                number: batch.number,
                entries: Rc::clone(&batch.entries),
            };
            self.sender.note_asked();
            return Some(ask);
        }
        // Whoever may lead asks for that, and is seen by it.
        if !self.options.lead && !self.leaves && is_due(self.attends_at) {
            self.attends_at = Some(now + EVERY);
            return Some(Ask::Put {
                number: 0,
                entries: Rc::default(),
            });
        }
        if leads && !self.leaves && !self.is_alone() && is_due(self.read_at) {
            self.read_at = Some(now + POLL);
            return Some(Ask::Read {
                after: self.ledger.after(),
                most: AT_ONCE,
            });
        }
        None
    }

    /// When there is something to do again, as of now, where nothing is to be asked.
    pub(crate) fn wakes_at(&self, now: Instant) -> Option<Instant> {
        let leads = self.leads(now);
        let stays = !self.leaves;
        let asks = [
            self.lease.due().filter(|_| stays && self.options.lead),
            self.full.filter(|_| self.is_putting()),
            self.attends_at.filter(|_| stays && !self.options.lead),
            self.read_at.filter(|_| stays && leads && !self.is_alone()),
        ];
        let asks = asks.into_iter().flatten();
        // Nothing is asked before the pause is over.
        let asks = asks.map(|at| self.pause.map_or(at, |pause| at.max(pause)));
        let pause = self.pause.filter(|at| *at > now);
        let due = self.sender.due().filter(|_| !self.is_alone());
        let turn = self
            .speaks_alone()
            .then(|| self.share.next(now, self.options.span))
            .flatten();
        asks.chain(pause)
            .chain(due)
            .chain(turn)
            .chain(self.standing.alone_at())
            .chain(self.lease.changes_at(now))
            .min()
    }

    /// Takes what came of an ask that was sent then; `jitter` is from 0 to 1.
    pub(crate) fn answer(
        &mut self,
        ask: &Ask,
        answer: Result<Answer, BrokerFault>,
        sent: Instant,
        now: Instant,
        jitter: f64,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => {
                self.has_left |= self.leaves;
                let is_unanswered = fault.kind == FaultKind::Unanswered;
                let until = Some(now + self.standing.failed(now, jitter));
                if matches!(ask, Ask::Put { number: 1.., .. }) {
                    self.sender.note_failed(is_unanswered);
                    self.is_refused = !is_unanswered;
                    if self.is_refused {
                        // It may do all the rest, and is drained meanwhile.
                        self.full = until;
                        return effects;
                    }
                }
                self.pause = until;
                return effects;
            }
        };
        self.pause = None;
        match (ask, answer) {
            (Ask::Put { number, .. }, Answer::Put(answer)) => {
                self.is_refused &= *number == 0;
                self.note_place(answer.place, sent, now, &mut effects);
                self.full = self.full.filter(|_| *number == 0);
                if answer.outcome == PutOutcome::Full {
                    self.full = Some(now + FULL);
                    self.sender.note_failed(false);
                } else if self.sender.stored(*number) {
                    self.has_read_all = false;
                    effects.push(Effect::Stored);
                    // It may be the leader's own.
                    self.read_at = self.read_at.map(|at| at.min(now));
                }
            }
            (Ask::Lead { term: 0, .. }, Answer::Lead(_)) => {
                self.has_left = true;
                effects.extend(self.lose());
            }
            (Ask::Lead { .. }, Answer::Lead(LeadAnswer { lead, place })) => {
                let change = self.lease.answered(&lead, sent, now, self.options.span);
                let place = Place {
                    has_leader: place.has_leader || lead != Lead::Other,
                    ..place
                };
                match change {
                    Change::None => {}
                    Change::Lost => {
                        self.lose();
                        effects.push(Effect::Lost);
                    }
                    Change::Taken => {
                        self.known.clear();
                        self.has_read_all = false;
                        self.read_at = Some(now);
                        if let Lead::Taken(takeover) = lead {
                            self.ledger = Ledger::inheriting(takeover.going.clone());
                            effects.push(Effect::Took(takeover));
                        }
                    }
                }
                self.note_place(place, sent, now, &mut effects);
            }
            (Ask::Read { most, .. }, Answer::Read(entries)) if self.leads(now) => {
                self.has_read_all = entries.is_empty();
                if entries.len() >= *most {
                    self.read_at = Some(now);
                }
                let is_new = |entry: &Entry| self.ledger.read(entry.mark);
                let entries: Vec<_> = entries.into_iter().filter(is_new).collect();
                if !entries.is_empty() {
                    effects.push(Effect::Read(entries));
                }
            }
            (Ask::Going { epoch, .. } | Ask::Done { epoch, .. }, Answer::Held(_))
                if *epoch != self.lease.epoch() => {}
            (Ask::Going { .. } | Ask::Done { .. }, Answer::Held(false)) => {
                effects.extend(self.lose());
            }
            (Ask::Going { going, .. }, Answer::Held(true)) => self.ledger.note_going(going),
            (Ask::Done { known, .. }, Answer::Held(true)) => {
                self.ledger.note_deleted();
                for (number, bytes) in known {
                    if self.known.get(number) == Some(bytes) {
                        self.known.remove(number);
                    }
                }
            }
            _ => {}
        }
        effects
    }

    fn note_place(&mut self, place: Place, sent: Instant, now: Instant, effects: &mut Vec<Effect>) {
        self.share.note(place, sent, now);
        if self.is_refused {
            return;
        }
        if self.standing.answered(place.has_leader, now) {
            effects.push(Effect::Joined);
        }
    }
}
