//! The table of `README.md`, made anew:
//!
//! ```text
//! cargo bench -p logout --features sandbox --bench table
//! ```
//!
//! Each row has its limit beside it. Times on a machine that does other things are upper bounds;
//! the ratios to the floor are taken in turns inside one run.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use logout::adapter::{Request, Step};
use logout::sandbox::Sandbox;
use logout::{Adapter, Notice, Zulip, logout};
use tracing::dispatcher::with_default;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;

#[path = "floor.rs"]
mod floor;
#[path = "gate.rs"]
mod gate;
#[path = "secrets.rs"]
mod secrets;
#[path = "single.rs"]
mod single;
#[path = "workloads.rs"]
mod workloads;

use floor::Floor;
use gate::Held;
use workloads::{Count, Hot, Sink, in_spans, start, subscriber, w1, w2, w3};

fn main() {
    println!("| what | limit | measured |\n|---|---|---|");
    batches();
    trails();
    single::close_together();
    single::one_a_second();
    discarded_events();
    storm();
    flush();
    secrets::fifty_of_them();
    latency();
    startup();
}

fn row(what: &str, limit: &str, measured: &str) {
    println!("| {what} | {limit} | {measured} |");
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn nanos(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

/// Measures hot batches of 200 events, by turns with the floor.
fn batches() {
    const BATCH: u32 = 200;
    let sink = Sink::default();
    let (logout, _guard) = start::<Hot>(&sink, false);
    let floor = subscriber(Floor::start().with_filter(LevelFilter::INFO), false);
    let batch = |event: fn()| {
        let start = Instant::now();
        for _ in 0..BATCH {
            event();
        }
        start.elapsed() / BATCH
    };
    let alone = |subscriber: &tracing::Dispatch, event: fn()| {
        with_default(subscriber, || {
            event();
            batch(event)
        })
    };
    let in_three_spans = |subscriber: &tracing::Dispatch, event: fn()| {
        with_default(subscriber, || in_spans(|| batch(event)))
    };
    let together = |subscriber: &tracing::Dispatch, event: fn()| {
        let both = Barrier::new(2);
        let run = || {
            with_default(subscriber, || {
                both.wait();
                batch(event)
            })
        };
        std::thread::scope(|scope| {
            let other = scope.spawn(run);
            (run() + other.join().unwrap_or_default()) / 2
        })
    };
    let both = (&logout, &floor);
    compare("W1, nobody wants it", both, w1, alone);
    compare("W2, hot", both, w2, alone);
    compare("W3, hot", both, w3, alone);
    compare("W4, hot", both, w3, in_three_spans);
    compare("W3, two callers", both, w3, together);
}

logout! {
    /// A copy of `Hot` with a trail.
    struct Trailing {
        level: WARN,
        trail: 20,
        sync_threshold: 20_000,
        discard_threshold: 20_000,
        adapters: [Count],
    }
}

/// Logs INFO with two fields, which is below the level.
#[inline(always)]
fn info() {
    tracing::info!(
        user_id = black_box(42),
        path = black_box("/login"),
        "charging"
    );
}

/// Measures INFO in a span, without and with a trail that keeps it.
fn trails() {
    const BATCH: u32 = 200;
    let batch = |subscriber: &tracing::Dispatch| {
        with_default(subscriber, || {
            let _request = tracing::info_span!("request", id = black_box(7)).entered();
            let start = Instant::now();
            for _ in 0..BATCH {
                info();
            }
            start.elapsed() / BATCH
        })
    };
    let time = |subscriber| {
        let mut times: Vec<_> = (0..400).map(|_| batch(&subscriber)).collect();
        format!("{:.0} ns", nanos(median(&mut times)))
    };
    let sink = Sink::default();
    let (without, _guard) = start::<Hot>(&sink, false);
    row("INFO in a span, no `trail`", "W1", &time(without));
    let (with, _guard) = start::<Trailing>(&sink, false);
    row("INFO in a span, `trail: 20`", "250 ns", &time(with));
}

/// Prints the row of an event that is timed under logout and under the floor, by turns.
fn compare(
    what: &str,
    (logout, floor): (&tracing::Dispatch, &tracing::Dispatch),
    event: fn(),
    time: impl Fn(&tracing::Dispatch, fn()) -> Duration,
) {
    let (mut own, mut least) = (Vec::new(), Vec::new());
    for _ in 0..400 {
        own.push(time(logout, event));
        least.push(time(floor, event));
        std::thread::sleep(Duration::from_micros(700));
    }
    let (own, least) = (nanos(median(&mut own)), nanos(median(&mut least)));
    row(
        what,
        "1.5 x floor",
        &format!("{own:.0} ns, floor {least:.0} ns: {:.2} x", own / least),
    );
}

logout! {
    /// The thresholds of a program that says nothing about them.
    struct Defaults {
        level: WARN,
        adapters: [Count],
    }
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
    /// The same thresholds before a chat.
    struct Paced {
        level: WARN,
        adapters: [Slow],
    }
}

/// Measures events that find no room in the queue.
fn discarded_events() {
    let sink = Sink::default();
    let (logout, guard) = start::<Held>(&sink, false);
    with_default(&logout, || {
        gate::fill(|_| w3());
        for _ in 0..10 {
            w3();
        }
        let mut times: Vec<_> = (0..200)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..50 {
                    w3();
                }
                start.elapsed() / 50
            })
            .collect();
        gate::open();
        let handle = guard.handle();
        drop(handle.flush(Duration::from_secs(5)));
        let stats = handle.stats();
        let discarded = stats.lanes.first().map_or(0, |lane| lane.discarded.total());
        row(
            "one W3 discarded under overload",
            "40 ns, counted",
            &format!(
                "{:.0} ns, {discarded} of 10,010 counted",
                nanos(median(&mut times))
            ),
        );
    });
}

