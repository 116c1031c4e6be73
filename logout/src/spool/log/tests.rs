use std::path::PathBuf;

use super::*;
use crate::spool::record::{Record, StoredGroup};

/// A directory that is there for one test.
pub(crate) struct Scratch(pub(crate) PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("logout-spool-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _absent = fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _absent = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn group(id: u64, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let group = StoredGroup {
        id,
        events: 1,
        last: text.to_owned(),
        ..StoredGroup::default()
    };
    Record::Group(group).write(&mut bytes);
    bytes
}

fn gone(id: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    Record::Gone(id).write(&mut bytes);
    bytes
}

fn ids(image: &Image) -> Vec<u64> {
    image.groups.keys().copied().collect()
}

#[test]
fn what_was_appended_is_there_when_it_is_opened_again() {
    let scratch = Scratch::new("again");
    let Opened {
        mut log,
        image,
        note,
    } = Log::open(&scratch.0).unwrap();
    assert!(image.groups.is_empty() && note.is_none());
    log.append(&group(1, "one")).unwrap();
    log.append(&[group(2, "two"), gone(1)].concat()).unwrap();
    drop(log);
    let Opened { log, image, note } = Log::open(&scratch.0).unwrap();
    assert_eq!((ids(&image), image.next_id, note), (vec![2], 3, None));
    let on_disk = fs::metadata(scratch.0.join(LOG)).unwrap().len();
    assert_eq!(log.length(), on_disk);
}

#[test]
fn more_than_a_frame_holds_is_read_again() {
    let scratch = Scratch::new("several-frames");
    let mut log = Log::open(&scratch.0).unwrap().log;
    let text = "x".repeat(1 << 20);
    let records: Vec<_> = (1..=40).flat_map(|id| group(id, &text)).collect();
    log.append(&records).unwrap();
    drop(log);
    let Opened { image, note, .. } = Log::open(&scratch.0).unwrap();
    assert_eq!(ids(&image), (1..=40).collect::<Vec<_>>());
    assert_eq!(note, None);
}

#[test]
fn a_torn_end_is_cut_off_and_what_follows_is_whole() {
    let scratch = Scratch::new("torn");
    let mut log = Log::open(&scratch.0).unwrap().log;
    log.append(&group(1, "one")).unwrap();
    log.append(&group(2, "two")).unwrap();
    let length = log.length();
    drop(log);
    let file = options().open(scratch.0.join(LOG)).unwrap();
    file.set_len(length - 3).unwrap();
    let Opened {
        mut log,
        image,
        note,
    } = Log::open(&scratch.0).unwrap();
    assert_eq!((ids(&image), note), (vec![1], None));
    log.append(&group(3, "three")).unwrap();
    drop(log);
    assert_eq!(ids(&Log::open(&scratch.0).unwrap().image), [1, 3]);
}

#[test]
fn what_cannot_be_read_is_set_aside_and_said_and_the_two_newest_are_kept() {
    let scratch = Scratch::new("aside");
    for round in 1..=4 {
        let mut log = Log::open(&scratch.0).unwrap().log;
        log.append(&group(round, "one")).unwrap();
        drop(log);
        let path = scratch.0.join(LOG);
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let Opened { image, note, .. } = Log::open(&scratch.0).unwrap();
        assert!(!image.groups.contains_key(&round));
        let note = note.unwrap();
        assert!(note.contains("bytes of it could not be read"), "{note}");
    }
    let kept = fs::read_dir(&scratch.0).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with("set-aside-")
    });
    assert_eq!(kept.count(), 2);
}

#[test]
fn garbage_and_a_log_of_a_newer_version_are_set_aside_and_the_log_begins_anew() {
    for (name, content, word) in [
        (
            "garbage",
            vec![7_u8; 9_999],
            "9,999 bytes of it could not be read",
        ),
        (
            "newer",
            b"lgspool\x09rest".to_vec(),
            "12 bytes of it are a newer version's",
        ),
    ] {
        let scratch = Scratch::new(name);
        fs::create_dir_all(&scratch.0).unwrap();
        fs::write(scratch.0.join(LOG), &content).unwrap();
        let Opened {
            mut log,
            image,
            note,
        } = Log::open(&scratch.0).unwrap();
        assert!(image.groups.is_empty());
        let note = note.unwrap();
        assert!(note.contains(word), "{note}");
        log.append(&group(1, "one")).unwrap();
        drop(log);
        assert_eq!(ids(&Log::open(&scratch.0).unwrap().image), [1]);
        let aside = fs::read_dir(&scratch.0).unwrap().filter_map(Result::ok);
        let mut aside =
            aside.filter(|entry| entry.file_name().to_str().unwrap().starts_with("set-aside"));
        assert_eq!(fs::read(aside.next().unwrap().path()).unwrap(), content);
    }
}

