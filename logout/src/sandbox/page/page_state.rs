//! The state of the page: what the browser is told, and what its buttons do.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant, SystemTime};

use hyper::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use smol::Timer;
use smol::channel::{Sender, WeakSender};

use super::super::request::form_pairs;
use super::super::server::ServerCommand;
use super::super::state::{SandboxState, SharedState};
use super::super::{Exchange, Message, Target, Trouble};
use super::PageBuilder;
use super::access::secret;
use super::views;

/// How often the counters are read, and how many readings are kept: four minutes of them.
const SAMPLE: Duration = Duration::from_millis(500);
const SAMPLES: usize = 480;

/// How many exchanges are told at once; the browser asks again for the rest.
const BATCH: usize = 100;

/// The state of the page's server.
#[derive(Debug)]
pub(super) struct PageState<F> {
    shared: Arc<SharedState>,
    /// Opens ports again, for as long as the sandbox is there.
    commands: WeakSender<ServerCommand>,
    stats: F,
    buttons: Vec<(String, String)>,
    pressed: Sender<String>,
    /// Takes a word whenever a browser waits for news.
    watched: Sender<()>,
    /// Tells one run of a program from the next at the same port.
    run: String,
    samples: RefCell<VecDeque<Value>>,
    /// How many samples were taken, kept or not.
    sampled: Cell<usize>,
    /// How many requests are kept, if not all.
    most: Option<usize>,
}

/// The point up to which the browser has been sent the state.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    run: String,
    cleared: u64,
    deleted: usize,
    /// The number of the last request that was told.
    seen: u64,
    sampled: usize,
}

impl Cursor {
    /// Reads it from a query; a field that is missing or wrong counts as nothing sent.
    pub(super) fn read(query: &str) -> Self {
        let mut cursor = Self::default();
        for (name, value) in form_pairs(query.as_bytes()) {
            let number = value.parse().unwrap_or_default();
            match name.as_str() {
                "run" => cursor.run = value,
                "cleared" => cursor.cleared = number as u64,
                "deleted" => cursor.deleted = number,
                "seen" => cursor.seen = number as u64,
                "sampled" => cursor.sampled = number,
                _ => {}
            }
        }
        cursor
    }
}

/// An action that a button of the page asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum PageAction {
    Press(String),
    RateLimit(String),
    Outage(String),
    Gone(String),
    Heal(Option<String>),
    Delete(BTreeSet<u64>),
    Clear(()),
}

impl<F> PageState<F> {
    pub(super) fn new(
        builder: PageBuilder<F>,
        pressed: Sender<String>,
        watched: Sender<()>,
    ) -> Self {
        Self {
            shared: builder.shared,
            commands: builder.commands,
            stats: builder.stats,
            buttons: builder.buttons,
            most: builder.most,
            pressed,
            watched,
            run: secret(),
            samples: RefCell::default(),
            sampled: Cell::new(0),
        }
    }

    /// Records that a browser waits for news.
    pub(super) fn note_watcher(&self) {
        // Full if it is known already.
        let _known = self.watched.try_send(());
    }

    pub(super) fn has_news(&self, cursor: &Cursor) -> bool {
        let state = self.shared.lock();
        cursor.run != self.run
            || cursor.cleared != state.cleared
            || cursor.deleted < state.deleted.len()
            || state
                .exchanges
                .last()
                .is_some_and(|last| cursor.seen < last.number)
            || cursor.sampled < self.sampled.get()
    }

    /// Returns what is new since `cursor`; all there is for one of another run or before a
    /// clearing.
    pub(super) fn news(&self, cursor: &Cursor) -> Value {
        let mut state = self.shared.lock();
        let same = cursor.run == self.run && cursor.cleared == state.cleared;
        let (from, deleted, known) = if same {
            (cursor.seen, cursor.deleted, cursor.sampled)
        } else {
            Default::default()
        };
        let exchanges = exchanges_from(&state, from);
        let seen = exchanges.last().map_or(from, |(last, _)| last.number);
        let oldest = state.exchanges.first().map(|first| first.number);
        let gone = state.deleted.get(deleted..).unwrap_or_default().to_vec();
        let (cleared, deleted) = (state.cleared, state.deleted.len());
        let arrivals = views::arrivals(&state.arrivals);
        let destinations = views::destinations(&mut state, Instant::now());
        drop(state);
        let exchanges = exchanges.iter();
        let exchanges =
            exchanges.map(|(exchange, message)| views::exchange(exchange, message.as_ref()));
        let samples = self.samples.borrow();
        let sampled = self.sampled.get();
        let fresh = sampled.saturating_sub(known).min(samples.len());
        let samples: Vec<_> = samples.iter().skip(samples.len() - fresh).collect();
        let buttons = self.buttons.iter();
        let buttons: Vec<_> = buttons
            .map(|(name, label)| json!({ "name": name, "label": label }))
            .collect();
        json!({
            "run": self.run, "cleared": cleared, "deleted": deleted, "seen": seen,
            "sampled": sampled, "anew": !same, "gone": gone, "oldest": oldest, "buttons": buttons,
            "arrivals": arrivals, "destinations": destinations,
            "exchanges": exchanges.collect::<Vec<_>>(), "samples": samples,
        })
    }

