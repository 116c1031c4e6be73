//! Panics in a program that is built to abort.

use std::future::Future as _;
use std::time::Duration;

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

/// Panics on the thread that runs the worker, which thereby stops.
fn panic_where_the_worker_runs() -> Result<(), logout::Error> {
    let (alerts, guard, worker) = Alerts::from_env()?.start_on();
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();
    let mut worker = std::pin::pin!(worker);
    let mut late = std::pin::pin!(async_io::Timer::after(Duration::from_millis(300)));
    async_io::block_on(std::future::poll_fn(|cx| {
        let _runs = worker.as_mut().poll(cx);
        late.as_mut().poll(cx)
    }));
    panic!("site-01: the executor's thread panicked");
}
