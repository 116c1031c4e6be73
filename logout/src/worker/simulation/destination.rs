//! Destinations that answer as the scenario says: late, with faults, or as if nothing had arrived.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::chat::{ChatMessage, LANES, POISON};
use super::clock::SimulatedClock;
use crate::transport::{Fault, Request, Response, Transport};
use crate::worker::Clock;

/// The time after which the transport gives up on an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An answer of a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SimulatedAnswer {
    Takes,
    Status(u16),
    /// 429, with `Retry-After` in seconds if given.
    Limits(Option<u16>),
    /// A web page from something else at its address.
    Page(u16),
    NotSent,
    /// The connection ends without an answer, whether the message arrived or not.
    Lost {
        arrives: bool,
    },
    /// No answer comes until the transport gives up.
    Hangs {
        arrives: bool,
    },
    /// The request can never be sent.
    Rejected,
}

/// The answers of a destination from now on, and for how many requests before it accepts everything
/// again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Faults {
    pub(super) answer: SimulatedAnswer,
    pub(super) delay: Duration,
    pub(super) requests: u32,
}

impl Faults {
    pub(super) const NONE: Self = Self {
        answer: SimulatedAnswer::Takes,
        delay: Duration::from_millis(40),
        requests: u32::MAX,
    };
}

/// One request and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) message: ChatMessage,
    pub(super) written: Instant,
    pub(super) answer: Option<SimulatedAnswer>,
    /// Whether it was written at all.
    pub(super) was_written: bool,
    pub(super) answered: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct DestinationState {
    faults: [Faults; LANES.len()],
    pub(super) exchanges: Vec<Exchange>,
}

/// The transport to all destinations.
#[derive(Clone, Debug)]
pub(super) struct Destinations {
    clock: SimulatedClock,
    pub(super) state: Rc<RefCell<DestinationState>>,
}

impl Destinations {
    pub(super) fn new(clock: &SimulatedClock) -> Self {
        let state = DestinationState {
            faults: [Faults::NONE; LANES.len()],
            exchanges: Vec::new(),
        };
        Self {
            clock: clock.clone(),
            state: Rc::new(RefCell::new(state)),
        }
    }

    pub(super) fn set(&self, lane: usize, faults: Faults) {
        if let Some(known) = self.state.borrow_mut().faults.get_mut(lane) {
            *known = faults;
        }
    }

    pub(super) fn is_fine(&self, lane: usize) -> bool {
        let state = self.state.borrow();
        state.faults[lane].answer == SimulatedAnswer::Takes
    }
}

impl Transport for Destinations {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let message: ChatMessage = serde_json::from_slice(request.body()).unwrap();
        let now = self.clock.now();
        let (answer, delay, index) = {
            let mut state = self.state.borrow_mut();
            let faults = &mut state.faults[message.lane];
            let (mut answer, delay) = (faults.answer, faults.delay);
            faults.requests = faults.requests.saturating_sub(1);
            if faults.requests == 0 {
                faults.answer = SimulatedAnswer::Takes;
                faults.requests = u32::MAX;
            }
            if answer == SimulatedAnswer::Takes
                && message.state.is_some()
                && message.text.contains(POISON)
            {
                answer = SimulatedAnswer::Status(400);
            }
            let was_written =
                !matches!(answer, SimulatedAnswer::NotSent | SimulatedAnswer::Rejected);
            if was_written {
                let _once = request.written().set(now);
            }
            let index = state.exchanges.len();
            state.exchanges.push(Exchange {
                message,
                written: now,
                answer: None,
                was_written,
                answered: None,
            });
            (answer, delay, index)
        };
        let delay = match answer {
            SimulatedAnswer::Hangs { .. } => TIMEOUT,
            _ => delay,
        };
        self.clock.timer(Some(now + delay)).await;
        let mut state = self.state.borrow_mut();
        state.exchanges[index].answer = Some(answer);
        state.exchanges[index].answered = Some(self.clock.now());
        drop(state);
        match answer {
            SimulatedAnswer::Takes => Ok(Response::new(200)),
            SimulatedAnswer::Status(status) => Ok(Response::new(status)),
            SimulatedAnswer::Limits(seconds) => {
                let mut response = Response::new(429);
                if let Some(seconds) = seconds {
                    response.append_header("retry-after", &seconds.to_string());
                }
                Ok(response)
            }
            SimulatedAnswer::Page(status) => {
                let mut response = Response::new(status);
                response.set_body("<html><title>Blocked</title></html>");
                Ok(response)
            }
            SimulatedAnswer::NotSent => Err(Fault::NotSent("as asked for".into())),
            SimulatedAnswer::Lost { .. } | SimulatedAnswer::Hangs { .. } => {
                Err(Fault::Unknown("as asked for".into()))
            }
            SimulatedAnswer::Rejected => Err(Fault::Rejected("as asked for".into())),
        }
    }
}
