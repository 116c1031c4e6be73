//! Verification of a destination for the program, beside its lane.
//!
//! A question keeps the destination's rate limit like a message, but waits neither for a message in
//! flight nor for a failed destination: the program wants to know now.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::adapter::{Adapter, Check, Finding, Outcome, Window};
use crate::block::Block;
use crate::config::{Configured, variables};
use crate::event::encoding::catch_panics;
use crate::text::human::format_duration;
use crate::transport::{Fault, Request, Response, Transport};
use crate::worker::caught_future::{CaughtFuture, without_error_source};
use crate::worker::control::Verification;
use crate::worker::lane::{Switch, windows};
use crate::worker::{Clock, Worker};

/// The number of requests after which an adapter is taken to ask for ever.
const MOST_QUESTIONS: usize = 8;

/// A function that returns the variables for a key of the instance at an index.
type Variables = fn(&Block, usize, &str) -> Vec<String>;

/// The pause of a destination that asks for one without saying how long.
const PAUSE: Duration = Duration::from_secs(30);

impl<T: Transport, C: Clock> Worker<T, C> {
    /// Runs a lane, and beside it answers the program's questions about its destination.
    pub(super) async fn answer_verifications_beside<A: Adapter>(
        &self,
        lane: impl Future<Output = ()>,
        index: usize,
        configured: &RefCell<Configured<A>>,
    ) {
        let mut lane = pin!(lane);
        let mut answers = pin!(self.answer_verifications(index, configured));
        poll_fn(|cx| {
            let answers = answers.as_mut().poll(cx);
            debug_assert!(answers.is_pending(), "the next one may always come");
            lane.as_mut().poll(cx)
        })
        .await;
    }

    async fn answer_verifications<A: Adapter>(
        &self,
        index: usize,
        configured: &RefCell<Configured<A>>,
    ) {
        loop {
            // Every command makes the worker poll all of its lanes.
            let verification = poll_fn(|_| {
                let lane = self.lanes.get(index);
                let next = lane.and_then(|lane| lane.state.borrow_mut().verifications.pop_front());
                next.map_or(Poll::Pending, Poll::Ready)
            })
            .await;
            let question = Question {
                worker: self,
                index,
                verification: &verification,
            };
            match question.check(configured).await {
                Some(check) => {
                    let finding = question.finding(check, variables::<A>);
                    verification.answer(index, finding);
                }
                None => verification.cut_short(),
            }
        }
    }
}

impl<T, C: Clock> Worker<T, C> {
    /// Hands the question to every lane, and to the disk.
    pub(super) fn start_verification(&self, verification: &Arc<Verification>) {
        if self.is_closing() {
            return verification.cut_short();
        }
        for lane in &self.lanes {
            let mut state = lane.state.borrow_mut();
            state.verifications.push_back(Arc::clone(verification));
        }
        #[cfg(feature = "spool")]
        self.ask_disk(verification);
    }
}

/// A question to one destination.
struct Question<'q, T, C: Clock> {
    worker: &'q Worker<T, C>,
    index: usize,
    verification: &'q Verification,
}

