//! The builder: a configured block that is not started yet.

use std::fmt;
use std::sync::Arc;

use figment::Provider;

use self::worker::{drop_program_code, spawn, worker_here};
use crate::capture::layer::AlertsLayer;
use crate::config::{self, Error, Settings};
use crate::event::encoding::catch_panics;
#[cfg(feature = "preview")]
use crate::handle::preview::Previewer;
use crate::handle::{Guard, Handle};
use crate::text::stderr;
use crate::transport::{DefaultTransport, Transport};
use crate::worker::BlockState;
use crate::worker::dispatch::Dispatch;

mod resources;
mod worker;

/// A configured block that is not started yet.
///
/// `Alerts::from_env()` and `Alerts::from_figment(…)` return one. Nothing runs yet, so you learn
/// about a wrong configuration before any thread exists.
///
/// # Dry run
///
/// With `LOGOUT_DRY_RUN=1`, or `dry_run = true` in the file, nothing is sent. logout prints on
/// standard error what each chat would get, as people would read it there, with the instance, the
/// platform and the names of attached files:
///
/// ```text
/// ┌ slack · Slack
/// │ 🔥 payment failed
/// │ Corner Shop · web-7
/// │ order 42
/// │ shop::pay src/pay.rs:88 · #3fa9c1
/// └
/// ```
///
/// A dry run needs no secret, so you can read your alerts before you have an account. For each
/// missing key a line says what you will have to set; keys that are set are checked as usual.
/// Levels, filters, grouping and rate limits apply as if everything were sent, and the events count
/// as delivered. Adapters of yours show their requests, unless they implement
/// [`preview`](crate::Adapter::preview). Their [`send`](crate::Adapter::send) is never called.
///
/// # Example
///
/// ```
/// use logout::{Slack, logout};
/// use tracing_subscriber::prelude::*;
///
/// logout! {
///     struct Alerts { adapters: [Slack] }
/// }
///
/// let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
/// let (alerts, guard) = Alerts::from_figment(url)?.start()?;
/// let subscriber = tracing_subscriber::registry().with(alerts);
/// tracing::subscriber::with_default(subscriber, || {
///     tracing::info!("below the level, so nobody is told");
/// });
/// assert_eq!(guard.handle().stats().left(), 0);
/// # Ok::<(), logout::Error>(())
/// ```
pub struct Builder<D, T = DefaultTransport> {
    dispatch: D,
    settings: Settings,
    transport: T,
    stack_size: Option<usize>,
}

impl<D: Dispatch> Builder<D> {
    /// Reads `logout.toml` and the environment.
    ///
    /// ```
    /// use logout::{Slack, logout};
    ///
    /// logout! {
    ///     struct Alerts { adapters: [Slack], env_prefix: "SHOP_ALERTS_" }
    /// }
    ///
    /// let error = Alerts::from_env().unwrap_err();
    /// assert!(error.to_string().contains("SLACK_WEBHOOK_URL or SHOP_ALERTS_SLACK__URL"));
    /// ```
    ///
    /// # Errors
    ///
    /// One [`Error`] that lists every key that is missing or wrong.
    pub fn from_env() -> Result<Self, Error> {
        config::from_env(D::read).map(Self::new)
    }

    /// Reads a figment of yours instead of file and environment.
    ///
    /// The settings are at its top level, those of an instance in a table of its name: `level`,
    /// `slack.url`. To read them from a part of a larger figment, focus on it first.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// let error = Alerts::from_figment(("slack.url", "hooks.slack.com")).unwrap_err();
    /// assert!(error.is_config());
    /// ```
    ///
    /// # Errors
    ///
    /// One [`Error`] that lists every key that is missing or wrong.
    pub fn from_figment(provider: impl Provider) -> Result<Self, Error> {
        config::from_figment(D::read, provider).map(Self::new)
    }

