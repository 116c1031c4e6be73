//! The wire core: HTTP/1.1 by hyper, TLS by rustls, sockets by smol.
//!
//! ```text
//! Wire::send -> pool (an idle connection?) -> connection (hyper) -> Response
//!                 else connect: proxy -> race (addresses) -> tunnel (CONNECT) -> tls -> stream
//! ```
//!
//! Everything happens inside the future of the one request: nothing is spawned, so it runs on any
//! executor and stops when it is dropped. Nothing is logged, since what is logged here could
//! become an event that is sent here.

use std::fmt;
use std::io;
#[cfg(all(unix, feature = "fleet"))]
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use http::header::{
    ACCEPT_ENCODING, CONTENT_LENGTH, HOST, HeaderMap, HeaderValue, PROXY_AUTHORIZATION,
    TRANSFER_ENCODING, USER_AGENT,
};
use http::{Method, Uri};
use http_body_util::Full;
use hyper::body::Bytes;

use self::budget::{Budget, Timeouts};
#[cfg(feature = "fleet")]
use self::channel::Channel;
use self::connection::{Failure, HttpConnection, HttpRequest};
use self::pool::Pool;
use self::proxy::{Proxies, Proxy};
#[cfg(all(unix, feature = "fleet"))]
use self::stream::{LocalSocket, Stream, StreamKind};
use self::tls::Tls;
use crate::transport::{Fault, Request, Response, Transport, Url, request};

mod budget;
mod cause;
#[cfg(feature = "fleet")]
mod channel;
mod connect;
mod connection;
mod pool;
mod proxy;
mod race;
mod stream;
mod thread;
mod tls;
mod tunnel;

#[cfg(feature = "surf")]
pub(super) use self::budget::within;

/// A transport by HTTP/1.1 over TLS, with hyper and no other HTTP library.
///
/// - **Certificates** are checked against the system's store, or Mozilla's roots if the system has
///   none. `SSL_CERT_FILE` and `SSL_CERT_DIR` name another store, for a private authority. The
///   store is read when the first `https` request is sent.
/// - **Proxies** come from the environment: `https_proxy` and `HTTPS_PROXY` for `https`,
///   `http_proxy` (lower case only, as in curl, since a CGI server sets `HTTP_PROXY` from a
///   request's header) for `http`, `all_proxy` and `ALL_PROXY` for both, `no_proxy` and
///   `NO_PROXY` for exceptions. This machine itself is never reached through a proxy. Only
///   proxies spoken to in plain HTTP are supported; credentials in their address are used.
/// - **Limits**: 16 KiB of header section (above it there is a [`Fault`]), 64 KiB of body (the
///   rest is not read, and the connection closed).
/// - **Time**: 10 s for each step of connecting (resolving the name, reaching an address, the
///   proxy, TLS), 30 s from writing the request to the head of the answer, 10 s for its body, 3 s
///   without a byte of the body of a success, 60 s for all of it.
/// - **Connections**: one per endpoint is kept for the next request, for at most 30 s; then it is
///   closed, and sooner where the server closes it.
///
/// Redirects are not followed: a webhook's secret would follow too. A clone shares its connections
/// and the certificates that it has read.
///
/// ```
/// use std::time::Duration;
///
/// let wire = logout::transport::Wire::new()
///     .with_connect_timeout(Duration::from_secs(3))
///     .with_timeout(Duration::from_secs(20));
/// assert!(format!("{wire:?}").contains("connect: 3s"));
/// ```
#[derive(Clone)]
pub struct Wire {
    timeouts: Timeouts,
    proxies: Proxies,
    tls: Tls,
    pool: Pool,
}

