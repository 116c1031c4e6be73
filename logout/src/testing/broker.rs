//! The contract of a broker: who asks, and what is claimed.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use crate::fleet::{
    Bid, Broker, BrokerFault, Done, Entry, Lead, LeadAnswer, Mark, Put, PutAnswer, Session,
    Takeover, Term,
};

mod crossing;
mod leading;
mod putting;
mod settling;

/// How long an answer is waited for: as long as a fleet waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// A lease that does not lapse while something else is tried.
const LONG: Duration = Duration::from_secs(60);

/// What [`broker_contract!`](crate::broker_contract) tests: a broker, and what only its author knows of
/// it.
///
/// Every claim is tried in lanes of its own, so one broker serves them all, also a server that others
/// use; what is put there stays.
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

    /// Sets how many entries a stream of the broker holds, which then has to be so. Unless it is set,
    /// nothing is said of it.
    #[must_use]
    pub fn most_entries(mut self, limit: usize) -> Self {
        self.most_entries = Some(limit);
        self
    }

    /// Connects, as a fleet of this name, for a lane.
    async fn asker(&self, fleet: &str, lane: &str) -> Result<Asker<impl Session>, String> {
        let session = answered("connect", self.broker.connect(fleet.to_owned())).await?;
        Ok(Asker {
            session,
            lane: lane.to_owned(),
        })
    }
}

/// A contract, or none where there is nothing to test with: what the macro is given.
#[doc(hidden)]
pub trait BrokerContracted {
    /// What it tests.
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

/// Makes a method of each claim about two connections to a lane of its own.
macro_rules! claims {
    ($($(#[$docs:meta])* $room:ident::$claim:ident;)*) => {
        impl<B: Broker> BrokerContract<B> {
            $(
                $(#[$docs])*
                ///
                /// # Errors
                ///
                /// What is not so.
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
    /// A batch is there once however often it is put, and by whatever connection.
    putting::a_batch_that_is_put_again_is_there_once;
    /// Marks rise, bytes are those that were put, and reading goes on behind any mark.
    putting::entries_are_read_in_the_order_in_which_they_were_put;
    /// Not more entries are read than were asked for, and none is left out.
    putting::a_read_returns_no_more_than_it_is_asked_for;
    /// An entry of 64 KiB, a batch of 256, bytes that are no text, and an empty one.
    putting::whatever_is_put_is_kept_whole;
    /// Members are those that were heard of, in the order in which they joined, until they leave.
    putting::members_are_ranked_in_the_order_in_which_they_joined;
    /// Whoever else asks for the lease does not get it, and an epoch never comes again.
    leading::one_leads_at_a_time;
    /// A lease lasts for its term, is renewed, and is anybody's after it.
    leading::a_lease_lasts_for_its_term_and_lapses_after_it;
    /// Who gives its lease up is followed at once, and who does not have it gives up nothing.
    leading::a_lease_that_is_given_up_is_free;
    /// What is settled is deleted, whatever cannot be read too, and the rest stays.
    settling::what_is_settled_is_gone_and_the_rest_stays;
    /// Another's lease, an earlier epoch, one that was given up or has lapsed: nothing is done.
    settling::nothing_is_settled_without_the_lease;
    /// A request whose number is not above the last one does nothing.
    settling::a_request_that_comes_late_does_nothing;
    /// Who leads next finds what is known of problems and what was being sent, and anybody may ask for the
    /// former.
    settling::the_next_leader_finds_what_is_known_and_what_was_going;
}

/// A connection, and the lane that it asks about.
struct Asker<S> {
    session: S,
    lane: String,
}

impl<S: Session> Asker<S> {
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

    /// Asks anew for the lease, which has to be given.
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

    /// The bytes of all that is in the stream.
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

/// What settles nothing.
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

/// A lane that nobody else asks about.
fn random_lane() -> String {
    format!("Contract.{:016x}", fastrand::u64(..))
}

/// Waits as long as a fleet does, and says which call failed.
async fn answered<R>(
    call: &str,
    answer: impl Future<Output = Result<R, BrokerFault>>,
) -> Result<R, String> {
    let mut answer = pin!(answer);
    let mut late = async_io::Timer::after(PATIENCE);
    poll_fn(|cx| match answer.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(answer.map_err(|fault| format!("`{call}`: {fault}"))),
        Poll::Pending => pin!(&mut late)
            .poll(cx)
            .map(|_| Err(format!("`{call}`: there was no answer within {PATIENCE:?}"))),
    })
    .await
}

/// Claims that two things are the same.
fn same<T: PartialEq + fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("{what}: expected {expected:?}, found {found:?}")),
    }
}

/// Claims that something is so.
fn holds(what: &str, is_so: bool) -> Result<(), String> {
    match is_so {
        true => Ok(()),
        false => Err(what.to_owned()),
    }
}
