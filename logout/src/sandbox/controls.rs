//! The controls by which a test makes the platforms behave.

use std::time::Duration;

use super::credentials::{self, Credentials};
use super::destination::Destination;
use super::rate_limit::Rate;
use super::server::ServerCommand;
use super::{Sandbox, Target, Trouble};

impl Sandbox {
    /// Makes trouble for the next requests of `target`. Several troubles of one destination follow
    /// one another; one without [`times`](Trouble::times) lasts until [`heal`](Self::heal).
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// // `send` posts to the webhook.
    /// sandbox.trouble(Platform::Slack, Trouble::status(502).times(1));
    /// sandbox.trouble(Platform::Slack, Trouble::gone());
    /// assert_eq!([send()?.status(), send()?.status(), send()?.status()], [502, 404, 404]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a trouble is made where it is passed"
    )]
    pub fn trouble(&self, target: impl Into<Target>, trouble: Trouble) {
        self.change(target, |one| one.troubles.push(trouble.clone()));
    }

    /// Ends all trouble of `target` and lets connections in again.
    ///
    /// A request that [hangs](Trouble::hang) gets no answer: its connection is closed, so its
    /// client stops waiting.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox, Trouble};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// // `send` posts to the webhook.
    /// sandbox.trouble("slack", Trouble::gone());
    /// assert_eq!(send()?.status(), 404);
    /// sandbox.heal("slack");
    /// assert_eq!(send()?.status(), 200);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn heal(&self, target: impl Into<Target>) {
        let target = target.into();
        self.change(target.clone(), Destination::heal);
        self.command_ports(&target, |name, done| ServerCommand::Reopen { name, done });
    }

    /// Closes the port of `target`: open connections end, new ones are refused by the operating
    /// system, until [`heal`](Self::heal).
    ///
    /// ```
    /// use std::net::TcpStream;
    /// use logout::sandbox::{Platform, Sandbox};
    ///
    /// let sandbox = Sandbox::start()?;
    /// let address = sandbox.url().replace("http://", "");
    /// sandbox.refuse_connections(Platform::Slack);
    /// assert!(TcpStream::connect(&address).is_err());
    /// sandbox.heal(Platform::Slack);
    /// assert!(TcpStream::connect(&address).is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn refuse_connections(&self, target: impl Into<Target>) {
        self.command_ports(&target.into(), |name, done| ServerCommand::Close {
            name,
            done,
        });
    }

    /// Sets whether rate limits are enforced. By default they are.
    ///
    /// Without them answers have no `X-RateLimit-…` headers either.
    ///
    /// ```
    /// # use logout::sandbox::{Platform, Sandbox};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// // `send` posts to the webhook.
    /// # sandbox.set_rate_limit(Platform::Slack, 1, std::time::Duration::from_secs(60));
    /// assert_eq!([send()?.status(), send()?.status()], [200, 429]);
    /// sandbox.set_rate_limits(false);
    /// assert_eq!([send()?.status(), send()?.status()], [200, 200]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_rate_limits(&self, enforced: bool) {
        self.shared.lock().limited = enforced;
    }

    /// Replaces the rate limits of `target`: at most this many requests in any stretch of `per`,
    /// which is at most a day.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use logout::sandbox::{Platform, Sandbox};
    /// # use logout::adapter::{Request, Url};
    /// # use logout::transport::{Transport, Wire};
    /// # let sandbox = Sandbox::start()?;
    /// # let hook: Url = sandbox.figment().extract_inner("slack.url")?;
    /// # let mut request = Request::new();
    /// # request.post(&hook).json(&serde_json::json!({ "text": "it broke" }));
    /// # let send = || smol::block_on(Wire::new().send(&request));
    /// // `send` posts to the webhook.
    /// sandbox.set_rate_limit(Platform::Slack, 2, Duration::from_secs(60));
    /// assert_eq!([send()?.status(), send()?.status(), send()?.status()], [200, 200, 429]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_rate_limit(&self, target: impl Into<Target>, requests: u32, per: Duration) {
        let per = per.min(Duration::from_secs(24 * 60 * 60));
        let rate = Rate::Sliding {
            count: requests.max(1),
            per,
        };
        self.change(target, |one| one.limit = Some(rate));
    }

    /// Makes a stream (channel) of Zulip exist, and a channel of Mattermost. `general` and `alerts` do from the
    /// beginning, in Mattermost `town-square` too; a message to any other is refused.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    /// use logout::adapter::Outcome;
    ///
    /// logout::logout! { struct Alerts { adapters: [Zulip { stream: "backend" }] } }
    ///
    /// let sandbox = Sandbox::start()?;
    /// let figment = sandbox.figment_for("zulip");
    /// # let alerts = Alerts::from_figment(figment)?;
    /// # let (_alerts, guard) = alerts.start::<tracing_subscriber::Registry>()?;
    /// # sandbox.set_rate_limits(false);
    /// let ask = || guard.handle().verify(Duration::from_secs(10));
    /// assert_eq!(ask()?[0].outcome(), Outcome::Wrong);
    ///
    /// sandbox.add_stream("backend");
    /// assert_eq!(ask()?[0].outcome(), Outcome::Fine);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_stream(&self, name: impl Into<String>) {
        self.shared.lock().streams.insert(name.into());
    }

    /// Makes a stream of Zulip, and a channel of Mattermost, not exist.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    /// use logout::adapter::Outcome;
    ///
    /// logout::logout! { struct Alerts { adapters: [Zulip { stream: "alerts" }] } }
    ///
    /// let sandbox = Sandbox::start()?;
    /// let figment = sandbox.figment_for("zulip");
    /// # let alerts = Alerts::from_figment(figment)?;
    /// # let (_alerts, guard) = alerts.start::<tracing_subscriber::Registry>()?;
    /// # sandbox.set_rate_limits(false);
    /// let ask = || guard.handle().verify(Duration::from_secs(10));
    /// assert_eq!(ask()?[0].outcome(), Outcome::Fine);
    ///
    /// sandbox.remove_stream("alerts");
    /// assert_eq!(ask()?[0].outcome(), Outcome::Wrong);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_stream(&self, name: &str) {
        self.shared.lock().streams.remove(name);
    }

    /// Makes a thread exist in `target`: a Discord thread's id, a Telegram topic's
    /// `message_thread_id`, or a Slack message's `ts`. None does at first.
    ///
    /// A message to a thread that does not exist is refused by Discord and Telegram. What Slack's
    /// webhooks do then is not documented; here it stands in the channel.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    /// use tracing_subscriber::prelude::*;
    ///
    /// logout::logout! { struct Alerts { adapters: [Telegram] } }
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.add_thread("telegram", 123);
    /// # let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("telegram"))?.start()?;
    /// # let subscriber = tracing_subscriber::registry().with(alerts);
    /// # tracing::subscriber::with_default(subscriber, || {
    /// tracing::error!(telegram_thread = 123, "payment failed");
    /// # });
    /// guard.handle().flush(Duration::from_secs(10))?;
    /// assert_eq!(sandbox.inbox()[0].details().telegram().unwrap().thread, Some(123));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that numbers and texts are written as they are"
    )]
    pub fn add_thread(&self, target: impl Into<Target>, id: impl ToString) {
        self.change(target, |one| {
            one.threads.insert(id.to_string());
        });
    }

    /// Makes a Discord destination a forum, where a message needs a thread or the name of a new
    /// one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    /// use tracing_subscriber::prelude::*;
    ///
    /// logout::logout! { struct Alerts { adapters: [Discord] } }
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.make_forum("discord");
    /// # let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("discord"))?.start()?;
    /// # let subscriber = tracing_subscriber::registry().with(alerts);
    /// # tracing::subscriber::with_default(subscriber, || {
    /// tracing::error!("payment failed");
    /// # });
    /// let kept = guard.handle().flush(Duration::from_secs(10)).unwrap_err();
    /// assert_eq!(kept.left(), 1); // until the settings name a thread
    /// let why = sandbox.requests()[0].refusal().unwrap_or_default().to_owned();
    /// assert_eq!(why, "220001: a forum needs `thread_id` or `thread_name`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn make_forum(&self, name: &str) {
        self.change(name, |one| one.forum = true);
    }

    /// Turns a Telegram group into a supergroup, as Telegram does when a group grows or gets
    /// topics: the chat has the returned id from now on, and messages to the old one are refused
    /// with `migrate_to_chat_id`. `None` if `name` is no Telegram chat.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// assert!(sandbox.upgrade_chat("telegram").is_some_and(|id| id < 0));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn upgrade_chat(&self, name: &str) -> Option<i64> {
        let mut state = self.shared.lock();
        let destination = state.targeted(&name.into()).next()?;
        let Credentials::Telegram { chat_id, .. } = &mut destination.credentials else {
            return None;
        };
        destination.former_chat = Some(std::mem::replace(chat_id, credentials::chat_id()));
        Some(*chat_id)
    }

    /// Makes a Telegram chat a public channel of this name, without the `@`, by which it can be
    /// found and looked at by any bot.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    /// use logout::adapter::Outcome;
    ///
    /// logout::logout! { struct Alerts { adapters: [Telegram] } }
    ///
    /// let sandbox = Sandbox::start()?;
    /// let figment = sandbox.figment_for("telegram").merge(("telegram.chat_id", "@shop_alerts"));
    /// # let alerts = Alerts::from_figment(figment)?;
    /// # let (_alerts, guard) = alerts.start::<tracing_subscriber::Registry>()?;
    /// sandbox.make_public("telegram", "shop_alerts");
    /// let findings = guard.handle().verify(Duration::from_secs(10))?;
    /// assert_eq!(findings[0].outcome(), Outcome::Fine);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn make_public(&self, name: &str, public_name: &str) {
        self.change(name, |one| one.public_name = Some(public_name.to_owned()));
    }

    /// Removes the bot from a Telegram chat, where nothing that it sends arrives from then on.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::Sandbox;
    /// use logout::adapter::Outcome;
    ///
    /// logout::logout! { struct Alerts { adapters: [Telegram] } }
    ///
    /// let sandbox = Sandbox::start()?;
    /// let figment = sandbox.figment_for("telegram");
    /// # let alerts = Alerts::from_figment(figment)?;
    /// # let (_alerts, guard) = alerts.start::<tracing_subscriber::Registry>()?;
    /// sandbox.remove_bot("telegram");
    /// let findings = guard.handle().verify(Duration::from_secs(10))?;
    /// assert_eq!(findings[0].outcome(), Outcome::Wrong);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_bot(&self, name: &str) {
        self.change(name, |one| one.bot_is_out = true);
    }

    /// Changes every destination that is meant.
    fn change(&self, target: impl Into<Target>, change: impl FnMut(&mut Destination)) {
        self.shared.lock().targeted(&target.into()).for_each(change);
    }
}
