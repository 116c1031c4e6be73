//! What the four platforms know, behind one lock.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use hyper::body::Bytes;

use super::call::{Call, Received};
use super::destination::Destination;
use super::message::{Draft, Postmark};
use super::pace::{Allowance, Paces, Rate, TooEarly};
use super::record::Record;
use super::trouble::{Kind, Trouble};
use super::{Answer, Exchange, File, Message, Platform, Target, discord, slack, telegram, zulip};

/// How many bytes of one body are kept, and of all of them.
const KEPT_OF_ONE: usize = 1 << 20;
const KEPT_OF_ALL: usize = 64 << 20;

#[derive(Debug)]
pub(super) struct State {
    pub(super) destinations: Vec<Destination>,
    pub(super) inbox: Vec<Message>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) streams: BTreeSet<String>,
    /// Files uploaded to Zulip, by their path.
    pub(super) uploads: Vec<(String, File)>,
    pub(super) paces: Paces,
    pub(super) limited: bool,
    /// The last id given to a message.
    pub(super) id: u64,
    kept: usize,
    record: Option<Record>,
    /// How often the inbox was cleared.
    pub(super) cleared: u64,
}

#[derive(Debug)]
pub(super) struct World {
    state: Mutex<State>,
    changed: Condvar,
}

/// What a platform makes of a request.
#[derive(Debug)]
pub(super) enum Ruling {
    /// A message arrived.
    Delivered(Answer, Box<Draft>),
    /// What was asked for is done or told; no message.
    Served(Answer),
    /// Refused, with the reason in words.
    Refused(Answer, String),
}

/// Refuses by `?`.
pub(super) type Ruled<T> = Result<T, (Answer, String)>;

/// What the serving thread does with a request.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) answer: Answer,
    pub(super) manner: Option<Kind>,
}

/// What a platform sees of a request.
pub(super) struct Case<'a> {
    pub(super) call: &'a Call,
    pub(super) destinations: &'a [Destination],
    /// The destination that the request named, if there is one.
    pub(super) destination: Option<&'a Destination>,
    pub(super) streams: &'a BTreeSet<String>,
    pub(super) uploads: &'a mut Vec<(String, File)>,
    pub(super) clock: SystemTime,
    /// The id of the message to be made.
    pub(super) id: u64,
    paces: &'a mut Paces,
    limited: bool,
    now: Instant,
}

