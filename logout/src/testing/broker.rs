//! The contract of a broker.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::fleet::{
    Bid, Broker, BrokerFault, Done, Entry, Lead, LeadAnswer, Mark, Put, PutAnswer, Session,
    Takeover, Term,
};

mod isolation;
mod leading;
mod putting;
mod settling;

/// How long to wait for an answer: as long as a fleet waits.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// The term of a lease that does not lapse during a claim.
const LONG_TERM: Duration = Duration::from_secs(60);

/// The contract that [`broker_contract!`](crate::broker_contract) tests: a broker, and facts that
/// only its author knows.
///
/// Every claim is tried in lanes of its own, so one broker serves them all, also a server that
/// others use. The entries stay there.
///
/// ```
/// use logout::fleet::Memory;
/// use logout::testing::BrokerContract;
///
/// let contract = BrokerContract::new(Memory::default()).most_entries(4_096);
/// assert_eq!(contract.a_batch_that_is_put_again_is_there_once(), Ok(()));
///
/// let wrong = contract.most_entries(100).a_full_stream_takes_all_of_a_batch_or_nothing();
/// assert!(wrong.unwrap_err().starts_with("one entry above the limit of 100"));
/// ```
#[derive(Clone)]
pub struct BrokerContract<B> {
    broker: B,
    fleet: String,
    most_entries: Option<usize>,
}

impl<B: Broker> BrokerContract<B> {
    /// Creates a contract about this broker.
    #[must_use]
    pub fn new(broker: B) -> Self {
        Self {
            broker,
            fleet: "contract".to_owned(),
            most_entries: None,
        }
    }

    /// Sets the name of the fleet that it is tried as; unless set it is `contract`. Use it where the
    /// rights of a user hold for one name alone.
    #[must_use]
    pub fn fleet(mut self, name: &str) -> Self {
        name.clone_into(&mut self.fleet);
        self
    }

    /// Sets how many entries a stream of the broker holds, which is then a claim, too.
    #[must_use]
    pub fn most_entries(mut self, limit: usize) -> Self {
        self.most_entries = Some(limit);
        self
    }

    /// Connects as a fleet of this name, for a lane.
    async fn asker(&self, fleet: &str, lane: &str) -> Result<TestConnection<impl Session>, String> {
        let session = answered("connect", self.broker.connect(fleet.to_owned())).await?;
        Ok(TestConnection {
            session,
            lane: lane.to_owned(),
        })
    }
}

/// A contract, or none if there is no broker to test: the argument of the macro.
#[doc(hidden)]
pub trait BrokerContracted {
    /// The broker under test.
    type Broker: Broker;

    /// Returns the contract, if there is one.
    fn contract(self) -> Option<BrokerContract<Self::Broker>>;
}

impl<B: Broker> BrokerContracted for BrokerContract<B> {
    type Broker = B;

    fn contract(self) -> Option<BrokerContract<B>> {
        Some(self)
    }
}

impl<B: Broker> BrokerContracted for Option<BrokerContract<B>> {
    type Broker = B;

    fn contract(self) -> Self {
        self
    }
}

impl<B> fmt::Debug for BrokerContract<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrokerContract")
            .field("fleet", &self.fleet)
            .field("most_entries", &self.most_entries)
            .finish_non_exhaustive()
    }
}

