//! How requests leave the process.

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

/// Sends a [`Request`] and brings back the [`Response`].
///
/// The built-in ones are `Wire` (feature `hyper`, the default) and `Surf` (feature `surf`). A
/// program with a way of its own (a serial line, a Unix socket, an HTTP client it already has)
/// implements this trait and hands it to [`Builder::transport`](crate::Builder::transport).
///
/// Several lanes send through one transport at the same time, all on logout's own thread, so the
/// future need not be `Send`. An implementation must not log (what it emits could become an event
/// again), must not follow redirects (a webhook's secret would follow too), and must bound both
/// time and memory: an answer above 64 KiB is cut off.
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
    /// The bytes that are to leave are in [`Request::url`], [`Request::method`],
    /// [`Request::headers`] and [`Request::body`]. When the future is dropped the request is given up.
    ///
    /// # Errors
    ///
    /// A [`Fault`] when there is no answer; a status of any kind is an answer. Its text must not
    /// contain the address or a header: webhook URLs are secrets.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Response, Fault>>;

    /// Reads again what it has read from files, such as certificates.
    ///
    /// [`Handle::reload`](crate::Handle::reload) calls it, on logout's own thread. Does nothing unless
    /// it is written.
    fn reload(&self) {}

    /// Returns what is odd in its settings although it keeps nothing from being sent, a sentence each
    /// and without a secret. It is said on standard error when logout starts.
    ///
    /// Nothing unless it is written.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The default transport of the features in force: `Wire`, or `Surf` where the feature `surf` is on.
///
/// It stands in [`Builder`](crate::Builder)'s type until [`start`](crate::Builder::start) makes the real one, or
/// [`transport`](crate::Builder::transport) puts another in its place.
///
/// Nothing is to be done with it; it is only named where a type has to be written out.
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
