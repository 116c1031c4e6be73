use std::path::{Path, PathBuf};

use super::*;
use crate::spool::record::{Record, StoredGroup};

/// A directory that exists for one test.
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

fn open(path: &Path) -> io::Result<Opened> {
    Log::open(&LockedDirectory::open(path)?, 64 << 20)
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

pub(in crate::spool) fn ids(image: &Image) -> Vec<u64> {
    image.groups.values().map(|group| group.id).collect()
}

#[test]
fn what_was_appended_is_there_when_it_is_opened_again() {
    let scratch = Scratch::new("again");
    let Opened {
        mut log,
        image,
        note,
    } = open(&scratch.0).unwrap();
    assert!(image.groups.is_empty() && note.is_none());
    log.append(&group(1, "one")).unwrap();
    log.append(&[group(2, "two"), gone(1)].concat()).unwrap();
    drop(log);
    let Opened { log, image, note } = open(&scratch.0).unwrap();
    assert_eq!((ids(&image), image.next_id, note), (vec![2], 3, None));
    let on_disk = fs::metadata(scratch.0.join(LOG)).unwrap().len();
    assert_eq!(log.length(), on_disk);
}

#[test]
fn more_than_a_frame_holds_is_read_again() {
    let scratch = Scratch::new("several-frames");
    let mut log = open(&scratch.0).unwrap().log;
    let text = "x".repeat(1 << 20);
    let records: Vec<_> = (1..=40).flat_map(|id| group(id, &text)).collect();
    log.append(&records).unwrap();
    drop(log);
    let Opened { image, note, .. } = open(&scratch.0).unwrap();
    assert_eq!(ids(&image), (1..=40).collect::<Vec<_>>());
    assert_eq!(note, None);
}

#[test]
fn a_torn_end_is_cut_off_and_what_follows_is_whole() {
    let scratch = Scratch::new("torn");
    let mut log = open(&scratch.0).unwrap().log;
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
    } = open(&scratch.0).unwrap();
    assert_eq!((ids(&image), note), (vec![1], None));
    log.append(&group(3, "three")).unwrap();
    drop(log);
    assert_eq!(ids(&open(&scratch.0).unwrap().image), [1, 3]);
}

#[test]
fn what_cannot_be_read_is_set_aside_and_said_and_the_two_newest_are_kept() {
    let scratch = Scratch::new("aside");
    for round in 1..=4 {
        let mut log = open(&scratch.0).unwrap().log;
        log.append(&group(round, "one")).unwrap();
        drop(log);
        let path = scratch.0.join(LOG);
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let Opened { image, note, .. } = open(&scratch.0).unwrap();
        assert!(!image.groups.contains(round));
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
            b"lgspool\x09.res".to_vec(),
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
        } = open(&scratch.0).unwrap();
        assert!(image.groups.is_empty());
        let note = note.unwrap();
        assert!(note.contains(word), "{note}");
        log.append(&group(1, "one")).unwrap();
        drop(log);
        assert_eq!(ids(&open(&scratch.0).unwrap().image), [1]);
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
    // A sparse file takes no room on the disk.
    let file = options()
        .create(true)
        .truncate(true)
        .open(scratch.0.join(LOG))
        .unwrap();
    file.set_len(1 << 30).unwrap();
    let started = std::time::Instant::now();
    let Opened { note, .. } = open(&scratch.0).unwrap();
    assert!(started.elapsed().as_secs() < 5);
    assert!(
        note.unwrap()
            .contains("longer than one can be (1,073,741,824 bytes)")
    );
}

#[test]
fn a_log_of_which_little_lives_is_written_anew() {
    let scratch = Scratch::new("rewritten");
    let mut log = open(&scratch.0).unwrap().log;
    let text = "x".repeat(30_000);
    for id in 1..200 {
        log.append(&[group(id, &text), gone(id.saturating_sub(3))].concat())
            .unwrap();
        log.compact_if_needed().unwrap();
        assert!(log.length() < 2 << 20, "{}", log.length());
    }
    drop(log);
    assert_eq!(ids(&open(&scratch.0).unwrap().image), [197, 198, 199]);
}

#[test]
fn a_log_of_which_much_lives_grows_no_longer_than_the_guide_says() {
    let scratch = Scratch::new("long");
    let mut log = open(&scratch.0).unwrap().log;
    let text = "x".repeat(1 << 20);
    let mut longest = 0;
    for id in 1..50 {
        log.append(&[group(id, &text), gone(id.saturating_sub(7))].concat())
            .unwrap();
        log.compact_if_needed().unwrap();
        longest = longest.max(log.length());
    }
    assert!((15 << 20..17 << 20).contains(&longest), "{longest}");
}

#[test]
fn a_directory_is_used_by_one_at_a_time() {
    let scratch = Scratch::new("locked");
    let first = open(&scratch.0).unwrap();
    let refused = open(&scratch.0).unwrap_err().to_string();
    assert!(
        refused.contains("another process or block uses it"),
        "{refused}"
    );
    drop(first);
    assert!(open(&scratch.0).is_ok());
}

#[test]
fn what_is_no_directory_is_an_error_that_says_so() {
    let scratch = Scratch::new("file");
    fs::write(&scratch.0, "").unwrap();
    let refused = open(&scratch.0).unwrap_err().to_string();
    assert!(refused.contains("it is a file"), "{refused}");
    fs::remove_file(&scratch.0).unwrap();
}

#[test]
#[cfg(unix)]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("modes");
    let _log = open(&scratch.0.join("shop/alerts")).unwrap();
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
    let mut log = open(&scratch.0).unwrap().log;
    fs::remove_dir_all(&scratch.0).unwrap();
    let refused = log.append(&group(1, "one")).unwrap_err().to_string();
    assert!(refused.contains("removed"), "{refused}");
}

