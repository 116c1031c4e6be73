//! The sending of requests: the [`Transport`] trait and its implementations.

mod fault;
mod http_date;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod secret;
#[cfg(feature = "surf")]
mod surf;
pub(crate) mod url;
#[cfg(feature = "hyper")]
mod wire;

pub use self::fault::{Cause, Fault};
pub(crate) use self::request::Request;
pub(crate) use self::response::Response;
pub(crate) use self::secret::Secret;
#[cfg(feature = "surf")]
pub use self::surf::Surf;
pub(crate) use self::url::Url;
#[cfg(feature = "hyper")]
pub use self::wire::Wire;

/// A way to send a [`Request`] and to receive the [`Response`].
///
/// The built-in transports are `Wire` (feature `hyper`, the default) and `Surf` (feature `surf`).
/// If your program has another way out (a serial line, a Unix socket, an HTTP client that it
/// already has), implement this trait and pass it to
/// [`Builder::transport`](crate::Builder::transport).
///
/// Several lanes send through one transport at the same time, all on logout's own thread, so the
/// future need not be `Send`. An implementation must not log, because what it emits could become an
/// event again. It must not follow redirects, because a webhook's secret would follow too. It must
/// limit time and memory: cut an answer off at 64 KiB.
///
/// ```
/// use logout::adapter::{Request, Response};
/// use logout::transport::{Fault, Transport};
///
/// struct Refusing;
///
/// impl Transport for Refusing {
///     async fn send(&self, _: &Request) -> Result<Response, Fault> {
///         Err(Fault::NotSent("the line is down".into()))
///     }
/// }
///
/// let fault = smol::block_on(Refusing.send(&Request::new())).unwrap_err();
/// assert_eq!(fault.to_string(), "not sent: the line is down");
/// ```
pub trait Transport: 'static {
    /// Sends one request.
    ///
    /// [`Request::url`], [`Request::method`], [`Request::headers`] and [`Request::body`] say what
    /// to send. If the future is dropped, give the request up.
    ///
    /// # Errors
    ///
    /// A [`Fault`] if there is no answer; any status is an answer. Its text must not contain the
    /// address or a header, because webhook URLs are secrets.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Response, Fault>>;

    /// Reads its files again, such as certificates.
    ///
    /// [`Handle::reload`](crate::Handle::reload) calls it on logout's own thread. By default it
    /// does nothing.
    fn reload(&self) {}

    /// Returns what is odd in its settings but does not prevent sending, a sentence each and
    /// without a secret. logout prints it on standard error when it starts.
    ///
    /// By default there is nothing.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The default transport: `Wire`, or `Surf` if the feature `surf` is on.
///
/// It is part of [`Builder`](crate::Builder)'s type until [`start`](crate::Builder::start) creates
/// the real transport or [`transport`](crate::Builder::transport) replaces it.
///
/// You only need it where you write that type out.
///
/// ```
/// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
/// struct Config {
///     alerts: logout::Builder<Alerts, logout::transport::DefaultTransport>,
/// }
///
/// let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// let config = Config { alerts: Alerts::from_figment(url)? };
/// assert!(config.alerts.start::<tracing_subscriber::Registry>().is_ok());
/// # Ok::<(), logout::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DefaultTransport;
