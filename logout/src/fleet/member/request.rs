//! Requests of a member to the broker, and their times.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{AT_ONCE, InFlight, Mark, Member, POLL, RENEW_EVERY, TERM};

/// A request to the broker.
#[derive(Clone, Debug)]
pub(crate) enum BrokerRequest {
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
    /// What is known under a number.
    Recall {
        number: u64,
    },
    InFlight {
        epoch: u64,
        number: u64,
        in_flight: InFlight,
    },
    Done {
        epoch: u64,
        number: u64,
        settled: Vec<Mark>,
        odd: Vec<Mark>,
        known: Vec<(u64, Vec<u8>)>,
        in_flight: InFlight,
    },
}

/// How often a member that does not lead asks for the known problem.
const RECALL: Duration = Duration::from_secs(30);

impl Member {
    /// Returns the request for a known problem if it is due. It comes last because the value seldom
    /// changes.
    pub(crate) fn next_recall(&mut self, now: Instant) -> Option<BrokerRequest> {
        let number = self.recalls?;
        let is_due = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        let may = !self.is_leaving() && !self.is_alone() && !self.leads(now);
        if !may || !is_due(self.pause) || !is_due(self.recall_at) {
            return None;
        }
        self.recall_at = Some(now + RECALL);
        Some(BrokerRequest::Recall { number })
    }

    /// Returns the next request that is due.
    pub(crate) fn next(&mut self, now: Instant) -> Option<BrokerRequest> {
        let is_due = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        if !is_due(self.pause) {
            return None;
        }
        let leads = self.leads(now);
        let epoch = self.lease.epoch();
        let has_news = self.ledger.has_settled() || !self.known.is_empty();
        let stays = !self.is_leaving();
        let waits = self.waits_until().is_some_and(|until| now < until);
        let is_done = !leads || !waits && !has_news;
        if !stays && !self.has_left && is_done {
            return Some(BrokerRequest::Lead { epoch, term: 0 });
        }
        if self.options.lead && stays && is_due(self.lease.due()) {
            self.lease.note_asked(now);
            let term = u64::try_from(TERM.as_millis()).unwrap_or(u64::MAX);
            return Some(BrokerRequest::Lead { epoch, term });
        }
        if leads && has_news {
            let (settled, odd) = self.ledger.deletable();
            let known = self.known.iter();
            let known = known.map(|(number, bytes)| (*number, bytes.clone()));
            self.number += 1;
            return Some(BrokerRequest::Done {
                epoch,
                number: self.number,
                settled,
                odd,
                known: known.collect(),
                in_flight: self.ledger.in_flight(),
            });
        }
        // By the next message the problems of this one are settled, and then nobody could say which
        // of the two is a repetition.
        if leads && self.ledger.must_note() {
            let in_flight = self.ledger.in_flight();
            self.number += 1;
            return Some(BrokerRequest::InFlight {
                epoch,
                number: self.number,
                in_flight,
            });
        }
        if is_due(self.full)
            && let Some(batch) = self.sender.in_flight()
        {
            let ask = BrokerRequest::Put {
                number: batch.number,
                entries: Rc::clone(&batch.entries),
            };
            self.sender.note_asked();
            return Some(ask);
        }
        // A member that may lead reports itself with its bid.
        if !self.options.lead && stays && is_due(self.attends_at) {
            self.attends_at = Some(now + RENEW_EVERY);
            return Some(BrokerRequest::Put {
                number: 0,
                entries: Rc::default(),
            });
        }
        if leads && stays && !self.is_alone() && is_due(self.read_at) {
            self.read_at = Some(now + POLL);
            return Some(BrokerRequest::Read {
                after: self.ledger.after(),
                most: AT_ONCE,
            });
        }
        None
    }

    /// Returns when the member next has something to do, if there is no request now.
    pub(crate) fn wakes_at(&self, now: Instant) -> Option<Instant> {
        let leads = self.leads(now);
        let stays = !self.is_leaving();
        let asks = [
            self.lease.due().filter(|_| stays && self.options.lead),
            self.full.filter(|_| self.is_putting()),
            self.attends_at.filter(|_| stays && !self.options.lead),
            self.read_at.filter(|_| stays && leads && !self.is_alone()),
            self.recall_at
                .filter(|_| stays && !leads && !self.is_alone()),
        ];
        let asks = asks.into_iter().flatten();
        // No request is made before the pause is over.
        let asks = asks.map(|at| self.pause.map_or(at, |pause| at.max(pause)));
        let pause = self.pause.filter(|at| *at > now);
        let due = self.sender.due().filter(|_| !self.is_alone());
        let turn = self
            .sends_alone()
            .then(|| self.slots.next(now, self.options.span))
            .flatten();
        let waits = self.waits_until().filter(|at| leads && *at > now);
        asks.chain(pause)
            .chain(waits)
            .chain(due)
            .chain(turn)
            .chain(self.membership.alone_at())
            .chain(self.lease.changes_at(now))
            .min()
    }
}