/// Generates a method for each claim, which gets two connections to a lane of its own.
macro_rules! claims {
    ($($(#[$docs:meta])* $room:ident::$claim:ident;)*) => {
        impl<B: Broker> BrokerContract<B> {
            $(
                $(#[$docs])*
                ///
                /// # Errors
                ///
                /// The claim that failed.
                pub fn $claim(&self) -> Result<(), String> {
                    let lane = random_lane();
                    async_io::block_on(async {
                        let mut one = self.asker(&self.fleet, &lane).await?;
                        let mut two = self.asker(&self.fleet, &lane).await?;
                        $room::$claim(&mut one, &mut two).await
                    })
                }
            )*
        }
    };
}

claims! {
    /// Claims that a batch is stored once however often it is put, and by whatever connection.
    putting::a_batch_that_is_put_again_is_there_once;
    /// Claims that marks rise, that bytes are returned unchanged, and that reading goes on behind
    /// any mark.
    putting::entries_are_read_in_the_order_in_which_they_were_put;
    /// Claims that no more entries are read than were asked for, and that none is left out.
    putting::a_read_returns_no_more_than_it_is_asked_for;
    /// Claims that entries are stored whole: 64 KiB, 256 in a batch, bytes that are no text, none
    /// at all.
    putting::whatever_is_put_is_kept_whole;
    /// Claims that members are ranked in the order in which they joined, until they leave.
    putting::members_are_ranked_in_the_order_in_which_they_joined;
    /// Claims that nobody else gets a lease that is held, and that no epoch comes again.
    leading::one_leads_at_a_time;
    /// Claims that a lease lasts for its term, can be renewed, and is free afterwards.
    leading::a_lease_lasts_for_its_term_and_lapses_after_it;
    /// Claims that a lease can be taken at once after its holder gave it up, and that only the
    /// holder can do so.
    leading::a_lease_that_is_given_up_is_free;
    /// Claims that settled entries are deleted, malformed ones too, and that the rest stays.
    settling::what_is_settled_is_gone_and_the_rest_stays;
    /// Claims that nothing is done with another's lease, an earlier epoch, or a lease that was
    /// given up or has lapsed.
    settling::nothing_is_settled_without_the_lease;
    /// Claims that a request has no effect if its number is not above the last one.
    settling::a_request_that_comes_late_does_nothing;
    /// Claims that the next leader finds the known problems and the message in flight, and that
    /// anybody may read the former.
    settling::the_next_leader_finds_what_is_known_and_what_was_going;
}

/// A connection for one lane.
struct TestConnection<S> {
    session: S,
    lane: String,
}

impl<S: Session> TestConnection<S> {
    async fn put(
        &mut self,
        sender: &str,
        number: u64,
        entries: &[Vec<u8>],
    ) -> Result<PutAnswer, String> {
        let put = Put {
            sender,
            number,
            entries,
        };
        answered("put", self.session.put(&self.lane, &put)).await
    }

    async fn bid(&mut self, name: &str, epoch: u64, term: Duration) -> Result<LeadAnswer, String> {
        let bid = Bid { name, epoch, term };
        answered("lead", self.session.lead(&self.lane, &bid)).await
    }

    /// Asks for the lease in a new epoch, and fails unless it is granted.
    async fn take(&mut self, name: &str, term: Duration) -> Result<Takeover, String> {
        match self.bid(name, 0, term).await?.lead {
            Lead::Taken(takeover) => Ok(takeover),
            other => Err(format!(
                "`lead`: nobody holds the lease, and it is answered with {other:?}"
            )),
        }
    }

    async fn read(&mut self, after: Mark, most: usize) -> Result<Vec<Entry>, String> {
        answered("read", self.session.read(&self.lane, after, most)).await
    }

    /// Reads the bytes of all entries in the stream.
    async fn all(&mut self) -> Result<Vec<Vec<u8>>, String> {
        let entries = self.read(Mark::default(), 10_000).await?;
        Ok(entries.into_iter().map(|entry| entry.bytes).collect())
    }

    async fn known(&mut self, number: u64) -> Result<Option<Vec<u8>>, String> {
        answered("known", self.session.known(&self.lane, number)).await
    }

    async fn done(&mut self, term: Term<'_>, done: &Done<'_>) -> Result<bool, String> {
        answered("done", self.session.done(&self.lane, &term, done)).await
    }
}

/// A request that settles nothing.
const NOTHING: Done<'static> = Done {
    settled: &[],
    odd: &[],
    known: &[],
    going: &[],
};

fn term(name: &str, epoch: u64, number: u64) -> Term<'_> {
    Term {
        name,
        epoch,
        number,
    }
}

fn batch(texts: &[&str]) -> Vec<Vec<u8>> {
    let bytes = texts.iter().map(|text| text.as_bytes().to_vec());
    bytes.collect()
}

/// Returns the name of a lane that nobody else uses.
fn random_lane() -> String {
    format!("Contract.{:016x}", fastrand::u64(..))
}

/// Waits as long as a fleet does; an error names the call.
async fn answered<R>(
    call: &str,
    answer: impl Future<Output = Result<R, BrokerFault>>,
) -> Result<R, String> {
    let mut answer = pin!(answer);
    let mut late = async_io::Timer::after(ANSWER_TIMEOUT);
    poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(answer.map_err(|fault| format!("`{call}`: {fault}"))),
        Poll::Pending => pin!(&mut late).poll(cx).map(|_| {
            Err(format!(
                "`{call}`: there was no answer within {ANSWER_TIMEOUT:?}"
            ))
        }),
    })
    .await
}

/// Returns an error unless both are equal.
fn require_same<T: PartialEq + fmt::Debug>(
    what: &str,
    found: &T,
    expected: &T,
) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: expected {expected:?}, found {found:?}")),
    }
}

/// Returns an error unless this is true.
fn require(what: &str, is_so: bool) -> Result<(), String> {
    match is_so {
        true => Ok(()),
        false => Err(what.to_owned()),
    }
}