#[test]
fn a_gibibyte_of_garbage_is_set_aside_unread() {
    let scratch = Scratch::new("gibibyte");
    fs::create_dir_all(&scratch.0).unwrap();
    // A hole takes no room on the disk.
    let file = options()
        .create(true)
        .truncate(true)
        .open(scratch.0.join(LOG))
        .unwrap();
    file.set_len(1 << 30).unwrap();
    let started = std::time::Instant::now();
    let Opened { note, .. } = Log::open(&scratch.0).unwrap();
    assert!(started.elapsed().as_secs() < 5);
    assert!(
        note.unwrap()
            .contains("longer than one can be (1,073,741,824 bytes)")
    );
}

#[test]
fn a_log_of_which_little_lives_is_written_anew() {
    let scratch = Scratch::new("rewritten");
    let mut log = Log::open(&scratch.0).unwrap().log;
    let text = "x".repeat(30_000);
    for id in 1..200 {
        log.append(&[group(id, &text), gone(id.saturating_sub(3))].concat())
            .unwrap();
        log.rewrite_if_long().unwrap();
        assert!(log.length() < 2 << 20, "{}", log.length());
    }
    drop(log);
    assert_eq!(ids(&Log::open(&scratch.0).unwrap().image), [197, 198, 199]);
}

#[test]
fn a_log_of_which_much_lives_grows_no_longer_than_the_guide_says() {
    let scratch = Scratch::new("long");
    let mut log = Log::open(&scratch.0).unwrap().log;
    let text = "x".repeat(1 << 20);
    let mut longest = 0;
    for id in 1..50 {
        log.append(&[group(id, &text), gone(id.saturating_sub(7))].concat())
            .unwrap();
        log.rewrite_if_long().unwrap();
        longest = longest.max(log.length());
    }
    assert!((15 << 20..17 << 20).contains(&longest), "{longest}");
}

#[test]
fn a_directory_is_used_by_one_at_a_time() {
    let scratch = Scratch::new("locked");
    let first = Log::open(&scratch.0).unwrap();
    let refused = Log::open(&scratch.0).unwrap_err().to_string();
    assert!(
        refused.contains("another process or block uses it"),
        "{refused}"
    );
    drop(first);
    assert!(Log::open(&scratch.0).is_ok());
}

#[test]
fn what_is_no_directory_is_an_error_that_says_so() {
    let scratch = Scratch::new("file");
    fs::write(&scratch.0, "").unwrap();
    let refused = Log::open(&scratch.0).unwrap_err().to_string();
    assert!(refused.contains("it is a file"), "{refused}");
    fs::remove_file(&scratch.0).unwrap();
}

#[test]
#[cfg(unix)]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("modes");
    let _log = Log::open(&scratch.0.join("shop/alerts")).unwrap();
    let mode = |path: &str| {
        fs::metadata(scratch.0.join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("shop/alerts"), 0o700);
    assert_eq!(
        (mode("shop/alerts/log"), mode("shop/alerts/lock")),
        (0o600, 0o600)
    );
}

#[test]
#[cfg(unix)]
fn a_log_that_was_removed_is_an_error_and_not_written_to() {
    let scratch = Scratch::new("removed");
    let mut log = Log::open(&scratch.0).unwrap().log;
    fs::remove_dir_all(&scratch.0).unwrap();
    let refused = log.append(&group(1, "one")).unwrap_err().to_string();
    assert!(refused.contains("removed"), "{refused}");
}

#[test]
fn where_the_process_ended_between_two_renames_the_new_log_counts() {
    let scratch = Scratch::new("between");
    let mut log = Log::open(&scratch.0).unwrap().log;
    log.append(&group(1, "one")).unwrap();
    drop(log);
    fs::rename(scratch.0.join(LOG), scratch.0.join(NEXT)).unwrap();
    assert_eq!(ids(&Log::open(&scratch.0).unwrap().image), [1]);
}
