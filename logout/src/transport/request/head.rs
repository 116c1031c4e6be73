//! The head of a request: its method, address and headers.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
#[cfg(feature = "hyper")]
use http::{HeaderMap, HeaderName};
use http::{HeaderValue, Method};

use super::Request;
#[cfg(feature = "hyper")]
use crate::transport::Fault;
use crate::transport::{Secret, Url};

impl Request {
    /// Creates an empty request.
    ///
    /// For the test of an adapter; in a program the lane hands one to
    /// [`Adapter::render`](crate::Adapter::render).
    ///
    /// ```
    /// let request = logout::adapter::Request::new();
    /// assert_eq!((request.method(), request.body().len(), request.problem()), ("GET", 0, None));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes it a `POST` to `url`.
    ///
    /// ```
    /// let url = logout::adapter::Url::parse("https://chat.example.org/hook")?;
    /// let mut request = logout::adapter::Request::new();
    /// request.post(&url).json(&"it broke");
    /// assert_eq!((request.method(), request.url()), ("POST", &url));
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    pub fn post(&mut self, url: &Url) -> &mut Self {
        self.method = Method::POST;
        self.url.clone_from(url);
        self
    }

    /// Makes it a `POST` to an address, which it takes over.
    pub(crate) fn post_to(&mut self, url: Url) -> &mut Self {
        self.method = Method::POST;
        self.url = url;
        self
    }

    /// Makes it a `GET` of `url`.
    ///
    /// For a question to the platform; a `GET` takes a slot of the pace too.
    ///
    /// ```
    /// let url = logout::adapter::Url::parse("https://chat.example.org/me")?;
    /// let mut request = logout::adapter::Request::new();
    /// request.get(&url);
    /// assert_eq!(request.method(), "GET");
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    pub fn get(&mut self, url: &Url) -> &mut Self {
        self.method = Method::GET;
        self.url.clone_from(url);
        self
    }

    /// Sets a header, in place of an earlier one of that name.
    ///
    /// Host, length and connection are the transport's to set. A name or value that HTTP does not
    /// allow is a [`problem`](Self::problem).
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.set_header("x-priority", "3").set_header("X-Priority", "5");
    /// assert_eq!(request.header("x-priority"), Some("5"));
    ///
    /// request.set_header("x-title", "two\nlines");
    /// assert!(request.problem().is_some());
    /// ```
    pub fn set_header(&mut self, name: &str, value: &str) -> &mut Self {
        match HeaderValue::try_from(value) {
            Ok(value) if is_header_name(name) => self.insert(name.to_ascii_lowercase(), value),
            _ => self.fail(format!(
                "header `{name}` holds a character that HTTP does not allow"
            )),
        }
        self
    }

    /// Authenticates by HTTP Basic (RFC 7617); the header is marked as sensitive.
    ///
    /// ```
    /// let key: logout::adapter::Secret = serde_json::from_str(r#""open sesame""#)?;
    /// let mut request = logout::adapter::Request::new();
    /// request.basic_auth("Aladdin", &key);
    /// assert_eq!(request.header("authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn basic_auth(&mut self, user: &str, password: &Secret) -> &mut Self {
        let credentials = [user, ":", password.expose()].concat();
        let mut value = String::with_capacity("Basic ".len() + credentials.len().div_ceil(3) * 4);
        value.push_str("Basic ");
        BASE64.encode_string(credentials, &mut value);
        self.authorize(value, "the credentials cannot stand in a header")
    }

    /// Authenticates by a bearer token (RFC 6750); the header is marked as sensitive.
    ///
    /// ```
    /// let token: logout::adapter::Secret = serde_json::from_str(r#""mF_9.B5f-4.1JqM""#)?;
    /// let mut request = logout::adapter::Request::new();
    /// request.bearer_auth(&token);
    /// assert_eq!(request.header("authorization"), Some("Bearer mF_9.B5f-4.1JqM"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn bearer_auth(&mut self, token: &Secret) -> &mut Self {
        let value = format!("Bearer {}", token.expose());
        self.authorize(value, "the token cannot stand in a header")
    }

    fn authorize(&mut self, value: String, otherwise: &str) -> &mut Self {
        match HeaderValue::try_from(value) {
            Ok(mut value) => {
                value.set_sensitive(true);
                self.insert("authorization", value);
            }
            Err(_) => self.fail(otherwise.to_owned()),
        }
        self
    }

    /// Returns the method.
    ///
    /// `POST` or `GET`; for a [`Transport`](crate::transport::Transport) of your own, and for tests.
    ///
    /// ```
    /// assert_eq!(logout::adapter::Request::new().method(), "GET");
    /// ```
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// Returns the address, which for a webhook is a secret.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.post(&logout::adapter::Url::parse("https://chat.example.org/hook")?);
    /// assert_eq!(request.url().host(), "chat.example.org"); // what may be shown
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns the value of a header, if it is set and is text.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.set_header("X-Priority", "5");
    /// assert_eq!(request.header("x-priority"), Some("5"));
    /// assert_eq!(request.header("x-topic"), None);
    /// ```
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        value.to_str().ok()
    }

    /// Returns all headers set so far, in the order in which they were set.
    ///
    /// Names are in lower case. Values may be secrets.
    ///
    /// ```
    /// let mut request = logout::adapter::Request::new();
    /// request.set_header("X-Priority", "5");
    /// assert_eq!(request.headers().collect::<Vec<_>>(), [("x-priority", &b"5"[..])]);
    /// ```
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_bytes()))
    }

    /// Returns method and headers as hyper takes them, unless a name is too long for it.
    #[cfg(feature = "hyper")]
    pub(crate) fn head(&self) -> Result<(&Method, HeaderMap), Fault> {
        let headers = self.headers.iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Fault::Rejected("the name of a header is too long".into()))?;
            Ok((name, value.clone()))
        });
        Ok((&self.method, headers.collect::<Result<_, _>>()?))
    }

    /// Sets a header that is the same in every request; its name is in lower case.
    pub(crate) fn set_static_header(
        &mut self,
        name: &'static str,
        value: &'static str,
    ) -> &mut Self {
        self.insert(name, HeaderValue::from_static(value));
        self
    }

    /// Sets a header whose name is in lower case.
    pub(super) fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: HeaderValue) {
        let name = name.into();
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value));
    }
}

/// Returns whether a header can have this name (a token, RFC 9110, section 5.6.2). The type of `http` for it has
/// a table of all names of the standards, 13 kilobytes on a device without an HTTP client.
pub(crate) fn is_header_name(name: &str) -> bool {
    let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_of_token)
}
