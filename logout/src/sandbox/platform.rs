//! The four platforms.

use std::fmt;

/// One of the chat platforms that the sandbox stands in for.
///
/// ```
/// use logout::sandbox::Platform;
///
/// assert_eq!(Platform::Slack.to_string(), "Slack");
/// assert!(Platform::ALL.contains(&Platform::Slack));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Platform {
    /// Slack's incoming webhooks.
    Slack,
    /// Discord's webhooks.
    Discord,
    /// Telegram's Bot API.
    Telegram,
    /// Zulip's REST API.
    Zulip,
}

impl Platform {
    /// All of them, in the order in which logout names them.
    ///
    /// ```
    /// use logout::sandbox::Platform;
    ///
    /// let names: Vec<&str> = Platform::ALL.iter().map(|platform| platform.instance()).collect();
    /// assert!(names.starts_with(&["slack", "discord", "telegram", "zulip"]));
    /// ```
    pub const ALL: &[Self] = &[Self::Slack, Self::Discord, Self::Telegram, Self::Zulip];

    /// Returns what the destination of this platform is called that every sandbox begins with: the
    /// name of the instance that a `logout!` block leaves unnamed.
    ///
    /// ```
    /// assert_eq!(logout::sandbox::Platform::Zulip.instance(), "zulip");
    /// ```
    #[must_use]
    pub const fn instance(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Telegram => "telegram",
            Self::Zulip => "zulip",
        }
    }

    /// Returns the platform's own name for the variable that sets an option, where it has one.
    pub(super) fn variable(self, key: &str) -> Option<&'static str> {
        Some(match (self, key) {
            (Self::Slack, "url") => "SLACK_WEBHOOK_URL",
            (Self::Discord, "url") => "DISCORD_WEBHOOK_URL",
            (Self::Telegram, "bot_token") => "TELEGRAM_BOT_TOKEN",
            (Self::Telegram, "chat_id") => "TELEGRAM_CHAT_ID",
            (Self::Zulip, "url") => "ZULIP_URL",
            (Self::Zulip, "bot_email") => "ZULIP_BOT_EMAIL",
            (Self::Zulip, "bot_api_key") => "ZULIP_API_KEY",
            _ => return None,
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Slack => "Slack",
            Self::Discord => "Discord",
            Self::Telegram => "Telegram",
            Self::Zulip => "Zulip",
        })
    }
}

/// Which destinations a call of the sandbox is about: one by its name, or all of a platform.
///
/// Made from a [`Platform`] or a name, so that both fit wherever a target is asked for.
///
/// ```
/// use logout::sandbox::{Platform, Sandbox, Target, Trouble};
///
/// assert_eq!(Target::from("discord"), Target::Name("discord".to_owned()));
///
/// let sandbox = Sandbox::start()?;
/// sandbox.trouble(Platform::Slack, Trouble::status(503)); // all of Slack
/// sandbox.trouble("discord", Trouble::hang().times(1));
/// sandbox.trouble("dicsord", Trouble::hang()); // nothing is called so, and nothing happens
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// Every destination of the platform that exists when the call is made.
    Platform(Platform),
    /// The destination of this name.
    Name(String),
}

impl Target {
    pub(super) fn covers(&self, platform: Platform, name: &str) -> bool {
        match self {
            Self::Platform(of) => *of == platform,
            Self::Name(of) => of == name,
        }
    }
}

impl From<Platform> for Target {
    fn from(platform: Platform) -> Self {
        Self::Platform(platform)
    }
}

impl From<&Platform> for Target {
    fn from(platform: &Platform) -> Self {
        Self::Platform(*platform)
    }
}

impl From<&str> for Target {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Target {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}
