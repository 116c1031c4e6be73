//! Addresses of chat platforms, parsed once and shown without their secrets.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::Authority;
use serde::de::{self, Deserialize, Deserializer};

use crate::transport::secret::TextVisitor;

mod secret;

pub(crate) use self::secret::SECRET_URL;
pub use self::secret::SecretUrl;

/// The name by which a deserializer recognises a [`Url`].
pub(crate) const URL: &str = "logout::adapter::Url";
/// The address of a server, such as `https://chat.example.org`.
///
/// It can be written in a `logout!` block. If the address itself is the credential, as with a
/// webhook, use [`SecretUrl`].
///
/// ```
/// let url = logout::adapter::Url::parse("https://chat.example.org:8443/zulip/")?;
/// assert_eq!(url.host(), "chat.example.org");
/// assert_eq!(url.port(), 8443);
/// assert_eq!(url.join("api/v1/messages").as_str(), "https://chat.example.org:8443/zulip/api/v1/messages");
///
/// let error = logout::adapter::Url::parse("chat.example.org").unwrap_err();
/// assert_eq!(error.to_string(), "it has no scheme; write `https://…`");
/// # Ok::<(), logout::adapter::UrlError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Url {
    text: String,
    /// Where the path begins in `text`.
    path: usize,
    host: String,
    port: u16,
    secure: bool,
}

