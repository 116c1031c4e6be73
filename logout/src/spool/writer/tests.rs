use std::fs;
use std::time::{Duration, Instant};

use super::{Health, Sync, Writer};
use crate::spool::log::tests::{Scratch, group};

/// Returns a deadline later than anything here takes.
fn late() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn started(scratch: &Scratch) -> Writer {
    let writer = Writer::start_with(scratch.0.clone(), 4 << 20, Duration::from_millis(20));
    writer.wait_until_open(late());
    writer
}

/// Starts a writer that does not retry by itself.
fn patient(scratch: &Scratch) -> Writer {
    let writer = Writer::start_with(scratch.0.clone(), 4 << 20, Duration::from_secs(600));
    writer.wait_until_open(late());
    writer
}

fn on_disk(scratch: &Scratch) -> Vec<u64> {
    let writer = started(scratch);
    let image = writer.take_image().unwrap();
    writer.end(late());
    image.groups.values().map(|group| group.id).collect()
}

fn wait_for(what: impl Fn() -> bool) {
    let late = late();
    while !what() {
        assert!(Instant::now() < late, "in vain");
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

#[test]
#[cfg(unix)]
fn what_it_has_on_disk_is_no_others_while_it_tries_again() {
    let scratch = Scratch::new("writer-held");
    let writer = patient(&scratch);
    writer.put(&group(1, "one"), Sync::Soon);
    assert!(writer.wait(false, late()));
    fs::remove_file(scratch.0.join("log")).unwrap();
    writer.put(&group(2, "two"), Sync::Soon);
    wait_for(|| matches!(writer.health(), Health::Failed(_)));
    let other = started(&scratch);
    assert!(matches!(other.health(), Health::Failed(why) if why.contains("another process")));
    assert!(other.take_image().is_none());
    writer.end(late());
    wait_for(|| other.health() == Health::Ready);
}

#[test]
fn what_could_not_be_written_makes_all_on_disk_doubtful_to_the_next_process() {
    let scratch = Scratch::new("writer-doubtful");
    let writer = patient(&scratch);
    writer.put(&group(1, "one"), Sync::Soon);
    assert!(writer.wait(false, late()));
    // No whole frame follows.
    writer.shared.lock().note_failure("as asked for");
    writer.shared.work.notify_one();
    writer.end(late());
    let writer = started(&scratch);
    let image = writer.take_image().unwrap();
    assert!(image.is_doubtful && image.groups.get(1).unwrap().in_flight);
}

#[test]
fn a_disk_that_hangs_is_handed_no_more_than_a_bound() {
    let scratch = Scratch::new("writer-behind");
    let writer = started(&scratch);
    assert!(writer.accepts_records());
    let state = || writer.shared.lock();
    // It counts as one that is working, but its thread takes nothing of what is handed to it.
    writer.end(late());
    state().has_ended = false;
    state().records = vec![0; super::MOST_PENDING];
    assert!(!writer.accepts_records());
    state().records.clear();
    assert!(writer.accepts_records());
    state().note_failure("as asked for");
    assert!(!writer.accepts_records());
}

#[test]
#[cfg(feature = "verify")]
fn whoever_asks_has_the_disk_tried_at_once() {
    let scratch = Scratch::new("writer-asked");
    fs::write(&scratch.0, "").unwrap();
    let writer = patient(&scratch);
    let asked = writer.request_check();
    wait_for(|| writer.last_check() >= asked);
    assert!(matches!(writer.health(), Health::Failed(_)));
    fs::remove_file(&scratch.0).unwrap();
    let asked = writer.request_check();
    wait_for(|| writer.last_check() >= asked);
    assert_eq!(writer.health(), Health::Ready);
    let length = writer.length();
    fs::remove_dir_all(&scratch.0).unwrap();
    let asked = writer.request_check();
    wait_for(|| writer.last_check() >= asked);
    assert!(
        cfg!(not(unix)) || writer.health() != Health::Ready,
        "{length}"
    );
    writer.end(late());
    let asked = writer.request_check();
    assert_eq!(writer.last_check(), asked);
}

#[test]
fn what_is_read_again_is_what_was_there_when_that_was_asked_for() {
    let scratch = Scratch::new("writer-again");
    let writer = started(&scratch);
    let _empty = writer.take_image();
    writer.put(&group(1, "one"), Sync::Soon);
    assert!(writer.wait(false, late()));
    {
        let mut state = writer.shared.lock();
        state.reads_again = true;
        state.records = group(2, "two");
        state.handed += 1;
    }
    writer.shared.work.notify_one();
    assert!(writer.wait(false, late()));
    wait_for(|| writer.shared.lock().image.is_some());
    let image = writer.take_image().unwrap();
    let ids: Vec<_> = image.groups.values().map(|group| group.id).collect();
    assert_eq!(ids, [1]);
    writer.end(late());
    assert_eq!(on_disk(&scratch), [1, 2]);
}
