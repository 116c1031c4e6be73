//! The platforms.

use std::fmt;
use std::time::Duration;

use super::destination::Destination;
use super::rate_limit::Rate;
use super::request::RawRequest;
use super::state::{Decision, OrRefusal, RequestContext};
use super::{
    Answer, discord, google_chat, mattermost, ntfy, pager_duty, slack, slack_bot, teams, telegram,
    webhook, zulip,
};

/// Declares the platforms, each with the module that plays it, which names its destination too.
///
/// The module has `LIMITS`, each under the name it is shared by; `VARIABLES`, the platform's own names of
/// variables; `is_path` and `is_for`, which find the platform and the destination of a request; `judge`,
/// and the answers `rate_limited` and `gone`.
macro_rules! platforms {
    ($($(#[$about:meta])+ $platform:ident $name:literal $module:ident,)+) => {
        /// One of the platforms that the sandbox stands in for.
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
            $($(#[$about])+ $platform,)+
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
            pub const ALL: &[Self] = &[$(Self::$platform,)+];

            /// Returns the name of the destination of this platform that every sandbox begins
            /// with: that of the instance which a `logout!` block leaves unnamed.
            ///
            /// ```
            /// assert_eq!(logout::sandbox::Platform::Zulip.instance(), "zulip");
            /// ```
            #[must_use]
            pub const fn instance(self) -> &'static str {
                match self {
                    $(Self::$platform => stringify!($module),)+
                }
            }

            const fn name(self) -> &'static str {
                match self {
                    $(Self::$platform => $name,)+
                }
            }

            /// Returns the platform's own name for the variable that sets an option, where it has one.
            pub(super) fn variable(self, key: &str) -> Option<&'static str> {
                let variables: &[_] = match self {
                    $(Self::$platform => $module::VARIABLES,)+
                };
                let variable = variables.iter().find(|(_, option)| *option == key);
                variable.map(|(variable, _)| *variable)
            }

            /// Returns the platform whose path this is; each platform's paths begin in a way of
            /// their own.
            pub(super) fn of_path(path: &str) -> Option<Self> {
                $(if $module::is_path(path) { return Some(Self::$platform); })+
                None
            }

            pub(super) fn is_for(self, raw: &RawRequest, destination: &Destination) -> bool {
                match self {
                    $(Self::$platform => $module::is_for(raw, destination),)+
                }
            }

            /// Returns the limits that each of its destinations is under.
            pub(super) const fn limits(self) -> &'static [(&'static str, Rate)] {
                match self {
                    $(Self::$platform => $module::LIMITS,)+
                }
            }

            pub(super) fn judge(self, context: &mut RequestContext<'_>) -> OrRefusal<Decision> {
                match self {
                    $(Self::$platform => $module::judge(context),)+
                }
            }

            pub(super) fn rate_limited(self, wait: Duration) -> Answer {
                match self {
                    $(Self::$platform => $module::rate_limited(wait),)+
                }
            }

            pub(super) fn gone(self) -> Answer {
                match self {
                    $(Self::$platform => $module::gone(),)+
                }
            }
        }
    };
}

platforms! {
    /// Slack's incoming webhooks.
    Slack "Slack" slack,
    /// Discord's webhooks.
    Discord "Discord" discord,
    /// Telegram's Bot API.
    Telegram "Telegram" telegram,
    /// Zulip's REST API.
    Zulip "Zulip" zulip,
    /// Slack's Web API, with a bot's token.
    SlackBot "Slack bot" slack_bot,
    /// Microsoft Teams' webhooks of Workflows.
    Teams "Teams" teams,
    /// Google Chat's incoming webhooks.
    GoogleChat "Google Chat" google_chat,
    /// PagerDuty's Events API v2.
    PagerDuty "PagerDuty" pager_duty,
    /// Mattermost's incoming webhooks.
    Mattermost "Mattermost" mattermost,
    /// ntfy's server.
    Ntfy "ntfy" ntfy,
    /// A receiver of Standard Webhooks.
    Webhook "Webhook" webhook,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The destinations that a call of the sandbox is about: one by its name, or all of a platform.
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
