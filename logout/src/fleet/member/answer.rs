//! Answers of the broker to a member.

use std::time::{Duration, Instant};

use super::{BrokerRequest, Ledger, Member};
use crate::fleet::broker::{
    BrokerFault, Entry, FaultKind, Lead, LeadAnswer, Place, PutAnswer, PutOutcome, Takeover,
};
use crate::fleet::in_flight::InFlight;
use crate::fleet::lease::LeaseChange;

/// How long to wait before a batch that found no room is repeated.
const FULL: Duration = Duration::from_secs(1);

/// An answer of the broker.
#[derive(Clone, Debug)]
pub(crate) enum BrokerAnswer {
    Put(PutAnswer),
    Lead(LeadAnswer),
    Read(Vec<Entry>),
    /// The value under the number, empty if there is none.
    Known(Vec<u8>),
    /// Whether the lease was still held, so that it was done.
    Held(bool),
}

/// An action for the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The batch is in the stream, so this process has done its part.
    Stored,
    /// It leads, with the known problems and the message in flight of the leader before it, which
    /// may have been sent.
    Took(Takeover),
    /// These entries are to be sent.
    Read(Vec<Entry>),
    /// The known problem that it asked for.
    Recalled(Vec<u8>),
    /// It no longer leads: entries that it read and did not send are left to the next leader.
    Lost,
    /// The broker is unreachable: the lane sends for itself, in its time slots.
    Alone,
    /// The broker is back: the lane hands over again.
    Joined,
}

impl Member {
    /// Applies the answer to a request made at `sent`, and returns what the owner has to do;
    /// `jitter` is from 0 to 1.
    pub(crate) fn answer(
        &mut self,
        ask: &BrokerRequest,
        answer: Result<BrokerAnswer, BrokerFault>,
        sent: Instant,
        now: Instant,
        jitter: f64,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        let answer = match answer {
            Ok(answer) => answer,
            Err(fault) => {
                self.has_left |= self.is_leaving();
                let is_unanswered = fault.kind == FaultKind::Unanswered;
                let until = Some(now + self.membership.failed(now, jitter));
                if matches!(ask, BrokerRequest::Put { number: 1.., .. }) {
                    self.sender.note_failed(is_unanswered);
                    self.is_refused = !is_unanswered;
                    if self.is_refused {
                        // Other requests may succeed, and as the leader it makes room.
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
            (BrokerRequest::Put { number, .. }, BrokerAnswer::Put(answer)) => {
                self.is_refused &= *number == 0;
                self.note_place(answer.place, sent, now, &mut effects);
                self.full = self.full.filter(|_| *number == 0);
                if answer.outcome == PutOutcome::Full {
                    self.full = Some(now + FULL);
                    self.sender.note_failed(false);
                } else if self.sender.stored(*number, now) {
                    self.has_read_all = false;
                    effects.push(Effect::Stored);
                    // The batch may be the leader's own.
                    self.read_at = self.read_at.map(|at| at.min(now));
                }
            }
            (BrokerRequest::Lead { term: 0, .. }, BrokerAnswer::Lead(_)) => {
                self.has_left = true;
                effects.extend(self.lose());
            }
            (BrokerRequest::Lead { .. }, BrokerAnswer::Lead(LeadAnswer { lead, place })) => {
                let change = self.lease.answered(&lead, sent, now, self.options.span);
                let place = Place {
                    has_leader: place.has_leader || lead != Lead::Other,
                    ..place
                };
                match change {
                    LeaseChange::None => {}
                    LeaseChange::Lost => {
                        self.lose();
                        effects.push(Effect::Lost);
                    }
                    LeaseChange::Taken => {
                        self.known.clear();
                        self.has_read_all = false;
                        self.read_at = Some(now);
                        if let Lead::Taken(takeover) = lead {
                            self.ledger = Ledger::inheriting(InFlight::decode(&takeover.going));
                            effects.push(Effect::Took(takeover));
                        }
                    }
                }
                self.note_place(place, sent, now, &mut effects);
            }
            (BrokerRequest::Read { most, .. }, BrokerAnswer::Read(entries)) if self.leads(now) => {
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
            (BrokerRequest::Recall { .. }, BrokerAnswer::Known(bytes)) if !self.leads(now) => {
                effects.push(Effect::Recalled(bytes));
            }
            (
                BrokerRequest::InFlight { epoch, .. } | BrokerRequest::Done { epoch, .. },
                BrokerAnswer::Held(_),
            ) if *epoch != self.lease.epoch() => {}
            (
                BrokerRequest::InFlight { .. } | BrokerRequest::Done { .. },
                BrokerAnswer::Held(false),
            ) => {
                effects.extend(self.lose());
            }
            (BrokerRequest::InFlight { in_flight, .. }, BrokerAnswer::Held(true)) => {
                self.ledger.note_in_flight(in_flight);
            }
            (BrokerRequest::Done { known, .. }, BrokerAnswer::Held(true)) => {
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
        self.slots.note(place, sent, now);
        if self.is_refused {
            return;
        }
        if self.membership.answered(place.has_leader, now) {
            effects.push(Effect::Joined);
        }
    }
}