    fn new((dispatch, settings): (D, Settings)) -> Self {
        Self {
            dispatch,
            settings,
            transport: DefaultTransport,
            stack_size: None,
        }
    }

    /// Sends through `transport` instead of the default one.
    ///
    /// For a proxy or a certificate authority of your own, an HTTP client that your program already
    /// has, or a protocol other than HTTP. [`start`](Self::start) moves it to logout's own thread,
    /// so it must be `Send`; [`start_on`](Self::start_on) leaves it on the calling thread.
    ///
    /// ```
    /// use logout::adapter::{Request, Response};
    /// use logout::transport::{Fault, Transport};
    /// use tracing_subscriber::prelude::*;
    ///
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// struct Quiet;
    ///
    /// impl Transport for Quiet {
    ///     async fn send(&self, _: &Request) -> Result<Response, Fault> {
    ///         let mut answer = Response::new(200);
    ///         answer.set_body("ok"); // what Slack says to a message that it takes
    ///         Ok(answer)
    ///     }
    /// }
    ///
    /// let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// let (alerts, guard) = Alerts::from_figment(url)?.transport(Quiet).start()?;
    /// let subscriber = tracing_subscriber::registry().with(alerts);
    /// tracing::subscriber::with_default(subscriber, || tracing::error!("payment failed"));
    ///
    /// guard.handle().flush(std::time::Duration::from_secs(3))?;
    /// assert_eq!(guard.handle().stats().lanes[0].delivered, 1);
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn transport<T: Transport>(self, transport: T) -> Builder<D, T> {
        Builder {
            dispatch: self.dispatch,
            settings: self.settings,
            transport,
            stack_size: self.stack_size,
        }
    }

    /// Starts the sending thread, with the default transport.
    ///
    /// No connection is opened before the first message. Call
    /// [`Handle::verify`](crate::Handle::verify) to check the credentials. If a chat is gone, the
    /// other chats and standard error say so. With `enabled = false` nothing starts: the layer
    /// takes no events, and a flush or a shutdown has nothing to do.
    ///
    /// ```
    /// use tracing_subscriber::prelude::*;
    ///
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// // Off, as in a test or on a developer's machine; then no secret is needed either.
    /// let (alerts, guard) = Alerts::from_figment(("enabled", false))?.start()?;
    /// let subscriber = tracing_subscriber::registry().with(alerts);
    /// tracing::subscriber::with_default(subscriber, || tracing::error!("payment failed"));
    ///
    /// assert_eq!(guard.handle().stats().lanes[0].accepted, 0);
    /// # Ok::<(), logout::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the operating system has no thread or no descriptor left, or in a process that was forked
    /// from one that had started logout. Start it after forking, in the child.
    #[cfg(feature = "hyper")]
    pub fn start<S>(self) -> Result<(AlertsLayer<D, S>, Guard<D>), Error> {
        self.default_transport().start()
    }

    /// Starts the sending thread for the others of the fleet, in a program that logs nothing itself.
    ///
    /// A fleet needs no such program: any of its processes sends for all. With it the others can do
    /// without the chats' secrets (`fleet.lead = false`, `fleet.alone = false`). The
    /// [guide](crate::guide::fleet#a-relay) has one.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and if the block has no `fleet`, or a dry run is asked for.
    #[cfg(feature = "fleet")]
    pub fn relay(self) -> Result<Guard<D>, Error> {
        self.default_transport().relay()
    }

    /// Returns the worker for your own executor, with the default transport: see
    /// [`start_on`](Builder::start_on) of a builder with a transport.
    #[cfg(feature = "hyper")]
    pub fn start_on<S>(self) -> (AlertsLayer<D, S>, Guard<D>, impl Future<Output = ()>) {
        self.default_transport().start_on()
    }

