//! The platforms on loopback, in process, for tests and for trying logout out.
//!
//! A [`Sandbox`] answers like Slack, Discord, Telegram and Zulip: it enforces their documented
//! limits in their own units, their authentication, content types, rate limits and error bodies,
//! and [makes trouble](Trouble) on demand. What a platform would show is in its
//! [inbox](Sandbox::inbox); what it would refuse is refused, with the
//! [reason](Exchange::refusal) in words.
//!
//! ```
//! use std::time::Duration;
//! use logout::sandbox::Sandbox;
//! use tracing_subscriber::prelude::*;
//!
//! logout::logout! { struct Alerts { adapters: [Slack, Zulip { stream: "alerts" }] } }
//!
//! let sandbox = Sandbox::start()?;
//! let (alerts, guard) = Alerts::from_figment(sandbox.figment())?.start()?;
//! let subscriber = tracing_subscriber::registry().with(alerts);
//! tracing::subscriber::with_default(subscriber, || tracing::error!("payment failed"));
//! guard.handle().flush(Duration::from_secs(10))?;
//!
//! let messages = sandbox.inbox();
//! assert_eq!(messages.len(), 2);
//! assert!(messages.iter().all(|message| message.text().contains("payment failed")));
//! assert!(sandbox.requests().iter().all(|exchange| exchange.refusal().is_none()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Sandbox::page`] shows all of it in a browser, each message as it looks in its chat.
//!
//! Every secret of every sandbox has the letters `Sandb0x` in it, and where the variable
//! `LOGOUT_SANDBOX_RECORD` names a folder all that is received is written there, without the
//! secrets of paths and headers: after a test run a search for these letters shows whether one got
//! into a message.
//!
//! The platforms' behaviour comes from their documentation and source; where those are silent, the
//! item that guesses says so. The sandbox shares no code with the adapters that it tests.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use figment::Figment;
use smol::channel::{self, Sender, WeakSender};

mod answer;
mod answer_body;
mod bare_urls;
mod controls;
mod credentials;
mod destination;
mod details;
mod discord;
mod exchange;
mod google_chat;
mod json;
mod markdown;
mod mattermost;
mod message;
mod multipart;
mod ntfy;
mod page;
mod pager_duty;
mod platform;
mod rate_limit;
mod readable;
mod request;
mod request_log;
mod server;
mod slack;
mod slack_bot;
mod state;
mod summary;
mod teams;
mod telegram;
mod trouble;
mod webhook;
mod zulip;

#[cfg(test)]
mod tests;

use self::credentials::Credentials;
use self::destination::Destination;
use self::server::ServerCommand;
use self::state::SharedState;

pub use self::answer::Answer;
pub use self::details::{
    Details, DiscordDetails, GoogleChatDetails, MattermostDetails, NtfyDetails, PagerDutyDetails,
    SlackDetails, TeamsDetails, TelegramDetails, TelegramEntity, WebhookDetails, ZulipDetails,
};
pub use self::exchange::Exchange;
pub use self::message::{File, Message};
pub use self::page::{Page, PageBuilder};
pub use self::platform::{Platform, Target};
pub use self::request::Received;
pub use self::trouble::Trouble;

