//! The configurable keys of a block.

use std::fmt;

use serde::Serialize;

mod template;

pub(crate) use self::template::{env, toml};

/// One key that files and variables can set, as `Alerts::keys()` lists them.
///
/// The keys of an instance come from its adapter's own deserializer, so those of an adapter of
/// yours are there too. An adapter that does not announce its fields (for example with
/// `#[serde(flatten)]`) shows only the keys that every instance has.
///
/// ```
/// logout::logout! {
///     struct Alerts {
///         adapters: [ops: logout::Slack { level: ERROR, mention: "here" }],
///     }
/// }
///
/// let keys = Alerts::keys();
/// let key = |path: &str| keys.iter().find(|key| key.path() == path).unwrap();
///
/// assert_eq!(key("ops.url").variables(), ["LOGOUT_OPS__URL"]);
/// assert!(key("ops.url").is_secret() && key("ops.url").is_required());
/// assert_eq!(key("ops.mention").default(), Some("here"));
/// assert_eq!(key("ops.level").kind().to_string(), "level");
/// assert_eq!(key("level").instance(), None);
/// ```
///
/// It serializes with the results of its methods, for your own check at deployment or a page:
///
/// ```
/// logout::logout! { struct Alerts { max_age: "90m", adapters: [] } }
///
/// let keys = Alerts::keys();
/// let age = keys.iter().find(|key| key.path() == "max_age").unwrap();
/// let json = serde_json::to_value(age)?;
/// assert_eq!((&json["kind"], &json["default"]), (&"duration".into(), &"1h 30m".into()));
/// assert_eq!(json["variables"][0], "LOGOUT_MAX_AGE");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Key {
    pub(crate) instance: Option<&'static str>,
    pub(crate) name: &'static str,
    pub(crate) variables: Vec<String>,
    pub(crate) kind: KeyKind,
    pub(crate) secret: bool,
    pub(crate) required: bool,
    #[serde(rename = "default")]
    pub(crate) given: Option<String>,
    /// The purpose of the key: a setting's description, or the documentation of an adapter's
    /// option.
    pub(crate) meaning: Option<&'static str>,
}

impl Key {
    /// Returns the instance it belongs to; `None` if it is a setting of the whole block.
    ///
    /// ```
    /// logout::logout! { struct Alerts { adapters: [ops: logout::Slack] } }
    ///
    /// let of_ops = Alerts::keys().into_iter().filter(|key| key.instance() == Some("ops"));
    /// assert!(of_ops.count() > 1);
    /// ```
    #[must_use]
    pub fn instance(&self) -> Option<&'static str> {
        self.instance
    }

    /// Returns its name in the table of its instance.
    ///
    /// ```
    /// logout::logout! { struct Alerts { adapters: [ops: logout::Slack] } }
    ///
    /// let url = Alerts::keys().into_iter().find(|key| key.path() == "ops.url").unwrap();
    /// assert_eq!(url.name(), "url");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the whole key, as errors name it: `ops.url`.
    ///
    /// [`from_figment`](crate::Builder::from_figment) reads it from there.
    ///
    /// ```
    /// logout::logout! { struct Alerts { adapters: [ops: logout::Slack] } }
    ///
    /// assert!(Alerts::keys().iter().any(|key| key.path() == "ops.thread_ts"));
    /// ```
    #[must_use]
    pub fn path(&self) -> String {
        match self.instance {
            Some(instance) => format!("{instance}.{}", self.name),
            None => self.name.to_owned(),
        }
    }

    /// Returns the variables that set it, the weakest first.
    ///
    /// Each is also read as `…_FILE`, the name of a file that holds the value. For a
    /// [`KeyKind::Table`] there is a variable for each key of the table, so that the one here
    /// ends with `__…`.
    ///
    /// ```
    /// logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    ///
    /// let url = Alerts::keys().into_iter().find(|key| key.path() == "slack.url").unwrap();
    /// assert_eq!(url.variables(), ["SLACK_WEBHOOK_URL", "LOGOUT_SLACK__URL"]);
    /// ```
    #[must_use]
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Returns what kind of value it takes.
    ///
    /// ```
    /// use logout::config::KeyKind;
    ///
    /// logout::logout! { struct Alerts { adapters: [] } }
    ///
    /// let age = Alerts::keys().into_iter().find(|key| key.path() == "max_age").unwrap();
    /// assert_eq!(age.kind(), KeyKind::Duration);
    /// ```
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Returns whether it holds a secret, at any depth.
    ///
    /// A check at deployment can make sure that no such key is in plain text in your repository.
    ///
    /// ```
    /// logout::logout! { struct Alerts { adapters: [logout::Zulip { stream: "alerts" }] } }
    ///
    /// let secrets = Alerts::keys().into_iter().filter(|key| key.is_secret());
    /// assert_eq!(secrets.map(|key| key.path()).collect::<Vec<_>>(), ["zulip.bot_api_key"]);
    /// ```
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.secret
    }

    /// Returns whether the program does not start without it.
    ///
    /// It is not required if the block sets it, or for an instance that is off (`enabled = false`).
    ///
    /// ```
    /// logout::logout! { struct Alerts { adapters: [logout::Zulip { stream: "alerts" }] } }
    ///
    /// let required = |path: &str| Alerts::keys().iter().any(|key| key.path() == path && key.is_required());
    /// assert!(required("zulip.url") && !required("zulip.stream") && !required("zulip.topic"));
    /// ```
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Returns the value from the block, as a variable would hold it.
    ///
    /// `None` if the block has no value; empty if it has one that only the running program knows,
    /// such as the result of a function.
    ///
    /// ```
    /// logout::logout! { struct Alerts { level: ERROR, adapters: [] } }
    ///
    /// let level = Alerts::keys().into_iter().find(|key| key.path() == "level").unwrap();
    /// assert_eq!(level.default(), Some("ERROR"));
    /// ```
    #[must_use]
    pub fn default(&self) -> Option<&str> {
        self.given.as_deref()
    }
}

/// The kind of value that a [`Key`] takes.
///
/// ```
/// use logout::config::KeyKind;
///
/// assert_eq!(KeyKind::Bool.to_string(), "true or false");
/// assert_eq!(KeyKind::Choice(&["loud", "quiet"]).to_string(), "loud or quiet");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum KeyKind {
    /// Any text.
    #[default]
    Text,
    /// A [`Secret`](crate::adapter::Secret).
    Secret,
    /// A [`Url`](crate::adapter::Url).
    Url,
    /// A [`SecretUrl`](crate::adapter::SecretUrl).
    SecretUrl,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// Several texts; `a, b, c` in a variable.
    List,
    /// Keys of its own.
    Table,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// The name of a level, such as `WARN`.
    Level,
    /// A duration, such as `30s`, `2m 30s` or `100ms`; a bare number is seconds.
    Duration,
    /// A number of bytes, such as `8 KiB` or `16 MiB`; a bare number is bytes.
    Bytes,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Secret => "secret text",
            Self::Url => "URL",
            Self::SecretUrl => "secret URL",
            Self::Bool => "true or false",
            Self::Integer => "whole number",
            Self::Number => "number",
            Self::List => "list",
            Self::Table => "table",
            Self::Choice(variants) => return f.write_str(&variants.join(" or ")),
            Self::Level => "level",
            Self::Duration => "duration",
            Self::Bytes => "size",
        })
    }
}
