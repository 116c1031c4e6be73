use std::sync::Arc;
#[cfg(feature = "spool")]
use std::sync::Weak;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_io::Timer;
use figment::Figment;
use tracing::error;
use tracing_subscriber::prelude::*;

use super::stats::Reason;
#[cfg(feature = "spool")]
use super::stats::{LaneStats, SpoolState};
use super::{BlockState, Clock, Worker};
use crate::block::BlockDefinition;
use crate::config;
use crate::handle::Handle;
use crate::handle::bench::{One, Script, ScriptedAnswer};
use crate::worker::dispatch::Dispatcher;

const LONG: Duration = Duration::from_secs(10);

/// A clock that panics as often as asked, which nothing in the worker catches.
#[derive(Clone, Default)]
struct FailingClock(Arc<AtomicUsize>);

impl Clock for FailingClock {
    type Timer = Timer;

    fn now(&self) -> Instant {
        let left = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
        assert!(left.is_err(), "as asked for");
        Instant::now()
    }

    fn timer(&self, at: Option<Instant>) -> Timer {
        at.map_or_else(Timer::never, Timer::at)
    }
}

/// Runs `program` with a worker whose clock panics on request, and which waits for the answer to
/// one event.
fn with_failing_clock(program: impl FnOnce(&FailingClock, &Handle<One>)) {
    with_failing_clock_and(Figment::new(), program);
}

/// Runs `program` in the same way with these settings.
fn with_failing_clock_and(settings: Figment, program: impl FnOnce(&FailingClock, &Handle<One>)) {
    let (dispatch, settings) = config::from_figment(One::read, settings).unwrap();
    let shared = Arc::new(BlockState::new(const { &One::BLOCK }, settings));
    let dispatch = Arc::new(dispatch);
    let subscriber = tracing_subscriber::registry().with(shared.layer::<One, _>());
    let handle = Handle::new(Arc::clone(&shared), Arc::clone(&dispatch));
    let clock = FailingClock::default();
    let running = clock.clone();
    let thread = std::thread::spawn(move || {
        let worker =
            Worker::with_clock(shared, Script::answering([ScriptedAnswer::Never]), running);
        #[cfg(feature = "spool")]
        let worker = worker.storing();
        async_io::block_on(worker.run(&*dispatch));
    });
    tracing::subscriber::with_default(subscriber, || {
        error!("held");
        wait_until(|| handle.stats().lanes[0].requests == 1);
        program(&clock, &handle);
    });
    let _ended = handle.shutdown(LONG);
    thread.join().unwrap();
}

fn lost(handle: &Handle<One>) -> u64 {
    let lane = handle.stats().lanes.remove(0);
    let sum = lane.delivered + lane.pending + lane.discarded.total();
    assert_eq!(lane.accepted, sum, "{lane:?}");
    lane.discarded.get(Reason::WorkerDied)
}

fn wait_until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < LONG, "in vain");
        std::thread::yield_now();
    }
}

#[test]
fn a_worker_that_panics_begins_anew_and_counts_what_it_held() {
    with_failing_clock(|clock, handle| {
        clock.0.store(1, Ordering::Relaxed);
        error!("when it fails");
        wait_until(|| lost(handle) > 0);
        let lost = lost(handle);
        error!("after");
        handle.flush(LONG).unwrap();
        assert_eq!(handle.stats().lanes[0].delivered, 3 - lost);
    });
}

#[test]
fn a_worker_that_cannot_begin_anew_leaves_an_account_and_an_error_that_says_so() {
    with_failing_clock(|clock, handle| {
        // In a lane, in the lane that goes down, and where the worker recovers from that.
        clock.0.store(3, Ordering::Relaxed);
        error!("when it fails");
        // Whoever waits when it dies is answered: all was accounted for.
        wait_until(|| handle.flush(LONG).is_err());
        let error = handle.flush(LONG).unwrap_err();
        assert!(error.is_stopped(), "{error}");
        let text = "logout's worker has died, and nothing is sent any more";
        assert_eq!(error.to_string(), text);
        error!("after");
        error!("after");
        assert_eq!((lost(handle), handle.stats().left()), (4, 0));
        assert!(handle.mute("3fa9c1", LONG).unwrap_err().is_stopped());
    });
}

