//! Where the lanes lay down what their destinations answered to a question of the program's.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{Answer, Reply};
use crate::adapter::Finding;

/// One question to all destinations.
#[derive(Debug)]
pub(crate) struct Verification {
    /// When a lane gives up asking.
    pub(crate) deadline: Instant,
    /// Told when the last one has answered.
    pub(crate) reply: Arc<Reply>,
    findings: Mutex<Vec<Option<Finding>>>,
}

impl Verification {
    /// For the findings of this many lanes, and of the disk behind them where there is one.
    pub(crate) fn new(findings: usize, deadline: Instant) -> Self {
        Self {
            deadline,
            reply: Arc::default(),
            findings: Mutex::new(vec![None; findings]),
        }
    }

    pub(crate) fn answer(&self, place: usize, finding: Finding) {
        let mut findings = self.findings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = findings.get_mut(place) {
            *found = Some(finding);
        }
        let complete = findings.iter().all(Option::is_some);
        drop(findings);
        if complete {
            self.reply.done();
        }
    }

    /// No more answers come: all of it ends.
    pub(crate) fn cut_short(&self) {
        self.reply.answer(Answer::Hopeless);
    }

    /// What was found so far, in the order of the lanes.
    pub(crate) fn findings(&self) -> Vec<Option<Finding>> {
        let findings = self.findings.lock();
        findings.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
