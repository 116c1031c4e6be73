//! The broker of a fleet: the streams of its lanes, the leases of their leaders and the known
//! problems.

pub use self::fault::BrokerFault;
pub(crate) use self::fault::FaultKind;
pub use self::lease::{Bid, Done, Lead, LeadAnswer, Takeover, Term};
pub use self::stream::{Entry, Mark, Place, Put, PutAnswer, PutOutcome};

mod fault;
mod lease;
mod stream;

/// The meeting point of the processes of a fleet, such as [`Redis`](super::Redis): the type that a
/// block names.
///
/// Like an [`Adapter`](crate::Adapter) it is a struct with its settings, which logout reads: it has
/// to be `Default` and `Deserialize`. Each field is a key of the table `fleet`. The keys that every
/// fleet has (`name`, `lead`, `alone`, `timeout`, `allow_plain`) must not be used again. A field that
/// is a [`Secret`](crate::adapter::Secret) comes at run time only.
///
/// ```
/// use logout::fleet::{Broker, BrokerFault, Memory, Session};
///
/// /// The broker of this example is another one, and it has a setting.
/// #[derive(Default, serde::Deserialize)]
/// struct Shared {
///     table: String,
///     #[serde(skip)]
///     memory: Memory,
/// }
///
/// impl Broker for Shared {
///     async fn connect(&self, fleet: String) -> Result<impl Session, BrokerFault> {
///         self.memory.connect(format!("{}/{fleet}", self.table)).await
///     }
///
///     fn check(&self) -> Result<(), String> {
///         match self.table.is_empty() {
///             true => Err("`table` is empty".to_owned()),
///             false => Ok(()),
///         }
///     }
/// }
///
/// logout::logout! {
///     struct Alerts {
///         adapters: [logout::Slack],
///         fleet: Shared { name: "shop", table: "alerts" },
///     }
/// }
///
/// let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// assert!(Alerts::from_figment(url).is_ok());
/// let keys = Alerts::keys();
/// assert!(keys.iter().any(|key| key.path() == "fleet.table" && key.default() == Some("alerts")));
/// ```
///
/// Every call is made on logout's own thread, or on the one that runs the worker. Nothing runs
/// there but async-io's reactor: a client that needs a runtime of its own, as those of tokio do,
/// brings it. The futures need not be `Send`. Nothing may be logged, because it could become an
/// event again.
///
/// [`broker_contract!`](crate::broker_contract) tests that a broker does what [`Session`] says.
// The worker is one future on one thread, so nothing has to be `Send`.
#[expect(
    async_fn_in_trait,
    reason = "who calls it is single-threaded, and a bound would shut out clients that are too"
)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no broker of a fleet",
    label = "expected `Redis`, or a type that implements `logout::fleet::Broker`",
    note = "the chapter \"Many replicas\" of logout's guide says how to write one"
)]
pub trait Broker: Send + Sync + 'static {
    /// Connects, as the settings say.
    ///
    /// `fleet` is the name of the fleet. Fleets of different names share nothing.
    ///
    /// logout keeps the session until the first fault, then drops it and connects anew.
    ///
    /// # Errors
    ///
    /// Why it cannot be reached.
    async fn connect(&self, fleet: String) -> Result<impl Session, BrokerFault>;

    /// Judges the settings when they are read, before anything is started.
    ///
    /// # Errors
    ///
    /// What is wrong with them, a sentence a line, with the key between backticks. No secret may be
    /// in it.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }
}