    /// Returns how each destination is reached from another program.
    pub(super) fn variables(&self) -> Value {
        views::variables(&self.shared.lock().destinations)
    }

    /// Performs the action that a button asks for.
    pub(super) fn perform(&self, body: &[u8]) -> StatusCode {
        let Ok(act) = serde_json::from_slice(body) else {
            return StatusCode::BAD_REQUEST;
        };
        match act {
            PageAction::Press(name) if self.buttons.iter().any(|(known, _)| *known == name) => {
                self.report_press(name)
            }
            PageAction::Press(_) => StatusCode::NOT_FOUND,
            PageAction::RateLimit(target) => {
                let trouble = Trouble::rate_limited(Duration::from_secs(5)).times(1);
                self.trouble(target, &trouble)
            }
            PageAction::Outage(target) => self.trouble(target, &Trouble::status(503)),
            PageAction::Gone(target) => self.trouble(target, &Trouble::gone()),
            PageAction::Heal(target) => {
                self.heal(target.as_deref());
                // It has healed, whether or not the program reads what was pressed.
                self.report_press("heal".to_owned());
                StatusCode::NO_CONTENT
            }
            PageAction::Delete(numbers) => {
                self.shared.lock().delete(&numbers);
                StatusCode::NO_CONTENT
            }
            PageAction::Clear(()) => {
                self.shared.lock().clear();
                StatusCode::NO_CONTENT
            }
        }
    }

    fn report_press(&self, name: String) -> StatusCode {
        match self.pressed.try_send(name) {
            Ok(()) => StatusCode::NO_CONTENT,
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Ends all trouble of one destination, or of all, and opens what was closed.
    fn heal(&self, target: Option<&str>) {
        let mut names = Vec::new();
        for destination in &mut self.shared.lock().destinations {
            if target.is_none_or(|name| *name == destination.name) {
                destination.heal();
                names.push(destination.name.clone());
            }
        }
        let Some(commands) = self.commands.upgrade() else {
            return;
        };
        for name in names {
            // Nobody waits for the port to be open.
            let (done, _) = mpsc::sync_channel(1);
            // The channel has no bound, and is open as long as the sandbox is there.
            drop(commands.try_send(ServerCommand::Reopen { name, done }));
        }
    }

    /// Makes this the only trouble of the destination.
    fn trouble(&self, target: String, trouble: &Trouble) -> StatusCode {
        let target = Target::from(target);
        let mut status = StatusCode::NOT_FOUND;
        for destination in self.shared.lock().targeted(&target) {
            destination.troubles = vec![trouble.clone()];
            status = StatusCode::NO_CONTENT;
        }
        status
    }
}

impl<F: Fn() -> S, S: Serialize> PageState<F> {
    /// Samples the counters at an interval and forgets the oldest requests, without end.
    pub(super) async fn sample_forever(&self) {
        loop {
            self.sample();
            if let Some(most) = self.most {
                self.shared.lock().keep_newest(most);
            }
            Timer::after(SAMPLE).await;
        }
    }

    fn sample(&self) {
        // Counters that cannot be written down are left out, as where there are none.
        let stats = serde_json::to_value((self.stats)()).unwrap_or_default();
        let at = views::milliseconds(SystemTime::now());
        let mut samples = self.samples.borrow_mut();
        if samples.len() == SAMPLES {
            samples.pop_front();
        }
        samples.push_back(json!({ "at": at, "stats": stats }));
        self.sampled.set(self.sampled.get() + 1);
    }
}

/// Returns the next exchanges after the one of this number, each with the message that came of it.
fn exchanges_from(state: &SandboxState, seen: u64) -> Vec<(Exchange, Option<Message>)> {
    let from = state.exchanges.partition_point(|one| one.number <= seen);
    // Messages stand in the inbox in the order of the exchanges that brought them.
    let delivered = |exchange: &&Exchange| exchange.is_delivered();
    let before = state.exchanges.iter().take(from).filter(delivered).count();
    let mut messages = state.inbox.iter().skip(before);
    let next = state.exchanges.iter().skip(from).take(BATCH);
    next.map(|exchange| {
        let message = exchange.is_delivered().then(|| messages.next()).flatten();
        (exchange.clone(), message.cloned())
    })
    .collect()
}
