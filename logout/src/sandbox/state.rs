//! The state of the platforms, behind one lock.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use hyper::body::Bytes;
use smol::channel::Receiver;

use super::destination::Destination;
use super::message::{DeliveryRecord, MessageContent};
use super::rate_limit::RateLimiter;
use super::request::{RawRequest, Received, redacted_body};
use super::request_log::RequestLog;
use super::trouble::{Trouble, TroubleKind};
use super::{Answer, Exchange, File, Message, Platform, Target};

mod arrivals;
mod context;
mod routing;

pub(super) use self::arrivals::Arrivals;
pub(super) use self::context::{Decision, OrRefusal, RequestContext};

/// How many bytes of one body are kept, and of all of them.
const KEPT_OF_ONE: usize = 1 << 20;
const KEPT_OF_ALL: usize = 64 << 20;

#[derive(Debug, Default)]
pub(super) struct SandboxState {
    pub(super) destinations: Vec<Destination>,
    pub(super) inbox: Vec<Message>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) streams: BTreeSet<String>,
    /// Files uploaded to Zulip and to Slack, by their path.
    pub(super) uploads: Vec<(String, File)>,
    /// What platforms remember of what was sent: alerts that are open, threads that exist.
    pub(super) remembered: BTreeSet<String>,
    pub(super) paces: RateLimiter,
    pub(super) limited: bool,
    /// The last id given to a message.
    pub(super) id: u64,
    kept: usize,
    record: Option<RequestLog>,
    pub(super) arrivals: Arrivals,
    /// How often the inbox was cleared.
    pub(super) cleared: u64,
    /// The numbers of the requests that were deleted one by one since then.
    pub(super) deleted: Vec<u64>,
}

#[derive(Debug)]
pub(super) struct SharedState {
    state: Mutex<SandboxState>,
    changed: Condvar,
}

/// An answer with the trouble under which the serving thread sends it.
#[derive(Debug)]
pub(super) struct PlannedAnswer {
    pub(super) answer: Answer,
    pub(super) trouble: Option<TroubleKind>,
    /// Loses its sender when what makes the request hang is healed.
    pub(super) healed: Option<Receiver<()>>,
}

/// The time of a request's arrival, by both clocks.
#[derive(Clone, Copy, Debug)]
struct ArrivalTime {
    clock: SystemTime,
    at: Instant,
}

/// The outcome of a request.
struct RequestOutcome {
    answer: Option<Answer>,
    /// The message that is made of it.
    draft: Option<Box<MessageContent>>,
    refusal: Option<String>,
}

impl From<OrRefusal<Decision>> for RequestOutcome {
    fn from(judged: OrRefusal<Decision>) -> Self {
        let (answer, draft, refusal) = match judged {
            Ok(Decision { answer, draft }) => (answer, draft, None),
            Err((answer, why)) => (answer, None, Some(why)),
        };
        Self {
            answer: Some(answer),
            draft,
            refusal,
        }
    }
}

