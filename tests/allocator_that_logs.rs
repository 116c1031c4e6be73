//! A program whose allocator logs each allocation, which logout must not make worse.

use std::alloc::System;
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use logout::adapter::{Request, Response, Step, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, logout};
use tracing_subscriber::prelude::*;
use tracking_allocator::{AllocationGroupId, AllocationRegistry, AllocationTracker, Allocator};

mod support;

#[global_allocator]
static ALLOCATOR: Allocator<System> = Allocator::system();

thread_local! {
    /// Whether what this thread allocates is logged.
    static LOGS: Cell<bool> = const { Cell::new(false) };
}

static LOGGED: AtomicU64 = AtomicU64::new(0);

struct Logging;

impl Logging {
    fn log(bytes: usize) {
        if LOGS.try_with(Cell::get).unwrap_or_default() {
            LOGGED.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(bytes, "the allocator was asked");
        }
    }
}

impl AllocationTracker for Logging {
    fn allocated(&self, _: usize, bytes: usize, _: usize, _: AllocationGroupId) {
        Self::log(bytes);
    }

    fn deallocated(
        &self,
        _: usize,
        bytes: usize,
        _: usize,
        _: AllocationGroupId,
        _: AllocationGroupId,
    ) {
        Self::log(bytes);
    }
}

#[derive(Default, serde::Deserialize)]
struct Chat {}

impl Adapter for Chat {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(100, Duration::from_secs(1), "chat")]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        request.bytes("text/plain", notice.headline.as_bytes());
    }
}

struct Taken;

impl Transport for Taken {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        Ok(Response::new(200))
    }
}

logout! {
    struct Alerts {
        sync_timeout: Duration::from_millis(1),
        discard_threshold: 2_000,
        adapters: [Chat],
    }
}

/// Logs from within spans that are given fields later, until buffers have grown and more than find
/// room.
fn log(events: u64) {
    for event in 0..events {
        let span = tracing::info_span!("job", event, state = tracing::field::Empty);
        let _entered = span.enter();
        span.record("state", "x".repeat(200));
        tracing::error!(text = "y".repeat(2_000), "broken");
    }
}

#[test]
fn an_allocator_that_logs_ends_nothing_and_all_is_counted() {
    let block = Alerts::from_figment(figment::Figment::new()).unwrap();
    let (alerts, guard) = block.transport(Taken).start().unwrap();
    tracing_subscriber::registry().with(alerts).init();
    AllocationRegistry::set_global_tracker(Logging).unwrap();
    // tracing registers a call site under a lock of its own.
    LOGS.set(true);
    Logging::log(0);
    LOGS.set(false);
    log(1);

    AllocationRegistry::enable_tracking();
    LOGS.set(true);
    log(3_000);
    LOGS.set(false);
    AllocationRegistry::disable_tracking();

    guard.handle().flush(support::TIMEOUT).unwrap();
    let stats = guard.handle().stats();
    support::assert_adds_up(&stats);
    let lane = stats.lane("chat").unwrap();
    assert_eq!(
        lane.accepted,
        3_001 + LOGGED.load(Ordering::Relaxed),
        "{stats}"
    );
}
