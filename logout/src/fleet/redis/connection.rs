//! A connection to one node of Redis or Valkey.
//!
//! The client of the crate `redis` writes and reads the protocol, over a stream of ours and in a
//! future that is polled here. Atomic operations are three scripts.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
#[cfg(feature = "verify")]
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, FromRedisValue, Script, Value};

use super::address::{BrokerAddress, BrokerEndpoint, is_open};
use super::answer::{entries, lead, put};
use super::refusal;
use crate::fleet::broker::{
    Bid, BrokerFault, Done, Entry, LeadAnswer, Mark, Put, PutAnswer, Session, Term,
};
use crate::transport::{Url, Wire};

/// How many entries a stream holds before it refuses more.
pub(super) const LIMIT: usize = 4_096;

const PLACE: &str = include_str!("scripts/place.lua");

/// Returns the hash field for a problem number.
fn field(number: u64) -> String {
    format!("{number:016x}")
}

/// The address to connect to, and the fleet it is for.
#[derive(Clone, Debug)]
pub(super) struct ConnectionTarget<'a> {
    address: &'a BrokerAddress,
    /// The fleet's name.
    fleet: String,
    wire: Wire,
}

impl<'a> ConnectionTarget<'a> {
    pub(super) fn new(address: &'a BrokerAddress, fleet: String) -> Self {
        Self {
            address,
            fleet,
            wire: Wire::new(),
        }
    }

    /// Returns the node that a MOVED error names. `None` for a redirect from TLS or a local socket
    /// to plain TCP.
    pub(super) fn node(&self, fault: &BrokerFault) -> Option<Url> {
        let (host, port) = fault.moved()?.rsplit_once(':')?;
        let url = match &self.address.endpoint {
            BrokerEndpoint::Url(url) => Some(url),
            #[cfg(unix)]
            BrokerEndpoint::Socket(_) => None,
        };
        let host = match host {
            // So the server writes when it does not know its own name.
            "" | "?" => url?.host(),
            host => host,
        };
        let (open, close) = match host.contains(':') && !host.starts_with('[') {
            true => ("[", "]"),
            false => ("", ""),
        };
        let scheme = match url.is_some_and(Url::is_secure) {
            true => "https",
            false => "http",
        };
        let node = Url::parse(&format!("{scheme}://{open}{host}{close}:{port}/")).ok()?;
        (!is_open(&node) || self.address.is_open()).then_some(node)
    }

    /// Connects to the configured address, or to a node of its cluster.
    pub(super) async fn connect(
        &self,
        node: Option<&Url>,
    ) -> Result<RedisConnection<impl Future<Output = ()> + use<'a>>, BrokerFault> {
        let opened = match (node, &self.address.endpoint) {
            (Some(url), _) | (None, BrokerEndpoint::Url(url)) => {
                let opened = self.wire.open(url).await;
                opened.map_err(|fault| {
                    let text = fault.to_string();
                    let text = text.strip_prefix("not sent: ").unwrap_or(&text);
                    BrokerFault::refused(text)
                })
            }
            #[cfg(unix)]
            (None, BrokerEndpoint::Socket(path)) => {
                let opened = self.wire.open_socket(path).await;
                opened.map_err(|error| refusal::of_socket(&error))
            }
        };
        let channel = opened?;
        // Its own timeouts would need a runtime.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let made =
            MultiplexedConnection::new_with_config(&self.address.info, channel, config).await;
        let (connection, driver) = made.map_err(|error| refusal::fault_of(&error))?;
        let mut session = RedisConnection {
            connection,
            driver: Box::pin(driver),
            is_over: false,
            fleet: self.fleet.clone(),
            scripts: Scripts::new(false),
            #[cfg(feature = "verify")]
            trial: String::new(),
        };
        let info: String = session.ask(redis::cmd("INFO").arg("server")).await?;
        session.scripts = Scripts::new(supports_flags(&info));
        Ok(session)
    }
}

/// Returns whether the server lets scripts say that they may run out of memory, as from version 7
/// on.
fn supports_flags(info: &str) -> bool {
    let version = info
        .lines()
        .find_map(|line| line.strip_prefix("redis_version:"));
    let major = version.and_then(|version| version.split('.').next());
    major.is_some_and(|major| major.parse().is_ok_and(|major: u32| major >= 7))
}