impl SharedState {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(SandboxState {
                streams: ["general", "alerts"].map(str::to_owned).into(),
                limited: true,
                record: RequestLog::of_environment(),
                ..SandboxState::default()
            }),
            changed: Condvar::new(),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, SandboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `found` returns a value, at most `timeout`. The lock is held while it runs.
    pub(super) fn wait<T>(
        &self,
        timeout: Duration,
        mut found: impl FnMut(&SandboxState) -> Option<T>,
    ) -> Option<T> {
        let start = Instant::now();
        let mut state = self.lock();
        loop {
            if let Some(it) = found(&state) {
                return Some(it);
            }
            let left = timeout.checked_sub(start.elapsed())?;
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the inbox satisfies `condition`, at most `timeout`. The lock is not held meanwhile, so
    /// that `condition` may use the sandbox.
    pub(super) fn wait_until(
        &self,
        timeout: Duration,
        mut condition: impl FnMut(&[Message]) -> bool,
    ) -> bool {
        let start = Instant::now();
        let mut seen = None;
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let changed = |state: &SandboxState| {
                let new = seen.is_none_or(|(messages, cleared)| {
                    state.inbox.len() != messages || state.cleared != cleared
                });
                new.then(|| (state.inbox.clone(), state.cleared))
            };
            let Some((inbox, cleared)) = self.wait(left, changed) else {
                return false;
            };
            if condition(&inbox) {
                return true;
            }
            seen = Some((inbox.len(), cleared));
        }
    }

    /// Judges a request, records it, and returns how to answer.
    pub(super) fn handle(&self, raw: &RawRequest) -> PlannedAnswer {
        let planned = self.lock().handle(raw);
        self.changed.notify_all();
        planned
    }
}

impl SandboxState {
    pub(super) fn targeted<'s>(
        &'s mut self,
        target: &Target,
    ) -> impl Iterator<Item = &'s mut Destination> + use<'s> {
        let target = target.clone();
        self.destinations
            .iter_mut()
            .filter(move |destination| target.covers(destination.platform, &destination.name))
    }

    pub(super) fn clear(&mut self) {
        self.inbox.clear();
        self.exchanges.clear();
        self.uploads.clear();
        self.remembered.clear();
        self.kept = 0;
        self.cleared += 1;
        self.deleted.clear();
    }

    /// Forgets the requests of these numbers, with the messages that came of them.
    pub(super) fn delete(&mut self, numbers: &BTreeSet<u64>) {
        let is_there = |exchange: &&Exchange| numbers.contains(&exchange.number);
        let there = self.exchanges.iter().filter(is_there);
        self.deleted.extend(there.map(|exchange| exchange.number));
        self.forget(|exchange| numbers.contains(&exchange.number));
    }

    /// Forgets the oldest requests where there are more than so many, with their messages.
    pub(super) fn keep_newest(&mut self, most: usize) {
        let surplus = self.exchanges.len().saturating_sub(most);
        if let Some(oldest) = self.exchanges.get(surplus).map(|exchange| exchange.number)
            && surplus > 0
        {
            self.forget(|exchange| exchange.number < oldest);
        }
    }

    fn forget(&mut self, is_unwanted: impl Fn(&Exchange) -> bool) {
        // Messages stand in the inbox in the order of the exchanges that brought them.
        let delivered = self.exchanges.iter().filter(|one| one.delivered);
        let mut wanted = delivered
            .map(|one| !is_unwanted(one))
            .collect::<Vec<_>>()
            .into_iter();
        self.inbox.retain(|_| wanted.next().unwrap_or(true));
        let kept = &mut self.kept;
        self.exchanges.retain(|exchange| {
            let is_unwanted = is_unwanted(exchange);
            if is_unwanted {
                *kept = kept.saturating_sub(exchange.request.body().len());
            }
            !is_unwanted
        });
    }

