//! Destinations that answer as the scenario says: late, with faults, or as if nothing had arrived.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::chat::{LANES, Message, POISON};
use super::clock::SimulatedClock;
use crate::transport::{Fault, Request, Response, Transport};
use crate::worker::Clock;

/// The time after which the transport gives up on an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// An answer of a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
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
pub(super) struct Weather {
    pub(super) answer: Answer,
    pub(super) delay: Duration,
    pub(super) requests: u32,
}

impl Weather {
    pub(super) const FINE: Self = Self {
        answer: Answer::Takes,
        delay: Duration::from_millis(40),
        requests: u32::MAX,
    };
}

/// One request and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) message: Message,
    pub(super) written: Instant,
    pub(super) answer: Option<Answer>,
    /// Whether it was written at all.
    pub(super) was_written: bool,
    pub(super) answered: Option<Instant>,
}

#[derive(Debug)]
pub(super) struct State {
    weathers: [Weather; LANES.len()],
    pub(super) exchanges: Vec<Exchange>,
}

/// The transport to all destinations.
#[derive(Clone, Debug)]
pub(super) struct Destinations {
    clock: SimulatedClock,
    pub(super) state: Rc<RefCell<State>>,
}

impl Destinations {
    pub(super) fn new(clock: &SimulatedClock) -> Self {
        let state = State {
            weathers: [Weather::FINE; LANES.len()],
            exchanges: Vec::new(),
        };
        Self {
            clock: clock.clone(),
            state: Rc::new(RefCell::new(state)),
        }
    }

    pub(super) fn set(&self, lane: usize, weather: Weather) {
        if let Some(known) = self.state.borrow_mut().weathers.get_mut(lane) {
            *known = weather;
        }
    }

    pub(super) fn is_fine(&self, lane: usize) -> bool {
        let state = self.state.borrow();
        state.weathers[lane].answer == Answer::Takes
    }
}

impl Transport for Destinations {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        let message: Message = serde_json::from_slice(request.body()).unwrap();
        let now = self.clock.now();
        let (answer, delay, index) = {
            let mut state = self.state.borrow_mut();
            let weather = &mut state.weathers[message.lane];
            let (mut answer, delay) = (weather.answer, weather.delay);
            weather.requests = weather.requests.saturating_sub(1);
            if weather.requests == 0 {
                weather.answer = Answer::Takes;
                weather.requests = u32::MAX;
            }
            if answer == Answer::Takes && message.state.is_some() && message.text.contains(POISON) {
                answer = Answer::Status(400);
            }
            let was_written = !matches!(answer, Answer::NotSent | Answer::Rejected);
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
            Answer::Hangs { .. } => TIMEOUT,
            _ => delay,
        };
        self.clock.timer(Some(now + delay)).await;
        let mut state = self.state.borrow_mut();
        state.exchanges[index].answer = Some(answer);
        state.exchanges[index].answered = Some(self.clock.now());
        drop(state);
        match answer {
            Answer::Takes => Ok(Response::new(200)),
            Answer::Status(status) => Ok(Response::new(status)),
            Answer::Limits(seconds) => {
                let mut response = Response::new(429);
                if let Some(seconds) = seconds {
                    response.append_header("retry-after", &seconds.to_string());
                }
                Ok(response)
            }
            Answer::Page(status) => {
                let mut response = Response::new(status);
                response.set_body("<html><title>Blocked</title></html>");
                Ok(response)
            }
            Answer::NotSent => Err(Fault::NotSent("as asked for".into())),
            Answer::Lost { .. } | Answer::Hangs { .. } => {
                Err(Fault::Unknown("as asked for".into()))
            }
            Answer::Rejected => Err(Fault::Rejected("as asked for".into())),
        }
    }
}
