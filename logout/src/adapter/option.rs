//! The conversion of values that a `logout!` block gives to options.

use std::time::Duration;

use super::span::Span;
use crate::transport::Url;
use crate::transport::secret::Secret;
use crate::transport::url::{SecretUrl, is_insecure};

/// A conversion of a value written in a `logout!` block into the type of the adapter's field.
///
/// Every value fits a field of its own type and an `Option` of it. A text literal also fits a
/// `String`, a [`Url`] and a [`Span`], and a list of them a `Vec<String>`.
///
/// ```
/// use logout::adapter::IntoOption;
///
/// let topic: String = "alerts".into_option()?;
/// let thread: Option<i64> = 123.into_option()?;
/// let mentions: Vec<String> = ["@ops", "@dev"].into_option()?;
/// assert_eq!((topic.as_str(), thread, mentions.len()), ("alerts", Some(123), 2));
///
/// let wrong: Result<logout::adapter::Url, String> = "chat.example.org".into_option();
/// assert_eq!(wrong.unwrap_err(), "it has no scheme; write `https://…`");
/// # Ok::<(), String>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of an option of type `{T}`",
    label = "expected a value for `{T}`",
    note = "write a value of the field's own type, without `Some`"
)]
pub trait IntoOption<T>: Sized {
    /// Returns the field's value.
    ///
    /// # Errors
    ///
    /// Says in a sentence why the value does not fit.
    fn into_option(self) -> Result<T, String>;

    /// Returns whether the value is an address to which a message would travel unencrypted.
    #[doc(hidden)]
    fn is_insecure(&self) -> bool {
        false
    }
}

impl<T> IntoOption<T> for T {
    fn into_option(self) -> Result<T, String> {
        Ok(self)
    }
}

impl<T> IntoOption<Option<T>> for T {
    fn into_option(self) -> Result<Option<T>, String> {
        Ok(Some(self))
    }
}

/// The text that a block may give to an option that holds text.
///
/// Separate from [`IntoOption`], and implemented for the text and not for the value, so that rustc
/// shows this message.
#[diagnostic::on_unimplemented(
    message = "`{V}` is not text, which this option takes",
    label = "this option takes text",
    note = "write text in quotes, without `Some`: `\"123\"`"
)]
pub trait TextFrom<V> {
    /// Returns the value as text.
    fn text_from(value: V) -> String;
}

impl TextFrom<&str> for String {
    fn text_from(value: &str) -> String {
        value.to_owned()
    }
}

impl<V> IntoOption<String> for V
where
    String: TextFrom<V>,
{
    fn into_option(self) -> Result<String, String> {
        Ok(String::text_from(self))
    }
}

impl<V> IntoOption<Option<String>> for V
where
    String: TextFrom<V>,
{
    fn into_option(self) -> Result<Option<String>, String> {
        Ok(Some(String::text_from(self)))
    }
}

/// A secret, which a block may not give.
#[diagnostic::on_unimplemented(
    message = "a secret cannot be written in the block",
    label = "remove this option",
    note = "set its variable `LOGOUT_<INSTANCE>__<OPTION>`, which is read when the program starts; `env_template()` lists all variables of a block"
)]
pub trait SecretFrom<V> {
    /// Returns the secret.
    fn secret_from(value: V) -> Self;
}

impl<V> IntoOption<Secret> for V
where
    Secret: SecretFrom<V>,
{
    fn into_option(self) -> Result<Secret, String> {
        Ok(Secret::secret_from(self))
    }
}

impl<V> IntoOption<SecretUrl> for V
where
    SecretUrl: SecretFrom<V>,
{
    fn into_option(self) -> Result<SecretUrl, String> {
        Ok(SecretUrl::secret_from(self))
    }
}

impl<V> IntoOption<Option<Secret>> for V
where
    Secret: SecretFrom<V>,
{
    fn into_option(self) -> Result<Option<Secret>, String> {
        Ok(Some(Secret::secret_from(self)))
    }
}

impl<V> IntoOption<Option<SecretUrl>> for V
where
    SecretUrl: SecretFrom<V>,
{
    fn into_option(self) -> Result<Option<SecretUrl>, String> {
        Ok(Some(SecretUrl::secret_from(self)))
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<Url> for &str {
    fn into_option(self) -> Result<Url, String> {
        Url::parse(self).map_err(|error| error.to_string())
    }

    fn is_insecure(&self) -> bool {
        Url::parse(self).is_ok_and(|url| is_insecure(&url))
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<Option<Url>> for &str {
    fn into_option(self) -> Result<Option<Url>, String> {
        IntoOption::<Url>::into_option(self).map(Some)
    }

    fn is_insecure(&self) -> bool {
        IntoOption::<Url>::is_insecure(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<Span> for &str {
    fn into_option(self) -> Result<Span, String> {
        self.parse()
            .map_err(|error: super::span::SpanError| error.to_string())
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<Option<Span>> for &str {
    fn into_option(self) -> Result<Option<Span>, String> {
        IntoOption::<Span>::into_option(self).map(Some)
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<Span> for Duration {
    fn into_option(self) -> Result<Span, String> {
        Ok(self.into())
    }
}

#[diagnostic::do_not_recommend]
impl IntoOption<Option<Span>> for Duration {
    fn into_option(self) -> Result<Option<Span>, String> {
        Ok(Some(self.into()))
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> IntoOption<Vec<String>> for [&str; N] {
    fn into_option(self) -> Result<Vec<String>, String> {
        Ok(self.into_iter().map(str::to_owned).collect())
    }
}