#[test]
fn where_the_process_ended_between_two_renames_the_new_log_counts() {
    let scratch = Scratch::new("between");
    let mut log = open(&scratch.0).unwrap().log;
    log.append(&group(1, "one")).unwrap();
    drop(log);
    fs::rename(scratch.0.join(LOG), scratch.0.join(NEXT)).unwrap();
    assert_eq!(ids(&open(&scratch.0).unwrap().image), [1]);
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn a_log_that_is_set_aside_by_a_clock_that_was_set_back_is_kept() {
    let scratch = Scratch::new("set-back");
    let directory = LockedDirectory::open(&scratch.0).unwrap();
    for later in ["set-aside-9999999998", "set-aside-9999999999"] {
        fs::write(scratch.0.join(later), "").unwrap();
    }
    fs::create_dir(scratch.0.join("set-aside-0000000001")).unwrap();
    fs::write(scratch.0.join(LOG), "").unwrap();
    let kept = directory.set_aside(LOG).unwrap();
    assert!(kept.exists());
    let kept = names(&scratch.0);
    assert!(
        !kept.contains(&"set-aside-9999999998".to_owned()),
        "{kept:?}"
    );
}

#[test]
#[cfg(unix)]
fn what_somebody_laid_in_the_place_of_a_file_is_not_followed_nor_waited_for() {
    use std::os::unix::fs::symlink;
    let scratch = Scratch::new("laid");
    let victim = scratch.0.with_extension("victim");
    fs::write(&victim, "precious").unwrap();
    for name in [LOG, "lock"] {
        let _absent = fs::remove_dir_all(&scratch.0);
        fs::create_dir_all(&scratch.0).unwrap();
        symlink(&victim, scratch.0.join(name)).unwrap();
        assert!(open(&scratch.0).is_err());
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
    }
    let _absent = fs::remove_dir_all(&scratch.0);
    // An old one is replaced.
    let mut log = open(&scratch.0).unwrap().log;
    symlink(&victim, scratch.0.join(NEXT)).unwrap();
    log.replace(&HEAD).unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
    drop(log);
    fs::remove_file(scratch.0.join(LOG)).unwrap();
    let path = std::ffi::CString::new(scratch.0.join(LOG).to_str().unwrap()).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        path.as_c_str(),
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    let refused = open(&scratch.0).unwrap_err().to_string();
    assert!(refused.contains("`log`: it is no file"), "{refused}");
    fs::remove_file(victim).unwrap();
}

#[test]
#[cfg(unix)]
fn a_log_that_others_could_read_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("opened");
    drop(open(&scratch.0).unwrap());
    let path = scratch.0.join(LOG);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _log = open(&scratch.0).unwrap();
    assert_eq!(
        fs::metadata(path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn where_a_log_cannot_be_written_anew_it_grows_no_further_than_a_bound() {
    let scratch = Scratch::new("bound");
    let mut log = open(&scratch.0).unwrap().log;
    // They can be neither created nor removed.
    fs::create_dir_all(scratch.0.join(NEXT).join("full")).unwrap();
    let text = "x".repeat(30_000);
    let refused = loop {
        if let Err(why) = log.append(&[group(1, &text), gone(1)].concat()) {
            break why;
        }
        log.compact_if_needed().unwrap();
        assert!(log.length() < 4 << 20);
    };
    assert!(refused.to_string().contains("too long"), "{refused}");
    // Nor at the next try, nor at the next start.
    for _ in 0..3 {
        drop(log);
        log = open(&scratch.0).unwrap().log;
        assert!(log.append(&group(1, &text)).is_err());
    }
    fs::remove_dir_all(scratch.0.join(NEXT)).unwrap();
    drop(log);
    log = open(&scratch.0).unwrap().log;
    assert!(log.length() < 100, "{}", log.length());
    log.append(&group(1, &text)).unwrap();
}

#[test]
fn what_was_damaged_while_it_was_written_to_is_set_aside_once() {
    let scratch = Scratch::new("damaged");
    let mut log = open(&scratch.0).unwrap().log;
    let text = "x".repeat(30_000);
    log.append(&group(1, &text)).unwrap();
    log.append(&group(2, &text)).unwrap();
    let path = scratch.0.join(LOG);
    let mut file = options().open(&path).unwrap();
    file.seek(io::SeekFrom::Start(500)).unwrap();
    file.write_all(b"y").unwrap();
    let mut notes = 0;
    for _ in 0..200 {
        log.append(&[group(3, &text), gone(3)].concat()).unwrap();
        notes += log.compact_if_needed().unwrap().iter().count();
        assert!(log.length() < 2 << 20, "{}", log.length());
    }
    assert_eq!(notes, 1);
    drop(log);
    assert_eq!(ids(&open(&scratch.0).unwrap().image), [2]);
}

#[test]
fn of_a_log_that_is_doubtful_all_may_have_been_told_and_it_is_so_once() {
    let scratch = Scratch::new("doubtful");
    let mut log = open(&scratch.0).unwrap().log;
    log.append(&group(1, "one")).unwrap();
    log.mark_doubtful();
    drop(log);
    let Opened { mut log, image, .. } = open(&scratch.0).unwrap();
    assert!(image.is_doubtful && image.groups.get(1).unwrap().in_flight);
    log.append(&group(2, "two")).unwrap();
    drop(log);
    let image = open(&scratch.0).unwrap().image;
    assert!(!image.is_doubtful);
    assert!(image.groups.get(1).unwrap().in_flight && !image.groups.get(2).unwrap().in_flight);
}
