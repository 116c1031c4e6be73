//! The findings of a verification, which checks credentials without posting.

use std::fmt;

use serde::Serialize;

use crate::transport::Response;

/// The result of [`Adapter::verify`](crate::Adapter::verify) after the answers so far.
///
/// A text is one short line for the person who has to fix the configuration. Secrets are removed
/// before anybody sees it. [`Adapter::verify`](crate::Adapter::verify) has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// Send the request, then call again with its answer.
    Ask,
    /// Everything works; the text says what was found out, such as the bot's name.
    Fine(String),
    /// Something is wrong. The text says what, and what to do; name the settings only by their
    /// keys, because logout adds the variables that set them.
    Wrong {
        /// The keys to change, such as `["url"]`; empty if no setting is to blame.
        keys: &'static [&'static str],
        /// What is wrong.
        why: String,
    },
    /// The platform cannot be asked; the text says why.
    Unasked(String),
}

impl Check {
    /// Returns a problem that the settings `keys` cause, or none of the configuration if there are
    /// no keys.
    ///
    /// ```
    /// use logout::adapter::Check;
    ///
    /// let check = Check::wrong(&["url"], "the webhook was deleted; make a new one");
    /// assert!(matches!(check, Check::Wrong { keys: ["url"], .. }));
    /// ```
    pub fn wrong(keys: &'static [&'static str], why: impl Into<String>) -> Self {
        Self::Wrong {
            keys,
            why: why.into(),
        }
    }

    /// Returns that a platform cannot be asked about its webhooks.
    pub(super) fn of_webhook(platform: &str) -> Self {
        Self::Unasked(format!(
            "{platform} cannot say whether a webhook works; only a message would show it"
        ))
    }

    /// Returns the meaning of an answer that is not the platform's own.
    pub(super) fn from_stranger(response: &Response, platform: &str) -> Self {
        match Self::from_status(response, &["url"]) {
            check @ Self::Wrong { keys: [], .. } => check,
            _ => Self::wrong(
                &["url"],
                format!("something other than {platform} answers there"),
            ),
        }
    }

    /// Returns the meaning of the status alone: 2xx is fine; 5xx, 408 and 425 blame the server and
    /// no setting; everything else blames `keys`.
    ///
    /// ```
    /// use logout::adapter::{Check, Response};
    ///
    /// let check = Check::from_status(&Response::new(502), &["url"]);
    /// let why = "the server failed (status 502), and no setting is to blame; try again later";
    /// assert_eq!(check, Check::wrong(&[], why));
    /// ```
    #[must_use]
    pub fn from_status(response: &Response, keys: &'static [&'static str]) -> Self {
        match response.status() {
            200..=299 => Self::Fine("it answers".to_owned()),
            status @ (408 | 425 | 500..=599) => Self::wrong(
                &[],
                format!(
                    "the server failed (status {status}), and no setting is to blame; try again \
                    later"
                ),
            ),
            status => Self::wrong(keys, format!("it is refused (status {status})")),
        }
    }
}

/// The result of asking one instance's platform, from [`Handle::verify`](crate::Handle::verify).
///
/// Its `Display` is one line for a person, with a mark in front:
///
/// ```text
/// ✓ telegram: @shop_bot writes to “Shop alarms”
/// – slack: Slack cannot say whether a webhook works; only a message would show it
/// ✗ discord: the webhook was deleted; make a new one; set DISCORD_WEBHOOK_URL or LOGOUT_DISCORD__URL
/// ```
///
/// Serialized it is a map of `instance`, `outcome` (`fine`, `unasked` or `wrong`) and `text`.
///
/// A program that must not start without its alarms looks for the finding that is
/// [`Wrong`](Outcome::Wrong):
///
/// ```
/// use logout::adapter::{Finding, Outcome};
///
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// # let alerts = Alerts::from_figment(("enabled", false))?;
/// # let (_alerts, guard) = alerts.start::<tracing_subscriber::Registry>()?;
/// let findings = guard.handle().verify(std::time::Duration::from_secs(10))?;
/// let wrong: Vec<&Finding> =
///     findings.iter().filter(|finding| finding.outcome() == Outcome::Wrong).collect();
/// assert!(wrong.is_empty(), "{wrong:?}");
///
/// // This one was turned off.
/// assert_eq!(findings[0].to_string(), "– slack: logout is turned off (`enabled = false`)");
/// assert_eq!(serde_json::to_value(&findings[0])?["outcome"], "unasked");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub(crate) instance: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) text: String,
}

impl Finding {
    #[cfg(feature = "verify")]
    pub(crate) fn new(instance: &'static str, outcome: Outcome, text: String) -> Self {
        Self {
            instance,
            outcome,
            text,
        }
    }

    /// Returns the instance, by its name in the block.
    #[must_use]
    pub fn instance(&self) -> &'static str {
        self.instance
    }

    /// Returns how it went.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Returns what was found out, or what is wrong and what to do, on one line without a secret.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.outcome, self.instance, self.text)
    }
}

/// The outcome of asking a platform.
///
/// ```
/// assert_eq!(logout::adapter::Outcome::Wrong.to_string(), "✗");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The credentials work, and the place exists.
    Fine,
    /// It was not asked: the platform has no such request, or the instance is turned off.
    Unasked,
    /// Messages would not arrive.
    Wrong,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fine => "✓",
            Self::Unasked => "–",
            Self::Wrong => "✗",
        })
    }
}