fn storm() {
    const EVENTS: u32 = 100_000;
    let sink = Sink::default();
    let (logout, guard) = start::<Paced>(&sink, false);
    let mut means: Vec<_> = (0..7)
        .map(|_| {
            let start = Instant::now();
            with_default(&logout, || {
                for _ in 0..EVENTS {
                    w3();
                }
            });
            start.elapsed() / EVENTS
        })
        .collect();
    let handle = guard.handle();
    drop(handle.flush(Duration::from_secs(5)));
    let stats = handle.stats();
    let discarded = stats.lanes.first().map_or(0, |lane| lane.discarded.total());
    let best = means.iter().min().copied().unwrap_or_default();
    row(
        "storm of 100,000 W3 at the default thresholds, mean",
        "1,000 ns, none discarded",
        &format!(
            "{:.0} ns (best of 7: {:.0}), {discarded} discarded",
            nanos(median(&mut means)),
            nanos(best)
        ),
    );
}

fn flush() {
    let sink = Sink {
        delay: Duration::from_millis(20),
        ..Sink::default()
    };
    let (logout, guard) = start::<Defaults>(&sink, false);
    with_default(&logout, || (0..10).for_each(|_| w3()));
    let start = Instant::now();
    drop(guard.handle().flush(Duration::from_secs(5)));
    row(
        "flush of 10 events, destination of 20 ms",
        "45 ms",
        &format!(
            "{:.1} ms, {} delivered",
            start.elapsed().as_secs_f64() * 1e3,
            sink.delivered.load(Ordering::Acquire)
        ),
    );
}

logout! {
    /// A block with one chat on loopback.
    struct Chat {
        level: WARN,
        remind: off,
        adapters: [Zulip { stream: "alerts", topic: "bench" }],
    }
}

/// Measures the time from an event to the answered request.
#[expect(
    clippy::expect_used,
    reason = "without a running block there is nothing to measure"
)]
fn latency() {
    let Ok(sandbox) = Sandbox::start() else {
        return row("latency", "1 ms", "the sandbox did not start");
    };
    let (layer, guard) = Chat::from_figment(sandbox.figment())
        .and_then(|block| block.start())
        .expect("a running block");
    let subscriber = subscriber(layer, false);
    let mut arrived = 0;
    let mut time = |quiet: Duration| {
        std::thread::sleep(quiet);
        let start = Instant::now();
        with_default(&subscriber, w2);
        arrived += 1;
        assert_eq!(
            sandbox.wait_for(arrived, Duration::from_secs(5)).len(),
            arrived
        );
        start.elapsed()
    };
    // The first opens the connection.
    time(Duration::ZERO);
    // A person gets five messages in ten seconds, and then one each two.
    let mut asleep: Vec<_> = (0..9).map(|_| time(Duration::from_millis(2_250))).collect();

    row(
        "event to request on loopback at idle, median",
        "1 ms",
        &format!("{:.2} ms", nanos(median(&mut asleep)) / 1e6),
    );
    drop(guard);
}

fn startup() {
    let mut times: Vec<_> = (0..21)
        .map(|_| {
            let start = Instant::now();
            let started: Result<
                (
                    logout::AlertsLayer<Defaults, tracing_subscriber::Registry>,
                    logout::Guard<Defaults>,
                ),
                _,
            > = Defaults::from_env().and_then(|block| block.start());
            let time = start.elapsed();
            black_box(started.is_ok());
            time
        })
        .collect();
    row(
        "`from_env()?.start()`",
        "2 ms",
        &format!("{:.2} ms", nanos(median(&mut times)) / 1e6),
    );
}
