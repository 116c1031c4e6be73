//! What a member asks the broker, and when.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::{AT_ONCE, EVERY, Going, Mark, Member, POLL, TERM};

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
    /// What is known under a number.
    Recall {
        number: u64,
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

/// How often one that does not lead asks for what it has to hear of.
const RECALL: Duration = Duration::from_secs(30);

impl Member {
    /// Returns what the broker is to be asked where nothing else is: what is known and changes seldom.
    pub(crate) fn next_recall(&mut self, now: Instant) -> Option<Ask> {
        let number = self.recalls?;
        let is_due = |at: Option<Instant>| at.is_none_or(|at| at <= now);
        let may = !self.is_leaving() && !self.is_alone() && !self.leads(now);
        if !may || !is_due(self.pause) || !is_due(self.recall_at) {
            return None;
        }
        self.recall_at = Some(now + RECALL);
        Some(Ask::Recall { number })
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
        let stays = !self.is_leaving();
        let waits = self.waits_until().is_some_and(|until| now < until);
        let is_through = !leads || !waits && !has_news;
        if !stays && !self.has_left && is_through {
            return Some(Ask::Lead { epoch, term: 0 });
        }
        if self.options.lead && stays && is_due(self.lease.due()) {
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
        if !self.options.lead && stays && is_due(self.attends_at) {
            self.attends_at = Some(now + EVERY);
            return Some(Ask::Put {
                number: 0,
                entries: Rc::default(),
            });
        }
        if leads && stays && !self.is_alone() && is_due(self.read_at) {
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
        // Nothing is asked before the pause is over.
        let asks = asks.map(|at| self.pause.map_or(at, |pause| at.max(pause)));
        let pause = self.pause.filter(|at| *at > now);
        let due = self.sender.due().filter(|_| !self.is_alone());
        let turn = self
            .speaks_alone()
            .then(|| self.share.next(now, self.options.span))
            .flatten();
        let waits = self.waits_until().filter(|at| leads && *at > now);
        asks.chain(pause)
            .chain(waits)
            .chain(due)
            .chain(turn)
            .chain(self.standing.alone_at())
            .chain(self.lease.changes_at(now))
            .min()
    }
}