/// The platforms on loopback.
///
/// It starts with one destination per platform, named `slack`, `discord`, `telegram` and `zulip`
/// like the instances that a `logout!` block leaves unnamed; [`add`](Self::add) adds more. Each has
/// its own port and its own secret, new in every sandbox. Dropping the sandbox closes everything.
///
/// A start takes a few milliseconds and no account, so each test starts its own. The sandbox runs
/// on its own thread and keeps at most 64 MiB of the bodies it receives; [`clear`](Self::clear)
/// forgets them.
pub struct Sandbox {
    shared: Arc<SharedState>,
    commands: Option<Sender<ServerCommand>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts it, on free ports of 127.0.0.1 and on a thread of its own.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started or no port is free.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// assert!(sandbox.inbox().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn start() -> io::Result<Self> {
        let shared = Arc::new(SharedState::new());
        let (commands, received) = channel::unbounded();
        let serving = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("logout-sandbox".to_owned())
            .spawn(move || smol::block_on(server::serve(serving, received)))?;
        let sandbox = Self {
            shared,
            commands: Some(commands),
            thread: Some(thread),
        };
        for platform in Platform::ALL {
            sandbox.add(*platform, platform.instance())?;
        }
        Ok(sandbox)
    }

    /// Adds a destination, with limits and troubles of its own: a webhook in Slack or Discord, a
    /// chat of the one Telegram bot, a bot in Zulip. [`figment`](Self::figment) leads the instance
    /// `name` to it.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.add(Platform::Slack, "ops")?;
    /// assert!(sandbox.figment().contains("ops.url"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the name is taken or no port is free.
    pub fn add(&self, platform: Platform, name: &str) -> io::Result<()> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?;
        {
            let mut state = self.shared.lock();
            if state.destinations.iter().any(|other| other.name == name) {
                let taken = format!("the sandbox has a destination `{name}` already");
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, taken));
            }
            let credentials = Credentials::new(platform, name, &state.destinations);
            state
                .destinations
                .push(Destination::new(platform, name, credentials, port));
        }
        self.command(ServerCommand::Open {
            name: name.to_owned(),
            listener,
        });
        Ok(())
    }

    /// Returns the address of the first destination's port, without a path. Every port answers for
    /// every destination; only connections are [refused](Self::refuse_connections) port by port.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// assert!(sandbox.url().starts_with("http://127.0.0.1:"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn url(&self) -> String {
        let state = self.shared.lock();
        let first = state.destinations.first();
        first
            .map(|destination| format!("http://{}", destination.port))
            .unwrap_or_default()
    }

    /// Returns settings that lead the instances `slack`, `discord`, `telegram`, `zulip` and the
    /// [added](Self::add) ones here: `url`, and where the platform has them `bot_token`, `chat_id`,
    /// `bot_email` and `bot_api_key`.
    ///
    /// They are in the default profile, so whatever you merge over them wins.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// let figment = sandbox.figment().merge(("telegram.message_thread_id", 7));
    /// let chat: i64 = figment.extract_inner("telegram.chat_id").map_err(std::io::Error::other)?;
    /// assert!(chat < -1_000_000_000_000);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn figment(&self) -> Figment {
        self.figment_of(|_| true)
    }

    /// Returns the part of [`figment`](Self::figment) that belongs to `target`, for a block that
    /// declares no other instance.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// let figment = sandbox.figment_for("slack");
    /// assert!(figment.contains("slack.url") && !figment.contains("discord.url"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn figment_for(&self, target: impl Into<Target>) -> Figment {
        let target = target.into();
        self.figment_of(|destination| target.covers(destination.platform, &destination.name))
    }

    fn figment_of(&self, wanted: impl Fn(&Destination) -> bool) -> Figment {
        let state = self.shared.lock();
        let wanted = state.destinations.iter().filter(|one| wanted(one));
        wanted.fold(Figment::new(), |figment, destination| {
            figment.merge(destination.figment())
        })
    }

    /// Returns the environment variables that lead another program here, each with its value: the
    /// instances `slack`, `discord`, `telegram` and `zulip` by the platforms' own variables, as
    /// `SLACK_WEBHOOK_URL`, and the [added](Self::add) ones by logout's.
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.add(Platform::Slack, "ops")?;
    /// let names: Vec<_> = sandbox.variables(Platform::Slack).into_iter().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["SLACK_WEBHOOK_URL", "LOGOUT_OPS__URL"]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn variables(&self, target: impl Into<Target>) -> Vec<(String, String)> {
        let target = target.into();
        let mut state = self.shared.lock();
        let variables = state.targeted(&target).flat_map(|one| one.variables());
        variables.map(|(name, _, value)| (name, value)).collect()
    }

    /// Returns the messages that arrived, oldest first.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// assert!(sandbox.inbox().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn inbox(&self) -> Vec<Message> {
        self.shared.lock().inbox.clone()
    }

    /// Waits until this many messages have arrived, for `timeout` at most, and returns all of them:
    /// fewer if the time ran out.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::start()?;
    /// # use tracing_subscriber::prelude::*;
    /// # logout::logout! { struct Alerts { adapters: [Slack] } }
    /// # let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))?.start()?;
    /// # let subscriber = tracing_subscriber::registry().with(alerts);
    /// # tracing::subscriber::with_default(subscriber, || {
    /// tracing::error!("payment failed"); // in a program that sends here
    /// # });
    /// let messages = sandbox.wait_for(1, Duration::from_secs(10));
    /// assert!(messages[0].text().starts_with("🔥 payment failed"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn wait_for(&self, messages: usize, timeout: Duration) -> Vec<Message> {
        let enough = |state: &state::SandboxState| (state.inbox.len() >= messages).then_some(());
        self.shared.wait(timeout, enough);
        self.inbox()
    }

    /// Waits until the inbox satisfies `condition`, at most `timeout`; returns whether it did.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::start()?;
    /// # use tracing_subscriber::prelude::*;
    /// # logout::logout! { struct Alerts { adapters: [Slack] } }
    /// # let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))?.start()?;
    /// # let subscriber = tracing_subscriber::registry().with(alerts);
    /// # tracing::subscriber::with_default(subscriber, || {
    /// tracing::error!("payment failed"); // in a program that sends here
    /// # });
    /// let came = sandbox.wait_until(Duration::from_secs(10), |inbox| {
    ///     inbox.iter().any(|message| message.text().contains("payment failed"))
    /// });
    /// assert!(came);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn wait_until(&self, timeout: Duration, condition: impl FnMut(&[Message]) -> bool) -> bool {
        self.shared.wait_until(timeout, condition)
    }

    /// Returns every request that came in, oldest first, refused ones and those that met a
    /// [`Trouble`] included.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// let refused = sandbox.requests().into_iter().filter(|exchange| exchange.refusal().is_some());
    /// assert_eq!(refused.count(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn requests(&self) -> Vec<Exchange> {
        self.shared.lock().exchanges.clone()
    }

    /// Waits until this many requests have come in, for `timeout` at most, and returns all of them:
    /// fewer if the time ran out.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// let exchanges = sandbox.wait_for_requests(1, Duration::from_millis(1));
    /// assert!(exchanges.is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn wait_for_requests(&self, requests: usize, timeout: Duration) -> Vec<Exchange> {
        let enough =
            |state: &state::SandboxState| (state.exchanges.len() >= requests).then_some(());
        self.shared.wait(timeout, enough);
        self.requests()
    }

    /// Forgets all messages, requests and uploads; troubles and used-up limits stay.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// sandbox.clear();
    /// assert!(sandbox.requests().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn clear(&self) {
        self.shared.lock().clear();
    }

    fn command_ports(
        &self,
        target: &Target,
        order: impl Fn(String, mpsc::SyncSender<()>) -> ServerCommand,
    ) {
        let names: Vec<String> = self
            .shared
            .lock()
            .targeted(target)
            .map(|destination| destination.name.clone())
            .collect();
        for name in names {
            let (done, wait) = mpsc::sync_channel(1);
            self.command(order(name, done));
            // Fails only if the thread is gone, and with it its ports.
            let _ = wait.recv();
        }
    }

    /// Returns a way to command the server that does not keep it running.
    fn weak_commands(&self) -> WeakSender<ServerCommand> {
        let commands = self.commands.as_ref().map(Sender::downgrade);
        // A closed channel where there is no server any more, as there is while this exists.
        commands.unwrap_or_else(|| channel::unbounded().0.downgrade())
    }

    fn command(&self, order: ServerCommand) {
        if let Some(commands) = &self.commands {
            // The channel has no bound and is closed by the drop alone.
            drop(commands.try_send(order));
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by the panic hook.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url();
        let state = self.shared.lock();
        f.debug_struct("Sandbox")
            .field("url", &url)
            .field("messages", &state.inbox.len())
            .field("requests", &state.exchanges.len())
            .finish_non_exhaustive()
    }
}

/// Returns seconds as the platforms count that know whole ones only: rounded up, at least one.
fn whole_seconds(wait: Duration) -> u64 {
    let started = u64::from(wait.subsec_nanos() > 0);
    (wait.as_secs() + started).max(1)
}
