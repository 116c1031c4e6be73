//! Memory use within `memory_limit`, whatever the program logs and the destination does.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use logout::adapter::{Request, Response, Step, Url, Window};
use logout::transport::{Fault, Transport};
use logout::{Adapter, Notice, logout};
use peak_alloc::PeakAlloc;
use serde::Deserialize;
use tracing_subscriber::prelude::*;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const LIMIT: usize = 1024 * 1024;

logout! {
    struct Alerts {
        memory_limit: LIMIT,
        truncate: infinity,
        sync_threshold: 5_000,
        discard_threshold: 5_000,
        adapters: [Pager, second: Pager],
    }
}

/// An adapter that shows the whole notice, as often as its destination lets it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Pager {}

impl Adapter for Pager {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(200, Duration::from_secs(1), "pager")]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        let url = Url::parse("https://pager.example").unwrap();
        request
            .post(&url)
            .bytes("text/plain", logout::format_message(notice).as_bytes());
    }
}

/// A destination that can go away.
struct Line;

static DOWN: AtomicBool = AtomicBool::new(false);
static SENT: AtomicUsize = AtomicUsize::new(0);

impl Transport for Line {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        if DOWN.load(Ordering::Relaxed) {
            return Err(Fault::NotSent("the line is down".into()));
        }
        SENT.fetch_add(1, Ordering::Relaxed);
        Ok(Response::new(200))
    }
}

/// Logs thousands of different errors on four threads, long and short, in and out of long spans.
fn storm() {
    let long = "x".repeat(64 * 1024);
    thread::scope(|threads| {
        for thread in 0..4 {
            let long = &long;
            threads.spawn(move || {
                let span = tracing::info_span!("request", path = &long[..4_096]);
                for number in 0..5_000 {
                    let text = &long[..[10, 300, 5_000, 65_536][number % 4]];
                    let fingerprint = thread * 10_000 + number;
                    span.in_scope(|| tracing::error!(fingerprint, text, "{text}"));
                }
            });
        }
    });
}

#[test]
fn storm_and_outage_stay_within_the_memory_limit() {
    // What tracing and the test itself hold is there before.
    tracing::subscriber::with_default(tracing_subscriber::registry(), storm);
    let before = HEAP.current_usage();

    let (alerts, guard) = Alerts::from_figment(figment::Figment::new())
        .unwrap()
        .transport(Line)
        .start()
        .unwrap();
    let handle = guard.handle();
    let subscriber = tracing_subscriber::registry().with(alerts);
    let dispatch = tracing::Dispatch::new(subscriber);
    let _default = dispatch.clone();
    tracing::dispatcher::set_global_default(dispatch).unwrap();

    HEAP.reset_peak_usage();
    storm();
    DOWN.store(true, Ordering::Relaxed);
    storm();
    // What is left cannot be delivered.
    let _late = handle.flush(Duration::from_millis(500));
    storm();
    DOWN.store(false, Ordering::Relaxed);
    storm();
    let _late = handle.flush(Duration::from_secs(10));

    let peak = HEAP.peak_usage().saturating_sub(before);
    println!(
        "peak {peak} of {LIMIT} bytes, {} sent",
        SENT.load(Ordering::Relaxed)
    );
    assert!(peak < LIMIT, "{peak} bytes were held at once");
    assert!(SENT.load(Ordering::Relaxed) > 0);
    for lane in handle.stats().lanes {
        assert_eq!(
            lane.accepted,
            lane.delivered + lane.pending + lane.discarded.total(),
            "{lane:?}"
        );
        assert!(lane.discarded.total() > 0, "{lane:?}");
    }
}
