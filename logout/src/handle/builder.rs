//! From a configured block to a running one.

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
use crate::worker::Shared;
use crate::worker::dispatch::Dispatch;

mod resources;
mod worker;

/// A configured block that has not been started.
///
/// `Alerts::from_env()` and `Alerts::from_figment(…)` make one. Nothing runs yet: whatever is wrong
/// with the configuration is known before there is a thread.
///
/// # Dry run
///
/// With `LOGOUT_DRY_RUN=1`, or `dry_run = true` in the file, nothing is sent. What each chat would
/// get is printed on standard error as people would read it there, with the instance, the platform
/// and the names of attached files:
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
/// It needs no secret, so a program's alerts can be read before there is any account; a line each
/// says what will have to be set. What is given is checked as ever. Levels, filters, grouping and
/// the destinations' own pace hold as if it were sent, and the events count as delivered. Adapters
/// of the program's own show their requests, unless they implement
/// [`preview`](crate::Adapter::preview), and never get to [send](crate::Adapter::send).
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
        Self::new(config::from_env(D::read)?)
    }

    /// Reads the program's own figment instead, and neither file nor environment.
    ///
    /// The settings stand at its top, an instance's in the table of its name: `level`, `slack.url`.
    /// To read them from a part of a larger figment, focus on it first.
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
        Self::new(config::from_figment(D::read, provider)?)
    }

    fn new((dispatch, settings): (D, Settings)) -> Result<Self, Error> {
        Ok(Self {
            dispatch,
            settings,
            transport: DefaultTransport,
            stack_size: None,
        })
    }

    /// Sends through `transport` instead of the default one.
    ///
    /// For a proxy or a certificate authority of your own, an HTTP client that the program has
    /// already, or a way that is no HTTP. [`start`](Self::start) takes it to logout's own thread,
    /// so it must be `Send` there; [`start_on`](Self::start_on) leaves it on the one that calls.
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

    /// Starts the thread that sends, over the default transport.
    ///
    /// Nothing is opened before the first message: whether the credentials work is told by
    /// [`Handle::verify`](crate::Handle::verify), and that a chat is gone by the other chats and on
    /// standard error. Turned off by `enabled = false` it starts nothing: the layer takes no
    /// events, and a flush or a shutdown has nothing to do.
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
    /// When the operating system gives no thread or no descriptors, and in a process that was
    /// forked from one that had started logout: start it after forking, in the child.
    #[cfg(feature = "hyper")]
    pub fn start<S>(self) -> Result<(AlertsLayer<D, S>, Guard<D>), Error> {
        self.default_transport().start()
    }

    /// Gives the worker to the program's own executor, over the default transport: see
    /// [`start_on`](Builder::start_on) of a builder with a transport.
    #[cfg(feature = "hyper")]
    pub fn start_on<S>(self) -> (AlertsLayer<D, S>, Guard<D>, impl Future<Output = ()>) {
        self.default_transport().start_on()
    }

    /// Makes text of what the chats would get, with this configuration: see [`Previewer`].
    ///
    /// `Alerts::preview()` does so with what stands in the block alone.
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
    /// Gives the thread that sends a stack of this many bytes, instead of the two mebibytes that
    /// Rust's standard library gives it.
    ///
    /// Pages that are never touched cost no memory on Linux, so this is for systems where address
    /// space or locked memory is scarce. 512 KiB are enough for the built-in adapters, even
    /// unoptimised; adapters and formatting functions of the program run on it too. A stack that
    /// overflows ends the process, as it does everywhere in Rust.
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
    /// Starts the thread that sends, over the transport that was [given](Builder::transport).
    ///
    /// # Errors
    ///
    /// When the operating system gives no thread or no descriptors, and in a process that was
    /// forked from one that had started logout: start it after forking, in the child.
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

impl<D: Dispatch, T: Transport> Builder<D, T> {
    /// Gives the worker as a future for the program's own smol executor, and starts no thread.
    ///
    /// The future must be polled on the thread that called this (it is not `Send`, so
    /// [`smol::LocalExecutor`](https://docs.rs/smol/latest/smol/struct.LocalExecutor.html) or
    /// `block_on`), and ends after a shutdown. Nothing on that thread can wait for it, since it
    /// runs nowhere else:
    ///
    /// - An event that is logged there never waits: above `sync_threshold` it is taken as below.
    /// - Other threads wait above `sync_threshold` for this one to poll it. While the executor is
    ///   busy with something else they share one `sync_timeout`, and do not wait for it one after
    ///   the other; zero is never.
    /// - To end, await [`Guard::shutdown_async`] while the executor still runs; in between, await
    ///   [`Handle::flush_async`](crate::Handle::flush_async). Dropping the guard there only asks
    ///   for the end and does not wait: the events that wait are sent if the executor goes on
    ///   running the future.
    /// - A future that is dropped before its end gives up what waits, counts it and says so on
    ///   standard error.
    /// - Where panics abort the process, one on that thread cannot be told in chat.
    /// - In a process that was forked from one that had started logout it sends nothing, says so on
    ///   standard error, and counts events as [`Forked`](crate::stats::Reason::Forked).
    ///
    /// A resolver or a certificate store that blocks is still asked on a thread, which ends with
    /// the answer; timers and sockets wake through async-io's reactor, which the executor drives.
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
    /// Everything but a place to run.
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
        let shared = Arc::new(Shared::new(const { &D::BLOCK }, self.settings));
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