impl Wire {
    /// Creates a transport with the proxies that the environment names. It opens and reads nothing
    /// yet.
    ///
    /// ```
    /// let wire = logout::transport::Wire::new();
    /// assert!(format!("{wire:?}").contains("whole: 60s"));
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            timeouts: Timeouts::default(),
            proxies: Proxies::from_environment(|name| {
                std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
            }),
            tls: Tls::default(),
            pool: Pool::default(),
        }
    }

    /// Trusts the certificates in `pem` too, as issuers or as the server's own.
    ///
    /// Use it for a server with a private authority on a machine whose store you cannot change;
    /// otherwise `SSL_CERT_FILE` needs no code.
    ///
    /// ```
    /// let error = logout::transport::Wire::new().with_root_pem(b"no certificate").unwrap_err();
    /// assert_eq!(error.to_string(), "there is no certificate in it; it must be in PEM form");
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no certificate in it, or one that cannot be read.
    pub fn with_root_pem(mut self, pem: &[u8]) -> io::Result<Self> {
        self.tls = self.tls.trusting(pem)?;
        Ok(self)
    }

    /// Sends through this proxy, whatever the environment says, except to the hosts in `except` (in
    /// the form of `NO_PROXY`) and to this machine.
    ///
    /// ```
    /// let wire = logout::transport::Wire::new().with_proxy("http://proxy.example:3128", ".example.org");
    /// assert!(wire.is_ok());
    ///
    /// let error = logout::transport::Wire::new().with_proxy("socks5://proxy.example", "").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "it names a SOCKS proxy, which is not supported; name one that begins with `http://`"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// If the address is not one, or is that of a SOCKS proxy or of a proxy that is reached over
    /// TLS, or if one of the exceptions is not a host, address or network.
    pub fn with_proxy(mut self, proxy: &str, except: &str) -> io::Result<Self> {
        self.proxies = Proxies::single(proxy, except)
            .map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        self.pool = Pool::default();
        Ok(self)
    }

    /// Sends directly, whatever the environment says.
    ///
    /// Use it for a chat inside the network, on machines whose proxy leads out of it.
    ///
    /// ```
    /// let wire = logout::transport::Wire::new().without_proxy();
    /// assert!(format!("{wire:?}").contains(r#"https: "direct""#));
    /// ```
    #[must_use]
    pub fn without_proxy(mut self) -> Self {
        self.proxies = Proxies::default();
        self.pool = Pool::default();
        self
    }

    /// Limits each step of connecting: resolving the name, reaching one address, the proxy's
    /// consent, the TLS handshake. 10 s by default.
    ///
    /// A step that takes longer is [`Fault::NotSent`]. Make it short if an address is often dead,
    /// long over satellite or a modem.
    ///
    /// ```
    /// let wire = logout::transport::Wire::new().with_connect_timeout(std::time::Duration::from_secs(5));
    /// assert!(format!("{wire:?}").contains("connect: 5s"));
    /// ```
    #[must_use]
    pub fn with_connect_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.connect = limit;
        self
    }

    /// Limits the time from the writing of the request to the end of the answer's head. 30 s by
    /// default.
    ///
    /// A request that takes longer is [`Fault::Unknown`]: the message may have arrived, and comes
    /// again as a possible repeat. So make it longer than your slowest server takes.
    ///
    /// ```
    /// let wire = logout::transport::Wire::new().with_head_timeout(std::time::Duration::from_secs(5));
    /// assert!(format!("{wire:?}").contains("head: 5s"));
    /// ```
    #[must_use]
    pub fn with_head_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.head = limit;
        self
    }

    /// Limits the reading of the answer's body. 10 s by default.
    ///
    /// What has arrived by then is judged as it is; it is not [complete](Response::is_complete).
    ///
    /// ```
    /// let wire = logout::transport::Wire::new().with_body_timeout(std::time::Duration::from_secs(5));
    /// assert!(format!("{wire:?}").contains("body: 5s"));
    /// ```
    #[must_use]
    pub fn with_body_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.body = limit;
        self
    }

    /// Limits the whole request, from resolving the name to the last byte of the answer. 60 s by
    /// default.
    ///
    /// ```
    /// let wire = logout::transport::Wire::new().with_timeout(std::time::Duration::from_secs(5));
    /// assert!(format!("{wire:?}").contains("whole: 5s"));
    /// ```
    #[must_use]
    pub fn with_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.whole = limit;
        self
    }

    /// Keeps an idle connection for the next request for this long. 30 s by default; zero keeps
    /// none.
    ///
    /// Then it is closed, whether or not anything else is sent. Make it short if each open
    /// connection costs something, as on a metered link.
    ///
    /// ```
    /// let wire = logout::transport::Wire::new().with_idle_timeout(std::time::Duration::ZERO);
    /// assert!(format!("{wire:?}").contains("idle: 0ns"));
    /// ```
    #[must_use]
    pub fn with_idle_timeout(mut self, limit: Duration) -> Self {
        self.timeouts.idle = limit;
        self
    }

    /// Opens a new connection for another protocol than HTTP, to the host and port of `url`.
    #[cfg(feature = "fleet")]
    pub(crate) async fn open(&self, url: &Url) -> Result<Channel, Fault> {
        let budget = Budget::new(self.timeouts);
        let stream = connect::open(url, None, &self.tls, &budget).await?;
        Ok(Channel::over(stream))
    }

    /// Opens one to a Unix socket.
    #[cfg(all(unix, feature = "fleet"))]
    pub(crate) async fn open_socket(&self, path: &Path) -> io::Result<Channel> {
        let budget = Budget::new(self.timeouts);
        let socket = budget.connect(LocalSocket::connect(path)).await;
        let socket = socket.map_err(|_| io::ErrorKind::TimedOut)??;
        Ok(Channel::over(Stream::over(StreamKind::Local(socket))))
    }

    /// Sends one request, of hyper's API or of surf's, and returns the answer.
    pub(super) async fn exchange(&self, outgoing: Outgoing<'_>) -> Result<Response, Fault> {
        let budget = Budget::new(self.timeouts);
        let url = outgoing.url;
        let proxy = self
            .proxies
            .route(url)
            .map_err(|why| Fault::NotSent(why.into()))?;
        let written = outgoing.written;
        let message = outgoing.message(proxy)?;
        let response = self.deliver(url, proxy, message, written, &budget).await?;
        // Through a tunnel a 407 is the server's.
        let is_proxys_own = response.status() == 407 && proxy.is_some() && !url.is_secure();
        if is_proxys_own {
            return Err(Fault::NotSent(proxy::WANTS_CREDENTIALS.into()));
        }
        Ok(response)
    }

    /// Sends over an idle connection, or over a new one.
    async fn deliver(
        &self,
        url: &Url,
        proxy: Option<&Proxy>,
        mut message: HttpRequest,
        written: Option<&OnceLock<Instant>>,
        budget: &Budget,
    ) -> Result<Response, Fault> {
        if let Some(connection) = self.pool.take(url).await {
            let conversation = self.converse(url, connection, message, written, budget);
            match conversation.await {
                // It was closed since it was checked; the server saw nothing of the request.
                Err(Failure::Returned(back)) => message = *back,
                Err(Failure::Fault(fault)) => return Err(fault),
                Ok(response) => return Ok(response),
            }
        }

        let stream = connect::open(url, proxy, &self.tls, budget).await?;
        let connection = HttpConnection::over(stream).await?;
        let conversation = self.converse(url, connection, message, written, budget);
        match conversation.await {
            Ok(response) => Ok(response),
            Err(Failure::Fault(fault)) => Err(fault),
            Err(Failure::Returned(_)) => Err(Fault::NotSent(
                "the server closed the connection before the request".into(),
            )),
        }
    }

    async fn converse(
        &self,
        url: &Url,
        mut connection: HttpConnection,
        message: HttpRequest,
        written: Option<&OnceLock<Instant>>,
        budget: &Budget,
    ) -> Result<Response, Failure> {
        let response = connection.converse(message, written, budget).await?;
        self.pool.put(url, connection, self.timeouts.idle);
        Ok(response)
    }
}

