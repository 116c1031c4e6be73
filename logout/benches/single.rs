//! Single events, before which the worker sleeps.

use std::fs;
use std::time::{Duration, Instant};

use tracing::dispatcher::with_default;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;

use crate::floor::Floor;
use crate::workloads::{Sink, start, subscriber, w3};
use crate::{Defaults, median, nanos, row};

/// Measures one event at a time, with the worker asleep before the first.
pub(crate) fn close_together() {
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
    let (before, _) = sleeps_and_run_time();
    std::thread::sleep(Duration::from_secs(3));
    row(
        "idle wake-ups per second, from 0.3 s after the last event",
        "0",
        &format!("{:.1}", (sleeps_and_run_time().0 - before) as f64 / 3.0),
    );
}

/// Measures the worker's effort for one event a second, whose destination takes it at once.
pub(crate) fn one_a_second() {
    const EVENTS: u32 = 8;
    let sink = Sink::default();
    let (logout, _guard) = start::<Defaults>(&sink, false);
    with_default(&logout, w3);
    std::thread::sleep(Duration::from_secs(1));
    let (wakeups, time) = sleeps_and_run_time();
    for _ in 0..EVENTS {
        with_default(&logout, w3);
        std::thread::sleep(Duration::from_secs(1));
    }
    let (wakeups, time) = (
        sleeps_and_run_time().0 - wakeups,
        sleeps_and_run_time().1 - time,
    );
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

/// Returns how often the threads called `logout` have gone to sleep, and how long they have run.
fn sleeps_and_run_time() -> (u64, Duration) {
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