impl<T: Transport, C: Clock> Question<'_, T, C> {
    /// Returns what was learned, or `None` if the worker ends first.
    async fn check<A: Adapter>(&self, configured: &RefCell<Configured<A>>) -> Option<Check> {
        if let Some(known) = self.known() {
            return Some(known);
        }
        let mut answers = Vec::new();
        loop {
            let mut request = Request::new();
            let windows = windows(&configured.borrow(), self.index);
            let check = next_step(&configured.borrow(), &answers, &mut request);
            match check {
                Check::Ask if answers.len() >= MOST_QUESTIONS => {
                    return Some(failure("the adapter's requests never end"));
                }
                Check::Ask => {}
                check => return Some(check),
            }
            if let Err(check) = self.wait_for_slot(&windows).await {
                return check;
            }
            match self.ask(&request, &windows).await? {
                // Asked again if there is time.
                Ok(response) if response.status() == 429 => {}
                Ok(response) => answers.push(response),
                Err(check) => return Some(check),
            }
        }
    }

    /// Waits until the destination may be asked; returns what to report if that is too late.
    async fn wait_for_slot(&self, windows: &[Window]) -> Result<(), Option<Check>> {
        loop {
            let now = self.worker.now();
            let slot = self.worker.turns.borrow().next_slot(windows, now);
            if slot <= now && now < self.verification.deadline {
                return Ok(());
            }
            if slot >= self.verification.deadline {
                let wait = format_duration(slot.saturating_duration_since(now));
                return Err(Some(Check::Unasked(format!(
                    "there was no time to ask: its rate limit allows the next request in {wait}"
                ))));
            }
            let waited = self.worker.wait_until(Some(slot), |_| false);
            self.unless_worker_ends(waited).await.ok_or(None)?;
        }
    }

    /// Sends the question, and waits for the answer until the deadline; returns `None` if the
    /// worker ends first.
    async fn ask(&self, request: &Request, windows: &[Window]) -> Option<Result<Response, Check>> {
        let worker = self.worker;
        worker.turns.borrow_mut().reserve_in(windows);
        if let Some(lane) = worker.lanes.get(self.index) {
            lane.state.borrow_mut().stats.requests += 1;
        }
        let mut exchange = pin!(Some(async { worker.transport.send(request).await }));
        let mut exchange = CaughtFuture(exchange.as_mut());
        let mut is_counted = false;
        let mut count = |at: Instant| {
            if !std::mem::replace(&mut is_counted, true) {
                let at = at.min(worker.now());
                worker.turns.borrow_mut().written_in(windows, at);
            }
        };
        let answer = worker.poll_until(Some(self.verification.deadline), |cx| {
            let panicked = || Poll::Ready(Err(Fault::Unknown("the transport panicked".into())));
            let polled = exchange.poll(cx).unwrap_or_else(panicked);
            request.written_at().into_iter().for_each(&mut count);
            polled
        });
        let answer = self.unless_worker_ends(answer).await;
        count(worker.now());
        let why = match answer?.map(without_error_source) {
            Some(Ok(response)) => {
                let wants_rest = response.status() == 429;
                let rest = response.retry_after().filter(|_| wants_rest);
                let pause = rest.or(response.pause()).or(wants_rest.then_some(PAUSE));
                if let Some(pause) = pause {
                    let until = worker.now() + pause;
                    worker.turns.borrow_mut().pause(windows, until);
                }
                return Some(Ok(response));
            }
            Some(Err(fault)) => format!("cannot be reached ({fault})"),
            None => "did not answer in time".to_owned(),
        };
        let host = request.url().host();
        let why = format!("{host} {why}; check the address, this machine's network and its proxy");
        Some(Err(failure(&why)))
    }

    /// Awaits the future; returns `None` if the worker ends first.
    async fn unless_worker_ends<R>(&self, future: impl Future<Output = R>) -> Option<R> {
        let mut future = pin!(future);
        poll_fn(|cx| {
            if self.worker.is_closing() {
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
        .await
    }

    /// Returns what is known without asking.
    fn known(&self) -> Option<Check> {
        let settings = self.worker.settings();
        let live = settings.instances.get(self.index)?;
        if !live.configured {
            return Some(unasked("it is turned off by its configuration"));
        }
        if settings.dry_run {
            return Some(unasked("in a dry run nothing is asked"));
        }
        let state = self.worker.lanes.get(self.index)?.state.borrow();
        let deleted = matches!(state.switch, Switch::Gone { until: None });
        deleted.then(|| {
            failure(
                "it was deleted, as its platform has said, and must not be asked again; \
            correct its configuration",
            )
        })
    }

    /// Returns the check as a finding for the program.
    fn finding(&self, check: Check, variables: Variables) -> Finding {
        let (outcome, text) = match check {
            Check::Fine(text) => (Outcome::Fine, text),
            Check::Unasked(why) => (Outcome::Unasked, why),
            Check::Wrong { keys, why } => (Outcome::Wrong, self.with_remedy(why, keys, variables)),
            Check::Ask => (Outcome::Unasked, String::new()),
        };
        let text = self.worker.shown(&text).replace('\n', " ");
        Finding::new(self.name(), outcome, text)
    }

    /// Returns what is wrong, followed by the settings to correct.
    fn with_remedy(&self, why: String, keys: &[&str], variables: Variables) -> String {
        if keys.is_empty() {
            return why;
        }
        let named = keys.iter().map(|key| {
            if self.worker.settings().reads_environment {
                variables(self.worker.shared.block, self.index, key).join(" or ")
            } else {
                format!("`{}.{key}`", self.name())
            }
        });
        format!("{why}; set {}", named.collect::<Vec<_>>().join(", "))
    }

    fn name(&self) -> &'static str {
        let instance = self.worker.shared.block.instances.get(self.index);
        instance.map_or("", |instance| instance.name)
    }
}

/// Returns what the adapter asks next, or what it has learned.
fn next_step<A: Adapter>(
    configured: &Configured<A>,
    answers: &[Response],
    request: &mut Request,
) -> Check {
    let check = catch_panics(|| configured.adapter.verify(answers, request));
    match (check, request.problem()) {
        (Some(Check::Ask), Some(problem)) => failure(problem),
        (Some(check), _) => check,
        (None, _) => failure("the adapter panicked while verifying"),
    }
}

/// Returns a failure that no setting is known to cause.
fn failure(why: &str) -> Check {
    Check::wrong(&[], why)
}

fn unasked(why: &str) -> Check {
    Check::Unasked(why.to_owned())
}
