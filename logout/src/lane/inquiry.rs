//! What a lane asks its destination on the program's behalf.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use async_io::Timer;

use super::plan::Plan;
use super::{Lane, Switch};
use crate::config::variables;
use crate::control::Inquiry;
use crate::verify::{Finding, Outcome};
use crate::words::span;
use crate::{Adapter, Check, Fault, Request, Response, Transport};

/// An adapter that asks more often would ask for ever.
const MOST_QUESTIONS: usize = 8;

/// How long a destination is left alone that asks for it and does not say for how long.
const PAUSE: Duration = Duration::from_secs(30);

impl<A: Adapter, T: Transport> Lane<'_, A, T> {
    /// What to do about the first inquiry, if there is any. A question keeps the pace like a
    /// message, but does not wait for a destination to recover: the program wants to know now.
    pub(super) fn plan_inquiry(&mut self, now: Instant) -> Option<Plan> {
        loop {
            let inquiry = self.cell.state.borrow().inquiries.front().map(Arc::clone)?;
            if self.desk.shared.is_closing() {
                self.cell.state.borrow_mut().inquiries.pop_front();
                inquiry.cut_short();
                continue;
            }
            let slot = self
                .desk
                .shared
                .paces
                .borrow()
                .next_slot(&self.windows, now);
            if slot <= now && now < inquiry.deadline {
                return Some(Plan::Ask);
            }
            if slot < inquiry.deadline {
                return Some(Plan::Wait(Some(slot)));
            }
            let wait = span(slot.saturating_duration_since(now));
            let why = format!(
                "there was no time to ask: the next request may leave in {wait} at its destination's pace"
            );
            self.conclude(Check::Unasked(why));
        }
    }

    /// Asks one question, or says what is known without asking.
    pub(super) async fn ask(&mut self) {
        let inquiry = self.cell.state.borrow().inquiries.front().map(Arc::clone);
        let Some(inquiry) = inquiry else { return };
        if let Some(check) = self.known() {
            return self.conclude(check);
        }
        let mut request = Request::new();
        let (adapter, answers) = (&self.configured.adapter, &self.answers);
        let check = catch_unwind(AssertUnwindSafe(|| adapter.verify(answers, &mut request)));
        match check {
            Ok(Check::Ask) if answers.len() < MOST_QUESTIONS => {}
            Ok(Check::Ask) => return self.conclude(blameless("the adapter asks without an end")),
            Ok(check) => return self.conclude(check),
            Err(_) => return self.conclude(blameless("the adapter panicked while verifying")),
        }
        if let Some(problem) = request.problem() {
            return self.conclude(blameless(problem));
        }
        self.put(&request, &inquiry).await;
    }

    /// Sends a question and notes the answer; the lane goes on as soon as time is up.
    async fn put(&mut self, request: &Request, inquiry: &Inquiry) {
        let shared = &self.desk.shared;
        let paces = &shared.paces;
        paces.borrow_mut().take_slot(&self.windows, Instant::now());
        self.cell.state.borrow_mut().stats.requests += 1;
        let answer = {
            let mut exchange = pin!(self.exchange(request));
            let mut late = pin!(Timer::at(inquiry.deadline));
            poll_fn(|cx| {
                if shared.is_closing() {
                    return Poll::Ready(Answer::Ended);
                }
                match exchange.as_mut().poll(cx) {
                    Poll::Ready(answer) => Poll::Ready(Answer::Came(answer)),
                    Poll::Pending => late.as_mut().poll(cx).map(|_| Answer::Late),
                }
            })
            .await
        };
        let host = request.url().host();
        match answer {
            Answer::Came(Ok(response)) if response.status() == 429 => {
                // Asked again if there is time.
                self.pause(response.retry_after().unwrap_or(PAUSE), Instant::now());
            }
            Answer::Came(Ok(response)) => {
                if let Some(pause) = response.pause() {
                    self.pause(pause, Instant::now());
                }
                self.answers.push(response);
            }
            Answer::Came(Err(fault)) => self.conclude(blameless(&format!(
                "{host} cannot be reached ({fault}); check the address, this machine's network and its proxy"
            ))),
            Answer::Late => self.conclude(blameless(&format!(
                "{host} did not answer in time; check the address, this machine's network and its proxy"
            ))),
            // The plan cuts the inquiry short.
            Answer::Ended => {}
        }
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

    /// Answers the first inquiry.
    fn conclude(&mut self, check: Check) {
        self.answers.clear();
        let Some(inquiry) = self.cell.state.borrow_mut().inquiries.pop_front() else {
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
        inquiry.answer(self.index, finding);
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

/// What became of a question.
enum Answer {
    Came(Result<Response, Fault>),
    /// Time is up.
    Late,
    /// All of it ends.
    Ended,
}

/// Something that no setting is known to be the cause of.
fn blameless(why: &str) -> Check {
    Check::wrong(&[], why)
}

fn unasked(why: &str) -> Check {
    Check::Unasked(why.to_owned())
}
