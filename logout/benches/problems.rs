//! The cost of grouping events by problem: to find the problem of each, and to remember them.
//!
//! ```text
//! cargo bench -p logout --bench problems
//! cargo bench -p logout --bench problems -- 'new texts'
//! ```
//!
//! Each row has its limit beside it. How long a text takes to fold is in `shape.rs`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use logout::adapter::{Request, Step};
use logout::{Adapter, Notice, logout};
use peak_alloc::PeakAlloc;
use tracing::dispatcher::with_default;

#[path = "gate.rs"]
mod gate;
#[expect(dead_code, reason = "the other workloads are of the other benches")]
#[path = "workloads.rs"]
mod workloads;

use gate::Held;
use workloads::{Count, Sink, start, w2, w3};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// In what time a program is awaited that has nothing left to do.
const TIMEOUT: Duration = Duration::from_secs(30);

fn main() {
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let is_wanted = |row: &str| only.as_ref().is_none_or(|only| row.contains(only));
    println!("| what | limit | measured |\n|---|---|---|");
    // First, while nothing has been freed that it could use again.
    if is_wanted("memory") {
        measure_memory_of_problems();
    }
    let numbered = |number| {
        tracing::warn!("payment {number} failed: timeout of gateway at 10.0.0.1:8080");
    };
    type Row = (&'static str, &'static str, fn(u32));
    let rows: [Row; 3] = [
        ("of one text", "2,000,000", |_| w3()),
        ("of texts that differ in a number", "2,000,000", numbered),
        ("of new texts", "500,000", new_text),
    ];
    for (what, limit, event) in rows {
        if is_wanted(what) {
            measure_grouping(what, limit, event);
        }
    }
    if is_wanted("storm") {
        measure_storms();
    }
}

fn row(what: &str, limit: &str, measured: &str) {
    println!("| {what} | {limit} | {measured} |");
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Logs an event whose words no other event has.
fn new_text(number: u32) {
    let word = |shift: u32| char::from_u32(0x61 + (number >> shift) % 26).unwrap_or('a');
    let (a, b, c, d) = (word(0), word(4), word(8), word(12));
    tracing::warn!("{a}{b} payment {c}{d}{a} failed: timeout of {b}{c} gateway {d}{b}");
}

/// Measures how many events a second the worker assigns to their problems.
fn measure_grouping(what: &str, limit: &str, event: fn(u32)) {
    let sink = Sink::default();
    let (logout, guard) = start::<Held>(&sink, false);
    let handle = guard.handle();
    let taken = || {
        let stats = handle.stats();
        stats.lanes.iter().map(|lane| lane.accepted).sum::<u64>()
    };
    let mut times = Vec::new();
    with_default(&logout, || {
        for round in 1..=7_u64 {
            gate::fill(event);
            let start = Instant::now();
            gate::open();
            while taken() < round * u64::from(gate::ROOM + 1) && start.elapsed() < TIMEOUT {
                std::thread::sleep(Duration::from_micros(20));
            }
            times.push(start.elapsed());
        }
    });
    let rate = f64::from(gate::ROOM) / median(&mut times).as_secs_f64();
    row(
        &format!("events a second, {what}"),
        limit,
        &format!("{rate:.0}"),
    );
}

/// A chat's pace: one message a second.
#[derive(Default, serde::Deserialize)]
struct Slow {}

impl Adapter for Slow {
    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        Count {}.render(notice, step, request);
    }
}

logout! {
    /// The thresholds of a program that says nothing about them, before a chat.
    struct Paced {
        level: WARN,
        adapters: [Slow],
    }
}

/// Measures, by turns, a storm's cost to the thread that logs: each event with a fingerprint of its own, and
/// all with the same one.
fn measure_storms() {
    const EVENTS: u64 = 100_000;
    let sink = Sink::default();
    let (logout, _guard) = start::<Paced>(&sink, false);
    let time = |event: fn(u64)| {
        let start = Instant::now();
        with_default(&logout, || (0..EVENTS).for_each(event));
        start.elapsed()
    };
    let plain = |_| {
        tracing::warn!(
            fingerprint = black_box(7_u64),
            user_id = black_box(42),
            "failed login"
        );
    };
    let dynamic = |number| {
        tracing::warn!(
            fingerprint = black_box(number),
            user_id = black_box(42),
            "failed login"
        );
    };
    let (mut same, mut each) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        same.push(time(plain));
        each.push(time(dynamic));
    }
    let mean = |times: &mut [Duration]| median(times).as_secs_f64() * 1e9 / EVENTS as f64;
    let (same, each) = (mean(&mut same), mean(&mut each));
    row(
        "an event of a storm of 100,000, each with a fingerprint of its own",
        "2 x one fingerprint",
        &format!("{each:.0} ns, one {same:.0}: {:.2} x", each / same),
    );
}

logout! {
    struct Remembering {
        level: WARN,
        adapters: [Count],
    }
}

/// Measures the memory of a lane for problems that have been reported, and for later events.
fn measure_memory_of_problems() {
    const PROBLEMS: u64 = 1_000;
    let sink = Sink::default();
    let (logout, guard) = start::<Remembering>(&sink, false);
    let handle = guard.handle();
    let all = || {
        for number in 0..PROBLEMS {
            tracing::warn!(
                fingerprint = number,
                "payment failed: timeout of the gateway"
            );
            // A lane keeps fewer apart of what it has not told.
            if number % 100 == 99 {
                drop(handle.flush(TIMEOUT));
            }
        }
    };
    let once_more = || {
        for number in 0..PROBLEMS {
            tracing::warn!(
                fingerprint = number,
                "payment failed: timeout of the gateway"
            );
        }
        let wait = Instant::now();
        while handle
            .stats()
            .lanes
            .iter()
            .all(|lane| lane.counted < PROBLEMS)
            && wait.elapsed() < TIMEOUT
        {
            std::thread::sleep(Duration::from_millis(1));
        }
    };
    with_default(&logout, || {
        w2();
        // The queue has its room before anything is counted, too.
        for _ in 0..PROBLEMS {
            tracing::warn!(
                fingerprint = PROBLEMS,
                "payment failed: timeout of the gateway"
            );
        }
        drop(handle.flush(TIMEOUT));
        let before = HEAP.current_usage();
        all();
        let told = HEAP.current_usage().saturating_sub(before);
        once_more();
        let counted = HEAP.current_usage().saturating_sub(before);
        let each = |bytes: usize| bytes as f64 / PROBLEMS as f64;
        row(
            "bytes a known problem, all told, then with one more counted and its text",
            "300",
            &format!(
                "{:.0}, then {:.0}; {}",
                each(told),
                each(counted),
                handle.stats()
            ),
        );
    });
}
