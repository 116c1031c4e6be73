//! Events that a process had not sent when it ended, sent by the next one.

use std::path::Path;
use std::time::{Duration, Instant};

use logout::sandbox::{Answer, Message, Platform, Sandbox, Trouble};
use logout::stats::SpoolState;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use crate::child_process::{
    Scratch, kill_once_kept, opened, spawn_child, texts, wait_for_state, wait_until_written,
};
use crate::support::machine_lateness::measure_below;
use crate::support::process::is_child;
use crate::support::{self, TIMEOUT, account, delivered, run_and_flush};

logout! {
    struct Alerts {
        project_name: "shop",
        adapters: [Slack],
        release: "1.10.2",
    }
}

fn started(sandbox: &Sandbox, directory: &Path) -> support::Started<Alerts> {
    let figment = sandbox.figment().merge(("spool", directory));
    Alerts::from_figment(figment).unwrap().start().unwrap()
}

#[test]
fn what_a_killed_process_had_not_sent_is_told_by_the_next() {
    if is_child(what_a_killed_process_had_not_sent_is_told_by_the_next) {
        let (alerts, guard) = opened(Alerts::from_env().unwrap().start().unwrap());
        tracing_subscriber::registry().with(alerts).init();
        let _span = tracing::error_span!("request", id = 7).entered();
        for order in 0..3 {
            tracing::error!(
                order,
                password = "hunter2",
                "payment failed: token=s3cr3t99"
            );
        }
        // It is written at once, all three of them.
        let _late = guard.handle().flush(Duration::ZERO);
        wait_until_written(&guard);
        println!("ready");
        std::thread::sleep(TIMEOUT);
        return;
    }
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("killed"));
    sandbox.trouble("slack", Trouble::status(503));
    let test = what_a_killed_process_had_not_sent_is_told_by_the_next;
    kill_once_kept(test, &sandbox, &scratch.0, "payment failed");
    let stats = run_and_flush(opened(started(&sandbox, &scratch.0)), || {
        tracing::error!("the shelf fell");
        sandbox.heal("slack");
    });
    let told = texts(&sandbox);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].contains("×3 payment failed"), "{told:#?}");
    assert!(told[0].contains("from before a restart"), "{told:#?}");
    assert!(
        told[0].contains("1.10.2") && told[0].contains("request"),
        "{told:#?}"
    );
    assert!(
        !told[0].contains("s3cr3t99") && !told[0].contains("hunter2"),
        "{told:#?}"
    );
    assert!(
        told[1].contains("the shelf fell") && !told[1].contains("from before"),
        "{told:#?}"
    );
    let lane = &stats.lanes[0];
    assert_eq!((lane.restored, lane.accepted, lane.delivered), (3, 4, 4));
    let log = std::fs::read(scratch.0.join("log")).unwrap();
    assert!(!log.windows(7).any(|window| window == b"hunter2"));
}

#[test]
fn what_is_left_at_the_end_is_kept_and_told_once() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("kept"));
    sandbox.trouble("slack", Trouble::status(503));
    let guard = support::run_with(opened(started(&sandbox, &scratch.0)), || {
        tracing::error!(order = 42, "payment failed");
        tracing::warn!("the shelf is empty");
    });
    let handle = guard.handle();
    let ended = handle.shutdown(Duration::from_millis(300));
    let lane = support::wait_until_empty(&handle).lanes.remove(0);
    assert_eq!(
        (lane.accepted, lane.kept, lane.discarded.total()),
        (2, 2, 0),
        "{ended:?}"
    );
    sandbox.heal("slack");
    for told in [2, 0] {
        sandbox.clear();
        let stats = run_and_flush(opened(started(&sandbox, &scratch.0)), || ());
        let lane = &stats.lanes[0];
        assert_eq!(
            (lane.restored, lane.delivered, lane.pending),
            (told, told, 0)
        );
        let texts = texts(&sandbox).concat();
        assert_eq!(texts.contains("payment failed"), told > 0, "{texts}");
    }
}

#[test]
fn what_is_told_at_once_never_gets_to_the_disk() {
    // An event that takes longer gets there.
    const AT_ONCE: Duration = Duration::from_millis(200);
    let mut told = None;
    let took = measure_below(AT_ONCE, || {
        drop(told.take());
        let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("quiet"));
        let started = opened(started(&sandbox, &scratch.0));
        let start = Instant::now();
        let guard = support::run_with(started, || tracing::error!("payment failed"));
        while delivered(&guard.handle().stats(), "slack") < 1 {
            assert!(start.elapsed() < TIMEOUT, "{}", guard.handle().stats());
            std::thread::sleep(Duration::from_millis(5));
        }
        let took = start.elapsed();
        told = Some((guard, scratch, sandbox));
        took
    });
    assert!(took < AT_ONCE, "{took:?}");
    let (guard, scratch, _sandbox) = told.unwrap();
    std::thread::sleep(Duration::from_millis(500));
    // That people know of it is there, for the next process.
    let log = std::fs::read(scratch.0.join("log")).unwrap();
    assert!(log.len() < 100, "{}", log.len());
    assert!(!log.windows(7).any(|window| window == b"payment"));
    drop(guard);
}

