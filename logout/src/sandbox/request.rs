//! Requests as they came in.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::body::Bytes;

/// A request with everything that is secret in it.
#[derive(Debug)]
pub(super) struct RawRequest {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Which connection it came over, counted from 1.
    pub(super) connection: u64,
}

impl RawRequest {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns the media type, in lower case and without its parameters.
    pub(super) fn media_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase()
    }

    pub(super) fn query_value(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
    }

    /// Returns user and password of Basic authentication.
    pub(super) fn basic_auth(&self) -> Option<(String, String)> {
        let (scheme, encoded) = self.header("authorization")?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }
}

/// Returns the pairs of an `application/x-www-form-urlencoded` text; what is no UTF-8 is replaced.
pub(super) fn form_pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

/// A request as it may be shown: its secrets are replaced by `…`.
///
/// ```
/// use std::time::Duration;
/// use logout::sandbox::Sandbox;
///
/// let sandbox = Sandbox::start()?;
/// # use tracing_subscriber::prelude::*;
/// # logout::logout! { struct Alerts { adapters: [Slack] } }
/// # let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))?.start()?;
/// # let subscriber = tracing_subscriber::registry().with(alerts);
/// # tracing::subscriber::with_default(subscriber, || {
/// tracing::error!("payment failed"); // in a program that sends here
/// # });
/// let exchanges = sandbox.wait_for_requests(1, Duration::from_secs(10));
/// let request = exchanges[0].request();
/// assert!(request.method() == "POST" && request.path().ends_with("/…"));
/// assert_eq!(request.header("Content-Type"), Some("application/json"));
/// assert_eq!(request.body().len(), request.body_size());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Received {
    inner: Arc<ReceivedData>,
}

struct ReceivedData {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    size: usize,
    connection: u64,
}

impl Received {
    /// Keeps what may be shown of `raw`, with at most `room` bytes of its body.
    pub(super) fn new(raw: &RawRequest, room: usize) -> Self {
        let path = redacted(&raw.path);
        let path = if raw.query.is_empty() {
            path
        } else {
            format!("{path}?{}", redacted_query(&raw.query))
        };
        let headers = raw.headers.iter().map(|(name, value)| {
            let value = if authenticates(&raw.path, name.as_str()) {
                "…".to_owned()
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (name.as_str().to_owned(), value)
        });
        Self {
            inner: Arc::new(ReceivedData {
                method: raw.method.clone(),
                path,
                headers: headers.collect(),
                body: super::state::kept(&redacted_body(raw), room),
                size: raw.body.len(),
                connection: raw.connection,
            }),
        }
    }

    /// Returns the method, such as `POST`.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.inner.method
    }

    /// Returns path and query, the secret in them replaced by `…`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.inner.path
    }

    /// Returns the headers in the order of their names' first appearance, names in lower case. The
    /// credentials in `authorization`, `proxy-authorization` and `cookie` are replaced by `…`, and so are
    /// the values of `Webhook`'s `headers`, which are secrets.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let headers = self.inner.headers.iter();
        headers.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the first header of this name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers()
            .find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }

    /// Returns the body, of which the sandbox keeps at most 1 MiB, and 64 MiB over all requests.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.inner.body
    }

    /// Returns how many bytes the body had, kept or not.
    #[must_use]
    pub fn body_size(&self) -> usize {
        self.inner.size
    }

    /// Returns which of the sandbox's connections it came over, counted from 1: requests with the
    /// same number shared one.
    #[must_use]
    pub fn connection(&self) -> u64 {
        self.inner.connection
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received")
            .field("method", &self.inner.method)
            .field("path", &self.inner.path)
            .field("body_size", &self.inner.size)
            .finish_non_exhaustive()
    }
}

/// Returns whether a header's value is a secret. A request to a webhook of the team's own carries the
/// `headers` of its adapter: there every header is a secret, except those that each request has.
fn authenticates(path: &str, name: &str) -> bool {
    #[rustfmt::skip]
    const OF_EACH_REQUEST: [&str; 9] = [
        "accept", "accept-encoding", "connection", "content-length", "content-type", "host", "te",
        "transfer-encoding", "user-agent",
    ];
    match name {
        "authorization" | "proxy-authorization" | "cookie" => true,
        name => {
            path.starts_with("/webhook/")
                && !name.starts_with("webhook-")
                && !OF_EACH_REQUEST.contains(&name)
        }
    }
}

