//! What a destination answered.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::de::DeserializeOwned;

/// An answer, as [`Adapter::judge`](crate::Adapter::judge) sees it.
///
/// Nothing in it is trusted: the body is bounded by the transport (64 KiB), may be cut off, may
/// be no JSON and no UTF-8.
///
/// ```
/// use std::time::Duration;
///
/// let mut response = logout::Response::new(429);
/// response.set_header("Retry-After", "28.7");
/// assert_eq!(response.retry_after(), Some(Duration::from_millis(28_700)));
/// ```
#[derive(Clone, Default)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Response {
    /// An empty answer of this status.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// Adds a header; of several with one name the first is found.
    pub fn set_header(&mut self, name: &str, value: &str) -> &mut Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Sets the body.
    pub fn set_body(&mut self, body: impl Into<Vec<u8>>) -> &mut Self {
        self.body = body.into();
        self
    }

    /// The status, as it stood on the wire (Cloudflare's 520 is 520).
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The value of a header, its name in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A header that holds a span of time in seconds, whole or with decimals.
    ///
    /// `None` when it is absent, no number, negative or not finite.
    #[must_use]
    pub fn header_seconds(&self, name: &str) -> Option<Duration> {
        seconds(crate::words::number(self.header(name)?)?)
    }

    /// `Retry-After` in seconds. Zulip sends decimals there, which HTTP does not know; a date,
    /// which none of the platforms sends, is `None`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.header_seconds("retry-after")
    }

    /// How long the answer asks everybody to pause although it was no refusal: until the window
    /// that it says is used up (`X-RateLimit-Remaining: 0`) begins anew (`X-RateLimit-Reset-After`).
    pub(crate) fn pause(&self) -> Option<Duration> {
        let used_up = self.header("x-ratelimit-remaining")?.trim() == "0";
        used_up
            .then(|| self.header_seconds("x-ratelimit-reset-after"))
            .flatten()
    }

    /// The body's bytes.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text, whatever is not UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// All headers, in the order in which they came.
    #[cfg(feature = "surf")]
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    #[cfg(feature = "surf")]
    pub(crate) fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The body read as JSON, or `None` where it is something else.
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// A span of time a server sent, capped at a day: nothing longer is a pace.
pub(crate) fn seconds(number: f64) -> Option<Duration> {
    const DAY: f64 = 86_400.0;
    (number.is_finite() && number >= 0.0).then(|| Duration::from_secs_f64(number.min(DAY)))
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