impl Url {
    /// Reads an address.
    ///
    /// ```
    /// use logout::adapter::Url;
    ///
    /// assert_eq!(Url::parse("https://Chat.Example.org")?.as_str(), "https://Chat.Example.org/");
    /// let error = Url::parse("ftp://user:hunter2@chat.example.org").unwrap_err();
    /// assert!(!error.to_string().contains("hunter2"));
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text has no `http` or `https` scheme, no host, port 0, a user name or password, is a
    /// list of URLs, or is no URL at all. The error never quotes the text.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError("it is empty"));
        }
        if !text.contains("://") {
            return Err(UrlError("it has no scheme; write `https://…`"));
        }
        if is_a_list(text) {
            return Err(UrlError("it holds several addresses; write one"));
        }
        let uri: Uri = text.parse().map_err(|_| {
            UrlError(
                "it is not a URL; characters outside ASCII must be percent-encoded, a host \
            name in Punycode",
            )
        })?;
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(UrlError("its scheme must be `https` (or `http`)")),
        };
        let authority = authority(&uri)?;
        let default = if secure { 443 } else { 80 };
        let port = port(authority)?.unwrap_or(default);
        let scheme = if secure { "https://" } else { "http://" };
        let host = authority.host().to_ascii_lowercase();
        let authority = if port == default {
            authority.host()
        } else {
            authority.as_str()
        };
        let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
        // The parser leaves the path out before a query, but a request line may not.
        let slash = if path_and_query.starts_with('/') {
            ""
        } else {
            "/"
        };
        let text = format!("{scheme}{authority}{slash}{path_and_query}");
        Ok(Self {
            path: scheme.len() + authority.len(),
            text,
            host,
            port,
            secure,
        })
    }

    /// Returns the whole address.
    ///
    /// ```
    /// let url = logout::adapter::Url::parse("https://chat.example.org/hooks?wait=true")?;
    /// assert_eq!(url.as_str(), "https://chat.example.org/hooks?wait=true");
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the host name or address, in lower case; an IPv6 address keeps its brackets.
    ///
    /// ```
    /// assert_eq!(logout::adapter::Url::parse("https://Chat.Example.org:8443/hooks")?.host(), "chat.example.org");
    /// assert_eq!(logout::adapter::Url::parse("http://[::1]:8065/hooks")?.host(), "[::1]");
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port, 443 or 80 if the address names none.
    ///
    /// ```
    /// assert_eq!(logout::adapter::Url::parse("https://chat.example.org")?.port(), 443);
    /// assert_eq!(logout::adapter::Url::parse("http://[::1]:8065/hooks")?.port(), 8065);
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the path and the query, beginning with `/`.
    ///
    /// ```
    /// assert_eq!(logout::adapter::Url::parse("https://chat.example.org?a=b")?.path_and_query(), "/?a=b");
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        self.text.get(self.path..).unwrap_or("/")
    }

    /// Returns host and port as in a `Host` header: the port only if it is not the scheme's own.
    ///
    /// ```
    /// assert_eq!(logout::adapter::Url::parse("https://chat.example.org:443/x")?.authority(), "chat.example.org");
    /// assert_eq!(logout::adapter::Url::parse("https://chat.example.org:8443/x")?.authority(), "chat.example.org:8443");
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn authority(&self) -> &str {
        let start = if self.secure {
            "https://".len()
        } else {
            "http://".len()
        };
        self.text.get(start..self.path).unwrap_or_default()
    }

    /// Returns whether the scheme is `https`.
    ///
    /// ```
    /// assert!(!logout::adapter::Url::parse("http://localhost:8065")?.is_secure());
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Returns whether the host is this machine: `localhost`, 127.0.0.0/8 or `[::1]`.
    ///
    /// Only such an address may be plain `http` without `allow_http`.
    ///
    /// ```
    /// assert!(logout::adapter::Url::parse("http://127.0.0.7:8065")?.is_loopback());
    /// assert!(!logout::adapter::Url::parse("http://10.0.0.7:8065")?.is_loopback());
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    }

    /// Returns this address with `path` below it, with one slash between them.
    ///
    /// A query of this address is dropped. `path` is taken as it is, so percent-encode what comes from
    /// settings or from the log: an address that HTTP does not allow is a
    /// [`Fault`](crate::transport::Fault) of every request.
    ///
    /// ```
    /// let server = logout::adapter::Url::parse("https://chat.example.org/zulip/")?;
    /// assert_eq!(server.join("api/v1/messages").as_str(), "https://chat.example.org/zulip/api/v1/messages");
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn join(&self, path: &str) -> Self {
        let base = self.text.split(['?', '#']).next().unwrap_or_default();
        let (base, path) = (base.trim_end_matches('/'), path.trim_start_matches('/'));
        self.of_same_server([base, "/", path].concat())
    }

    /// Returns this address with `pair` (`wait=true`), which is percent-encoded already, added to
    /// its query.
    ///
    /// ```
    /// let hook = logout::adapter::Url::parse("https://chat.example.org/hook?thread=7")?;
    /// assert_eq!(hook.with_query("wait=true").as_str(), "https://chat.example.org/hook?thread=7&wait=true");
    /// # Ok::<(), logout::adapter::UrlError>(())
    /// ```
    #[must_use]
    pub fn with_query(&self, pair: &str) -> Self {
        let sign = if self.text.contains('?') { '&' } else { '?' };
        self.of_same_server(format!("{}{sign}{pair}", self.text))
    }

    /// Returns this address with another path, which begins with `/`, and without its query.
    #[cfg(feature = "discord")]
    pub(crate) fn with_path(&self, path: &str) -> Self {
        let server = self.text.get(..self.path).unwrap_or_default();
        self.of_same_server(format!("{server}{path}"))
    }

    /// Returns an address that is this one up to the path.
    fn of_same_server(&self, text: String) -> Self {
        Self {
            text,
            path: self.path,
            host: self.host.clone(),
            port: self.port,
            secure: self.secure,
        }
    }

    /// Returns the first value of a parameter that is not empty, as it is written.
    #[cfg(any(feature = "discord", feature = "google-chat", feature = "teams"))]
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path_and_query().split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(known, value)| *known == name && !value.is_empty())?;
        Some(value)
    }

    /// Returns the segments of path and query.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        let segments = self.path_and_query().split(['/', '?', '&', '=']);
        segments.filter(|segment| !segment.is_empty())
    }

    /// Returns the segments that look like tokens rather than like words of the route.
    ///
    /// If one is long, the short ones and the numbers are ids, which are no secrets: a log may name
    /// a Discord webhook or a Slack team.
    pub(crate) fn tokens(&self) -> Vec<&str> {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let long = |segment: &&str| segment.len() >= 16 && !is_number(segment);
        let tokens: Vec<_> = self.segments().filter(long).collect();
        if !tokens.is_empty() {
            return tokens;
        }
        let has_digit = |segment: &str| segment.bytes().any(|byte| byte.is_ascii_digit());
        let short = |segment: &&str| segment.len() >= 8 && has_digit(segment);
        self.segments().filter(short).collect()
    }
}

/// Returns whether the text is a list of addresses. An address after a slash is the argument of a proxy.
fn is_a_list(text: &str) -> bool {
    let mut others = text.split([',', ';', '|', ' ', '\n']).skip(1);
    others.any(|other| other.starts_with("http://") || other.starts_with("https://"))
}

