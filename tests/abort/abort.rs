//! Panics in a program that is built to abort.

use std::future::Future as _;
use std::time::{Duration, Instant};

use logout::stats::SpoolState;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    struct Alerts {
        project_name: "abort",
        adapters: [Slack],
        shutdown_timeout: Duration::from_secs(4),
    }
}

fn main() -> Result<(), logout::Error> {
    if cfg!(panic = "unwind") {
        eprintln!("build this with `--profile abort`: it is about panics that abort");
        std::process::exit(2);
    }
    if std::env::args().any(|argument| argument == "executor") {
        return panic_where_the_worker_runs();
    }
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();
    for event in 0..5 {
        tracing::error!(event, "site-00: before");
    }
    if std::env::args().any(|argument| argument == "thread") {
        let thread = std::thread::spawn(|| panic!("site-01: a thread panicked"));
        // Nobody comes back from there.
        let _never = thread.join();
    }
    panic!("site-01: main panicked");
}

/// How long the disk, which may be busy, is awaited.
const PATIENCE: Duration = Duration::from_secs(20);

/// Panics on the thread that runs the worker, which thereby stops.
fn panic_where_the_worker_runs() -> Result<(), logout::Error> {
    let (alerts, guard, worker) = Alerts::from_env()?.start_on();
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();
    let mut worker = std::pin::pin!(worker);
    let (handle, start) = (guard.handle(), Instant::now());
    let is_open = || {
        let spool = handle.stats().spool;
        spool.is_none_or(|spool| spool.state == SpoolState::Ready)
    };
    // What panics before the disk can be used is not kept.
    while !is_open() && start.elapsed() < PATIENCE {
        let mut soon = std::pin::pin!(async_io::Timer::after(Duration::from_millis(20)));
        async_io::block_on(std::future::poll_fn(|cx| {
            let _runs = worker.as_mut().poll(cx);
            soon.as_mut().poll(cx)
        }));
    }
    panic!("site-01: the executor's thread panicked");
}
