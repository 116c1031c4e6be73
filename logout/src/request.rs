//! What an adapter wants sent.

use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::{Secret, Url};

/// Everything but what HTML forms leave alone.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// One HTTP request, filled in place by [`Adapter::render`](crate::Adapter::render).
///
/// It is emptied, not dropped, between two messages, so that a lane in a storm writes into the
/// same buffers again and again. What cannot be sent (a header with a line break, a value that
/// JSON does not know) is remembered instead of panicking, and the message is then counted as
/// rejected with that reason.
///
/// ```
/// let mut request = logout::Request::new();
/// request.post(&logout::Url::parse("https://chat.example.org/hook")?);
/// request.json(&serde_json::json!({ "text": "it broke" }));
///
/// assert_eq!(request.url().as_str(), "https://chat.example.org/hook");
/// assert_eq!(request.header("content-type"), Some("application/json"));
/// assert_eq!(request.body(), br#"{"text":"it broke"}"#);
/// # Ok::<(), logout::UrlError>(())
/// ```
#[derive(Clone, Default)]
pub struct Request {
    method: Method,
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Vec<u8>,
    /// What the body is made of, where it is made of parts.
    parts: Vec<Piece>,
    followed: bool,
    supplement: bool,
    problem: Option<String>,
}

/// Where a part stands in the body, and what it is called.
#[derive(Clone)]
struct Piece {
    name: String,
    /// The file's name and content type.
    file: Option<(String, String)>,
    bytes: Range<usize>,
}

impl Request {
    /// An empty request.
    ///
    /// For the test of an adapter; in a program the lane hands one to [`Adapter::render`](crate::Adapter::render).
    ///
    /// ```
    /// let request = logout::Request::new();
    /// assert_eq!((request.method(), request.body().len(), request.problem()), ("GET", 0, None));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes it a `POST` to `url`.
    ///
    /// ```
    /// let url = logout::Url::parse("https://chat.example.org/hook")?;
    /// let mut request = logout::Request::new();
    /// request.post(&url).json(&"it broke");
    /// assert_eq!((request.method(), request.url()), ("POST", &url));
    /// # Ok::<(), logout::UrlError>(())
    /// ```
    pub fn post(&mut self, url: &Url) -> &mut Self {
        self.method = Method::POST;
        self.url.clone_from(url);
        self
    }

    /// Makes it a `GET` of `url`.
    ///
    /// For a question to the platform; a `GET` takes a slot of the pace too.
    ///
    /// ```
    /// let url = logout::Url::parse("https://chat.example.org/me")?;
    /// let mut request = logout::Request::new();
    /// request.get(&url);
    /// assert_eq!(request.method(), "GET");
    /// # Ok::<(), logout::UrlError>(())
    /// ```
    pub fn get(&mut self, url: &Url) -> &mut Self {
        self.method = Method::GET;
        self.url.clone_from(url);
        self
    }