impl Case<'_> {
    /// Whole seconds of the wall clock.
    pub(super) fn epoch(&self) -> f64 {
        let since = self.clock.duration_since(SystemTime::UNIX_EPOCH);
        since.map_or(0.0, |since| since.as_secs_f64())
    }

    /// Takes a slot of these limits, unless limits are off.
    pub(super) fn pass(&mut self, limits: &[(String, Rate)]) -> Result<(), TooEarly> {
        if self.limited {
            self.paces.pass(limits, self.now)
        } else {
            Ok(())
        }
    }

    /// What is left of the first of these limits, for headers that tell it.
    pub(super) fn allowance(&mut self, limits: &[(String, Rate)]) -> Option<Allowance> {
        let (key, rate) = limits.first().filter(|_| self.limited)?;
        Some(self.paces.allowance(key, *rate, self.now))
    }

    /// A file as it is kept.
    pub(super) fn file(name: &str, content_type: &str, content: &Bytes) -> File {
        File {
            name: name.to_owned(),
            content_type: content_type.to_owned(),
            content: kept(content, KEPT_OF_ONE),
            size: content.len(),
        }
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                destinations: Vec::new(),
                inbox: Vec::new(),
                exchanges: Vec::new(),
                streams: ["general", "alerts"].map(str::to_owned).into(),
                uploads: Vec::new(),
                paces: Paces::default(),
                limited: true,
                id: 0,
                kept: 0,
                record: Record::of_environment(),
                cleared: 0,
            }),
            changed: Condvar::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `found` finds what it looks for, at most `timeout`. It is called under the lock.
    pub(super) fn wait<T>(
        &self,
        timeout: Duration,
        mut found: impl FnMut(&State) -> Option<T>,
    ) -> Option<T> {
        let start = Instant::now();
        let mut state = self.state();
        loop {
            if let Some(it) = found(&state) {
                return Some(it);
            }
            let left = timeout.checked_sub(start.elapsed())?;
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until `condition` likes the inbox, at most `timeout`. It is called without the lock, so
    /// that it may use the sandbox.
    pub(super) fn wait_until(
        &self,
        timeout: Duration,
        mut condition: impl FnMut(&[Message]) -> bool,
    ) -> bool {
        let start = Instant::now();
        let mut seen = None;
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let changed = |state: &State| {
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

    /// Judges a request, stores what came of it, and tells how to answer.
    pub(super) fn meet(&self, call: &Call) -> Course {
        let course = self.state().meet(call);
        self.changed.notify_all();
        course
    }
}

impl State {
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
        self.kept = 0;
        self.cleared += 1;
    }

    fn meet(&mut self, call: &Call) -> Course {
        let arrived = SystemTime::now();
        let arrived_at = Instant::now();
        let platform = platform_of(&call.path);
        let found = platform.and_then(|platform| locate(platform, &self.destinations, call));
        let trouble = found
            .and_then(|index| self.destinations.get_mut(index))
            .and_then(Destination::next_trouble);
        let (ruling, answer) = match (&trouble, platform) {
            (Some(trouble), Some(platform)) if !trouble.delivering => {
                let answer = troubled_answer(trouble, platform);
                (None, answer)
            }
            (_, Some(platform)) => {
                let ruling = self.judge(platform, found, call, arrived, arrived_at);
                (Some(ruling), None)
            }
            (_, None) => {
                let answer = Answer::new(404).body("not found");
                let why = "no platform answers at this path".to_owned();
                (Some(Ruling::Refused(answer, why)), None)
            }
        };
        let mut exchange = Exchange {
            platform,
            destination: found
                .and_then(|index| self.destinations.get(index))
                .map(|destination| destination.name.clone()),
            arrived,
            arrived_at,
            request: self.keep(call),
            answer: None,
            refusal: None,
            troubled: trouble.is_some(),
            delivered: false,
        };
        let mut draft = None;
        let right = match ruling {
            Some(Ruling::Delivered(answer, made)) => {
                draft = Some(made);
                Some(answer)
            }
            Some(Ruling::Served(answer)) => Some(answer),
            Some(Ruling::Refused(answer, why)) => {
                exchange.refusal = Some(why);
                Some(answer)
            }
            None => None,
        };
        let given = match (&trouble, platform) {
            (Some(trouble), Some(platform)) if draft.is_some() => {
                troubled_answer(trouble, platform).or(right)
            }
            _ => answer.or(right),
        };
        let silent = trouble
            .as_ref()
            .is_some_and(|trouble| matches!(trouble.kind, Kind::Hang | Kind::Close));
        exchange.answer = given.clone().filter(|_| !silent);
        if let (Some(draft), Some(platform)) = (draft, platform) {
            exchange.delivered = true;
            self.id += 1;
            let postmark = Postmark {
                platform,
                destination: exchange.destination.clone().unwrap_or_default(),
                arrived,
                arrived_at,
                request: exchange.request.clone(),
                status: exchange.status(),
                answer_lost: trouble.as_ref().is_some_and(Trouble::hides_the_answer),
            };
            self.inbox.push(Message::new(*draft, postmark));
        }
        self.exchanges.push(exchange);
        let answer = given.unwrap_or_else(|| Answer::new(500));
        Course {
            answer: match &trouble {
                Some(trouble) => trouble.spoil(&answer),
                None => answer,
            },
            manner: trouble.map(|trouble| trouble.kind),
        }
    }

    fn judge(
        &mut self,
        platform: Platform,
        found: Option<usize>,
        call: &Call,
        clock: SystemTime,
        now: Instant,
    ) -> Ruling {
        let mut case = Case {
            call,
            destinations: &self.destinations,
            destination: found.and_then(|index| self.destinations.get(index)),
            streams: &self.streams,
            uploads: &mut self.uploads,
            clock,
            id: self.id + 1,
            paces: &mut self.paces,
            limited: self.limited,
            now,
        };
        match platform {
            Platform::Slack => slack::judge(&mut case),
            Platform::Discord => discord::judge(&mut case),
            Platform::Telegram => telegram::judge(&mut case),
            Platform::Zulip => zulip::judge(&mut case),
        }
    }

    fn keep(&mut self, call: &Call) -> Received {
        let room = KEPT_OF_ALL.saturating_sub(self.kept).min(KEPT_OF_ONE);
        let received = Received::new(call, room);
        if let Some(record) = &mut self.record {
            record.keep(&received, &call.body);
        }
        self.kept += received.body().len();
        received
    }
}

/// The beginning of a body; what is cut off is freed, not only hidden.
pub(super) fn kept(body: &Bytes, room: usize) -> Bytes {
    match body.get(..room) {
        Some(head) => Bytes::copy_from_slice(head),
        None => body.clone(),
    }
}

/// Whose paths these are; each platform's begin in a way of their own.
fn platform_of(path: &str) -> Option<Platform> {
    if path.starts_with("/services/") {
        Some(Platform::Slack)
    } else if path.starts_with("/bot") {
        Some(Platform::Telegram)
    } else if path.starts_with("/api/") && path.contains("/webhooks/") {
        Some(Platform::Discord)
    } else if path.starts_with("/api/v1/") {
        Some(Platform::Zulip)
    } else {
        None
    }
}

fn locate(platform: Platform, destinations: &[Destination], call: &Call) -> Option<usize> {
    let is_it = |destination: &Destination| match platform {
        Platform::Slack => slack::is_for(call, &destination.address),
        Platform::Discord => discord::is_for(call, &destination.address),
        Platform::Telegram => telegram::is_for(call, destination),
        Platform::Zulip => zulip::is_for(call, &destination.address),
    };
    destinations.iter().position(is_it)
}

/// What a trouble answers in place of the right answer, if it does.
fn troubled_answer(trouble: &Trouble, platform: Platform) -> Option<Answer> {
    match &trouble.kind {
        Kind::Answer(answer) => Some(answer.clone()),
        Kind::RateLimited(wait) => Some(match platform {
            Platform::Slack => slack::too_early(*wait),
            Platform::Discord => discord::too_early(*wait, false),
            Platform::Telegram => telegram::too_early(*wait),
            Platform::Zulip => zulip::too_early(*wait),
        }),
        Kind::Gone => Some(match platform {
            Platform::Slack => slack::gone(),
            Platform::Discord => discord::gone(),
            Platform::Telegram => telegram::gone(),
            Platform::Zulip => zulip::gone(),
        }),
        _ => None,
    }
}
