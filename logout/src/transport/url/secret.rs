//! Addresses that are themselves credentials.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};

use super::Url;
use crate::transport::secret::TextVisitor;

/// The name by which a deserializer recognises a [`SecretUrl`].
pub(crate) const SECRET_URL: &str = "logout::adapter::SecretUrl";

/// An address that is itself a credential, such as a webhook's.
///
/// Like a [`Secret`](crate::adapter::Secret) it can only come from the environment or a file, is required,
/// and shows nothing but its host.
///
/// ```
/// let hook: logout::adapter::SecretUrl = serde_json::from_str(r#""https://hooks.slack.com/services/T0/B0/x""#)?;
/// assert_eq!(format!("{hook:?}"), "SecretUrl(hooks.slack.com/…)");
/// assert_eq!(hook.expose().path_and_query(), "/services/T0/B0/x");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct SecretUrl(Url);

impl SecretUrl {
    /// Returns the address itself, for the one place that sends to it.
    ///
    /// ```
    /// let hook: logout::adapter::SecretUrl = serde_json::from_str(r#""https://chat.example.org/hook""#)?;
    /// assert_eq!(hook.expose().path_and_query(), "/hook");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn expose(&self) -> &Url {
        &self.0
    }

    /// Returns the same credential at an address derived from it: a rewritten path, an added query.
    ///
    /// ```
    /// let hook: logout::adapter::SecretUrl = serde_json::from_str(r#""https://chat.example.org/hook""#)?;
    /// let waiting = hook.map(|url| url.with_query("wait=true"));
    /// assert_eq!(waiting.expose().path_and_query(), "/hook?wait=true");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn map(&self, change: impl FnOnce(&Url) -> Url) -> Self {
        Self(change(&self.0))
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({}/…)", self.0.authority())
    }
}

impl<'de> Deserialize<'de> for SecretUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(SECRET_URL, TextVisitor)?;
        Url::parse(&text).map(Self).map_err(de::Error::custom)
    }
}