/// A connection to a node of the broker.
pub(super) struct RedisConnection<F> {
    connection: MultiplexedConnection,
    driver: Pin<Box<F>>,
    is_over: bool,
    fleet: String,
    scripts: Scripts,
    /// The prefix of the keys of a trial.
    #[cfg(feature = "verify")]
    trial: String,
}

impl<F> fmt::Debug for RedisConnection<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConnection")
            .field("fleet", &self.fleet)
            .finish_non_exhaustive()
    }
}

struct Scripts {
    put: Script,
    lead: Script,
    done: Script,
}

impl Scripts {
    fn new(supports_flags: bool) -> Self {
        // These scripts make room in a full broker, so they must run while it is full.
        let flags = match supports_flags {
            true => "#!lua flags=allow-oom\n",
            false => "",
        };
        let put = include_str!("scripts/put.lua");
        let lead = include_str!("scripts/lead.lua");
        let done = include_str!("scripts/done.lua");
        Self {
            put: Script::new(&format!("{PLACE}{put}")),
            lead: Script::new(&format!("{flags}{PLACE}{lead}")),
            done: Script::new(&format!("{flags}{done}")),
        }
    }
}

impl<F: Future<Output = ()>> RedisConnection<F> {
    /// Returns a key of a lane. All keys of a lane are in one slot of a cluster.
    fn key(&self, lane: &str, name: &str) -> String {
        #[cfg(feature = "verify")]
        let name = format!("{}{name}", self.trial);
        format!("{{logout:{}:{lane}}}{name}", self.fleet)
    }

    pub(super) async fn ask<T: FromRedisValue>(
        &mut self,
        command: &redis::Cmd,
    ) -> Result<T, BrokerFault> {
        let mut connection = self.connection.clone();
        self.drive(command.query_async(&mut connection)).await
    }

