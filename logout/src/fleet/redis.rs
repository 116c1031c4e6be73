//! Redis and Valkey as the broker of a fleet.

use std::fmt;
use std::future::Future;

use logout_macros::OptionDocs;
use serde::Deserialize;

use self::connection::{ConnectionTarget, RedisConnection};
use self::nodes::Nodes;
use super::broker::{
    Bid, Broker, BrokerFault, Done, Entry, LeadAnswer, Mark, Put, PutAnswer, Session, Term,
};
use crate::transport::Url;

pub(crate) use self::address::{ADDRESS, BrokerAddress};

mod address;
mod answer;
mod connection;
mod nodes;
mod refusal;

/// Redis 6.2 or later, or Valkey: `fleet: Redis { name: "shop" }`.
///
/// It has one setting of its own, the address, which comes at run time: `LOGOUT_FLEET__URL`. The
/// [guide](crate::guide::fleet#the-broker) says how to run it.
///
/// ```
/// logout::logout! {
///     struct Alerts {
///         adapters: [logout::Slack],
///         fleet: Redis { name: "shop" },
///     }
/// }
///
/// let figment = logout::figment::Figment::from(("slack.url", "https://hooks.slack.com/services/T0/B0/x"));
/// assert!(Alerts::from_figment(figment.clone().merge(("fleet.url", "redis://localhost"))).is_ok());
///
/// let error = Alerts::from_figment(figment).unwrap_err();
/// assert!(error.to_string().contains("fleet.url is missing"));
/// ```
#[derive(Clone, Debug, Default, Deserialize, OptionDocs)]
pub struct Redis {
    /// The address of Redis or Valkey, such as `rediss://user:password@redis.example:6379/0`,
    /// or of its socket on this machine, `unix:/run/redis/redis.sock`.
    url: BrokerAddress,
}

impl Broker for Redis {
    async fn connect(&self, fleet: String) -> Result<impl Session, BrokerFault> {
        let target = ConnectionTarget::new(&self.url, fleet);
        let mut nodes = Nodes::default();
        nodes.open("", target.connect(None).await?);
        let at = target.clone();
        let connecting = async move |node: Option<Url>| at.connect(node.as_ref()).await;
        Ok(Cluster {
            target,
            connecting,
            nodes,
        })
    }
}

/// Connections to a server, or to the nodes of a cluster.
struct Cluster<'a, K, F> {
    target: ConnectionTarget<'a>,
    connecting: K,
    nodes: Nodes<RedisConnection<F>>,
}

impl<K, F> fmt::Debug for Cluster<'_, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

impl<K, F> Cluster<'_, K, F>
where
    K: AsyncFn(Option<Url>) -> Result<RedisConnection<F>, BrokerFault>,
    F: Future<Output = ()>,
{
    /// Asks the node that has the keys of a lane; if it redirects to another node, asks that one,
    /// once.
    async fn ask<R>(
        &mut self,
        lane: &str,
        mut ask: impl AsyncFnMut(&mut RedisConnection<F>) -> Result<R, BrokerFault>,
    ) -> Result<R, BrokerFault> {
        loop {
            if self.nodes.session(lane).is_none() {
                let address = self.nodes.address(lane).cloned();
                let connection = (self.connecting)(address).await?;
                self.nodes.open(lane, connection);
            }
            let Some(connection) = self.nodes.session(lane) else {
                return Err(BrokerFault::unanswered("the connection was closed"));
            };
            let answer = ask(connection).await;
            let fault = answer.as_ref().err();
            let node = fault.and_then(|fault| self.target.node(fault));
            if !node.is_some_and(|node| self.nodes.follow(lane, node)) {
                return answer;
            }
        }
    }
}

impl<K, F> Session for Cluster<'_, K, F>
where
    K: AsyncFn(Option<Url>) -> Result<RedisConnection<F>, BrokerFault>,
    F: Future<Output = ()>,
{
    async fn put(&mut self, lane: &str, put: &Put<'_>) -> Result<PutAnswer, BrokerFault> {
        self.ask(lane, async |node| node.put(lane, put).await).await
    }

    async fn lead(&mut self, lane: &str, bid: &Bid<'_>) -> Result<LeadAnswer, BrokerFault> {
        self.ask(lane, async |node| node.lead(lane, bid).await)
            .await
    }

    async fn read(
        &mut self,
        lane: &str,
        after: Mark,
        most: usize,
    ) -> Result<Vec<Entry>, BrokerFault> {
        self.ask(lane, async |node| node.read(lane, after, most).await)
            .await
    }

    async fn known(&mut self, lane: &str, number: u64) -> Result<Option<Vec<u8>>, BrokerFault> {
        self.ask(lane, async |node| node.known(lane, number).await)
            .await
    }

    async fn done(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        done: &Done<'_>,
    ) -> Result<bool, BrokerFault> {
        self.ask(lane, async |node| node.done(lane, term, done).await)
            .await
    }

    async fn notes(&mut self) -> Result<Vec<String>, BrokerFault> {
        self.ask("", async |node| node.notes().await).await
    }

    #[cfg(feature = "verify")]
    async fn verify(&mut self, lane: &str) -> Result<(), BrokerFault> {
        self.ask(lane, async |node| node.verify(lane).await).await
    }
}

#[cfg(test)]
mod tests;
