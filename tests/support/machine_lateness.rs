//! The lateness of the machine itself, so that bounds in time test logout and not its host.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often it is looked.
const TICK: Duration = Duration::from_millis(2);

/// A thread wakes up more often than one that works is interrupted, so it sees less of it.
const SHARE: u64 = 4;

/// A monitor of how late a thread wakes that only sleeps.
#[derive(Debug)]
pub(crate) struct LatenessMonitor {
    latest: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl LatenessMonitor {
    pub(crate) fn watch() -> Self {
        let (latest, stop) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let machine = Self {
            latest: Arc::clone(&latest),
            stop: Arc::clone(&stop),
        };
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let start = Instant::now();
                thread::sleep(TICK);
                let late = start.elapsed().saturating_sub(TICK).as_micros();
                latest.fetch_max(late as u64, Ordering::Relaxed);
            }
        });
        machine
    }

    /// Returns by how much anything that happened meanwhile may have been late: hardly anything on a
    /// machine with a core to spare.
    pub(crate) fn lateness(&self) -> Duration {
        // What keeps a thread from its core now has not been seen to its end.
        thread::sleep(2 * TICK);
        Duration::from_micros(SHARE * self.latest.load(Ordering::Relaxed))
    }
}

/// Returns how long this thread has waited for a core since it began, where the system counts that.
pub(crate) fn time_without_core() -> Duration {
    let counts = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = counts.split_whitespace().nth(1);
    Duration::from_nanos(waited.and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}

/// How often a measurement is made at the most.
const TRIES: usize = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Measures up to a few times, until the result is below `bound`, and returns the last one. Code that keeps
/// the bound does so sooner or later even on a busy machine.
pub(crate) fn measure_below(bound: Duration, mut measure: impl FnMut() -> Duration) -> Duration {
    let mut took = measure();
    for _ in 1..TRIES {
        if took < bound {
            break;
        }
        // What keeps the machine busy now may be over then.
        thread::sleep(BETWEEN_TRIES);
        took = measure();
    }
    took
}

impl Drop for LatenessMonitor {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