/// For how many seconds a quiet program is watched, and one that warns once a second.
const SECONDS: &str = "LOGOUT_SECONDS";

/// Returns the bytes that this process has written, to files and otherwise.
#[cfg(target_os = "linux")]
fn bytes_written() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap();
    let written = io.lines().find_map(|line| line.strip_prefix("wchar: "));
    written.unwrap().parse().unwrap()
}

#[test]
#[cfg(target_os = "linux")]
fn a_quiet_program_writes_nothing_and_one_that_warns_little() {
    if is_child(a_quiet_program_writes_nothing_and_one_that_warns_little) {
        let seconds = std::env::var(SECONDS).unwrap().parse().unwrap();
        let (alerts, guard) = opened(Alerts::from_env().unwrap().start().unwrap());
        tracing_subscriber::registry().with(alerts).init();
        tracing::error!("payment failed");
        guard.handle().flush(TIMEOUT).unwrap();
        // By then it is written that people know of it. A sync that ends wakes the worker, which is a write, too.
        let is_quiet = || {
            let before = bytes_written();
            std::thread::sleep(Duration::from_secs(1));
            let syncs = support::process::threads("logout-sync").unwrap();
            bytes_written() == before && syncs.is_empty()
        };
        let start = Instant::now();
        while !is_quiet() {
            assert!(start.elapsed() < TIMEOUT, "it goes on writing");
        }
        let before = bytes_written();
        std::thread::sleep(Duration::from_secs(seconds));
        assert_eq!(bytes_written() - before, 0);
        let length = || guard.handle().stats().spool.unwrap().bytes;
        let before = length();
        for item in 0..seconds {
            tracing::warn!(item, "the shelf is empty");
            std::thread::sleep(Duration::from_secs(1));
        }
        let grown = length() - before;
        println!("{seconds} warnings made the log {grown} bytes longer");
        assert!(grown <= 170 * seconds.max(10), "{grown}");
        return;
    }
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("bytes"));
    let seconds = std::env::var(SECONDS).unwrap_or_else(|_| "3".to_owned());
    let test = a_quiet_program_writes_nothing_and_one_that_warns_little;
    let child = spawn_child(test, &sandbox, &scratch.0, &[(SECONDS, seconds)]);
    let output = child.wait_with_output().unwrap();
    print!("{}", support::process::child_output(&output));
}

#[test]
fn a_message_that_was_under_way_is_marked_when_it_is_told_again() {
    if is_child(a_message_that_was_under_way_is_marked_when_it_is_told_again) {
        let (alerts, _guard) = Alerts::from_env().unwrap().start().unwrap();
        tracing_subscriber::registry().with(alerts).init();
        tracing::error!("payment failed");
        println!("ready");
        std::thread::sleep(TIMEOUT);
        return;
    }
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("under-way"));
    sandbox.trouble("slack", Trouble::delay(Duration::from_secs(60)));
    let test = a_message_that_was_under_way_is_marked_when_it_is_told_again;
    kill_once_kept(test, &sandbox, &scratch.0, "payment failed");
    sandbox.heal("slack");
    sandbox.clear();
    run_and_flush(opened(started(&sandbox, &scratch.0)), || ());
    let text = sandbox.inbox().last().unwrap().text().to_owned();
    assert!(text.contains("possible repeat"), "{text}");
}

#[test]
fn a_directory_that_cannot_be_used_stops_nothing() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("file"));
    std::fs::write(&scratch.0, "").unwrap();
    let stats = run_and_flush(started(&sandbox, &scratch.0), || {
        tracing::error!("payment failed");
    });
    assert_eq!(stats.lanes[0].delivered, 1);
    std::fs::remove_file(&scratch.0).unwrap();
}

#[test]
fn a_report_says_that_the_disk_cannot_be_used_while_it_cannot() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("report"));
    let refused = || {
        // As it is, and then in plain form.
        let refusal = Answer::new(400).body("invalid_blocks");
        sandbox.trouble(Platform::Slack, Trouble::answer(refusal).times(2));
        tracing::error!("payment failed");
    };
    let report = || {
        let said = |inbox: &[Message]| {
            inbox
                .iter()
                .any(|message| account::events_reported_lost(message) == 1)
        };
        assert!(sandbox.wait_until(TIMEOUT, said), "{:?}", texts(&sandbox));
        texts(&sandbox).concat()
    };
    let report_soon = |directory: &Path| {
        let figment = sandbox.figment().merge(("spool", directory));
        let figment = figment.merge(("discard_threshold_periodic_check", "100ms"));
        Alerts::from_figment(figment).unwrap().start().unwrap()
    };
    std::fs::write(&scratch.0, "").unwrap();
    let started = report_soon(&scratch.0);
    wait_for_state(&started.1, SpoolState::Failed);
    let guard = support::run_with(started, refused);
    let text = report();
    let cannot = "What waits is not kept on disk: it is a file";
    assert!(text.contains(cannot), "{text}");
    drop(guard);

    std::fs::remove_file(&scratch.0).unwrap();
    sandbox.clear();
    let guard = support::run_with(opened(report_soon(&scratch.0)), refused);
    let text = report();
    assert!(!text.contains("not kept on disk"), "{text}");
    drop(guard);
}

