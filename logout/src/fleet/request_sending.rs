//! The sending of a member's request to the broker.

use std::time::Duration;

use super::{Bid, BrokerAnswer, BrokerFault, BrokerRequest, Done, Put, Session, Term};

impl BrokerRequest {
    /// Sends the request for the process of this name, and returns the broker's answer.
    pub(crate) async fn send(
        &self,
        session: &mut impl Session,
        lane: &str,
        name: &str,
    ) -> Result<BrokerAnswer, BrokerFault> {
        let term = |epoch: u64, number: u64| Term {
            name,
            epoch,
            number,
        };
        match self {
            Self::Put { number, entries } => {
                let put = Put {
                    sender: name,
                    number: *number,
                    entries,
                };
                session.put(lane, &put).await.map(BrokerAnswer::Put)
            }
            Self::Lead { epoch, term } => {
                let bid = Bid {
                    name,
                    epoch: *epoch,
                    term: Duration::from_millis(*term),
                };
                session.lead(lane, &bid).await.map(BrokerAnswer::Lead)
            }
            Self::Recall { number } => {
                let known = session.known(lane, *number).await?;
                Ok(BrokerAnswer::Known(known.unwrap_or_default()))
            }
            Self::Read { after, most } => {
                let entries = session.read(lane, *after, *most).await;
                entries.map(BrokerAnswer::Read)
            }
            Self::InFlight {
                epoch,
                number,
                in_flight,
            } => {
                let done = Done {
                    settled: &[],
                    odd: &[],
                    known: &[],
                    going: &in_flight.encode(),
                };
                let held = session.done(lane, &term(*epoch, *number), &done).await;
                held.map(BrokerAnswer::Held)
            }
            Self::Done {
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
                let held = session.done(lane, &term(*epoch, *number), &done).await;
                held.map(BrokerAnswer::Held)
            }
        }
    }
}
