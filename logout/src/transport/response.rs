//! The answer of a destination.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;

use super::http_date;

/// The most bytes that are read of an answer's body.
pub(crate) const LARGEST_BODY: usize = 64 * 1024;

/// An answer, as [`Adapter::judge`](crate::Adapter::judge) sees it.
///
/// Nothing in it is trusted: the transport limits the body (64 KiB), it may be cut off (then it is
/// not [complete](Self::is_complete)), and it may be neither JSON nor UTF-8.
///
/// ```
/// use std::time::Duration;
///
/// let mut response = logout::adapter::Response::new(429);
/// response.append_header("Retry-After", "28.7");
/// assert_eq!(response.retry_after(), Some(Duration::from_millis(28_700)));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    incomplete: bool,
}

impl Response {
    /// Creates an empty answer of this status.
    ///
    /// For a [`Transport`](crate::transport::Transport) or [`Adapter::send`](crate::Adapter::send)
    /// of your own, and for tests of [`judge`](crate::Adapter::judge).
    ///
    /// ```
    /// let answer = logout::adapter::Response::new(204);
    /// assert!(answer.is_success() && answer.body().is_empty());
    /// ```
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// Adds a header; if several have one name, the first is found.
    ///
    /// ```
    /// let mut answer = logout::adapter::Response::new(429);
    /// answer.append_header("Retry-After", "7");
    /// assert_eq!(answer.header("retry-after"), Some("7"));
    /// ```
    pub fn append_header(&mut self, name: &str, value: &str) -> &mut Self {
        self.headers
            .push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Sets the body.
    ///
    /// A transport sets at most 64 KiB.
    ///
    /// ```
    /// let mut answer = logout::adapter::Response::new(200);
    /// answer.set_body("ok");
    /// assert_eq!(answer.text(), "ok");
    /// ```
    pub fn set_body(&mut self, body: impl Into<Vec<u8>>) -> &mut Self {
        self.body = body.into();
        self
    }

    /// Says that its body could not be read, or not completely.
    ///
    /// A transport that has read a head calls this instead of returning a
    /// [`Fault`](crate::transport::Fault), because the status says what became of the request.
    ///
    /// ```
    /// let mut answer = logout::adapter::Response::new(200);
    /// answer.set_body("{\"ok\":tr").set_incomplete();
    /// assert!(!answer.is_complete());
    /// ```
    pub fn set_incomplete(&mut self) -> &mut Self {
        self.incomplete = true;
        self
    }

    /// Returns whether its body could be read: it ended as its head said, in time, and was not
    /// compressed. A body that was cut at the transport's limit counts as read.
    ///
    /// The head of a success says that the message was accepted, whatever the body would have said.
    /// So if [`judge`](crate::Adapter::judge) does not call it delivered, the message is sent once
    /// more and not a third time.
    ///
    /// ```
    /// assert!(logout::adapter::Response::new(204).is_complete());
    /// ```
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.incomplete
    }

    /// Returns the status as received (Cloudflare's 520 is 520).
    ///
    /// ```
    /// assert_eq!(logout::adapter::Response::new(520).status(), 520);
    /// ```
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns whether the status is 2xx.
    ///
    /// That does not mean that the message arrived: some platforms answer errors under 200.
    ///
    /// ```
    /// assert!(logout::adapter::Response::new(204).is_success());
    /// assert!(!logout::adapter::Response::new(302).is_success());
    /// ```
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the value of a header; case does not matter in its name.
    ///
    /// ```
    /// let mut answer = logout::adapter::Response::new(429);
    /// answer.append_header("x-ratelimit-scope", "shared");
    /// assert_eq!(answer.header("X-RateLimit-Scope"), Some("shared"));
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Returns a header that holds a duration in seconds, whole or with decimals.
    ///
    /// `None` if it is absent, not a number, negative or not finite. A day at most: nothing longer is
    /// a pace.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let mut answer = logout::adapter::Response::new(200);
    /// answer.append_header("x-ratelimit-reset-after", "1.5");
    /// assert_eq!(answer.header_seconds("x-ratelimit-reset-after"), Some(Duration::from_millis(1_500)));
    /// assert_eq!(answer.header_seconds("x-ratelimit-limit"), None);
    /// ```
    #[must_use]
    pub fn header_seconds(&self, name: &str) -> Option<Duration> {
        seconds(crate::text::human::parse_number(self.header(name)?)?)
    }