#[test]
#[cfg(feature = "spool")]
fn a_worker_that_panics_takes_back_what_it_had_on_disk() {
    let name = format!("logout-taken-back-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let settings = Figment::from(("spool", &directory));
    with_failing_clock_and(settings, |clock, handle| {
        let is_written = || {
            let log = std::fs::read(directory.join("log")).unwrap_or_default();
            log.windows(4).any(|window| window == b"held")
        };
        wait_until(is_written);
        clock.0.store(1, Ordering::Relaxed);
        error!("when it fails");
        wait_until(|| handle.stats().lanes[0].restored > 0);
        error!("after");
        handle.flush(LONG).unwrap();
        let lane = handle.stats().lanes.remove(0);
        assert!(lane.delivered >= 2 && lane.restored >= 1, "{lane:?}");
        let sum = lane.delivered + lane.pending + lane.kept + lane.discarded.total();
        assert_eq!(lane.accepted, sum, "{lane:?}");
    });
    std::fs::remove_dir_all(directory).unwrap();
}

/// Runs `program` with a worker that never gets an answer and keeps what waits in this directory, which
/// it tries again soon; gives the account at its end.
#[cfg(feature = "spool")]
fn with_store(directory: &std::path::Path, program: impl FnOnce(&Handle<One>)) -> LaneStats {
    use crate::spool::Writer;
    let settings = Figment::from(("spool", directory));
    let (dispatch, settings) = config::from_figment(One::read, settings).unwrap();
    let shared = Arc::new(BlockState::new(const { &One::BLOCK }, settings));
    let dispatch = Arc::new(dispatch);
    let subscriber = tracing_subscriber::registry().with(shared.layer::<One, _>());
    let handle = Handle::new(Arc::clone(&shared), Arc::clone(&dispatch));
    let writer = Writer::start_with(directory.to_owned(), 4 << 20, Duration::from_millis(20));
    let running = Arc::clone(&shared);
    let thread = std::thread::spawn(move || {
        let script = Script::answering([ScriptedAnswer::Never]);
        let mut worker = Worker::with_clock(shared, script, FailingClock::default());
        worker.storing = Some(worker.storing_with(writer));
        async_io::block_on(worker.run(&*dispatch));
    });
    tracing::subscriber::with_default(subscriber, || program(&handle));
    // At its end the worker waits for the disk for half a second only.
    let writer = running.writer.get().and_then(Weak::upgrade).unwrap();
    assert!(writer.wait(false, Instant::now() + LONG));
    drop(writer);
    let _ended = handle.shutdown(Duration::from_millis(50));
    thread.join().unwrap();
    handle.stats().lanes.remove(0)
}

#[test]
#[cfg(feature = "spool")]
fn what_came_in_before_the_directory_could_be_used_is_written_and_takes_the_place_of_nothing() {
    use crate::spool::Writer;
    let name = format!("logout-late-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let _absent = std::fs::remove_dir_all(&directory);
    let is_written = |text: &str| {
        let log = std::fs::read(directory.join("log")).unwrap_or_default();
        log.windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    let account = with_store(&directory, |_| {
        for number in 0..3 {
            error!(fingerprint = number, "theirs {number}");
        }
        wait_until(|| is_written("theirs 2"));
    });
    assert_eq!(account.kept, 3);
    let other = Writer::start_with(directory.clone(), 4 << 20, Duration::from_secs(60));
    other.wait_until_open(Instant::now() + LONG);
    let account = with_store(&directory, |handle| {
        error!(fingerprint = 7, "mine");
        wait_until(|| handle.stats().spool.unwrap().state == SpoolState::Failed);
        // Longer than changes gather.
        std::thread::sleep(Duration::from_millis(300));
        other.end(Instant::now() + LONG);
        wait_until(|| is_written("mine"));
        // The worker says so after the disk has it.
        wait_until(|| handle.stats().spool.unwrap().oldest > Some(Duration::from_millis(300)));
    });
    assert_eq!(
        (account.accepted, account.restored, account.kept),
        (4, 3, 4)
    );
    let account = with_store(&directory, |handle| {
        // The request is noted on disk.
        wait_until(|| handle.stats().lanes[0].requests == 1);
    });
    assert_eq!((account.restored, account.kept), (4, 4));
    std::fs::remove_dir_all(directory).unwrap();
}
