//! How the platforms are made to behave.

use std::time::Duration;

use super::address::{self, Address};
use super::pace::Rate;
use super::server::Order;
use super::{Sandbox, Target, Trouble};

impl Sandbox {
    /// Makes trouble for the next requests of `target`. Several troubles of one destination follow
    /// one another; one without [`times`](Trouble::times) lasts until [`heal`](Self::heal).
    ///
    /// ```
    /// use logout::sandbox::{Platform, Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble(Platform::Telegram, Trouble::status(502).times(3));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a trouble is made where it is passed"
    )]
    pub fn trouble(&self, target: impl Into<Target>, trouble: Trouble) {
        for destination in self.world.state().targeted(&target.into()) {
            destination.troubles.push(trouble.clone());
        }
    }

    /// Ends all trouble of `target` and lets connections in again.
    ///
    /// A request that [hangs](Trouble::hang) is not answered after all.
    ///
    /// ```
    /// use logout::sandbox::{Sandbox, Trouble};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.trouble("zulip", Trouble::gone());
    /// sandbox.heal("zulip");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn heal(&self, target: impl Into<Target>) {
        let target = target.into();
        for destination in self.world.state().targeted(&target) {
            destination.troubles.clear();
        }
        self.order_doors(&target, |name, done| Order::Reopen { name, done });
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
        self.order_doors(&target.into(), |name, done| Order::Shut { name, done });
    }

    /// Whether rate limits are enforced; they are, until this says otherwise.
    ///
    /// Without them answers have no `X-RateLimit-…` headers either.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// sandbox.set_rate_limits(false);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_rate_limits(&self, enforced: bool) {
        self.world.state().limited = enforced;
    }

    /// Replaces the rate limits of `target`: at most so many requests in any stretch of `per`,
    /// which is at most a day.
    ///
    /// ```
    /// use std::time::Duration;
    /// use logout::sandbox::{Platform, Sandbox};
    ///
    /// let sandbox = Sandbox::start()?;
    /// sandbox.set_rate_limit(Platform::Slack, 1, Duration::from_secs(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn set_rate_limit(&self, target: impl Into<Target>, requests: u32, per: Duration) {
        let per = per.min(Duration::from_secs(24 * 60 * 60));
        let rate = Rate::Sliding {
            count: requests.max(1),
            per,
        };
        for destination in self.world.state().targeted(&target.into()) {
            destination.limit = Some(rate);
        }
    }

    /// Makes a Zulip stream (channel) exist. `general` and `alerts` do from the beginning; a
    /// message to any other is answered `STREAM_DOES_NOT_EXIST`.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// sandbox.add_stream("backend");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn add_stream(&self, name: impl Into<String>) {
        self.world.state().streams.insert(name.into());
    }

    /// Makes a Zulip stream not exist.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// sandbox.remove_stream("general");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn remove_stream(&self, name: &str) {
        self.world.state().streams.remove(name);
    }

    /// Makes a thread exist in `target`: a Discord thread's id, a Telegram topic's
    /// `message_thread_id`, or a Slack message's `ts`. None does at first.
    ///
    /// A message to a thread that does not exist is refused by Discord and Telegram. What Slack's
    /// webhooks do then is not documented; here it stands in the channel.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// sandbox.add_thread("telegram", 123);
    /// sandbox.add_thread("discord", "1234567890123456789");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that numbers and texts are written as they are"
    )]
    pub fn add_thread(&self, target: impl Into<Target>, id: impl ToString) {
        for destination in self.world.state().targeted(&target.into()) {
            destination.threads.insert(id.to_string());
        }
    }

    /// Makes a Discord destination a forum, where a message needs a thread or the name of a new
    /// one.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// sandbox.make_forum("discord");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn make_forum(&self, name: &str) {
        for destination in self.world.state().targeted(&name.into()) {
            destination.forum = true;
        }
    }

    /// Turns a Telegram group into a supergroup, as Telegram does when a group grows or gets topics:
    /// the chat has the returned id from now on, and messages to the old one are refused with
    /// `migrate_to_chat_id`. `None` if `name` is no Telegram chat.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// assert!(sandbox.upgrade_chat("telegram").is_some_and(|id| id < 0));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn upgrade_chat(&self, name: &str) -> Option<i64> {
        let mut state = self.world.state();
        let destination = state.targeted(&name.into()).next()?;
        let Address::Telegram { chat_id, .. } = &mut destination.address else {
            return None;
        };
        destination.former_chat = Some(std::mem::replace(chat_id, address::chat_id()));
        Some(*chat_id)
    }

    /// Makes a Telegram chat a public channel of this name, without the `@`, by which it can be
    /// found and looked at by any bot.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// sandbox.make_public("telegram", "shop_alerts");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn make_public(&self, name: &str, public_name: &str) {
        for destination in self.world.state().targeted(&name.into()) {
            destination.public_name = Some(public_name.to_owned());
        }
    }

    /// Removes the bot from a Telegram chat, where nothing that it sends arrives from then on.
    ///
    /// ```
    /// let sandbox = logout::sandbox::Sandbox::start()?;
    /// sandbox.remove_bot("telegram");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn remove_bot(&self, name: &str) {
        for destination in self.world.state().targeted(&name.into()) {
            destination.bot_is_out = true;
        }
    }
}
