//! A verification by the program, and the findings of the lanes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{Reply, ReplyState};
use crate::adapter::Finding;

/// A question of the program to all destinations.
#[derive(Debug)]
pub(crate) struct Verification {
    /// When a lane gives up asking.
    pub(crate) deadline: Instant,
    /// Done when the last finding is there.
    pub(crate) reply: Arc<Reply>,
    findings: Mutex<Vec<Option<Finding>>>,
}

impl Verification {
    /// Creates a question with room for one finding per lane, and for the disk's after them.
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

    /// Ends the question without further findings, because the worker ends.
    pub(crate) fn cut_short(&self) {
        self.reply.answer(ReplyState::Hopeless);
    }

    /// Returns the findings so far, in the order of the lanes.
    pub(crate) fn findings(&self) -> Vec<Option<Finding>> {
        let findings = self.findings.lock();
        findings.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
