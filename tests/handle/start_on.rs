//! The worker on the program's own executor.

use std::time::{Duration, Instant};

use logout::sandbox::{Platform, Sandbox};
use logout::{Guard, Telegram, logout};
use tracing_subscriber::prelude::*;

use crate::support::process::is_alone;

logout! {
    struct Alerts {
        sync_threshold: 2,
        sync_timeout: Duration::from_secs(5),
        shutdown_timeout: Duration::from_secs(10),
        adapters: [Telegram],
    }
}

/// Starts a block, and returns it with its worker and a default subscriber for this thread.
fn start(
    sandbox: &Sandbox,
) -> (
    Guard<Alerts>,
    impl Future<Output = ()>,
    tracing::subscriber::DefaultGuard,
) {
    let alerts = Alerts::from_figment(sandbox.figment_for(Platform::Telegram)).unwrap();
    let (layer, guard, worker) = alerts.start_on();
    let subscriber = tracing_subscriber::registry().with(layer);
    (guard, worker, tracing::subscriber::set_default(subscriber))
}

fn texts(sandbox: &Sandbox) -> Vec<String> {
    let inbox = sandbox.inbox();
    inbox.iter().map(|message| message.to_string()).collect()
}

#[test]
fn it_sends_on_the_executor_and_starts_no_thread() {
    if !is_alone(it_sends_on_the_executor_and_starts_no_thread) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    let (guard, worker, _default) = start(&sandbox);
    let executor = smol::LocalExecutor::new();
    executor.spawn(worker).detach();
    smol::block_on(executor.run(async {
        tracing::error!("the pump has stopped");
        guard
            .handle()
            .flush_async(Duration::from_secs(5))
            .await
            .unwrap();
        assert!(texts(&sandbox)[0].contains("the pump has stopped"));
        assert!(!threads().contains(&"logout".to_owned()));
        // Capture is off only during a poll of the worker, so these events of the program are captured.
        tracing::error!("the pump runs again");
        guard.shutdown_async().await.unwrap();
    }));
    assert!(texts(&sandbox)[1].contains("the pump runs again"));
}

/// Returns the names of this process's threads, where the system lists them.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .map(|name| name.trim().to_owned())
        .collect()
}

#[test]
fn a_guard_dropped_on_its_thread_does_not_wait_and_the_rest_is_sent() {
    let sandbox = Sandbox::start().unwrap();
    let (guard, worker, _default) = start(&sandbox);
    tracing::error!("the last words");
    let began = Instant::now();
    drop(guard);
    assert!(began.elapsed() < Duration::from_secs(5));
    smol::block_on(worker);
    assert!(texts(&sandbox)[0].contains("the last words"));
}

#[test]
fn calls_that_would_wait_for_their_own_thread_say_what_is_left() {
    let sandbox = Sandbox::start().unwrap();
    let (guard, worker, _default) = start(&sandbox);
    let handle = guard.handle();
    let began = Instant::now();
    // Above `sync_threshold` an event would wait for the worker as well.
    for number in 0..10 {
        tracing::error!(number, "the pump has stopped");
    }
    assert_eq!(
        handle.flush(Duration::from_secs(60)).unwrap_err().left(),
        10
    );
    assert!(began.elapsed() < Duration::from_secs(4));
    drop(guard);
    smol::block_on(worker);
    assert!(handle.flush(Duration::ZERO).unwrap_err().is_stopped());
    let lane = &handle.stats().lanes[0];
    assert_eq!((lane.accepted, lane.delivered), (10, 10));
}

#[test]
fn a_worker_dropped_before_its_end_counts_what_is_left() {
    let sandbox = Sandbox::start().unwrap();
    let (guard, worker, _default) = start(&sandbox);
    tracing::error!("nobody will know");
    drop(worker);
    let handle = guard.handle();
    assert!(
        handle
            .flush(Duration::from_secs(60))
            .unwrap_err()
            .is_stopped()
    );
    let lane = &handle.stats().lanes[0];
    assert_eq!((lane.accepted, lane.discarded.total()), (1, 1));
    assert!(sandbox.inbox().is_empty());
}

#[test]
fn a_worker_dropped_in_the_middle_answers_whoever_waits() {
    let sandbox = Sandbox::start().unwrap();
    let (guard, worker, _default) = start(&sandbox);
    let handle = guard.handle();
    let waiting = std::thread::spawn({
        let handle = handle.clone();
        move || handle.flush(Duration::from_secs(60))
    });
    let began = Instant::now();
    sandbox.refuse_connections(Platform::Telegram);
    tracing::error!("nobody will know");
    let soon = async {
        smol::Timer::after(Duration::from_millis(300)).await;
    };
    smol::block_on(smol::future::or(worker, soon));
    drop(waiting.join().unwrap());
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(handle.stats().lanes[0].discarded.total(), 1);
}

#[test]
fn a_panic_that_waits_is_left_like_any_event() {
    if !is_alone(a_panic_that_waits_is_left_like_any_event) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    let (guard, worker, _default) = start(&sandbox);
    guard.capture_panics();
    let handle = guard.handle();
    std::panic::catch_unwind(|| panic!("the pump fell over")).unwrap_err();
    assert_eq!(handle.flush(Duration::ZERO).unwrap_err().left(), 1);
    assert_eq!(handle.stats().left(), 1);
    drop(guard);
    smol::block_on(worker);
    assert_eq!(handle.stats().left(), 0);
    assert!(texts(&sandbox)[0].contains("the pump fell over"));
}

#[test]
fn callers_on_other_threads_share_one_wait_for_an_executor_that_is_busy() {
    let sandbox = Sandbox::start().unwrap();
    let short = ("sync_timeout", "300ms");
    let config = sandbox.figment_for(Platform::Telegram).merge(short);
    let (layer, guard, worker) = Alerts::from_figment(config).unwrap().start_on();
    let subscriber = tracing::Dispatch::new(tracing_subscriber::registry().with(layer));
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                tracing::dispatcher::with_default(&subscriber, || {
                    for event in 0..10 {
                        tracing::error!(event, "nobody polls");
                    }
                });
            });
        }
    });
    let took = began.elapsed();
    let bound = Duration::from_millis(300)..Duration::from_secs(2);
    assert!(bound.contains(&took), "{took:?}");
    drop(guard);
    smol::block_on(worker);
}