/// A connection to a [`Broker`], over which the lanes of a block take turns.
///
/// Each call is atomic: compared with any other call, also from other processes, it is done before
/// or after, whole or not at all. Each lane is separate: its stream, its lease, its known problems
/// and its members are its own.
///
/// A call without an answer within 3 seconds is dropped, with the session. It may or may not be
/// done then; [`put`](Self::put), [`lead`](Self::lead) and [`done`](Self::done) say what happens to
/// a request that comes late or twice. An answered request should survive the end of the broker's
/// process, as far as the fleet's guarantees should.
#[expect(
    async_fn_in_trait,
    reason = "who calls it is single-threaded, and a bound would shut out clients that are too"
)]
pub trait Session {
    /// Appends entries to the stream of a lane, all or none of them, and records that the sender is alive.
    ///
    /// A [number](Put::number) that is not above the last one of its [sender](Put::sender) is a
    /// [`Duplicate`](PutOutcome::Duplicate), whose first answer was lost: nothing is appended. If
    /// the stream has no room it is [`Full`](PutOutcome::Full), and the number is not used up. The
    /// broker sets the limit: 4,096 entries are plenty. It never drops old entries to make room,
    /// because nobody would be told.
    ///
    /// The last number of a sender is kept for a day after it was put.
    ///
    /// # Errors
    ///
    /// If it is not done, or if that is unknown.
    async fn put(&mut self, lane: &str, put: &Put<'_>) -> Result<PutAnswer, BrokerFault>;

    /// Asks for the lease of a lane, to keep it, or to give it up; and records that the asker is alive.
    ///
    /// - With a [term](Bid::term) of zero the asker gives the lease up if it has it, and is no member
    ///   any more: [`Lead::Other`].
    /// - If the asker holds the lease in the [epoch](Bid::epoch) it names, it holds it for a term
    ///   from now on: [`Lead::Kept`].
    /// - If nobody holds it, or the asker does and names the epoch 0 (it has forgotten) or a later
    ///   one, the asker gets it for a term, in an epoch of its own: [`Lead::Taken`]. An epoch is
    ///   higher than all before it, so that what was asked in those and comes late does nothing.
    /// - Otherwise, and if the asker names an earlier epoch than its own (that request comes late):
    ///   [`Lead::Other`].
    ///
    /// A lease lasts for its whole term by the broker's clock, counted from when the broker was
    /// asked. Nobody else can have it before it lapses or is given up.
    ///
    /// # Errors
    ///
    /// If it is not done, or if that is unknown.
    async fn lead(&mut self, lane: &str, bid: &Bid<'_>) -> Result<LeadAnswer, BrokerFault>;

    /// Returns the entries behind a mark, in their order, and not more than this many.
    ///
    /// It returns at once, also if there are none. Anybody may read.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    async fn read(
        &mut self,
        lane: &str,
        after: Mark,
        most: usize,
    ) -> Result<Vec<Entry>, BrokerFault>;

    /// Returns what is [known](Done::known) under a number, if anything is. Anybody may ask.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    async fn known(&mut self, lane: &str, number: u64) -> Result<Option<Vec<u8>>, BrokerFault>;

    /// Takes over what the leader settled, all of it or nothing, and returns whether the lease it
    /// [rests on](Term) is still held.
    ///
    /// If the lease is another's, of another epoch, or lapsed, nothing is done: `false`. If it is
    /// held and the [number](Term::number) is not above the last one of this epoch, the request
    /// comes late: nothing is done either, and the answer is `true`.
    ///
    /// # Errors
    ///
    /// If it is not done, or if that is unknown.
    async fn done(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        done: &Done<'_>,
    ) -> Result<bool, BrokerFault>;

    /// Returns a sentence for each of the broker's own settings that can lose events. Asked once for each
    /// connection and by [`Handle::verify`](crate::Handle::verify); written to standard error.
    ///
    /// # Errors
    ///
    /// If it cannot be found out.
    async fn notes(&mut self) -> Result<Vec<String>, BrokerFault> {
        Ok(Vec::new())
    }

    /// Checks that everything a fleet does works, and leaves nothing behind, for
    /// [`Handle::verify`](crate::Handle::verify). The default implementation only reads.
    ///
    /// # Errors
    ///
    /// What cannot be done.
    async fn verify(&mut self, lane: &str) -> Result<(), BrokerFault> {
        self.read(lane, Mark::default(), 1).await.map(drop)
    }
}

/// The result of checking a broker: those of its own settings that lose events, or why it cannot be
/// used. `None` where there is no broker.
pub type Verified = Option<Result<Vec<String>, BrokerFault>>;

/// Tries everything that a fleet does with these lanes of a broker.
pub(crate) async fn verify(
    broker: &impl Broker,
    fleet: String,
    lanes: impl Iterator<Item = String>,
) -> Result<Vec<String>, BrokerFault> {
    let mut session = broker.connect(fleet).await?;
    for lane in lanes {
        session.verify(&lane).await?;
    }
    session.notes().await
}