impl Default for Wire {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire")
            .field("timeouts", &self.timeouts)
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}

impl Transport for Wire {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        if let Some(problem) = request.problem() {
            return Err(Fault::Rejected(problem.into()));
        }
        let (method, headers) = request.head()?;
        self.exchange(Outgoing {
            url: request.url(),
            method: method.clone(),
            headers,
            body: Bytes::copy_from_slice(request.body()),
            written: Some(request.written()),
        })
        .await
    }

    fn reload(&self) {
        self.tls.reload();
        // A certificate that was trusted before may not be any more.
        self.pool.clear();
    }

    fn notes(&self) -> Vec<String> {
        self.proxies.notes()
    }
}

/// A request to be sent, of hyper's API or of surf's.
pub(super) struct Outgoing<'a> {
    pub(super) url: &'a Url,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The cell for the time at which it is written.
    pub(super) written: Option<&'a OnceLock<Instant>>,
}

impl Outgoing<'_> {
    /// Converts it into hyper's request.
    fn message(self, proxy: Option<&Proxy>) -> Result<HttpRequest, Fault> {
        if self.url.host().is_empty() {
            return Err(Fault::Rejected("the request has no address".into()));
        }
        // Through a tunnel the server reads the request line, not the proxy.
        let forward = proxy.filter(|_| !self.url.is_secure());
        let target = match forward {
            Some(_) => self.url.as_str(),
            None => self.url.path_and_query(),
        };
        let uri: Uri = target.parse().map_err(|_| wrong_address())?;
        let host = HeaderValue::try_from(self.url.authority()).map_err(|_| wrong_address())?;

        let mut headers = self.headers;
        headers.insert(HOST, host);
        headers.remove(TRANSFER_ENCODING);
        if !self.body.is_empty() || self.method != Method::GET {
            // hyper omits it for a POST without a body, to which some servers answer 411.
            headers.insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        }
        // Nothing here can decompress a body, and some proxies compress if this header is missing.
        headers
            .entry(ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("identity"));
        let sender = HeaderValue::from_static(request::USER_AGENT);
        headers.entry(USER_AGENT).or_insert(sender);
        if let Some(credentials) = forward.and_then(Proxy::credentials) {
            headers.insert(PROXY_AUTHORIZATION, credentials.clone());
        }

        let mut message = http::Request::new(Full::new(self.body));
        *message.method_mut() = self.method;
        *message.uri_mut() = uri;
        *message.headers_mut() = headers;
        Ok(message)
    }
}

fn wrong_address() -> Fault {
    Fault::Rejected("the address holds a character that must be percent-encoded in a URL".into())
}
