//! A webhook, a chat or a bot.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use figment::Figment;
use figment::providers::Serialized;
use figment::value::Value;
use smol::channel::{self, Receiver, Sender};

use super::credentials::Credentials;
use super::rate_limit::Rate;
use super::trouble::Trouble;
use super::{Platform, telegram};

/// A webhook, a chat or a bot, with its settings.
#[derive(Debug)]
pub(super) struct Destination {
    pub(super) platform: Platform,
    pub(super) name: String,
    pub(super) credentials: Credentials,
    /// Where it listens.
    pub(super) port: SocketAddr,
    pub(super) troubles: Vec<Trouble>,
    /// The threads or topics that exist in it.
    pub(super) threads: BTreeSet<String>,
    /// Whether it is a Discord forum, where every message belongs to a thread.
    pub(super) forum: bool,
    /// Under which id a Telegram chat was known before it became a supergroup.
    pub(super) former_chat: Option<i64>,
    /// The `@name` of a public Telegram channel, without the sign.
    pub(super) public_name: Option<String>,
    /// Whether the Telegram bot was removed from the chat.
    pub(super) bot_is_out: bool,
    /// Requests that hang; without its sender each is closed.
    pub(super) hanging: Vec<Sender<()>>,
    /// Limits set in place of the platform's own.
    pub(super) limit: Option<Rate>,
}

impl Destination {
    pub(super) fn new(
        platform: Platform,
        name: &str,
        credentials: Credentials,
        port: SocketAddr,
    ) -> Self {
        Self {
            platform,
            name: name.to_owned(),
            credentials,
            port,
            troubles: Vec::new(),
            threads: BTreeSet::new(),
            forum: false,
            former_chat: None,
            public_name: None,
            bot_is_out: false,
            hanging: Vec::new(),
            limit: None,
        }
    }

    /// Returns the settings that lead the instance of its name here.
    pub(super) fn figment(&self) -> Figment {
        let settings = self.credentials.settings(self.port).into_iter();
        settings.fold(Figment::new(), |figment, (key, value)| {
            figment.merge(Serialized::default(&format!("{}.{key}", self.name), value))
        })
    }

    /// Returns the environment variables that do the same, each with the option it sets.
    pub(super) fn variables(&self) -> Vec<(String, &'static str, String)> {
        let settings = self.credentials.settings(self.port).into_iter();
        let variables = settings.map(|(key, value)| {
            let well_known = (self.name == self.platform.instance())
                .then(|| self.platform.variable(key))
                .flatten();
            let variable = well_known.map_or_else(
                || format!("LOGOUT_{}__{}", self.name, key).to_uppercase(),
                str::to_owned,
            );
            let value = match value {
                Value::String(_, text) => text,
                number => number
                    .to_i128()
                    .map_or_else(String::new, |number| number.to_string()),
            };
            (variable, key, value)
        });
        variables.collect()
    }

    /// Ends all trouble, and closes what hangs.
    pub(super) fn heal(&mut self) {
        self.troubles.clear();
        self.hanging.clear();
    }

    /// Keeps a request hanging for as long as the returned receiver has a sender.
    pub(super) fn hang(&mut self) -> Receiver<()> {
        self.hanging.retain(|sender| !sender.is_closed());
        let (sender, healed) = channel::bounded(1);
        self.hanging.push(sender);
        healed
    }

    /// Returns the limits it is under, each with the key it is shared under: the one set, or those of its
    /// platform.
    pub(super) fn limits(&self) -> Vec<(String, Rate)> {
        let key = |what: &str| format!("{}/{what}", self.name);
        if let Some(rate) = self.limit {
            return vec![(key("set"), rate)];
        }
        let own = self.platform.limits().iter();
        let own = own.map(|(what, rate)| (key(what), *rate));
        let bot = match &self.credentials {
            Credentials::Telegram { token, .. } => Some((format!("bot/{token}"), telegram::BOT)),
            _ => None,
        };
        own.chain(bot).collect()
    }

    /// Returns the trouble that the next request meets; it counts as met.
    pub(super) fn next_trouble(&mut self) -> Option<Trouble> {
        self.troubles.retain(|trouble| trouble.left != Some(0));
        let trouble = self.troubles.first_mut()?;
        if let Some(left) = &mut trouble.left {
            *left -= 1;
        }
        Some(trouble.clone())
    }
}
