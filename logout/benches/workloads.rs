//! Events and destinations of the benches.

use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use figment::Figment;
use logout::adapter::{Request, Response, Step, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, logout};
use tracing::Dispatch;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Layer, Registry};

/// An adapter whose message is the number of its events.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Count {}

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
pub(crate) struct Sink {
    pub(crate) delay: Duration,
    pub(crate) delivered: Arc<AtomicU64>,
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
        Ok(Response::new(200))
    }
}

logout! {
    /// A block with queues deep enough for a batch of 200, as those of other crates are.
    pub(crate) struct Hot {
        level: WARN,
        sync_threshold: 20_000,
        discard_threshold: 20_000,
        adapters: [Count],
    }
}

/// Starts a block before a sink; `other` adds a layer that wants everything.
pub(crate) fn start<D: logout::Dispatch>(sink: &Sink, other: bool) -> (Dispatch, logout::Guard<D>) {
    start_over(sink.clone(), other)
}

/// Starts a block before any destination.
pub(crate) fn start_over<D: logout::Dispatch>(
    transport: impl Transport + Send,
    other: bool,
) -> (Dispatch, logout::Guard<D>) {
    let (layer, guard) = logout::Builder::<D>::from_figment(Figment::new())
        .and_then(|block| block.transport(transport).start())
        .expect("a block that needs no settings starts");
    (subscriber(layer, other), guard)
}

/// Returns a subscriber with this layer, and with one that wants everything if `other`.
pub(crate) fn subscriber(layer: impl Layer<Registry> + Send + Sync, other: bool) -> Dispatch {
    let registry = tracing_subscriber::registry().with(layer);
    if other {
        registry
            .with(Nothing.with_filter(LevelFilter::TRACE))
            .into()
    } else {
        registry.into()
    }
}

/// A layer that wants everything and does nothing.
struct Nothing;

impl<S: tracing::Subscriber> Layer<S> for Nothing {}

#[derive(Debug)]
pub(crate) struct DbError;

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection refused (os error 111)")
    }
}

impl Error for DbError {}

/// Logs W1: below the level, two fields.
#[inline(always)]
pub(crate) fn w1() {
    tracing::debug!(
        user_id = black_box(42),
        path = black_box("/login"),
        "cache miss"
    );
}

/// Logs W2: no fields.
#[inline(always)]
pub(crate) fn w2() {
    tracing::error!("db connection failed");
}

/// Logs W3: four fields. W4 is the same [`in_spans`].
#[inline(always)]
pub(crate) fn w3() {
    let error = DbError;
    tracing::warn!(
        user_id = black_box(42),
        path = black_box("/login"),
        elapsed_ms = black_box(12.5),
        error = %black_box(&error),
        "failed login attempt"
    );
}

/// Runs `f` in W4s: three spans of two fields, which are created, entered, left and closed.
#[inline(always)]
pub(crate) fn in_spans<R>(f: impl FnOnce() -> R) -> R {
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
