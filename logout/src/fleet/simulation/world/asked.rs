//! Requests to the simulated broker.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::World;
use crate::fleet::{Answer, Ask, Bid, Done, Put, Session as _, Term};

impl World {
    pub(super) fn ask_broker(&self, index: usize, ask: &Ask) -> Answer {
        let name = self.processes[index].member.name();
        let mut broker = self.broker.clone();
        let term = |epoch: u64, number: u64| Term {
            name,
            epoch,
            number,
        };
        match ask {
            Ask::Put { number, entries } => {
                let put = Put {
                    sender: name,
                    number: *number,
                    entries,
                };
                Answer::Put(at_once(broker.put("lane", &put)).unwrap())
            }
            Ask::Lead { epoch, term } => {
                let bid = Bid {
                    name,
                    epoch: *epoch,
                    term: Duration::from_millis(*term),
                };
                Answer::Lead(at_once(broker.lead("lane", &bid)).unwrap())
            }
            Ask::Recall { number } => {
                let known = at_once(broker.known("lane", *number)).unwrap();
                Answer::Known(known.unwrap_or_default())
            }
            Ask::Read { after, most } => {
                Answer::Read(at_once(broker.read("lane", *after, *most)).unwrap())
            }
            Ask::Going {
                epoch,
                number,
                going,
            } => {
                let term = term(*epoch, *number);
                let done = Done {
                    settled: &[],
                    odd: &[],
                    known: &[],
                    going: &going.written(),
                };
                Answer::Held(at_once(broker.done("lane", &term, &done)).unwrap())
            }
            Ask::Done {
                epoch,
                number,
                settled,
                odd,
                known,
                going,
            } => {
                let done = Done {
                    settled,
                    odd,
                    known,
                    going: &going.written(),
                };
                let term = term(*epoch, *number);
                Answer::Held(at_once(broker.done("lane", &term, &done)).unwrap())
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