    /// Returns what the chats would get as text, with this configuration: see [`Previewer`].
    ///
    /// `Alerts::preview()` does the same with the block alone.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// let alerts = Alerts::from_figment(figment::Figment::from(("dry_run", true)).merge(("project_name", "Tea")))?;
    /// let previews = alerts.preview().events(|| tracing::error!("payment failed"));
    /// assert!(previews.text(AlertsAdapter::Slack).contains("Tea"));
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[cfg(feature = "preview")]
    #[must_use]
    pub fn preview(self) -> Previewer<D> {
        Previewer::new(self.dispatch, self.settings)
    }

    #[cfg(feature = "surf")]
    fn default_transport(self) -> Builder<D, crate::transport::Surf> {
        self.transport(crate::transport::Surf::new())
    }

    #[cfg(all(feature = "hyper", not(feature = "surf")))]
    fn default_transport(self) -> Builder<D, crate::transport::Wire> {
        self.transport(crate::transport::Wire::new())
    }
}

impl<D, T> Builder<D, T> {
    /// Gives the sending thread a stack of this many bytes, instead of the two mebibytes that
    /// Rust's standard library gives it.
    ///
    /// Pages that are never touched cost no memory on Linux, so this is for systems where address
    /// space or locked memory is scarce. 512 KiB are enough for the built-in adapters, even
    /// unoptimized. Adapters and formatting functions of yours run on this stack too. If it
    /// overflows, the process ends, as always in Rust.
    ///
    /// ```
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// let alerts = Alerts::from_figment(url)?.stack_size(512 * 1024);
    /// assert!(alerts.start::<tracing_subscriber::Registry>().is_ok());
    /// # Ok::<(), logout::Error>(())
    /// ```
    #[must_use]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }
}

impl<D: Dispatch, T: Transport + Send> Builder<D, T> {
    /// Starts the sending thread, with the transport that was [given](Builder::transport).
    ///
    /// # Errors
    ///
    /// If the operating system has no thread or no descriptor left, or in a process that was forked
    /// from one that had started logout. Start it after forking, in the child.
    pub fn start<S>(self) -> Result<(AlertsLayer<D, S>, Guard<D>), Error> {
        let stack_size = self.stack_size;
        let (layer, guard, transport) = self.prepare();
        let Handle { shared, dispatch } = guard.handle();
        if !shared.enabled {
            return Ok((layer, guard));
        }
        if let Err(error) = spawn(stack_size, shared, dispatch, transport) {
            guard.abandon();
            return Err(error);
        }
        Ok((layer, guard))
    }
}

#[cfg(feature = "fleet")]
impl<D: Dispatch, T: Transport + Send> Builder<D, T> {
    /// Starts the sending thread for the others of the fleet, in a program that logs nothing itself.
    ///
    /// A fleet needs no such program: any of its processes sends for all. With it the others can do
    /// without the chats' secrets (`fleet.lead = false`, `fleet.alone = false`). The
    /// [guide](crate::guide::fleet#a-relay) has one.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and if the block has no `fleet`, or a dry run is asked for.
    pub fn relay(mut self) -> Result<Guard<D>, Error> {
        match &mut self.settings.fleet {
            Some(fleet) if !self.settings.dry_run => fleet.lead = true,
            _ => {
                let why = "a relay sends for a fleet: write `fleet: Redis` in the block, and set no `dry_run`";
                return Err(Error::change(why.to_owned()));
            }
        }
        let (_layer, guard) = self.start::<tracing_subscriber::Registry>()?;
        Ok(guard)
    }
}

