//! The table of `README.md`, made anew:
//!
//! ```text
//! cargo bench -p logout --features sandbox --bench table
//! ```
//!
//! Each row has its limit beside it. Times on a machine that does other things are upper bounds;
//! the ratios to the floor are taken in turns inside one run.

use std::fs;
use std::hint::black_box;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::{Adapter, Notice, Request, Step, Window, Zulip, logout};
use tracing::dispatcher::with_default;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;

#[path = "floor.rs"]
mod floor;
#[path = "workloads.rs"]
mod workloads;

use floor::Floor;
use workloads::{Count, Defaults, Hot, Running, Sink, start, subscriber, w2, w3};

fn main() {
    println!("| what | limit | measured |\n|---|---|---|");
    batches();
    single_events();
    discarded_events();
    storm();
    slow_destination();
    flush();
    absorbing();
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

/// Hot batches of 200, by turns with the floor.
fn batches() {
    const BATCH: u32 = 200;
    let sink = Sink::default();
    let running = start::<Hot>(&sink, false);
    let floor = subscriber(Floor::start().with_filter(LevelFilter::INFO), false);
    let time = |subscriber: &tracing::Dispatch, event: fn(), threads: usize| {
        let batch = || {
            with_default(subscriber, || {
                let run = || {
                    let start = Instant::now();
                    for _ in 0..BATCH {
                        event();
                    }
                    start.elapsed() / BATCH
                };
                // Whether spans are there or not is the caller's.
                run()
            })
        };
        if threads == 1 {
            return batch();
        }
        std::thread::scope(|scope| {
            let other = scope.spawn(batch);
            let own = batch();
            own.max(other.join().unwrap_or_default())
        })
    };
    let compare = |what: &str, event: fn(), threads: usize| {
        let (mut own, mut least) = (Vec::new(), Vec::new());
        for _ in 0..400 {
            own.push(time(&running.subscriber, event, threads));
            least.push(time(&floor, event, threads));
            std::thread::sleep(Duration::from_micros(500));
        }
        let (own, least) = (nanos(median(&mut own)), nanos(median(&mut least)));
        row(
            what,
            "1.5 x floor",
            &format!("{own:.0} ns, floor {least:.0} ns: {:.2} x", own / least),
        );
    };
    compare("W2, hot", w2, 1);
    compare("W3, hot", w3, 1);
    compare("W3, two callers", w3, 2);
}

/// One event at a time, the worker asleep before the first.
fn single_events() {
    let sink = Sink::default();
    let running = start::<Defaults>(&sink, false);
    let (mut first, mut next) = (Vec::new(), Vec::new());
    let timed = || {
        let start = Instant::now();
        w3();
        start.elapsed()
    };
    with_default(&running.subscriber, || {
        for _ in 0..6 {
            std::thread::sleep(Duration::from_millis(1_200));
            first.push(timed());
            for _ in 0..100 {
                std::thread::sleep(Duration::from_millis(7));
                next.push(timed());
            }
        }
    });
    row(
        "single W3, worker asleep, then for the next second",
        "6.9 µs once, then p50 under 300 ns",
        &format!(
            "{:.1} µs, then {:.0} ns (clock included)",
            nanos(median(&mut first)) / 1e3,
            nanos(median(&mut next))
        ),
    );
    std::thread::sleep(Duration::from_millis(1_300));
    let before = wakeups();
    std::thread::sleep(Duration::from_secs(3));
    row(
        "idle wake-ups per second, from one second after the last event",
        "0",
        &format!("{:.1}", (wakeups() - before) as f64 / 3.0),
    );
}

/// How often the threads called `logout` have gone to sleep.
fn wakeups() -> u64 {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return 0;
    };
    let switches = |task: fs::DirEntry| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let status = fs::read_to_string(task.path().join("status")).ok()?;
        let count = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        (name.trim() == "logout").then(|| count.trim().parse::<u64>().unwrap_or_default())
    };
    tasks.flatten().filter_map(switches).sum()
}

/// Holds the worker where it renders.
static GATE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

fn set_gate(shut: bool) {
    *GATE.0.lock().unwrap_or_else(PoisonError::into_inner) = shut;
    GATE.1.notify_all();
}

#[derive(Default, serde::Deserialize)]
struct Gated {}

impl Adapter for Gated {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        Count {}.pace().into_iter().collect::<Vec<_>>()
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        let mut shut = GATE.0.lock().unwrap_or_else(PoisonError::into_inner);
        while *shut {
            shut = GATE.1.wait(shut).unwrap_or_else(PoisonError::into_inner);
        }
        drop(shut);
        Count {}.render(notice, step, request);
    }
}

