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
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes it a `POST` to `url`.
    pub fn post(&mut self, url: &Url) -> &mut Self {
        self.method = Method::POST;
        self.url.clone_from(url);
        self
    }

    /// Makes it a `GET` of `url`.
    pub fn get(&mut self, url: &Url) -> &mut Self {
        self.method = Method::GET;
        self.url.clone_from(url);
        self
    }

    /// Sets a header, in place of an earlier one of that name.
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
    pub fn bytes(&mut self, content_type: &str, bytes: &[u8]) -> &mut Self {
        self.parts.clear();
        self.body.clear();
        self.body.extend_from_slice(bytes);
        self.set_header("content-type", content_type)
    }

    /// Says that another part follows: once this one is delivered,
    /// [`Adapter::render`](crate::Adapter::render) is called for the next.
    pub fn followed(&mut self) -> &mut Self {
        self.followed = true;
        self
    }

    /// Says that this part only adds to what an earlier part has told, such as the whole text as a
    /// file. Should it be refused the message still counts as delivered, and is not told again.
    pub fn supplements(&mut self) -> &mut Self {
        self.supplement = true;
        self
    }

    /// Says that this message cannot be made into a request; it is counted as rejected.
    pub fn fail(&mut self, why: String) {
        self.problem.get_or_insert(why);
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Where it goes. For a webhook this is a secret.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The value of a header, if it is set and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(known, _)| known.as_str().eq_ignore_ascii_case(name))?;
        value.to_str().ok()
    }

    /// All headers set so far, in the order in which they were set.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
    }

    /// The body.
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
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.followed
    }

    /// Whether it only adds to what an earlier part has told.
    #[must_use]
    pub fn is_supplement(&self) -> bool {
        self.supplement
    }

    /// Why this request cannot be sent, if it cannot.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Empties it, keeping its buffers.
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
#[derive(Clone, Copy, Debug)]
pub struct Part<'p> {
    name: &'p str,
    file: Option<(&'p str, &'p str)>,
    bytes: &'p [u8],
}

impl<'p> Part<'p> {
    /// A field of the form.
    #[must_use]
    pub fn field(name: &'p str, value: &'p str) -> Self {
        Self {
            name,
            file: None,
            bytes: value.as_bytes(),
        }
    }

    /// A file of the form: the field's name, the file's name and content type, and what it holds.
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
