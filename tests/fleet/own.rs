//! A fleet over a broker of the program's own, which is no server.

use std::sync::atomic::{AtomicU64, Ordering};

use logout::adapter::Outcome;
use logout::figment::Figment;
use logout::fleet::{
    Bid, Broker, BrokerFault, Done, Entry, LeadAnswer, Mark, Memory, Put, PutAnswer, Session, Term,
};
use logout::sandbox::Sandbox;
use logout::stats::FleetState;
use logout::{Guard, Slack, logout};
use tracing_subscriber::prelude::*;

use super::{texts, wait_until};
use crate::support::TIMEOUT;

/// How many entries were put into a table whose name begins with `counted`.
static PUT: AtomicU64 = AtomicU64::new(0);

/// A broker that keeps everything in memory, and counts it.
#[derive(Default, serde::Deserialize)]
struct Counted {
    table: String,
    #[serde(default)]
    refuses: bool,
    #[serde(skip)]
    memory: Memory,
}

struct Connection<S>(S);

impl Broker for Counted {
    async fn connect(&self, fleet: String) -> Result<impl Session, BrokerFault> {
        if self.refuses {
            return Err(BrokerFault::refused("it is closed: open it"));
        }
        let fleet = format!("{} of {fleet}", self.table);
        Ok(Connection(self.memory.connect(fleet).await?))
    }

    fn check(&self) -> Result<(), String> {
        match self.table.contains(' ') {
            true => Err("`table` holds a blank".to_owned()),
            false => Ok(()),
        }
    }
}

impl<S: Session> Session for Connection<S> {
    async fn put(&mut self, lane: &str, put: &Put<'_>) -> Result<PutAnswer, BrokerFault> {
        PUT.fetch_add(put.entries.len() as u64, Ordering::Relaxed);
        self.0.put(lane, put).await
    }

    async fn lead(&mut self, lane: &str, bid: &Bid<'_>) -> Result<LeadAnswer, BrokerFault> {
        self.0.lead(lane, bid).await
    }

    async fn read(
        &mut self,
        lane: &str,
        after: Mark,
        most: usize,
    ) -> Result<Vec<Entry>, BrokerFault> {
        self.0.read(lane, after, most).await
    }

    async fn known(&mut self, lane: &str, number: u64) -> Result<Option<Vec<u8>>, BrokerFault> {
        self.0.known(lane, number).await
    }

    async fn done(
        &mut self,
        lane: &str,
        term: &Term<'_>,
        done: &Done<'_>,
    ) -> Result<bool, BrokerFault> {
        self.0.done(lane, term, done).await
    }

    async fn notes(&mut self) -> Result<Vec<String>, BrokerFault> {
        Ok(vec!["its disk is small".to_owned()])
    }
}

logout! {
    struct Alerts {
        project_name: "shop",
        adapters: [Slack],
        fleet: Counted { name: "own", table: "counted", timeout: "1s" },
    }
}

fn start(figment: Figment) -> (tracing::Dispatch, Guard<Alerts>) {
    let (layer, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    let layer = tracing_subscriber::registry().with(layer);
    (tracing::Dispatch::new(layer), guard)
}

#[test]
fn what_two_members_see_over_a_broker_of_ones_own_is_one_message() {
    let sandbox = Sandbox::start().unwrap();
    let members = [(); 3].map(|()| start(sandbox.figment()));
    for (layer, _) in &members {
        tracing::dispatcher::with_default(layer, || {
            for order in 0..10 {
                tracing::error!(order, "payment failed");
            }
        });
    }
    let forwarded = || -> u64 {
        let stats = members.iter().map(|(_, guard)| guard.handle().stats());
        stats.map(|stats| stats.lanes[0].forwarded).sum()
    };
    wait_until("all is handed over", &sandbox, || forwarded() == 30);
    wait_until("it is told", &sandbox, || !texts(&sandbox).is_empty());
    assert_eq!(texts(&sandbox).len(), 1, "{:#?}", texts(&sandbox));
    assert!(PUT.load(Ordering::Relaxed) >= 3);

    let findings = members[0].1.handle().verify(TIMEOUT).unwrap();
    let found = findings.last().unwrap();
    assert_eq!(found.outcome(), Outcome::Wrong);
    assert!(found.to_string().contains("its disk is small"), "{found}");
}

#[test]
fn one_that_a_broker_of_ones_own_refuses_is_alone_and_says_why() {
    let sandbox = Sandbox::start().unwrap();
    let figment = sandbox.figment().merge(("fleet.refuses", true));
    let (layer, guard) = start(figment.merge(("fleet.name", "closed")));
    tracing::dispatcher::with_default(&layer, || tracing::error!("payment failed"));
    let state = || guard.handle().stats().lanes[0].fleet;
    wait_until("it is alone", &sandbox, || {
        state() == Some(FleetState::Alone)
    });
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    let found = findings.last().unwrap().to_string();
    assert!(found.contains("it is closed: open it"), "{found}");
}

#[test]
fn the_settings_of_a_broker_of_ones_own_are_read_and_judged() {
    let url = (
        "slack.url",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    );
    let keys = Alerts::keys();
    let keys: Vec<_> = keys.iter().map(|key| (key.path(), key.default())).collect();
    for expected in [
        ("fleet.table", Some("counted")),
        ("fleet.refuses", None),
        ("fleet.name", Some("own")),
        ("fleet.timeout", Some("1s")),
    ] {
        let expected = (expected.0.to_owned(), expected.1);
        assert!(keys.contains(&expected), "{expected:?} in {keys:?}");
    }
    assert!(!keys.iter().any(|(path, _)| path == "fleet.url"));
    let refused = |key: &str, value: &str| {
        let figment = Figment::from(url).merge((format!("fleet.{key}"), value));
        Alerts::from_figment(figment).unwrap_err().to_string()
    };
    let said = refused("table", "a b");
    assert!(said.contains("`table` holds a blank"), "{said}");
    let said = refused("refuses", "perhaps");
    assert!(said.contains("fleet.refuses is wrong"), "{said}");
    let said = refused("tabel", "alerts");
    assert!(said.contains("fleet.tabel is unknown"), "{said}");
    assert!(said.contains("did you mean `table`"), "{said}");
}