logout! {
    /// Keeps its worker busy for as long as the bench likes.
    struct Held {
        level: WARN,
        sync_threshold: 15_000,
        discard_threshold: 15_000,
        adapters: [Gated],
    }
}

/// Fills the intake behind a worker that is held up.
fn hold(running: &Running<Held>) {
    set_gate(true);
    w3();
    std::thread::sleep(Duration::from_millis(20));
    for _ in 0..14_999 {
        w3();
    }
    let _ = running;
}

/// What has no room.
fn discarded_events() {
    let sink = Sink::default();
    let running = start::<Held>(&sink, false);
    with_default(&running.subscriber, || {
        hold(&running);
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
        set_gate(false);
        let handle = running.guard.handle();
        let _ = handle.flush(Duration::from_secs(5));
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
    let running = start::<Defaults>(&sink, false);
    let mut means: Vec<_> = (0..7)
        .map(|_| {
            let start = Instant::now();
            with_default(&running.subscriber, || {
                for _ in 0..EVENTS {
                    w3();
                }
            });
            start.elapsed() / EVENTS
        })
        .collect();
    let handle = running.guard.handle();
    let _ = handle.flush(Duration::from_secs(5));
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

fn memory(key: &str) -> u64 {
    fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            let rest = line.strip_prefix(key)?.strip_prefix(':')?;
            rest.trim().split(' ').next()?.parse().ok()
        })
        .unwrap_or_default()
}

fn slow_destination() {
    let sink = Sink {
        delay: Duration::from_millis(50),
        ..Sink::default()
    };
    let running = start::<Defaults>(&sink, false);
    let before = memory("VmRSS");
    // Forgets the peak of the benches before.
    let _ = fs::write("/proc/self/clear_refs", "5");
    with_default(&running.subscriber, || {
        for _ in 0..100_000 {
            w3();
        }
    });
    let handle = running.guard.handle();
    let _ = handle.flush(Duration::from_secs(10));
    let grown = memory("VmHWM").saturating_sub(before);
    row(
        "100,000 W3 against a destination of 50 ms: growth of memory",
        "8 MB, all accounted for",
        &format!("{:.1} MB; {}", grown as f64 / 1024.0, handle.stats()),
    );
}

fn flush() {
    let sink = Sink {
        delay: Duration::from_millis(20),
        ..Sink::default()
    };
    let running = start::<Defaults>(&sink, false);
    with_default(&running.subscriber, || (0..10).for_each(|_| w3()));
    let start = Instant::now();
    let _ = running.guard.handle().flush(Duration::from_secs(5));
    row(
        "flush of 10 events, destination of 20 ms",
        "45 ms",
        &format!(
            "{:.1} ms, {} delivered",
            start.elapsed().as_secs_f64() * 1e3,
            sink.delivered()
        ),
    );
}

/// How fast the worker groups what waits.
fn absorbing() {
    let sink = Sink::default();
    let running = start::<Held>(&sink, false);
    let mut rates = Vec::new();
    with_default(&running.subscriber, || {
        for round in 1..=9_u64 {
            hold(&running);
            let start = Instant::now();
            set_gate(false);
            sink.wait_for(round * 15_000);
            rates.push(start.elapsed());
        }
    });
    row(
        "events a second the worker absorbs while grouping",
        "2,000,000",
        &format!("{:.0}", 15_000.0 / median(&mut rates).as_secs_f64()),
    );
}

logout! {
    /// One chat on loopback.
    struct Chat {
        level: WARN,
        adapters: [Zulip { stream: "alerts", topic: "bench" }],
    }
}

/// From the event to the answered request.
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
        sandbox.wait_for(arrived, Duration::from_secs(5));
        start.elapsed()
    };
    // The first opens the connection.
    time(Duration::ZERO);
    let mut asleep: Vec<_> = (0..9).map(|_| time(Duration::from_millis(1_250))).collect();
    let mut awake: Vec<_> = (0..60).map(|_| time(Duration::from_millis(37))).collect();
    row(
        "event to request on loopback at idle, median",
        "1 ms",
        &format!(
            "{:.2} ms asleep, {:.2} ms in the second after an event",
            nanos(median(&mut asleep)) / 1e6,
            nanos(median(&mut awake)) / 1e6
        ),
    );
    drop(guard);
}

fn startup() {
    let mut times: Vec<_> = (0..21)
        .map(|_| {
            let start = Instant::now();
            let started: Result<logout::Started<Defaults, tracing_subscriber::Registry>, _> =
                Defaults::from_env().and_then(|block| block.start());
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
