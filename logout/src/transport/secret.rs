//! Text that must never be shown.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::de::{self, Deserialize, Deserializer, Visitor};

/// The name by which a deserializer recognises a [`Secret`].
pub(crate) const SECRET: &str = "logout::adapter::Secret";

/// A password, key or token that comes from the environment or a file and is never shown.
///
/// It cannot be made from a literal, so a secret cannot be written in a `logout!` block: a field of
/// this type is filled at run time, or the program does not start. Its `Debug` and `Display` hide
/// it, it is wiped from memory when dropped, and logout removes every configured secret from what
/// it sends.
///
/// A field of type `Secret` is required; make it `Option<Secret>` if the adapter can do without.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Pager {
///     key: logout::adapter::Secret,
/// }
///
/// let pager: Pager = serde_json::from_str(r#"{ "key": "hunter2" }"#)?;
/// assert_eq!(format!("{:?}", pager.key), "Secret(…)");
/// assert_eq!(pager.key.expose(), "hunter2");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Secret(SecretString);

impl Secret {
    /// Returns the text, for the one place that puts it into a request.
    ///
    /// Nothing made from it may reach a log, an error or a `Debug`.
    ///
    /// ```
    /// let key: logout::adapter::Secret = serde_json::from_str(r#""hunter2""#)?;
    /// assert_eq!(key.expose(), "hunter2");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    pub(crate) fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_newtype_struct(SECRET, TextVisitor)
            .map(Self::new)
    }
}

/// A visitor that reads text, directly or wrapped in a newtype.
pub(crate) struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<String, D::Error> {
        inner.deserialize_string(self)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }
}
