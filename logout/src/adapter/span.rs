//! Durations as options of adapters.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::text::duration::{EXPECTED, format, parse};

/// The name by which a deserializer recognises a [`Span`].
pub(crate) const SPAN: &str = "logout::adapter::Span";

/// A duration that is written as text, such as `5m` or `1h 30m`: in the block, in a file and in a
/// variable alike.
///
/// It is a [`Duration`] that is read from text; a bare number is seconds. The units are `ns`, `us`,
/// `ms`, `s`, `m`, `h`, `d`, `w`, and the longer names of [`humantime`](https://docs.rs/humantime).
///
/// ```
/// use std::time::Duration;
///
/// use logout::adapter::{Request, Span, Step};
/// use logout::{Adapter, Notice};
///
/// #[derive(Default, serde::Deserialize)]
/// struct Pager {
///     #[serde(default)]
///     escalate_after: Span,
/// }
///
/// impl Adapter for Pager {
///     fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
///         request.json(&(notice.headline.as_str(), self.escalate_after.duration().as_secs()));
///     }
/// }
///
/// logout::logout! {
///     struct Alerts { adapters: [Pager { escalate_after: "5m" }] }
/// }
///
/// let given: Span = serde_json::from_str(r#""1h 30m""#)?;
/// assert_eq!(given.duration(), Duration::from_secs(5_400));
/// let error = Alerts::from_figment(("pager.escalate_after", "5 parsecs")).unwrap_err();
/// assert!(error.to_string().contains("units"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(Duration);

impl Span {
    /// Returns the duration.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let span: logout::adapter::Span = "100ms".parse()?;
    /// assert_eq!(span.duration(), Duration::from_millis(100));
    /// # Ok::<(), logout::adapter::SpanError>(())
    /// ```
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Self {
        span.0
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        parse(text).map(Self).ok_or(SpanError)
    }
}

/// As it is written: `1h 30m`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match format(self.0) {
            Some(text) => f.write_str(&text),
            None => write!(f, "{:?}", self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(SPAN, SpanVisitor)
    }
}

struct SpanVisitor;

impl<'de> Visitor<'de> for SpanVisitor {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Span, E> {
        text.parse().map_err(de::Error::custom)
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Span, E> {
        Ok(Span(Duration::from_secs(seconds)))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Span, E> {
        let seconds = u64::try_from(seconds).map_err(|_| E::custom(SpanError))?;
        self.visit_u64(seconds)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Span, D::Error> {
        inner.deserialize_any(self)
    }
}

/// The error that a text is not a duration. It does not quote the text.
///
/// ```
/// let error = "five minutes".parse::<logout::adapter::Span>().unwrap_err();
/// assert!(error.to_string().starts_with("expected a duration such as `30s`"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanError;

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {EXPECTED}")
    }
}

impl std::error::Error for SpanError {}
