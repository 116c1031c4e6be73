use std::fs;
use std::time::{Duration, Instant};

use super::{Arc, Condvar, Health, Mutex, Shared, Sync, Writer};
use crate::spool::log::tests::{Scratch, group};

/// Longer than anything here takes.
fn late() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn started(scratch: &Scratch) -> Writer {
    let writer = Writer::start_with(scratch.0.clone(), Duration::from_millis(20));
    writer.wait_until_open(late());
    writer
}

fn on_disk(scratch: &Scratch) -> Vec<u64> {
    let writer = started(scratch);
    let image = writer.take_image().unwrap();
    writer.end(late());
    image.groups.keys().copied().collect()
}

fn wait_for(what: impl Fn() -> bool) {
    while !what() {
        assert!(Instant::now() < late());
        std::thread::yield_now();
    }
}

#[test]
fn what_is_handed_over_is_written_in_order_and_read_at_the_next_start() {
    let scratch = Scratch::new("writer");
    let writer = started(&scratch);
    assert!(writer.take_image().unwrap().groups.is_empty());
    for id in 1..=50 {
        assert_eq!(writer.put(&group(id, "one"), Sync::Soon), Some(id));
    }
    assert!(writer.wait(true, late()));
    assert_eq!(writer.written(), 50);
    writer.end(late());
    assert_eq!(on_disk(&scratch), (1..=50).collect::<Vec<_>>());
}

#[test]
fn what_a_disk_that_hangs_has_not_taken_gathers_up_to_a_bound() {
    // No thread takes what is handed over.
    let shared = Shared {
        state: Mutex::default(),
        work: Condvar::new(),
        done: Condvar::new(),
        retry_every: Duration::MAX,
    };
    shared.lock().health = Health::Ready;
    let writer = Writer {
        shared: Arc::new(shared),
        process: std::process::id(),
    };
    let mebibyte = group(1, &"x".repeat(1 << 20));
    for _ in 0..4 {
        assert!(!writer.is_behind());
        writer.put(&mebibyte, Sync::Soon);
    }
    assert!(writer.is_behind());
    drop(std::mem::take(&mut writer.shared.lock().records));
    assert!(!writer.is_behind());
}

#[test]
fn what_was_handed_over_at_the_end_is_still_written() {
    let scratch = Scratch::new("writer-end");
    let writer = started(&scratch);
    writer.put(&group(1, "one"), Sync::Now);
    writer.end(late());
    assert_eq!(writer.put(&group(2, "two"), Sync::Now), None);
    assert_eq!(on_disk(&scratch), [1]);
}

#[test]
fn a_directory_that_cannot_be_used_is_tried_again() {
    let scratch = Scratch::new("writer-file");
    fs::write(&scratch.0, "").unwrap();
    let writer = started(&scratch);
    assert!(matches!(writer.health(), Health::Failed(why) if why.contains("it is a file")));
    assert_eq!(writer.put(&group(1, "one"), Sync::Soon), None);
    fs::remove_file(&scratch.0).unwrap();
    wait_for(|| writer.health() == Health::Ready);
    assert!(writer.take_image().is_some());
    assert_eq!(writer.put(&group(1, "one"), Sync::Now), Some(1));
    assert!(writer.wait(false, late()));
    writer.end(late());
    assert_eq!(on_disk(&scratch), [1]);
}

#[test]
#[cfg(unix)]
fn a_directory_that_was_removed_is_made_anew() {
    let scratch = Scratch::new("writer-removed");
    let writer = started(&scratch);
    writer.put(&group(1, "one"), Sync::Soon);
    assert!(writer.wait(false, late()));
    fs::remove_dir_all(&scratch.0).unwrap();
    writer.put(&group(2, "two"), Sync::Soon);
    wait_for(|| writer.failures() == 1 && writer.health() == Health::Ready);
    writer.put(&group(3, "three"), Sync::Soon);
    assert!(writer.wait(false, late()));
    writer.end(late());
    assert_eq!(on_disk(&scratch), [3]);
}
