//! Fleets whose brokers are named in every way, without the prelude.
#![no_implicit_prelude]
#![deny(warnings)]

extern crate logout as alarms;
extern crate serde;
extern crate std;

use alarms::fleet::{Broker, BrokerFault, Memory, Session};
use std::default::Default;
use std::fmt::Debug;
use std::marker::{Send, Sync};
use std::result::Result;
use std::string::String;

/// A broker with a parameter and options.
#[derive(Debug, Default, serde::Deserialize)]
struct Table<T> {
    #[serde(default)]
    name_of_table: String,
    #[serde(default)]
    r#type: T,
    #[serde(skip)]
    memory: Memory,
}

impl<T: Send + Sync + 'static> Broker for Table<T> {
    async fn connect(&self, fleet: String) -> Result<impl Session, BrokerFault> {
        self.memory.connect(fleet).await
    }
}

mod by_path {
    ::logout::logout! {
        pub(super) struct Alerts {
            adapters: [::logout::Slack],
            fleet: super::Table<u8> { name: "shop", name_of_table: "alerts", r#type: 7, lead: false },
        }
    }
}

mod by_name {
    use super::Table as Memory;

    ::logout::logout! {
        #[cfg(not(any()))]
        pub(super) struct Alerts { adapters: [::logout::Slack], fleet: Memory<u8> { timeout: "1s" } }
    }
}

mod built_in {
    ::logout::logout! {
        pub(super) struct InMemory { adapters: [::logout::Slack], fleet: Memory }
    }

    ::logout::logout! {
        pub(super) struct OverRedis { adapters: [::logout::Slack], fleet: Redis { allow_plain: true } }
    }
}

pub(crate) fn use_them() {
    let _ = by_path::Alerts::from_env;
    let _ = by_name::Alerts::from_env;
    let _ = built_in::InMemory::from_env;
    let _ = built_in::OverRedis::from_env;
}
