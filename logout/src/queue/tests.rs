use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use tracing::{Level, Metadata};

use super::{Queue, Taken, Thresholds};
use crate::event::{Event, EventView, ReentryGuard};
use crate::handle::bench::captured;

impl Queue {
    /// Returns a queue that takes everything and never waits.
    pub(crate) fn of_tests() -> Self {
        Self::new(Thresholds {
            sync: usize::MAX,
            discard: usize::MAX,
            sync_timeout: Duration::ZERO,
        })
    }

    /// Takes all events that wait.
    pub(crate) fn drain(&self) -> Vec<Event> {
        let mut taken = Taken::default();
        self.take(&mut taken, None);
        let events = taken.batch.events();
        events.map(EventView::to_owned_event).collect()
    }
}

fn queue(sync: usize, discard: usize, sync_timeout: Duration) -> Arc<Queue> {
    Arc::new(Queue::new(Thresholds {
        sync,
        discard,
        sync_timeout,
    }))
}

/// Returns call sites of levels ERROR and WARN.
fn sites() -> [&'static Metadata<'static>; 2] {
    let events = captured(|| {
        tracing::error!("grave");
        tracing::warn!("less so");
    });
    [events[0].view().metadata(), events[1].view().metadata()]
}

fn push(queue: &Queue, site: &'static Metadata<'static>, bytes: &[u8]) {
    if queue.admits(site, || None) {
        queue.push(site, SystemTime::now(), bytes.len(), bytes);
    }
}

#[test]
fn full_queue_discards_and_counts_by_call_site_exactly_under_concurrency() {
    let [error, warn] = sites();
    let queue = queue(10, 10, Duration::ZERO);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let site = if thread % 2 == 0 { error } else { warn };
            let queue = &queue;
            scope.spawn(move || (0..5_000).for_each(|_| push(queue, site, b"x")));
        }
    });
    let mut taken = Taken::default();
    assert!(queue.take(&mut taken, None));
    let mut counts = [(error, 0), (warn, 0)];
    for (site, count) in &mut counts {
        *count = taken
            .batch
            .events()
            .filter(|event| std::ptr::eq(event.metadata(), *site))
            .count() as u64;
        let discarded = taken.discards.sites();
        *count += discarded
            .filter(|those| std::ptr::eq(those.metadata, *site))
            .map(|those| those.events)
            .sum::<u64>();
    }
    assert_eq!(counts.map(|(_, count)| count), [20_000, 20_000]);
    assert!(taken.batch.events().count() <= 11);
}

#[test]
fn an_event_that_was_taken_is_found_by_its_place() {
    let events = captured(|| (1..=3).for_each(|number| tracing::error!("{}", "x".repeat(number))));
    let queue = queue(9, 9, Duration::ZERO);
    for event in &events {
        let (site, spans_at, bytes) = event.parts();
        queue.push(site, SystemTime::now(), spans_at, bytes);
    }
    let mut taken = Taken::default();
    assert!(queue.take(&mut taken, None));
    taken.panics.extend(events.last().cloned());
    let said = |event: EventView<'_>| event.message().map(Cow::into_owned);
    let found: Vec<_> = (0..9)
        .map_while(|place| taken.event(place))
        .map(said)
        .collect();
    assert_eq!(found, taken.events().map(said).collect::<Vec<_>>());
    assert_eq!(
        found,
        ["xxx", "x", "xx", "xxx"].map(|text| Some(text.to_owned()))
    );
}

#[test]
fn bytes_are_bounded_too() {
    let [error, _] = sites();
    let queue = queue(usize::MAX, usize::MAX, Duration::ZERO);
    let long = vec![0; 200 << 10];
    (0..100).for_each(|_| push(&queue, error, &long));
    let mut taken = Taken::default();
    queue.take(&mut taken, None);
    assert_eq!(taken.batch.events().count(), 10, "of 200 KiB in 2 MiB");
    assert_eq!(
        taken
            .discards
            .sites()
            .map(|those| those.events)
            .sum::<u64>(),
        90
    );
}

#[test]
fn a_wait_ends_with_the_next_swap_for_all_who_wait() {
    let [error, _] = sites();
    let queue = queue(0, 500, Duration::from_secs(10));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| push(&queue, error, b"x"));
        }
        while queue.waiting() < 20 {
            std::thread::yield_now();
        }
        queue.take(&mut Taken::default(), None);
    });
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn no_wait_is_longer_than_its_timeout() {
    let [error, _] = sites();
    // The machine may be late now and then, but the library would be each time.
    let is_in_time = |_| {
        let queue = queue(0, 500, Duration::from_millis(30));
        let start = Instant::now();
        push(&queue, error, b"x");
        let took = start.elapsed();
        assert!(took >= Duration::from_millis(30), "{took:?}");
        took < Duration::from_millis(300)
    };
    assert!((0..10).any(is_in_time));
}

#[test]
fn logouts_own_threads_and_panicking_ones_never_wait() {
    struct Logs<'i>(&'i Queue, &'static Metadata<'static>);
    impl Drop for Logs<'_> {
        fn drop(&mut self) {
            push(self.0, self.1, b"x");
        }
    }
    let [error, _] = sites();
    let queue = queue(0, 500, Duration::from_secs(10));
    let start = Instant::now();
    {
        let _silence = ReentryGuard::enter();
        push(&queue, error, b"x");
    }
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _logs = Logs(&queue, error);
        panic!("as asked for");
    }));
    assert!(unwound.is_err() && queue.waiting() == 2);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn what_comes_after_the_end_is_counted_apart_and_frees_who_waits() {
    let [error, warn] = sites();
    let queue = queue(0, 500, Duration::from_secs(10));
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| push(&queue, error, b"x"));
        while queue.waiting() < 1 {
            std::thread::yield_now();
        }
        queue.close();
    });
    (0..3).for_each(|_| push(&queue, warn, b"x"));
    let mut taken = Taken::default();
    queue.take(&mut taken, None);
    assert_eq!(taken.batch.events().count(), 1);
    let late: Vec<_> = taken.late.sites().collect();
    assert_eq!((late.len(), late[0].events), (1, 3));
    assert_eq!(late[0].metadata.level(), &Level::WARN);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_panic_has_room_in_a_full_queue_and_more_than_that_are_counted() {
    let [error, _] = sites();
    let queue = queue(1, 1, Duration::ZERO);
    (0..10).for_each(|_| push(&queue, error, b"x"));
    for _ in 0..20 {
        queue.push_panic(captured(|| tracing::error!("panicked")).remove(0));
    }
    let mut taken = Taken::default();
    queue.take(&mut taken, None);
    assert_eq!(taken.panics.len(), 16);
    let counted: u64 = taken.discards.sites().map(|those| those.events).sum();
    assert_eq!(
        counted,
        8 + 4,
        "of ten errors two fit, of twenty panics sixteen"
    );
}

#[test]
fn what_comes_while_its_own_thread_holds_the_lock_is_counted_by_call_site() {
    let [error, warn] = sites();
    let queue = queue(500, 500, Duration::from_secs(10));
    let held = queue.lock();
    super::allocating(|| {
        (0..3).for_each(|_| push(&queue, error, b"x"));
        push(&queue, warn, b"x");
    });
    drop(held);
    push(&queue, warn, b"x");
    let mut taken = Taken::default();
    queue.take(&mut taken, None);
    assert_eq!(taken.batch.events().count(), 1);
    for (site, events) in [(error, 3), (warn, 1)] {
        let mut counted = taken.discards.sites();
        assert!(counted.any(|those| std::ptr::eq(those.metadata, site) && those.events == events));
    }
}