#[test]
fn a_spool_without_a_directory_says_what_to_set() {
    if is_child(a_spool_without_a_directory_says_what_to_set) {
        let error = Alerts::from_env().unwrap_err().to_string();
        println!("{error}");
        return;
    }
    let output = support::process::child(
        a_spool_without_a_directory_says_what_to_set,
        &[
            ("LOGOUT_SPOOL", "true"),
            (
                "SLACK_WEBHOOK_URL",
                "https://hooks.slack.com/services/T/B/x",
            ),
        ],
    );
    let told = support::process::child_output(&output);
    assert!(told.contains("STATE_DIRECTORY or XDG_STATE_HOME"), "{told}");
    assert!(told.contains("LOGOUT_SPOOL"), "{told}");
}

/// Starts the release of this name, with a directory that is open.
fn start_release(sandbox: &Sandbox, directory: &Path, release: &str) -> support::Started<Alerts> {
    let figment = sandbox.figment().merge(("spool", directory));
    let figment = figment.merge(("release", release));
    opened(Alerts::from_figment(figment).unwrap().start().unwrap())
}

fn pay(order: u64) {
    tracing::error!(order, "payment failed");
}

#[test]
fn what_waits_for_its_moment_waits_for_it_in_the_next_process_too() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("counted"));
    let guard = support::run_with(start_release(&sandbox, &scratch.0, "1.10.2"), || pay(1));
    assert_eq!(sandbox.wait_for(1, TIMEOUT).len(), 1);
    support::wait_until_empty(&guard.handle());
    let handle = guard.handle();
    drop(guard);
    assert_eq!(support::wait_until_empty(&handle).lanes[0].kept, 0);
    for round in 1..=3 {
        let guard = support::run_with(start_release(&sandbox, &scratch.0, "1.10.3"), || {
            pay(1 + round);
        });
        let (handle, start) = (guard.handle(), Instant::now());
        while handle.stats().lanes[0].counted < round {
            assert!(start.elapsed() < TIMEOUT, "{}", handle.stats());
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(guard);
        let lane = support::wait_until_empty(&handle).lanes.remove(0);
        assert_eq!(
            (lane.restored, lane.accepted),
            (round - 1, round),
            "{lane:?}"
        );
        assert_eq!((lane.kept, lane.delivered), (round, 0), "{lane:?}");
        assert_eq!(
            lane.accepted,
            lane.delivered + lane.pending + lane.kept + lane.discarded.total()
        );
    }
    assert_eq!(texts(&sandbox).len(), 1, "{:#?}", texts(&sandbox));
    // A flush tells what waits; it is the same problem as before.
    let stats = run_and_flush(start_release(&sandbox, &scratch.0, "1.10.3"), || ());
    assert_eq!((stats.lanes[0].restored, stats.lanes[0].delivered), (3, 3));
    let told = texts(&sandbox);
    assert!(told[1].contains("×4 payment failed"), "{told:#?}");
}

#[test]
fn what_a_release_brought_is_said_to_be_new_in_it() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("new"));
    run_and_flush(start_release(&sandbox, &scratch.0, "1.10.2"), || pay(1));
    run_and_flush(start_release(&sandbox, &scratch.0, "1.10.3"), || {
        pay(2);
        tracing::error!("the shelf fell");
    });
    let told = texts(&sandbox);
    let new: Vec<_> = told
        .iter()
        .filter(|text| text.contains("new in 1.10.3"))
        .collect();
    assert_eq!(new.len(), 1, "{told:#?}");
    assert!(new[0].contains("the shelf fell"), "{told:#?}");
    assert!(!told[0].contains("new in"), "{told:#?}");
}

#[test]
fn verify_says_whether_what_waits_is_kept() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("verify"));
    let found = || {
        let guard = support::run_with(started(&sandbox, &scratch.0), || ());
        let findings = guard.handle().verify(TIMEOUT).unwrap();
        findings.last().unwrap().to_string()
    };
    assert!(
        found().starts_with("✓ Alerts: what waits is kept in"),
        "{}",
        found()
    );
    std::fs::remove_dir_all(&scratch.0).unwrap();
    std::fs::write(&scratch.0, "").unwrap();
    assert!(found().contains("it is a file"), "{}", found());
    std::fs::remove_file(&scratch.0).unwrap();
}