    /// Sets a header, in place of an earlier one of that name.
    ///
    /// Host, length and connection are the transport's to set. A name or value that HTTP does not allow is
    /// a [`problem`](Self::problem).
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.set_header("x-priority", "3").set_header("X-Priority", "5");
    /// assert_eq!(request.header("x-priority"), Some("5"));
    ///
    /// request.set_header("x-title", "two\nlines");
    /// assert!(request.problem().is_some());
    /// ```
    pub fn set_header(&mut self, name: &str, value: &str) -> &mut Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => self.insert(name, value),
            _ => self.fail(format!(
                "header `{name}` holds a character that HTTP does not allow"
            )),
        }
        self
    }

    /// Authenticates by HTTP Basic (RFC 7617); the header is marked as sensitive.
    ///
    /// ```
    /// let key: logout::Secret = serde_json::from_str(r#""open sesame""#)?;
    /// let mut request = logout::Request::new();
    /// request.basic_auth("Aladdin", &key);
    /// assert_eq!(request.header("authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn basic_auth(&mut self, user: &str, password: &Secret) -> &mut Self {
        let encoded = BASE64.encode(format!("{user}:{}", password.expose()));
        match HeaderValue::try_from(format!("Basic {encoded}")) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.insert(http::header::AUTHORIZATION, value);
            }
            Err(_) => self.fail("the credentials cannot stand in a header".to_owned()),
        }
        self
    }

    /// Authenticates by a bearer token (RFC 6750); the header is marked as sensitive.
    ///
    /// ```
    /// let token: logout::Secret = serde_json::from_str(r#""mF_9.B5f-4.1JqM""#)?;
    /// let mut request = logout::Request::new();
    /// request.bearer_auth(&token);
    /// assert_eq!(request.header("authorization"), Some("Bearer mF_9.B5f-4.1JqM"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn bearer_auth(&mut self, token: &Secret) -> &mut Self {
        match HeaderValue::try_from(format!("Bearer {}", token.expose())) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.insert(http::header::AUTHORIZATION, value);
            }
            Err(_) => self.fail("the token cannot stand in a header".to_owned()),
        }
        self
    }

    /// Makes `value` the body, as JSON.
    ///
    /// The content type is set with it. A value that cannot be JSON (a map whose keys are no text) is a
    /// [`problem`](Self::problem).
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.json(&serde_json::json!({ "text": "it \"broke\"" }));
    /// assert_eq!(request.body(), br#"{"text":"it \"broke\""}"#);
    /// ```
    pub fn json(&mut self, value: &impl Serialize) -> &mut Self {
        self.parts.clear();
        self.body.clear();
        if let Err(why) = serde_json::to_writer(&mut self.body, value) {
            self.fail(format!("the message is no JSON: {why}"));
        }
        self.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        self
    }

    /// Makes `pairs` the body, as `application/x-www-form-urlencoded`.
    ///
    /// The content type is set with it.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.form([("topic", "shop & co"), ("content", "a=b")]);
    /// assert_eq!(request.body(), b"topic=shop+%26+co&content=a%3Db");
    /// ```
    pub fn form<'p>(&mut self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> &mut Self {
        self.parts.clear();
        let mut text = String::from_utf8(std::mem::take(&mut self.body)).unwrap_or_default();
        text.clear();
        for (name, value) in pairs {
            if !text.is_empty() {
                text.push('&');
            }
            for (index, part) in [name, value].into_iter().enumerate() {
                if index == 1 {
                    text.push('=');
                }
                for (index, word) in part.split(' ').enumerate() {
                    if index > 0 {
                        text.push('+');
                    }
                    let _infallible = write!(text, "{}", utf8_percent_encode(word, FORM));
                }
            }
        }
        self.body = text.into_bytes();
        self.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        self
    }

    /// Makes `parts` the body, as `multipart/form-data` (RFC 7578).
    ///
    /// ```
    /// use logout::{Part, Request};
    ///
    /// let mut request = Request::new();
    /// request.multipart(&[
    ///     Part::field("chat_id", "42"),
    ///     Part::file("document", "log.txt", "text/plain; charset=utf-8", b"it broke"),
    /// ]);
    ///
    /// let content_type = request.header("content-type").unwrap();
    /// assert!(content_type.starts_with("multipart/form-data; boundary="));
    /// assert!(String::from_utf8_lossy(request.body()).contains("\r\n\r\nit broke\r\n"));
    /// ```
    pub fn multipart(&mut self, parts: &[Part<'_>]) -> &mut Self {
        // 128 bits that nobody knows before: no text can hold the boundary on purpose.
        let boundary = format!("logout-{:032x}", fastrand::u128(..));
        let mut body = std::mem::take(&mut self.body);
        body.clear();
        self.parts.clear();
        for part in parts {
            let name = quoted(part.name);
            body.extend_from_slice(
                format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"")
                    .as_bytes(),
            );
            if let Some((file, content_type)) = part.file {
                let (file, content_type) = (quoted(file), quoted(content_type));
                body.extend_from_slice(
                    format!("; filename=\"{file}\"\r\ncontent-type: {content_type}").as_bytes(),
                );
            }
            body.extend_from_slice(b"\r\n\r\n");
            let start = body.len();
            body.extend_from_slice(part.bytes);
            self.parts.push(Piece {
                name: part.name.to_owned(),
                file: part
                    .file
                    .map(|(name, kind)| (name.to_owned(), kind.to_owned())),
                bytes: start..body.len(),
            });
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        self.body = body;
        self.set_header(
            "content-type",
            &format!("multipart/form-data; boundary={boundary}"),
        )
    }

    /// Makes `bytes` the body, under the given content type.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.bytes("text/plain; charset=utf-8", "it broke".as_bytes());
    /// assert_eq!(request.header("content-type"), Some("text/plain; charset=utf-8"));
    /// ```
    pub fn bytes(&mut self, content_type: &str, bytes: &[u8]) -> &mut Self {
        self.parts.clear();
        self.body.clear();
        self.body.extend_from_slice(bytes);
        self.set_header("content-type", content_type)
    }

    /// Says that another part follows: once this one is delivered,
    /// [`Adapter::render`](crate::Adapter::render) is called for the next.
    ///
    /// What it was answered is then in [`Step::previous`](crate::Step::previous). A message counts as
    /// delivered with its last part.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// assert!(!request.is_followed());
    /// request.followed();
    /// assert!(request.is_followed());
    /// ```
    pub fn followed(&mut self) -> &mut Self {
        self.followed = true;
        self
    }

    /// Says that this part only adds to what an earlier part has told, such as the whole text as a
    /// file. Should it be refused the message still counts as delivered, and is not told again.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.bytes("text/plain", b"the whole of the trace").supplements();
    /// assert!(request.is_supplement());
    /// ```
    pub fn supplements(&mut self) -> &mut Self {
        self.supplement = true;
        self
    }

    /// Says that this message cannot be made into a request; it is counted as rejected.
    ///
    /// The reason goes to standard error, so it must not hold a secret. The first one is kept.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.fail("there is no room for a title of that length".to_owned());
    /// assert_eq!(request.problem(), Some("there is no room for a title of that length"));
    /// ```
    pub fn fail(&mut self, why: String) {
        self.problem.get_or_insert(why);
    }

    /// The method.
    ///
    /// `POST` or `GET`; for a [`Transport`](crate::Transport) of your own, and for tests.
    ///
    /// ```
    /// assert_eq!(logout::Request::new().method(), "GET");
    /// ```
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Where it goes. For a webhook this is a secret.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.post(&logout::Url::parse("https://chat.example.org/hook")?);
    /// assert_eq!(request.url().host(), "chat.example.org"); // what may be shown
    /// # Ok::<(), logout::UrlError>(())
    /// ```
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The value of a header, if it is set and is text.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.set_header("X-Priority", "5");
    /// assert_eq!(request.header("x-priority"), Some("5"));
    /// assert_eq!(request.header("x-topic"), None);
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(known, _)| known.as_str().eq_ignore_ascii_case(name))?;
        value.to_str().ok()
    }

    /// All headers set so far, in the order in which they were set.
    ///
    /// Names are in lower case. Values may be secrets.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.set_header("X-Priority", "5");
    /// assert_eq!(request.headers().collect::<Vec<_>>(), [("x-priority", &b"5"[..])]);
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// The body.
    ///
    /// Empty until something sets it.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.json(&[1, 2]);
    /// assert_eq!(request.body(), b"[1,2]");
    /// ```
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The parts of a [`multipart`](Self::multipart) body, none of any other.
    ///
    /// ```
    /// use logout::{Part, Request};
    ///
    /// let mut request = Request::new();
    /// request.multipart(&[Part::file("document", "log.txt", "text/plain", b"it broke")]);
    /// let part = request.parts().next().unwrap();
    /// assert_eq!((part.name(), part.file_name()), ("document", Some("log.txt")));
    /// assert_eq!(part.bytes(), b"it broke");
    /// ```
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        self.parts.iter().map(|piece| Part {
            name: &piece.name,
            file: piece
                .file
                .as_ref()
                .map(|(name, kind)| (name.as_str(), kind.as_str())),
            bytes: self.body.get(piece.bytes.clone()).unwrap_or_default(),
        })
    }

    /// Whether another part follows.
    ///
    /// See [`followed`](Self::followed).
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.followed
    }

    /// Whether it only adds to what an earlier part has told.
    ///
    /// See [`supplements`](Self::supplements).
    #[must_use]
    pub fn is_supplement(&self) -> bool {
        self.supplement
    }

    /// Why this request cannot be sent, if it cannot.
    ///
    /// What a test of an adapter asserts to be `None`, for hostile text too.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.json(&"it broke");
    /// assert_eq!(request.problem(), None);
    /// ```
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Empties it, keeping its buffers.
    ///
    /// ```
    /// let mut request = logout::Request::new();
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
    }

    /// Method and headers in the form in which hyper takes them.
    #[cfg(feature = "hyper")]
    pub(crate) fn head(&self) -> (&Method, &[(HeaderName, HeaderValue)]) {
        (&self.method, &self.headers)
    }

    fn insert(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
    }
}