impl<D: Dispatch, T: Transport> Builder<D, T> {
    /// Returns the worker as a future for your own smol executor, and starts no thread for it.
    ///
    /// Poll the future on the thread that called this. It is not `Send`, so use
    /// [`smol::LocalExecutor`](https://docs.rs/smol/latest/smol/struct.LocalExecutor.html) or
    /// `block_on`. It ends after a shutdown. Nothing on that thread can wait for the worker,
    /// because the worker runs nowhere else:
    ///
    /// - An event that is logged there never waits, whatever `sync_threshold` is.
    /// - Above `sync_threshold`, other threads wait for this thread to poll it. While the executor
    ///   is busy with something else they share one `sync_timeout` and do not wait one after the
    ///   other. Zero never waits.
    /// - To end, await [`Guard::shutdown_async`] while the executor still runs; before that, await
    ///   [`Handle::flush_async`](crate::Handle::flush_async). Dropping the guard on that thread
    ///   asks for the end and does not wait: what waits is sent if the executor keeps running the
    ///   future.
    /// - If you drop the future before its end, it gives up what waits, counts it and says so on
    ///   standard error.
    /// - If panics abort the process, a panic on that thread cannot be sent.
    /// - In a process that was forked from one that had started logout, it sends nothing, says so
    ///   on standard error, and counts events as [`Forked`](crate::stats::Reason::Forked).
    ///
    /// Host names are still resolved, and the system's certificates read, on a thread of their own,
    /// because that blocks. The thread ends with the answer. Timers and sockets use async-io's
    /// reactor, which your executor drives.
    ///
    /// ```
    /// # use logout::adapter::{Request, Response};
    /// # use logout::transport::{Fault, Transport};
    /// # struct Line;
    /// # impl Transport for Line {
    /// #     async fn send(&self, _: &Request) -> Result<Response, Fault> {
    /// #         let mut response = Response::new(200);
    /// #         response.set_body("ok");
    /// #         Ok(response)
    /// #     }
    /// # }
    /// use tracing_subscriber::prelude::*;
    ///
    /// # logout::logout! { struct Alerts { adapters: [logout::Slack] } }
    /// # let url = ("slack.url", "https://hooks.slack.com/services/T0/B0/x");
    /// # let alerts = Alerts::from_figment(url)?;
    /// let (layer, guard, worker) = alerts.transport(Line).start_on();
    /// tracing_subscriber::registry().with(layer).init();
    /// let handle = guard.handle();
    ///
    /// let executor = smol::LocalExecutor::new();
    /// executor.spawn(worker).detach();
    /// smol::block_on(executor.run(async {
    ///     tracing::error!("the pump has stopped");
    ///     guard.shutdown_async().await
    /// }))?;
    /// assert_eq!(handle.stats().lanes[0].delivered, 1);
    /// # Ok::<(), logout::Error>(())
    /// ```
    pub fn start_on<S>(self) -> (AlertsLayer<D, S>, Guard<D>, impl Future<Output = ()>) {
        let (layer, guard, transport) = self.prepare();
        let Handle { shared, dispatch } = guard.handle();
        let worker = worker_here(shared, transport);
        let worker = async move {
            if let Some(worker) = worker {
                worker.run(&*dispatch).await;
                drop_program_code((worker, dispatch));
            }
        };
        (layer, guard, worker)
    }
}

impl<D: Dispatch, T: Transport> Builder<D, T> {
    /// Creates all that a running block needs except a place to run.
    fn prepare<S>(self) -> (AlertsLayer<D, S>, Guard<D>, T) {
        if self.settings.enabled && self.settings.dry_run {
            stderr::write(
                "dry run: nothing is sent; what each chat would get is shown here instead",
            );
        }
        let notes = catch_panics(|| self.transport.notes()).unwrap_or_else(|| {
            vec!["the transport panicked when it was asked for its notes".to_owned()]
        });
        for note in self.settings.notes.iter().chain(&notes) {
            stderr::write(note);
        }
        if self.settings.enabled && D::BLOCK.instances.is_empty() {
            stderr::write(&format!(
                "`{}` has no adapters, so nobody is told of anything; add one, as in `adapters: [Slack]`",
                D::BLOCK.name
            ));
        }
        let shared = Arc::new(BlockState::new(const { &D::BLOCK }, self.settings));
        let layer = shared.layer();
        let guard = Guard::new(Handle::new(shared, Arc::new(self.dispatch)));
        (layer, guard, self.transport)
    }
}

impl<D, T> fmt::Debug for Builder<D, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
