//! A disk that is full, a directory that is closed in the middle, and one that is somebody else's.

#![cfg(target_os = "linux")]

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use logout::sandbox::{Sandbox, Trouble};
use logout::stats::SpoolState;
use logout::{Guard, Slack, logout};
use tracing_subscriber::prelude::*;

use crate::child_process::{Scratch, opened, texts, wait_for_log, wait_for_state};
use crate::support::process::{command, is_child, report_skipped};
use crate::support::{self, TIMEOUT, run_and_flush};

logout! {
    struct Alerts {
        project_name: "shop",
        adapters: [Slack],
        // Each event is a problem of its own, which is told.
        remind: off,
    }
}

logout! {
    struct Watched {
        project_name: "shop",
        adapters: [Slack],
        remind: off,
        notices: [Crashed],
    }
}

/// Where the child finds its directory.
const DIRECTORY: &str = "DIRECTORY";

/// A user who owns nothing.
const NOBODY: u32 = 65_534;

fn started(sandbox: &Sandbox, directory: &Path) -> support::Started<Alerts> {
    let figment = sandbox.figment().merge(("spool", directory));
    Alerts::from_figment(figment).unwrap().start().unwrap()
}

fn directory() -> PathBuf {
    std::env::var_os(DIRECTORY).unwrap().into()
}

fn log(number: u64) {
    tracing::error!(fingerprint = number, "event <{number}>");
}

/// Returns the finding about the disk, once it has been tried.
fn disk_finding<D: logout::Dispatch>(guard: &Guard<D>) -> String {
    let findings = guard.handle().verify(TIMEOUT).unwrap();
    findings.last().unwrap().to_string()
}