/// Returns the path without what authenticates: everything after `/services/T…/B…/` and `/hooks/`, the token
/// after a webhook's id, and the token after `/bot`. It goes by the path's form alone, so that a
/// token the sandbox does not know is not shown either.
fn redacted(path: &str) -> String {
    let mut segments: Vec<&str> = path.split('/').collect();
    let first = segments.get(1).copied().unwrap_or_default();
    let secret = if matches!(first, "services" | "upload") {
        Some(4)
    } else if matches!(first, "hooks" | "webhook") {
        Some(2)
    } else {
        segments
            .iter()
            .position(|segment| *segment == "webhooks")
            .map(|webhooks| webhooks + 2)
    };
    if let Some(segment) = secret.and_then(|index| segments.get_mut(index)) {
        *segment = "…";
    }
    if first.starts_with("bot")
        && let Some(segment) = segments.get_mut(1)
    {
        *segment = "bot…";
    }
    segments.join("/")
}

/// Returns the query without what authenticates: Teams' signature, Google Chat's key and token.
fn redacted_query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name @ ("sig" | "key" | "token"), _)) => format!("{name}=…"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Returns the body without what authenticates, which stands there in PagerDuty's events and ntfy's messages.
pub(super) fn redacted_body(raw: &RawRequest) -> Bytes {
    let field = match raw.path.as_str() {
        "/" => "\"topic\":",
        path if path.starts_with("/v2/") => "\"routing_key\":",
        _ => return raw.body.clone(),
    };
    let Ok(text) = std::str::from_utf8(&raw.body) else {
        return Bytes::new();
    };
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once(field) {
        shown.push_str(before);
        shown.push_str(field);
        let value = behind.trim_start();
        rest = match value
            .strip_prefix('"')
            .and_then(|value| value.split_once('"'))
        {
            Some((_, behind)) => {
                shown.push_str("\"…\"");
                behind
            }
            None => value,
        };
    }
    shown.push_str(rest);
    Bytes::from(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_keeps_its_secret() {
        for (path, shown) in [
            ("/services/T1/B2/s3cret", "/services/T1/B2/…"),
            ("/api/webhooks/12/s3cret", "/api/webhooks/12/…"),
            (
                "/api/v10/webhooks/12/s3cret/slack",
                "/api/v10/webhooks/12/…/slack",
            ),
            ("/bot1:s3cret/sendMessage", "/bot…/sendMessage"),
            ("/bots3cret", "/bot…"),
            ("/api/v1/messages", "/api/v1/messages"),
            ("/hooks/s3cret", "/hooks/…"),
            ("/webhook/s3cret", "/webhook/…"),
        ] {
            assert_eq!(redacted(path), shown);
        }
    }

    #[test]
    fn no_query_keeps_its_secret() {
        assert_eq!(redacted_query("sv=1.0&sig=s3cret"), "sv=1.0&sig=…");
        assert_eq!(redacted_query("key=s3&token=cret&x"), "key=…&token=…&x");
    }

    #[test]
    fn no_header_keeps_its_credentials() {
        for (path, name, secret) in [
            ("/api/v1/messages", "authorization", true),
            ("/services/T1/B2/s", "proxy-authorization", true),
            ("/services/T1/B2/s", "x-team", false),
            ("/webhook/s", "x-api-key", true),
            ("/webhook/s", "webhook-id", false),
            ("/webhook/s", "content-type", false),
        ] {
            assert_eq!(authenticates(path, name), secret, "{path} {name}");
        }
    }

    #[test]
    fn no_event_keeps_its_key() {
        let mut raw = RawRequest {
            method: "POST".to_owned(),
            path: "/v2/enqueue".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::from(
                r#"{"routing_key":"s3cret","payload":{"routing_key": "s3cret","a":1}}"#,
            ),
            connection: 1,
        };
        assert_eq!(
            redacted_body(&raw),
            r#"{"routing_key":"…","payload":{"routing_key":"…","a":1}}"#
        );
        raw.path = "/api/v1/messages".to_owned();
        assert_eq!(redacted_body(&raw), raw.body);
        raw.path = "/".to_owned();
        raw.body = Bytes::from(r#"{"topic":"s3cret","title":"x"}"#);
        assert_eq!(redacted_body(&raw), r#"{"topic":"…","title":"x"}"#);
    }

    #[test]
    fn form_bodies_are_decoded() {
        assert_eq!(
            form_pairs(b"a=1+2&b=%C3%A9%26&c&=x"),
            [("a", "1 2"), ("b", "é&"), ("c", ""), ("", "x")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
    }
}
