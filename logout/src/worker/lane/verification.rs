//! What a lane asks its destination on the program's behalf.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::schedule::Plan;
use super::{Answer, Lane, RequestKind, Switch};
use crate::adapter::{Adapter, Check};
use crate::adapter::{Finding, Outcome};
use crate::config::variables;
use crate::text::human::span;
use crate::transport::Transport;

/// An adapter that asks more often would ask for ever.
const MOST_QUESTIONS: usize = 8;

/// How long a destination is left alone that asks for it and does not say for how long.
const PAUSE: Duration = Duration::from_secs(30);

impl<A: Adapter, T: Transport> Lane<'_, A, T> {
    /// What to do about the first verification, if there is any. A question keeps the pace like a
    /// message, but does not wait for a destination to recover: the program wants to know now.
    pub(super) fn plan_inquiry(&mut self, now: Instant) -> Option<Plan> {
        if !cfg!(feature = "verify") {
            return None;
        }
        loop {
            let verification = self
                .cell
                .state
                .borrow()
                .verifications
                .front()
                .map(Arc::clone)?;
            if self.desk.shared.is_closing() {
                self.cell.state.borrow_mut().verifications.pop_front();
                verification.cut_short();
                continue;
            }
            let slot = self
                .desk
                .shared
                .paces
                .borrow()
                .next_slot(&self.windows, now);
            if slot <= now && now < verification.deadline {
                return Some(Plan::Ask);
            }
            if slot < verification.deadline {
                return Some(Plan::Wait(Some(slot)));
            }
            let wait = span(slot.saturating_duration_since(now));
            let why = format!(
                "there was no time to ask: the next request may leave in {wait} at its destination's pace"
            );
            self.conclude(Check::Unasked(why));
        }
    }

    /// Makes the next question the request, or says what is known without asking.
    pub(super) fn write_question(&mut self) -> Option<RequestKind> {
        if !cfg!(feature = "verify") {
            return None;
        }
        let verification = self
            .cell
            .state
            .borrow()
            .verifications
            .front()
            .map(Arc::clone)?;
        let check = self.known().unwrap_or_else(|| {
            self.request.clear();
            let (adapter, answers) = (&self.configured.adapter, &self.answers);
            let request = &mut self.request;
            catch_unwind(AssertUnwindSafe(|| adapter.verify(answers, request)))
                .unwrap_or_else(|_| blameless("the adapter panicked while verifying"))
        });
        let check = match (check, self.request.problem()) {
            (Check::Ask, Some(problem)) => blameless(problem),
            (Check::Ask, None) if self.answers.len() < MOST_QUESTIONS => {
                return Some(RequestKind::Question(verification));
            }
            (Check::Ask, None) => blameless("the adapter asks without an end"),
            (check, _) => check,
        };
        self.conclude(check);
        None
    }

    /// Keeps an answer for the next question, or gives up.
    pub(super) fn note_answer(&mut self, answer: Answer, now: Instant) {
        if !cfg!(feature = "verify") {
            return;
        }
        let why = match answer {
            Answer::Came(Ok(response)) if response.status() == 429 => {
                // Asked again if there is time.
                return self.pause(response.retry_after().unwrap_or(PAUSE), now);
            }
            Answer::Came(Ok(response)) => {
                if let Some(pause) = response.pause() {
                    self.pause(pause, now);
                }
                return self.answers.push(response);
            }
            Answer::Came(Err(fault)) => format!("cannot be reached ({fault})"),
            Answer::Late => "did not answer in time".to_owned(),
            // The plan cuts the verification short.
            Answer::Ended => return,
        };
        let host = self.request.url().host();
        let why = format!("{host} {why}; check the address, this machine's network and its proxy");
        self.conclude(blameless(&why));
    }

    /// What needs no question.
    fn known(&self) -> Option<Check> {
        let state = self.cell.state.borrow();
        if !state.is_configured() {
            return Some(unasked("it is turned off by its configuration"));
        }
        if self.desk.shared.live().dry_run {
            return Some(unasked("in a dry run nothing is asked"));
        }
        let deleted = matches!(state.switch, Switch::Gone { until: None });
        deleted.then(|| {
            blameless("it was deleted, as its platform has said, and is not to be asked again; mend its configuration")
        })
    }

    /// Answers the first verification.
    fn conclude(&mut self, check: Check) {
        self.answers.clear();
        let Some(verification) = self.cell.state.borrow_mut().verifications.pop_front() else {
            return;
        };
        let (outcome, text) = match check {
            Check::Fine(text) => (Outcome::Fine, text),
            Check::Unasked(why) => (Outcome::Unasked, why),
            Check::Wrong { keys, why } => (Outcome::Wrong, self.with_remedy(why, keys)),
            Check::Ask => return,
        };
        let text = self.desk.shared.shown(&text).replace('\n', " ");
        let finding = Finding {
            instance: self.name(),
            outcome,
            text,
        };
        verification.answer(self.index, finding);
    }

    /// What is wrong, and what to set anew.
    fn with_remedy(&self, why: String, keys: &[&str]) -> String {
        if keys.is_empty() {
            return why;
        }
        let shared = &self.desk.shared;
        let named = keys.iter().map(|key| {
            if shared.live().reads_environment {
                variables::<A>(shared.block, self.index, key).join(" or ")
            } else {
                format!("`{}.{key}`", self.name())
            }
        });
        format!("{why}; set {}", named.collect::<Vec<_>>().join(", "))
    }
}

/// Something that no setting is known to be the cause of.
fn blameless(why: &str) -> Check {
    Check::wrong(&[], why)
}

fn unasked(why: &str) -> Check {
    Check::Unasked(why.to_owned())
}