/// Returns host and port; a user name is an error.
fn authority(uri: &Uri) -> Result<&Authority, UrlError> {
    let authority = uri.authority().ok_or(UrlError("it has no host"))?;
    if authority.as_str().contains('@') {
        return Err(UrlError(
            "it holds a user name or password, which belong in settings of their own",
        ));
    }
    if matches!(authority.host(), "" | "[]") {
        return Err(UrlError("it has no host"));
    }
    Ok(authority)
}

/// Returns the port, if the address names one.
fn port(authority: &Authority) -> Result<Option<u16>, UrlError> {
    match authority.port() {
        None if authority.as_str().ends_with(':') => {
            Err(UrlError("its port is missing after the colon"))
        }
        None if authority.as_str() != authority.host() => {
            Err(UrlError("its port is not a number from 1 to 65535"))
        }
        None => Ok(None),
        Some(port) if port.as_u16() == 0 => Err(UrlError("its port is 0")),
        Some(port) => Ok(Some(port.as_u16())),
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({})", self.authority())
    }
}

impl FromStr for Url {
    type Err = UrlError;

    /// Reads an address, as [`Url::parse`] does.
    fn from_str(text: &str) -> Result<Self, UrlError> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_newtype_struct(URL, TextVisitor)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// The reason why a text is not a usable [`Url`]; it never quotes the text.
///
/// ```
/// let error = logout::adapter::Url::parse("chat.example.org/hunter2").unwrap_err();
/// assert_eq!(error.to_string(), "it has no scheme; write `https://…`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlError(&'static str);

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for UrlError {}

/// Returns whether requests to `url` can be read on the way.
pub(crate) fn is_insecure(url: &Url) -> bool {
    !url.is_secure() && !url.is_loopback()
}

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn every_wrong_address_is_told_apart() {
        for (text, why) in [
            ("", "it is empty"),
            ("chat.example.org/x", "it has no scheme; write `https://…`"),
            (
                "ftp://chat.example.org",
                "its scheme must be `https` (or `http`)",
            ),
            (
                "https://",
                "it is not a URL; characters outside ASCII must be percent-encoded, a host name \
                in Punycode",
            ),
            ("https://chat.example.org:0/x", "its port is 0"),
            (
                "https://chat.example.org:70000/x",
                "its port is not a number from 1 to 65535",
            ),
            (
                "https://chat.example.org:/x",
                "its port is missing after the colon",
            ),
            (
                "https://me:pw@chat.example.org/x",
                "it holds a user name or password, which belong in settings of their own",
            ),
            (
                "https://a.example/x,https://b.example/y",
                "it holds several addresses; write one",
            ),
            (
                "https://a.example/x http://b.example/y",
                "it holds several addresses; write one",
            ),
        ] {
            assert_eq!(Url::parse(text).unwrap_err().to_string(), why, "{text}");
        }
    }

    #[test]
    fn a_proxy_is_told_the_address_behind_it() {
        let text = "https://proxy.example/https://hooks.example/a,b;c|d?next=https://e.example";
        assert_eq!(
            Url::parse(text)
                .map(|url| url.as_str().to_owned())
                .as_deref(),
            Ok(text)
        );
    }

    #[test]
    fn loopback_is_recognised_in_every_spelling() {
        for text in [
            "http://localhost:1/",
            "http://127.9.9.9/",
            "http://[::1]:80/x",
            "HTTP://LOCALHOST/",
        ] {
            assert!(Url::parse(text).unwrap().is_loopback(), "{text}");
        }
        assert!(
            !Url::parse("http://localhost.example.org/")
                .unwrap()
                .is_loopback()
        );
    }

    #[test]
    fn a_default_port_is_left_to_the_scheme() {
        for text in [
            "https://a.example",
            "https://a.example:443",
            "https://a.example:0443/",
        ] {
            let url = Url::parse(text).unwrap();
            let read = (url.authority(), url.port(), url.path_and_query());
            assert_eq!(read, ("a.example", 443, "/"), "{text}");
        }
    }

    #[test]
    fn a_path_begins_with_a_slash_where_only_a_query_is_written() {
        let url = Url::parse("http://a.example:81?wait=true").unwrap();
        assert_eq!(url.as_str(), "http://a.example:81/?wait=true");
        assert_eq!(url.path_and_query(), "/?wait=true");
    }
}