/// One part of a [`Request::multipart`] body: a field or a file.
///
/// [`Request::multipart`] has an example.
#[derive(Clone, Copy, Debug)]
pub struct Part<'p> {
    name: &'p str,
    file: Option<(&'p str, &'p str)>,
    bytes: &'p [u8],
}

impl<'p> Part<'p> {
    /// A field of the form.
    ///
    /// Its value is sent as it stands, without a content type.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.multipart(&[logout::Part::field("chat_id", "42")]);
    /// assert!(String::from_utf8_lossy(request.body()).contains("name=\"chat_id\"\r\n\r\n42\r\n"));
    /// ```
    #[must_use]
    pub fn field(name: &'p str, value: &'p str) -> Self {
        Self {
            name,
            file: None,
            bytes: value.as_bytes(),
        }
    }

    /// A file of the form: the field's name, the file's name and content type, and what it holds.
    ///
    /// Names are escaped as browsers do, so that no text leaves its header.
    ///
    /// ```
    /// let mut request = logout::Request::new();
    /// request.multipart(&[logout::Part::file("document", "a\"b.txt", "text/plain", b"it broke")]);
    /// assert!(String::from_utf8_lossy(request.body()).contains("filename=\"a%22b.txt\""));
    /// ```
    #[must_use]
    pub fn file(name: &'p str, file: &'p str, content_type: &'p str, bytes: &'p [u8]) -> Self {
        Self {
            name,
            file: Some((file, content_type)),
            bytes,
        }
    }

    /// The name of its field.
    #[must_use]
    pub fn name(&self) -> &'p str {
        self.name
    }

    /// The name of the file, if it is one.
    #[must_use]
    pub fn file_name(&self) -> Option<&'p str> {
        self.file.map(|(name, _)| name)
    }

    /// What it holds.
    #[must_use]
    pub fn bytes(&self) -> &'p [u8] {
        self.bytes
    }
}

/// A name inside the quotes of a part's header, escaped as browsers do.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
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
    use crate::{Secret, Url};

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