/// Runs the test once more, by a command of its own; returns whether it ran.
fn run(test: impl Fn(), scratch: &Scratch, wrapped: impl FnOnce(Command) -> Command) {
    let mut command = command(test);
    command.env(DIRECTORY, &scratch.0);
    let output = wrapped(command).output().unwrap();
    print!("{}", support::process::child_output(&output));
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs it as a user without privileges, who owns the directory if that is asked for.
fn run_as_nobody(test: impl Fn(), scratch: &Scratch, owns: bool) {
    fs::create_dir_all(&scratch.0).unwrap();
    run(test, scratch, |mut command| {
        if is_root() {
            if owns {
                chown(&scratch.0, Some(NOBODY), Some(NOBODY)).unwrap();
            }
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    });
}

/// Runs it with a disk of 256 KiB at the directory, which nobody else sees.
fn run_on_small_disk(test: impl Fn(), scratch: &Scratch) {
    const MOUNT: &str = "mount -t tmpfs -o size=256k tmpfs \"$DIRECTORY\" && exec \"$@\"";
    let unshare = || {
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--", "sh", "-c"]);
        unshare
    };
    let mounts = "mount -t tmpfs tmpfs /tmp";
    let works = unshare().args([mounts]).status();
    if !is_root() || !works.is_ok_and(|status| status.success()) {
        return report_skipped("no disk can be mounted here");
    }
    fs::create_dir_all(&scratch.0).unwrap();
    run(test, scratch, |command| {
        let mut wrapped = unshare();
        wrapped.args([MOUNT, "sh"]).arg(command.get_program());
        wrapped.args(command.get_args()).env_clear();
        let variables = command.get_envs();
        wrapped.envs(variables.filter_map(|(name, value)| Some((name, value?))));
        wrapped
    });
}

/// Fills the disk.
fn fill(directory: &Path) -> PathBuf {
    let filler = directory.join("filler");
    let mut size = 256 << 10;
    let mut content = Vec::new();
    while size > 0 {
        content.resize(content.len() + size, 0_u8);
        if fs::write(&filler, &content).is_err() {
            content.truncate(content.len() - size);
            size /= 2;
        }
    }
    let _full = fs::write(&filler, &content);
    filler
}

#[test]
fn on_a_full_disk_all_is_sent_and_what_is_sent_again_is_marked() {
    if is_child(on_a_full_disk_all_is_sent_and_what_is_sent_again_is_marked) {
        return fill_the_disk(&directory());
    }
    let scratch = Scratch::new("small-disk");
    run_on_small_disk(
        on_a_full_disk_all_is_sent_and_what_is_sent_again_is_marked,
        &scratch,
    );
}

fn fill_the_disk(disk: &Path) {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    sandbox.trouble("slack", Trouble::status(503));
    let alerts = disk.join("alerts");
    let figment = sandbox.figment().merge(("spool", &alerts));
    let (layer, guard) = Watched::from_figment(figment).unwrap().start().unwrap();
    let handle = guard.handle();
    let subscriber = tracing_subscriber::registry().with(layer);
    let mut logged = 0;
    let filler = tracing::subscriber::with_default(subscriber, || {
        for number in 0..3 {
            log(number);
        }
        wait_for_log(&alerts, "event <2>");
        let filler = fill(disk);
        // What there is room for in a page that the log has already still goes there.
        for number in 3.. {
            log(number);
            logged = number + 1;
            std::thread::sleep(Duration::from_millis(20));
            if handle.stats().spool.unwrap().state == SpoolState::Failed {
                break;
            }
            assert!(number < 500, "{:?}", handle.stats());
        }
        sandbox.heal("slack");
        handle.flush(TIMEOUT).unwrap();
        filler
    });
    assert_eq!(handle.stats().lanes[0].delivered, logged);
    // What a process that starts now finds.
    let elsewhere = Scratch::new("elsewhere");
    fs::create_dir_all(&elsewhere.0).unwrap();
    fs::copy(alerts.join("log"), elsewhere.0.join("log")).unwrap();
    sandbox.clear();
    let figment = sandbox.figment().merge(("spool", &elsewhere.0));
    let started = Watched::from_figment(figment).unwrap().start().unwrap();
    let stats = run_and_flush(opened(started), || ());
    let told = texts(&sandbox);
    assert!(stats.lanes[0].restored >= 3, "{stats}");
    assert!(
        told.iter().all(|text| text.contains("possible repeat")),
        "{told:#?}"
    );
    assert!(
        !told.iter().any(|text| text.contains("ended without")),
        "{told:#?}"
    );
    // There is room again.
    fs::remove_file(filler).unwrap();
    assert!(disk_finding(&guard).contains("what waits is kept in"));
    wait_for_state(&guard, SpoolState::Ready);
    drop(guard);
    sandbox.clear();
    let figment = sandbox.figment().merge(("spool", &alerts));
    let started = Watched::from_figment(figment).unwrap().start().unwrap();
    let stats = run_and_flush(opened(started), || ());
    assert_eq!(stats.lanes[0].restored, 0, "{stats}");
    assert!(texts(&sandbox).is_empty(), "{:#?}", texts(&sandbox));
}

#[test]
fn a_directory_that_is_closed_in_the_middle_stops_nothing_and_is_used_when_it_is_open() {
    if is_child(a_directory_that_is_closed_in_the_middle_stops_nothing_and_is_used_when_it_is_open)
    {
        return close_in_the_middle(&directory());
    }
    let scratch = Scratch::new("closed");
    run_as_nobody(
        a_directory_that_is_closed_in_the_middle_stops_nothing_and_is_used_when_it_is_open,
        &scratch,
        true,
    );
}

fn close_in_the_middle(directory: &Path) {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    let set_mode = |path: &Path, mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    };
    sandbox.trouble("slack", Trouble::status(503));
    let (alerts, guard) = started(&sandbox, directory);
    let subscriber = tracing_subscriber::registry().with(alerts);
    tracing::subscriber::with_default(subscriber, || {
        log(1);
        wait_for_log(directory, "event <1>");
        set_mode(directory, 0o500);
        log(2);
        // What is open stays open.
        wait_for_log(directory, "event <2>");
    });
    let _late = guard.handle().shutdown(Duration::from_millis(100));
    assert_eq!(support::wait_until_empty(&guard.handle()).lanes[0].kept, 2);
    drop(guard);
    sandbox.heal("slack");
    for name in ["log", "lock"] {
        set_mode(&directory.join(name), 0o400);
    }
    let guard = support::run_with(started(&sandbox, directory), || log(3));
    wait_for_state(&guard, SpoolState::Failed);
    guard.handle().flush(TIMEOUT).unwrap();
    // Those on disk would be told at each start anew.
    assert_eq!(guard.handle().stats().lanes[0].delivered, 1);
    let said = disk_finding(&guard);
    assert!(said.contains("Permission denied"), "{said}");
    assert!(said.contains("must be the program's user's"), "{said}");
    for name in ["log", "lock"] {
        set_mode(&directory.join(name), 0o600);
    }
    set_mode(directory, 0o700);
    assert!(disk_finding(&guard).contains("what waits is kept in"));
    guard.handle().flush(TIMEOUT).unwrap();
    let lane = guard.handle().stats().lanes.remove(0);
    assert_eq!((lane.restored, lane.delivered), (2, 3), "{lane:?}");
    drop(guard);
    let stats = run_and_flush(opened(started(&sandbox, directory)), || ());
    assert_eq!(stats.lanes[0].restored, 0);
}

#[test]
fn a_directory_that_is_somebody_elses_stops_nothing() {
    if is_child(a_directory_that_is_somebody_elses_stops_nothing) {
        let sandbox = Sandbox::start().unwrap();
        let guard = support::run_with(started(&sandbox, &directory()), || log(1));
        guard.handle().flush(TIMEOUT).unwrap();
        assert_eq!(guard.handle().stats().lanes[0].delivered, 1);
        wait_for_state(&guard, SpoolState::Failed);
        let said = disk_finding(&guard);
        assert!(said.contains("Permission denied"), "{said}");
        return;
    }
    if !is_root() {
        return report_skipped("only root can make a directory somebody else's");
    }
    let scratch = Scratch::new("somebodys");
    fs::create_dir_all(&scratch.0).unwrap();
    fs::set_permissions(&scratch.0, Permissions::from_mode(0o700)).unwrap();
    run_as_nobody(
        a_directory_that_is_somebody_elses_stops_nothing,
        &scratch,
        false,
    );
}
