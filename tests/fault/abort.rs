//! A program built with `panic = "abort"`: its panic is sent before the process is gone, or standard error
//! reports the loss.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use logout::sandbox::{Message, Sandbox, Trouble};
use logout::stats::SpoolState;
use logout::{Slack, logout};
use signal_hook::consts::SIGABRT;

use crate::support::{TIMEOUT, ending, run_with};

/// Builds the program and returns its path; cargo builds no test with `panic = "abort"`.
fn build_program() -> PathBuf {
    let start = Instant::now();
    // This test lies in `target/debug/deps`.
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).map(Path::to_owned).unwrap();
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--package",
            "logout-abort",
            "--profile",
            "abort",
        ])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(status.unwrap().success(), "it does not build");
    println!("built in {:.1?}", start.elapsed());
    target
        .join("abort/logout-abort")
        .with_extension(std::env::consts::EXE_EXTENSION)
}

/// Returns the program that panics on this thread.
fn panicking_program(program: &Path, thread: &str) -> Command {
    let mut command = Command::new(program);
    // A backtrace takes more memory than all the rest.
    command.arg(thread).env("RUST_BACKTRACE", "0");
    command
}

/// Covers both threads in one test, since each test would build the program.
#[test]
fn a_panic_that_aborts_is_told_or_said_to_be_lost() {
    let program = build_program();
    for thread in ["main", "thread"] {
        let sandbox = Sandbox::start().unwrap();
        let mut command = panicking_program(&program, thread);
        // Its own four seconds are few: the pace may take two of them.
        let child = ending::spawn(command.env("LOGOUT_SHUTDOWN_TIMEOUT", "20s"), &sandbox);
        let ended = ending::wait(child, &sandbox, thread);
        ended.assert_signal(SIGABRT);
        ended.assert_told(&[("site-00", 5), ("site-01", 1)]);
        assert!(
            ended.stderr.contains("site-01: "),
            "the hook before is called too"
        );
    }

    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::hang());
    let start = Instant::now();
    let child = ending::spawn(&mut panicking_program(&program, "main"), &sandbox);
    let ended = ending::wait(child, &sandbox, "nobody answers");
    let took = start.elapsed();
    ended.assert_signal(SIGABRT);
    ended.assert_accounted(&[("site-00", 5), ("site-01", 1)]);
    let said = "logout: slack: 6 events were not delivered (shut down 6)";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    let bound = Duration::from_secs(4)..Duration::from_secs(14);
    assert!(bound.contains(&took), "{took:?}");

    for thread in ["main", "thread", "executor"] {
        assert_sent_by_next_start(&program, thread);
    }
}

/// Asserts that the next process sends what the aborted one could not.
fn assert_sent_by_next_start(program: &Path, thread: &str) {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    sandbox.trouble("slack", Trouble::hang());
    let name = format!("logout-abort-{}-{thread}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let _absent = std::fs::remove_dir_all(&directory);
    let mut command = panicking_program(program, thread);
    let child = ending::spawn(command.env("LOGOUT_SPOOL", &directory), &sandbox);
    let ended = ending::wait(child, &sandbox, thread);
    ended.assert_signal(SIGABRT);
    sandbox.heal("slack");
    sandbox.clear();
    let figment = sandbox.figment().merge(("spool", &directory));
    let alerts = Alerts::from_figment(figment).unwrap();
    let guard = run_with(alerts.start().unwrap(), || ());
    let (handle, start) = (guard.handle(), Instant::now());
    // A start does not wait for a disk that is late, and a flush before then has nothing to send.
    while handle.stats().spool.unwrap().state != SpoolState::Ready {
        assert!(start.elapsed() < TIMEOUT, "{thread}: {}", handle.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
    handle.flush(TIMEOUT).unwrap();
    let stats = handle.stats();
    drop(guard);
    let told: String = sandbox.inbox().iter().map(Message::text).collect();
    assert!(told.contains("site-01: "), "{thread}: {told}\n{stats}");
    let before = if thread == "executor" { 0 } else { 5 };
    assert_eq!(stats.lanes[0].restored, before + 1, "{thread}: {stats}");
    std::fs::remove_dir_all(directory).unwrap();
}

logout! {
    struct Alerts {
        project_name: "abort",
        adapters: [Slack],
    }
}
