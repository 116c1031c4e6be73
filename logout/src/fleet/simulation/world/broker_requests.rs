//! Requests to the simulated broker.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::World;
use crate::fleet::{Bid, BrokerAnswer, BrokerRequest, Done, Put, Session as _, Term};

impl World {
    pub(super) fn ask_broker(&self, index: usize, ask: &BrokerRequest) -> BrokerAnswer {
        let name = self.processes[index].member.name();
        let mut broker = self.broker.clone();
        let term = |epoch: u64, number: u64| Term {
            name,
            epoch,
            number,
        };
        match ask {
            BrokerRequest::Put { number, entries } => {
                let put = Put {
                    sender: name,
                    number: *number,
                    entries,
                };
                BrokerAnswer::Put(at_once(broker.put("lane", &put)).unwrap())
            }
            BrokerRequest::Lead { epoch, term } => {
                let bid = Bid {
                    name,
                    epoch: *epoch,
                    term: Duration::from_millis(*term),
                };
                BrokerAnswer::Lead(at_once(broker.lead("lane", &bid)).unwrap())
            }
            BrokerRequest::Recall { number } => {
                let known = at_once(broker.known("lane", *number)).unwrap();
                BrokerAnswer::Known(known.unwrap_or_default())
            }
            BrokerRequest::Read { after, most } => {
                BrokerAnswer::Read(at_once(broker.read("lane", *after, *most)).unwrap())
            }
            BrokerRequest::InFlight {
                epoch,
                number,
                in_flight,
            } => {
                let term = term(*epoch, *number);
                let done = Done {
                    settled: &[],
                    odd: &[],
                    known: &[],
                    going: &in_flight.encode(),
                };
                BrokerAnswer::Held(at_once(broker.done("lane", &term, &done)).unwrap())
            }
            BrokerRequest::Done {
                epoch,
                number,
                settled,
                odd,
                known,
                in_flight,
            } => {
                let done = Done {
                    settled,
                    odd,
                    known,
                    going: &in_flight.encode(),
                };
                let term = term(*epoch, *number);
                BrokerAnswer::Held(at_once(broker.done("lane", &term, &done)).unwrap())
            }
        }
    }
}

/// Returns the output of a future that is ready at once.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("a broker in memory waits for nothing"),
    }
}