    /// Returns how long `Retry-After` asks to wait, a day at most.
    ///
    /// It holds seconds, or a date that is compared with the answer's own (RFC 9110, 10.2.3), so
    /// that this machine's clock does not matter. Zulip sends decimals, which HTTP does not know. A
    /// date that has passed asks for no wait.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let mut answer = logout::adapter::Response::new(503);
    /// answer.append_header("date", "Fri, 31 Dec 1999 23:59:29 GMT");
    /// answer.append_header("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT");
    /// assert_eq!(answer.retry_after(), Some(Duration::from_secs(30)));
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.header_seconds("retry-after").or_else(|| {
            let until = self.header_date("retry-after")?;
            let now = self.header_date("date").unwrap_or_else(SystemTime::now);
            let wait = until.duration_since(now).unwrap_or_default();
            seconds(wait.as_secs_f64())
        })
    }

    fn header_date(&self, name: &str) -> Option<SystemTime> {
        http_date::parse(self.header(name)?)
    }

    /// Returns how long an answer that is no refusal asks to pause: until the rate limit's used-up
    /// window (`X-RateLimit-Remaining: 0`) ends (`X-RateLimit-Reset-After`).
    pub(crate) fn pause(&self) -> Option<Duration> {
        let used_up = self.header("x-ratelimit-remaining")?.trim() == "0";
        used_up
            .then(|| self.header_seconds("x-ratelimit-reset-after"))
            .flatten()
    }

    /// Returns the body's bytes.
    ///
    /// ```
    /// assert_eq!(logout::adapter::Response::new(204).body(), b"");
    /// ```
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Returns the body as text, in which invalid UTF-8 is replaced.
    ///
    /// For platforms that answer with a word. It comes from outside: cut it before it is shown.
    ///
    /// ```
    /// let mut answer = logout::adapter::Response::new(404);
    /// answer.set_body(b"no_\xffservice".to_vec());
    /// assert_eq!(answer.text(), "no_\u{fffd}service");
    /// ```
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Returns all headers, in the order in which they came.
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

    /// Returns the body parsed as JSON, or `None` if it is something else.
    ///
    /// A proxy may answer in the platform's place, in HTML, so expect `None`.
    ///
    /// ```
    /// use serde_json::Value;
    ///
    /// let mut answer = logout::adapter::Response::new(200);
    /// answer.set_body(r#"{ "ok": true }"#);
    /// assert_eq!(answer.json::<Value>().unwrap()["ok"], true);
    ///
    /// answer.set_body("<html>Bad gateway</html>");
    /// assert_eq!(answer.json::<Value>(), None);
    /// ```
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Returns a duration that a server sent, at most a day: nothing longer is a pace.
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::Response;

    fn wait(retry_after: &str) -> Option<u64> {
        let mut answer = Response::new(503);
        answer.append_header("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
        answer.append_header("Retry-After", retry_after);
        answer.retry_after().map(|wait| wait.as_secs())
    }

    #[test]
    fn a_wait_is_read_in_every_form_that_http_has() {
        for (text, seconds) in [
            ("7", Some(7)),
            ("28.7", Some(28)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", Some(30)),
            ("Sunday, 06-Nov-94 08:50:07 GMT", Some(30)),
            ("Sun Nov  6 08:50:07 1994", Some(30)),
            ("Sun, 06 Nov 1994 08:49:07 GMT", Some(0)),
            ("Sat, 06 Nov 2094 08:49:07 GMT", Some(86_400)),
            ("soon", None),
            ("-1", None),
            ("", None),
        ] {
            assert_eq!(wait(text), seconds, "{text:?}");
        }
    }

    #[test]
    fn a_date_is_of_this_machine_where_the_answer_has_none() {
        let mut answer = Response::new(503);
        let until = SystemTime::now() + Duration::from_secs(60);
        answer.append_header("Retry-After", &httpdate::fmt_http_date(until));
        let wait = answer.retry_after().unwrap();
        assert!(wait > Duration::from_secs(30) && wait <= Duration::from_secs(60));
    }
}
