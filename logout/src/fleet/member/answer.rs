//! What a member makes of an answer of the broker.

use std::time::{Duration, Instant};

use super::{Ask, Ledger, Member};
use crate::fleet::broker::{
    BrokerFault, Entry, FaultKind, Lead, LeadAnswer, Place, PutAnswer, PutOutcome, Takeover,
};
use crate::fleet::going::Going;
use crate::fleet::lease::Change;

/// How long what found no room waits.
const FULL: Duration = Duration::from_secs(1);

/// What it answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Put(PutAnswer),
    Lead(LeadAnswer),
    Read(Vec<Entry>),
    /// What is known under the number, or nothing.
    Known(Vec<u8>),
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
    /// That is known under the number it has to hear of.
    Recalled(Vec<u8>),
    /// It leads no more: what was read and is not told is none of its concern.
    Lost,
    /// It is alone: what it has it tells itself, in its turns.
    Alone,
    /// It has returned, and hands over again.
    Joined,
}

impl Member {
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
                self.has_left |= self.is_leaving();
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
                } else if self.sender.stored(*number, now) {
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
                            self.ledger = Ledger::inheriting(Going::read(&takeover.going));
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
            (Ask::Recall { .. }, Answer::Known(bytes)) if !self.leads(now) => {
                effects.push(Effect::Recalled(bytes));
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