    /// Waits for an answer, and drives the connection meanwhile.
    async fn drive<T>(
        &mut self,
        answer: impl Future<Output = redis::RedisResult<T>>,
    ) -> Result<T, BrokerFault> {
        let mut answer = pin!(answer);
        poll_fn(|cx| {
            if !self.is_over {
                self.is_over = self.driver.as_mut().poll(cx).is_ready();
            }
            let polled = answer.as_mut().poll(cx);
            if polled.is_pending() && !self.is_over {
                // The request that was just made is still to be written.
                self.is_over = self.driver.as_mut().poll(cx).is_ready();
            }
            match polled {
                Poll::Ready(answer) => {
                    Poll::Ready(answer.map_err(|error| refusal::fault_of(&error)))
                }
                Poll::Pending if self.is_over => {
                    let text = "the connection was closed";
                    Poll::Ready(Err(BrokerFault::unanswered(text)))
                }
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    async fn run(
        &mut self,
        script: fn(&Scripts) -> &Script,
        keys: &[String],
        arguments: &[Vec<u8>],
    ) -> Result<Value, BrokerFault> {
        let mut connection = self.connection.clone();
        let script = script(&self.scripts).clone();
        let mut invocation = script.prepare_invoke();
        for key in keys {
            invocation.key(key);
        }
        for argument in arguments {
            invocation.arg(argument.as_slice());
        }
        self.drive(invocation.invoke_async(&mut connection)).await
    }

    #[cfg(feature = "verify")]
    async fn try_all(&mut self, lane: &str, name: &str) -> Result<(), BrokerFault> {
        let put = Put {
            sender: name,
            number: 1,
            entries: &[vec![0]],
        };
        self.put(lane, &put).await?;
        let bid = |term| Bid {
            name,
            epoch: 0,
            term,
        };
        self.lead(lane, &bid(Duration::from_secs(10))).await?;
        let entries = self.read(lane, Mark::default(), 1).await?;
        self.known(lane, 1).await?;
        let marks: Vec<_> = entries.iter().map(|entry| entry.mark).collect();
        let term = Term {
            name,
            epoch: 1,
            number: 1,
        };
        let done = Done {
            settled: &marks,
            odd: &marks,
            known: &[(1, vec![0]), (1, Vec::new())],
            going: &[],
        };
        self.done(lane, &term, &done).await?;
        self.lead(lane, &bid(Duration::ZERO)).await?;
        Ok(())
    }
}

impl<F: Future<Output = ()>> Session for RedisConnection<F> {
    async fn put(&mut self, lane: &str, given: &Put<'_>) -> Result<PutAnswer, BrokerFault> {
        let number = format!("q:{}", given.sender);
        let keys = ["s", &number, "joined", "heard", "lease"].map(|name| self.key(lane, name));
        let head = [given.sender.to_owned(), given.number.to_string()];
        let head = head.into_iter().chain([LIMIT.to_string()]);
        let arguments = head.map(String::into_bytes);
        let arguments: Vec<_> = arguments.chain(given.entries.iter().cloned()).collect();
        put(&self.run(|scripts| &scripts.put, &keys, &arguments).await?)
    }

    async fn lead(&mut self, lane: &str, bid: &Bid<'_>) -> Result<LeadAnswer, BrokerFault> {
        let keys = ["lease", "epoch", "in_flight", "known", "joined", "heard"];
        let keys = keys.map(|name| self.key(lane, name));
        let arguments = [
            bid.name.to_owned(),
            bid.epoch.to_string(),
            bid.term.as_millis().to_string(),
        ];
        let arguments = arguments.map(String::into_bytes);
        lead(&self.run(|scripts| &scripts.lead, &keys, &arguments).await?)
    }

    async fn read(
        &mut self,
        lane: &str,
        after: Mark,
        most: usize,
    ) -> Result<Vec<Entry>, BrokerFault> {
        let mut command = redis::cmd("XREAD");
        command.arg("COUNT").arg(most).arg("STREAMS");
        command.arg(self.key(lane, "s")).arg(after.text());
        entries(&self.ask(&command).await?)
    }

    async fn known(&mut self, lane: &str, number: u64) -> Result<Option<Vec<u8>>, BrokerFault> {
        let mut command = redis::cmd("HGET");
        command.arg(self.key(lane, "known")).arg(field(number));
        self.ask(&command).await
    }

    async fn done(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        done: &Done<'_>,
    ) -> Result<bool, BrokerFault> {
        let keys = ["lease", "in_flight", "known", "s", "odd"].map(|name| self.key(lane, name));
        let marks = |marks: &[Mark]| {
            let texts = marks.iter().map(|mark| mark.text());
            let count = std::iter::once(marks.len().to_string());
            count.chain(texts).collect::<Vec<_>>()
        };
        let head = [
            format!("{}:{}", term.name, term.epoch),
            term.number.to_string(),
        ];
        let marks = marks(done.settled).into_iter().chain(marks(done.odd));
        let head = head.into_iter().map(String::into_bytes);
        let head = head.chain([done.going.to_vec()]);
        let head = head.chain(marks.map(String::into_bytes));
        let known = done.known.iter();
        let known = known.flat_map(|(number, bytes)| [field(*number).into_bytes(), bytes.clone()]);
        let arguments: Vec<_> = head.chain(known).collect();
        let answer = self.run(|scripts| &scripts.done, &keys, &arguments);
        Ok(answer.await? == Value::Int(1))
    }

    async fn notes(&mut self) -> Result<Vec<String>, BrokerFault> {
        let info: String = self.ask(redis::cmd("INFO").arg("memory")).await?;
        let policy = info
            .lines()
            .find_map(|line| line.strip_prefix("maxmemory_policy:"));
        let policy = policy
            .map(str::trim)
            .filter(|policy| policy.starts_with("allkeys-"));
        let note = policy.map(|policy| {
            format!(
                "its `maxmemory-policy` is {policy}, by which it drops what it has promised to keep when its memory is full: set `maxmemory-policy noeviction`"
            )
        });
        Ok(note.into_iter().collect())
    }

    /// Tries everything that a fleet does with a lane, under keys of its own, and leaves nothing
    /// behind.
    #[cfg(feature = "verify")]
    async fn verify(&mut self, lane: &str) -> Result<(), BrokerFault> {
        let _pong: String = self.ask(&redis::cmd("PING")).await?;
        let name = format!("verify-{:016x}", fastrand::u64(..));
        self.trial = format!("{name}:");
        let tried = self.try_all(lane, &name).await;
        let keys = [
            "s",
            "lease",
            "epoch",
            "in_flight",
            "known",
            "odd",
            "joined",
            "heard",
        ];
        let mut keys: Vec<_> = keys.into_iter().map(|key| self.key(lane, key)).collect();
        keys.push(self.key(lane, &format!("q:{name}")));
        self.trial.clear();
        let deleted: Result<u64, _> = self.ask(redis::cmd("DEL").arg(keys)).await;
        tried.and(deleted.map(drop))
    }
}
