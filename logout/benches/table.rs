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
use std::sync::Barrier;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use figment::Figment;
use logout::adapter::{Request, SecretUrl, Step, Window};
use logout::sandbox::Sandbox;
use logout::{Adapter, Notice, Zulip, logout};
use tracing::dispatcher::with_default;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;

#[path = "floor.rs"]
mod floor;
#[path = "gate.rs"]
mod gate;
#[path = "workloads.rs"]
mod workloads;

use floor::Floor;
use gate::Held;
use workloads::{Count, Hot, Sink, in_spans, start, subscriber, w1, w2, w3};

fn main() {
    println!("| what | limit | measured |\n|---|---|---|");
    batches();
    trails();
    single_events();
    lone_events();
    discarded_events();
    storm();
    flush();
    secrets();
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
    /// `Hot` with a trail.
    struct Trailing {
        level: WARN,
        trail: 20,
        sync_threshold: 20_000,
        discard_threshold: 20_000,
        adapters: [Count],
    }
}

/// INFO with two fields, which is below the level.
#[inline(always)]
fn info() {
    tracing::info!(
        user_id = black_box(42),
        path = black_box("/login"),
        "charging"
    );
}

/// INFO in a span, without and with a trail that keeps it.
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

/// The row of an event that is timed under logout and under the floor, by turns.
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

/// One event at a time, the worker asleep before the first.
fn single_events() {
    let sink = Sink::default();
    let (logout, _guard) = start::<Defaults>(&sink, false);
    let floor = subscriber(Floor::start().with_filter(LevelFilter::WARN), false);
    let (mut first, mut next, mut least) = (Vec::new(), Vec::new(), Vec::new());
    let timed = || {
        let start = Instant::now();
        w3();
        start.elapsed()
    };
    for _ in 0..6 {
        std::thread::sleep(Duration::from_millis(1_200));
        first.push(with_default(&logout, timed));
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(3));
            next.push(with_default(&logout, timed));
            std::thread::sleep(Duration::from_millis(3));
            least.push(with_default(&floor, timed));
        }
    }
    row(
        "single W3, worker asleep, then of those that come close together",
        "6.9 µs once, then p50 under 300 ns",
        &format!(
            "{:.1} µs, then {:.0} ns (floor {:.0})",
            nanos(median(&mut first)) / 1e3,
            nanos(median(&mut next)),
            nanos(median(&mut least)),
        ),
    );
    std::thread::sleep(Duration::from_millis(300));
    let (before, _) = worked();
    std::thread::sleep(Duration::from_secs(3));
    row(
        "idle wake-ups per second, from 0.3 s after the last event",
        "0",
        &format!("{:.1}", (worked().0 - before) as f64 / 3.0),
    );
}

/// What the worker does for one event a second, whose destination takes it at once.
fn lone_events() {
    const EVENTS: u32 = 8;
    let sink = Sink::default();
    let (logout, _guard) = start::<Defaults>(&sink, false);
    with_default(&logout, w3);
    std::thread::sleep(Duration::from_secs(1));
    let (wakeups, time) = worked();
    for _ in 0..EVENTS {
        with_default(&logout, w3);
        std::thread::sleep(Duration::from_secs(1));
    }
    let (wakeups, time) = (worked().0 - wakeups, worked().1 - time);
    row(
        "one event a second: wake-ups a second, and share of a core",
        "20, 0.2 %",
        &format!(
            "{:.1}, {:.3} %",
            wakeups as f64 / f64::from(EVENTS),
            time.as_secs_f64() / f64::from(EVENTS) * 100.0
        ),
    );
}

/// How often the threads called `logout` have gone to sleep, and how long they have run.
fn worked() -> (u64, Duration) {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else {
        return (0, Duration::ZERO);
    };
    let of_one = |task: fs::DirEntry| {
        let read = |name: &str| fs::read_to_string(task.path().join(name)).ok();
        let status = read("status")?;
        let count = status
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        let run = read("schedstat")?.split(' ').next()?.parse().ok()?;
        let sleeps = count.trim().parse::<u64>().ok()?;
        (read("comm")?.trim() == "logout").then_some((sleeps, Duration::from_nanos(run)))
    };
    let each = tasks.flatten().filter_map(of_one);
    each.fold((0, Duration::ZERO), |sum, one| {
        (sum.0 + one.0, sum.1 + one.1)
    })
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

/// What has no room.
fn discarded_events() {
    let sink = Sink::default();
    let (logout, guard) = start::<Held>(&sink, false);
    with_default(&logout, || {
        gate::fill();
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

/// A destination with an address of its own, which is secret.
#[derive(Default, serde::Deserialize)]
struct Hook {
    url: SecretUrl,
}

impl Adapter for Hook {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(
            1_000_000,
            Duration::from_secs(1),
            self.url.expose().as_str(),
        )]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        Count {}.render(notice, step, request);
    }
}

logout! {
    /// As many chats as a large installation has.
    struct Many {
        level: WARN,
        adapters: [
            h00: Hook, h01: Hook, h02: Hook, h03: Hook, h04: Hook, h05: Hook, h06: Hook, h07: Hook, h08: Hook, h09: Hook,
            h10: Hook, h11: Hook, h12: Hook, h13: Hook, h14: Hook, h15: Hook, h16: Hook, h17: Hook, h18: Hook, h19: Hook,
            h20: Hook, h21: Hook, h22: Hook, h23: Hook, h24: Hook, h25: Hook, h26: Hook, h27: Hook, h28: Hook, h29: Hook,
            h30: Hook, h31: Hook, h32: Hook, h33: Hook, h34: Hook, h35: Hook, h36: Hook, h37: Hook, h38: Hook, h39: Hook,
            h40: Hook, h41: Hook, h42: Hook, h43: Hook, h44: Hook, h45: Hook, h46: Hook, h47: Hook, h48: Hook, h49: Hook,
        ],
    }
}

/// What is composed for fifty chats, each text without any of fifty secrets.
#[expect(
    clippy::expect_used,
    reason = "without a running block there is nothing to measure"
)]
fn secrets() {
    let mut settings = Figment::new();
    for number in 0..50_u64 {
        let token = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let url =
            format!("https://hooks.example.org/services/T{number:08}/{token:016x}{number:08x}");
        let key = format!("h{}{}.url", number / 10, number % 10);
        settings = settings.merge((key, url));
    }
    let (layer, guard) = Many::from_figment(settings)
        .and_then(|block| block.transport(Sink::default()).start())
        .expect("the block starts");
    let logout = subscriber(layer, false);
    let text = "payment of order 4711 failed: no answer from gateway.example.org; ".repeat(124);
    let mut times: Vec<_> = (0..20)
        .map(|_| {
            let start = Instant::now();
            with_default(&logout, || tracing::error!("{text}"));
            drop(guard.handle().flush(Duration::from_secs(5)));
            start.elapsed()
        })
        .collect();
    let delivered: u64 = guard
        .handle()
        .stats()
        .lanes
        .iter()
        .map(|lane| lane.delivered)
        .sum();
    row(
        "an event of 8 KB to 50 instances with 50 secrets, in all",
        "30 ms",
        &format!(
            "{:.1} ms, {delivered} of 1,000 delivered",
            nanos(median(&mut times)) / 1e6
        ),
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
    let mut asleep: Vec<_> = (0..9).map(|_| time(Duration::from_millis(1_250))).collect();

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
