//! What the benches log, and where it goes.

use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use figment::Figment;
use logout::{Adapter, Fault, Notice, Request, Response, Step, Transport, Window, logout};
use tracing::Dispatch;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Layer, Registry};

/// An adapter that writes down for how many events a message stands.
#[derive(Default, serde::Deserialize)]
pub struct Count {}

impl Adapter for Count {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(1_000_000, Duration::from_secs(1), "bench")]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        // A digest of one call site begins with `×1,204 `.
        let events = notice
            .headline
            .strip_prefix('×')
            .and_then(|text| text.split(' ').next())
            .and_then(|number| number.replace(',', "").parse().ok())
            .unwrap_or(1_u64);
        request.bytes("text/plain", &events.to_le_bytes());
    }
}

/// A destination in this process, which takes its time.
#[derive(Clone, Default)]
pub struct Sink {
    pub delay: Duration,
    pub delivered: Arc<AtomicU64>,
    pub requests: Arc<AtomicU64>,
}

impl Transport for Sink {
    async fn send(&self, request: &Request) -> Result<Response, Fault> {
        if !self.delay.is_zero() {
            smol::Timer::after(self.delay).await;
        }
        let events = request
            .body()
            .first_chunk()
            .copied()
            .map_or(0, u64::from_le_bytes);
        self.delivered.fetch_add(events, Ordering::Release);
        self.requests.fetch_add(1, Ordering::Release);
        Ok(Response::new(200))
    }
}

impl Sink {
    #[must_use]
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Acquire)
    }

    /// Waits until so many events have arrived.
    pub fn wait_for(&self, events: u64) {
        while self.delivered() < events {
            std::thread::sleep(Duration::from_micros(20));
        }
    }
}

logout! {
    /// Queues deep enough for a batch of 200, as those of other crates are.
    pub struct Hot {
        level: WARN,
        sync_threshold: 20_000,
        discard_threshold: 20_000,
        adapters: [Count],
    }
}

logout! {
    /// The thresholds of a program that says nothing about them.
    pub struct Defaults {
        level: WARN,
        adapters: [Count],
    }
}

/// A running block and its subscriber.
pub struct Running<D: logout::Dispatch> {
    pub guard: logout::Guard<D>,
    pub subscriber: Dispatch,
    pub sink: Sink,
}

/// Starts a block; `other` adds a layer that wants everything.
///
/// # Panics
///
/// When the block does not start.
pub fn start<D: logout::Dispatch>(sink: &Sink, other: bool) -> Running<D> {
    let builder = logout::Builder::<D>::from_figment(Figment::new()).expect("settings");
    let (layer, guard) = builder.transport(sink.clone()).start().expect("a thread");
    Running {
        guard,
        subscriber: subscriber(layer, other),
        sink: sink.clone(),
    }
}

/// A subscriber with this layer, and perhaps one that wants everything.
pub fn subscriber(layer: impl Layer<Registry> + Send + Sync, other: bool) -> Dispatch {
    let registry = tracing_subscriber::registry().with(layer);
    if other {
        registry
            .with(Nothing.with_filter(LevelFilter::TRACE))
            .into()
    } else {
        registry.into()
    }
}

/// Wants everything and does nothing.
struct Nothing;

impl<S: tracing::Subscriber> Layer<S> for Nothing {}

/// Looks at each event and does nothing: what any layer behind a filter costs.
pub struct Looks;

impl<S: tracing::Subscriber> Layer<S> for Looks {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        black_box(event.metadata());
    }
}

#[derive(Debug)]
pub struct DbError;

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection refused (os error 111)")
    }
}

impl Error for DbError {}

/// W1: below the level, two fields.
#[inline(always)]
pub fn w1() {
    tracing::debug!(
        user_id = black_box(42),
        path = black_box("/login"),
        "cache miss"
    );
}

/// W2: no fields.
#[inline(always)]
pub fn w2() {
    tracing::error!("db connection failed");
}

/// W3: four fields. W4 is the same [`in_spans`].
#[inline(always)]
pub fn w3() {
    let error = DbError;
    tracing::warn!(
        user_id = black_box(42),
        path = black_box("/login"),
        elapsed_ms = black_box(12.5),
        error = %black_box(&error),
        "failed login attempt"
    );
}

/// W4s: three spans of two fields are created, entered, left and closed around `f`.
#[inline(always)]
pub fn in_spans<R>(f: impl FnOnce() -> R) -> R {
    let request = tracing::info_span!("request", method = black_box("POST"), id = black_box(7_u64));
    let _request = request.enter();
    let auth = tracing::info_span!(
        "auth",
        realm = black_box("users"),
        attempt = black_box(3_u64)
    );
    let _auth = auth.enter();
    let db = tracing::info_span!("db", pool = black_box("main"), shard = black_box(2_u64));
    let _db = db.enter();
    f()
}
