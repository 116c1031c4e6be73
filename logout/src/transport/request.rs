//! A request of an adapter.

#![cfg_attr(
    not(feature = "all-adapters"),
    allow(dead_code, reason = "not every adapter needs all of it")
)]

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::time::Instant;

use http::{HeaderValue, Method};

use crate::transport::Url;

// In the order in which the page of `Request` shows their methods; the blank lines keep rustfmt
// from sorting them.
pub(crate) mod head;

mod body;
mod json;

pub use self::body::Part;
use self::body::PartPosition;
pub(crate) use self::json::JsonWriter;

/// `logout/0.1.0`: how requests name their sender where the platform demands no form of its own.
pub(crate) const USER_AGENT: &str = concat!("logout/", env!("CARGO_PKG_VERSION"));

/// One HTTP request, filled in place by [`Adapter::render`](crate::Adapter::render).
///
/// It is cleared, not dropped, between two messages, so a lane with many messages reuses its
/// buffers. If something cannot be sent (a header with a line break, a value that JSON does not
/// have), it is remembered, and the message is counted as rejected with that reason.
///
/// ```
/// let mut request = logout::adapter::Request::new();
/// request.post(&logout::adapter::Url::parse("https://chat.example.org/hook")?);
/// request.json(&serde_json::json!({ "text": "it broke" }));
///
/// assert_eq!(request.url().as_str(), "https://chat.example.org/hook");
/// assert_eq!(request.header("content-type"), Some("application/json"));
/// assert_eq!(request.body(), br#"{"text":"it broke"}"#);
/// # Ok::<(), logout::adapter::UrlError>(())
/// ```
#[derive(Clone, Default)]
pub struct Request {
    method: Method,
    url: Url,
    /// By their names in lower case.
    headers: Vec<(Cow<'static, str>, HeaderValue)>,
    body: Vec<u8>,
    /// The parts of a multipart body.
    parts: Vec<PartPosition>,
    followed: bool,
    supplement: bool,
    problem: Option<String>,
    /// When the transport began to write it, if it reports that.
    written: OnceLock<Instant>,
}

impl Request {
    /// Says that another part follows: once this one is delivered,
    /// [`Adapter::render`](crate::Adapter::render) is called for the next.
    ///
    /// The answer is then in [`Step::answers`](crate::adapter::Step::answers). A message counts
    /// as delivered with its last part.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// assert!(!request.is_followed());
    /// request.followed();
    /// assert!(request.is_followed());
    /// ```
    pub fn followed(&mut self) -> &mut Self {
        self.followed = true;
        self
    }

    /// Says that this part only adds to an earlier part, such as the whole text as a file. If it is
    /// refused, the message still counts as delivered and is not sent again.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.bytes("text/plain", b"the whole of the trace").supplements();
    /// assert!(request.is_supplement());
    /// ```
    pub fn supplements(&mut self) -> &mut Self {
        self.supplement = true;
        self
    }

    /// Says that this message cannot become a request; it is counted as rejected.
    ///
    /// The reason goes to standard error, so it must not contain a secret. The first reason is
    /// kept.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.fail("there is no room for a title of that length".to_owned());
    /// assert_eq!(request.problem(), Some("there is no room for a title of that length"));
    /// ```
    pub fn fail(&mut self, why: String) {
        self.problem.get_or_insert(why);
    }

    /// Returns whether another part follows.
    ///
    /// See [`followed`](Self::followed).
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.followed
    }

    /// Returns whether it only adds to an earlier part.
    ///
    /// See [`supplements`](Self::supplements).
    #[must_use]
    pub fn is_supplement(&self) -> bool {
        self.supplement
    }

    /// Returns why this request cannot be sent, if it cannot.
    ///
    /// A test of an adapter asserts that it is `None`, for hostile text too.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.json(&"it broke");
    /// assert_eq!(request.problem(), None);
    /// ```
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Clears it and keeps its buffers.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.json(&"it broke").followed();
    /// request.clear();
    /// assert!(request.body().is_empty() && !request.is_followed());
    /// ```
    pub fn clear(&mut self) {
        self.method = Method::GET;
        self.url = Url::default();
        self.headers.clear();
        self.body.clear();
        self.parts.clear();
        self.followed = false;
        self.supplement = false;
        self.problem = None;
        self.written.take();
    }

    /// Returns the cell in which a transport sets when it began to write this.
    #[cfg(any(feature = "hyper", test))]
    pub(crate) fn written(&self) -> &OnceLock<Instant> {
        &self.written
    }

    /// Returns when the transport began to write it, if it reports that.
    pub(crate) fn written_at(&self) -> Option<Instant> {
        self.written.get().copied()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.authority())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Part, Request};
    use crate::transport::{Secret, Url};

    #[test]
    fn a_form_is_encoded_as_browsers_do() {
        let mut request = Request::new();
        request.form([("content", "a b&c=ü*-._~"), ("topic", "")]);
        assert_eq!(request.body(), b"content=a+b%26c%3D%C3%BC*-._%7E&topic=");
    }

    #[test]
    fn a_part_cannot_end_its_own_header() {
        let mut request = Request::new();
        request.multipart(&[Part::file("a", "x\"\r\ny: z", "text/plain", b"")]);
        let body = String::from_utf8_lossy(request.body()).into_owned();
        assert!(body.contains("filename=\"x%22%0D%0Ay: z\"\r\ncontent-type: text/plain\r\n\r\n"));
    }

    #[test]
    fn basic_credentials_are_the_rfcs_own_example() {
        let mut request = Request::new();
        request.basic_auth("Aladdin", &Secret::new("open sesame".to_owned()));
        assert_eq!(
            request.header("Authorization"),
            Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        );
    }

    #[test]
    fn a_header_with_a_line_break_is_a_problem_and_not_a_panic() {
        let mut request = Request::new();
        request.set_header("x-title", "a\r\nb");
        assert_eq!(
            request.problem(),
            Some("header `x-title` holds a character that HTTP does not allow")
        );
        request.clear();
        assert_eq!(request.problem(), None);
    }

    #[test]
    fn debug_shows_neither_path_nor_headers_nor_body() {
        let mut request = Request::new();
        request
            .post(&Url::parse("https://hooks.example/s3cret").unwrap())
            .json(&"s3cret");
        request.bearer_auth(&Secret::new("s3cret".to_owned()));
        assert!(!format!("{request:?}").contains("s3cret"));
    }
}
