//! Memory use in a storm and in an outage.
//!
//! ```text
//! cargo bench -p logout --bench memory
//! ```
//!
//! Limit: 8 MB of growth, and every event in the account.

use std::fs;
use std::future::pending;
use std::time::Duration;

use logout::adapter::{Request, Response};
use logout::transport::{Fault, Transport};
use logout::{Dispatch, Guard, logout};
use peak_alloc::PeakAlloc;
use tracing::dispatcher::with_default;

#[expect(dead_code, reason = "the other workloads are of the other benches")]
#[path = "workloads.rs"]
mod workloads;

use workloads::{Count, Sink, start_over, w3};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const EVENTS: u64 = 100_000;

/// More kinds of events than a lane keeps apart.
const KINDS: u64 = 300;

fn main() {
    println!("| what | limit | measured |\n|---|---|---|");
    // First, while nothing has been freed that it could use again.
    measure::<Defaults>(
        "100,000 W3, a destination of 50 ms",
        Sink {
            delay: Duration::from_millis(50),
            ..Sink::default()
        },
        Duration::from_secs(10),
        |_| w3(),
    );
    measure::<Defaults>(
        "100,000 events of 300 kinds and 1 KiB, nobody listens",
        Outage::Refused,
        Duration::from_millis(200),
        one_of_many,
    );
    measure::<Defaults>(
        "the same, nobody answers",
        Outage::Hanging,
        Duration::from_millis(200),
        one_of_many,
    );
}

logout! {
    /// The thresholds and bounds of a program that says nothing about them.
    struct Defaults {
        level: WARN,
        shutdown_timeout: Duration::from_millis(100),
        adapters: [Count],
    }
}

/// A destination that is away.
enum Outage {
    Refused,
    Hanging,
}

impl Transport for Outage {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        match self {
            Self::Refused => Err(Fault::NotSent("connection refused".into())),
            Self::Hanging => pending().await,
        }
    }
}

fn one_of_many(number: u64) {
    let text = "a line of a stack trace, or what else a program has to say ".repeat(17);
    tracing::warn!(fingerprint = number % KINDS, number, "{text}");
}

fn measure<D: Dispatch>(
    what: &str,
    transport: impl Transport + Send,
    patience: Duration,
    event: fn(u64),
) {
    let (subscriber, guard): (_, Guard<D>) = start_over(transport, false);
    // The thread's own buffer, and what starts with the first message.
    with_default(&subscriber, || event(0));
    drop(guard.handle().flush(Duration::from_millis(100)));
    let (heap, resident) = (HEAP.current_usage(), process_memory("VmRSS"));
    HEAP.reset_peak_usage();
    // Forgets the peak before; only Linux keeps one.
    drop(fs::write("/proc/self/clear_refs", "5"));
    with_default(&subscriber, || (1..EVENTS).for_each(event));
    let handle = guard.handle();
    drop(handle.flush(patience));
    let grown = HEAP.peak_usage().saturating_sub(heap) as f64 / 1_048_576.0;
    let peak = process_memory("VmHWM").saturating_sub(resident) as f64 / 1024.0;
    println!(
        "| {what} | 8 MB, all accounted for | heap {grown:.1} MB, resident {peak:.1} MB; {} |",
        handle.stats()
    );
}

/// Returns a figure of this process in KiB.
fn process_memory(key: &str) -> u64 {
    fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            let rest = line.strip_prefix(key)?.strip_prefix(':')?;
            rest.trim().split(' ').next()?.parse().ok()
        })
        .unwrap_or_default()
}