    fn handle(&mut self, raw: &RawRequest) -> PlannedAnswer {
        let arrival = ArrivalTime {
            clock: SystemTime::now(),
            at: Instant::now(),
        };
        let platform = Platform::of_path(&raw.path);
        let found =
            platform.and_then(|platform| routing::locate(platform, &self.destinations, raw));
        let trouble = found
            .and_then(|index| self.destinations.get_mut(index))
            .and_then(Destination::next_trouble);
        let outcome = match platform {
            Some(platform) => self.outcome(platform, found, trouble.as_ref(), raw, arrival),
            None => routing::unknown_path().into(),
        };
        let silent = trouble
            .as_ref()
            .is_some_and(|trouble| matches!(trouble.kind, TroubleKind::Hang | TroubleKind::Close));
        self.arrivals.requests += 1;
        self.arrivals.refused += u64::from(outcome.refusal.is_some());
        let exchange = Exchange {
            number: self.arrivals.requests,
            platform,
            destination: found
                .and_then(|index| self.destinations.get(index))
                .map(|destination| destination.name.clone()),
            arrived: arrival.clock,
            arrived_at: arrival.at,
            request: self.keep(raw),
            answer: outcome.answer.clone().filter(|_| !silent),
            refusal: outcome.refusal,
            troubled: trouble.is_some(),
            delivered: outcome.draft.is_some(),
        };
        if let (Some(draft), Some(platform)) = (outcome.draft, platform) {
            let answer_lost = trouble.as_ref().is_some_and(Trouble::hides_the_answer);
            self.deliver(*draft, platform, &exchange, answer_lost);
        }
        self.exchanges.push(exchange);
        let answer = outcome.answer.unwrap_or_else(|| Answer::new(500));
        let hangs = trouble
            .as_ref()
            .is_some_and(|trouble| trouble.kind == TroubleKind::Hang);
        let hanging = found.filter(|_| hangs);
        let hanging = hanging.and_then(|index| self.destinations.get_mut(index));
        PlannedAnswer {
            healed: hanging.map(Destination::hang),
            answer: match &trouble {
                Some(trouble) => trouble.alter(&answer),
                None => answer,
            },
            trouble: trouble.map(|trouble| trouble.kind),
        }
    }

    /// Returns a platform's decision on a request, or that of a trouble in its place. A trouble that lets
    /// the message arrive changes the answer alone.
    fn outcome(
        &mut self,
        platform: Platform,
        found: Option<usize>,
        trouble: Option<&Trouble>,
        raw: &RawRequest,
        arrival: ArrivalTime,
    ) -> RequestOutcome {
        let troubled = trouble.and_then(|trouble| trouble.substitute_answer(platform));
        if trouble.is_some_and(|trouble| !trouble.delivering) {
            return RequestOutcome {
                answer: troubled,
                draft: None,
                refusal: None,
            };
        }
        let mut outcome = RequestOutcome::from(self.judge(platform, found, raw, arrival));
        if outcome.draft.is_some() {
            outcome.answer = troubled.or(outcome.answer);
        }
        outcome
    }

    fn deliver(
        &mut self,
        draft: MessageContent,
        platform: Platform,
        exchange: &Exchange,
        answer_lost: bool,
    ) {
        self.id += 1;
        let arrived_with = DeliveryRecord {
            platform,
            destination: exchange.destination.clone().unwrap_or_default(),
            arrived: exchange.arrived,
            arrived_at: exchange.arrived_at,
            request: exchange.request.clone(),
            status: exchange.status(),
            answer_lost,
        };
        let destination = arrived_with.destination.clone();
        let message = Message::new(draft, arrived_with);
        self.arrivals
            .count(&destination, message.summary(), exchange.arrived);
        self.inbox.push(message);
    }

    fn judge(
        &mut self,
        platform: Platform,
        found: Option<usize>,
        raw: &RawRequest,
        arrival: ArrivalTime,
    ) -> OrRefusal<Decision> {
        let mut context = RequestContext {
            raw,
            platform,
            destinations: &self.destinations,
            destination: found.and_then(|index| self.destinations.get(index)),
            streams: &self.streams,
            uploads: &mut self.uploads,
            remembered: &mut self.remembered,
            clock: arrival.clock,
            id: self.id + 1,
            paces: &mut self.paces,
            limited: self.limited,
            now: arrival.at,
        };
        platform.judge(&mut context)
    }

    fn keep(&mut self, raw: &RawRequest) -> Received {
        let room = KEPT_OF_ALL.saturating_sub(self.kept).min(KEPT_OF_ONE);
        let received = Received::new(raw, room);
        if let Some(record) = &mut self.record {
            record.keep(&received, &redacted_body(raw));
        }
        self.kept += received.body().len();
        received
    }
}

/// Returns the beginning of a body; what is cut off is freed, not only hidden.
pub(super) fn kept(body: &Bytes, room: usize) -> Bytes {
    match body.get(..room) {
        Some(head) => Bytes::copy_from_slice(head),
        None => body.clone(),
    }
}
