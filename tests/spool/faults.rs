//! A process that is killed at any moment, and a disk that fails.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Child;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use logout::sandbox::{Sandbox, Trouble};
use logout::stats::SpoolState;
use logout::{Slack, Zulip, logout};
use tracing_subscriber::prelude::*;

use crate::child_process::{
    Scratch, opened, spawn_child, texts, wait_for_log, wait_for_ready, wait_for_state,
};
use crate::support::machine_lateness::LatenessMonitor;
use crate::support::process::is_child;
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
    /// A block with a destination that accepts several messages at once.
    struct Quick {
        project_name: "shop",
        adapters: [Zulip { stream: "alerts" }],
        remind: off,
    }
}

/// How many processes are killed; the two hundred take some five minutes.
const KILLS: &str = "LOGOUT_KILLS";

/// What was logged so long before the kill is on disk by then, if it is not told: 200 ms, and what a
/// machine that does other things adds.
const SAFE: Duration = Duration::from_millis(1_200);

/// Logs numbered events and says which.
fn log_numbers() {
    let (alerts, _guard) = Alerts::from_env().unwrap().start().unwrap();
    tracing_subscriber::registry().with(alerts).init();
    let first: u64 = std::env::var("FIRST").unwrap().parse().unwrap();
    for number in first.. {
        tracing::error!(fingerprint = number, "event <{number}>");
        println!("logged {number}");
        std::thread::sleep(Duration::from_millis(40));
    }
}

/// Returns the numbers that the process logs, each with the time at which it was printed.
fn logged_numbers(child: &mut Child) -> mpsc::Receiver<(u64, Instant)> {
    let (sender, receiver) = mpsc::channel();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if let Some((_, number)) = line.split_once("logged ") {
                let _over = sender.send((number.trim().parse().unwrap(), Instant::now()));
            }
        }
    });
    receiver
}

/// Returns how often each number arrived, and how often without a mark as a possible repeat.
fn counts_by_number(sandbox: &Sandbox) -> BTreeMap<u64, (u64, u64)> {
    let mut told = BTreeMap::new();
    for text in texts(sandbox) {
        let is_marked = text.contains("possible repeat");
        let mut numbers: Vec<u64> = text
            .split("event <")
            .skip(1)
            .filter_map(|rest| rest.split_once('>')?.0.parse().ok())
            .collect();
        // A digest names the worst in its headline, too.
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            let (all, unmarked) = told.entry(number).or_default();
            *all += 1;
            *unmarked += u64::from(!is_marked);
        }
    }
    told
}

#[test]
fn killed_at_any_moment_nothing_is_lost_that_was_on_disk_and_doubles_are_marked() {
    if is_child(killed_at_any_moment_nothing_is_lost_that_was_on_disk_and_doubles_are_marked) {
        return log_numbers();
    }
    let kills = std::env::var(KILLS).map_or(8, |kills| kills.parse().unwrap());
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("kills"));
    sandbox.set_rate_limits(false);
    let figment = || sandbox.figment().merge(("spool", &scratch.0));
    let start = || Alerts::from_figment(figment()).unwrap().start().unwrap();
    // A child that made the directory would write nothing before the disk has its entries.
    drop(opened(start()));
    let mut safe = Vec::new();
    let mut first = 0;
    for kill in 0..kills {
        match fastrand::u8(..) % 4 {
            0 => sandbox.trouble("slack", Trouble::status(503)),
            1 => sandbox.trouble("slack", Trouble::delay(Duration::from_millis(700))),
            _ => sandbox.heal("slack"),
        }
        let machine = LatenessMonitor::watch();
        let test = killed_at_any_moment_nothing_is_lost_that_was_on_disk_and_doubles_are_marked;
        let mut child = spawn_child(test, &sandbox, &scratch.0, &[("FIRST", first.to_string())]);
        let logged = logged_numbers(&mut child);
        std::thread::sleep(Duration::from_millis(fastrand::u64(300..2_200)));
        let killed = Instant::now();
        child.kill().unwrap();
        child.wait().unwrap();
        let lateness = machine.lateness();
        for (number, at) in logged {
            first = first.max(number + 1);
            if killed.saturating_duration_since(at) > SAFE + lateness {
                safe.push(number);
            }
        }
        println!("kill {kill}: {first} logged");
    }
    sandbox.heal("slack");
    let stats = run_and_flush(opened(start()), || ());
    let told = counts_by_number(&sandbox);
    let lost: Vec<_> = safe
        .iter()
        .filter(|number| !told.contains_key(number))
        .collect();
    assert!(
        lost.is_empty(),
        "{lost:?} of {} were lost: {stats}",
        safe.len()
    );
    let doubled: Vec<_> = told
        .iter()
        .filter(|(_, (_, unmarked))| *unmarked > 1)
        .collect();
    assert!(doubled.is_empty(), "told twice without a mark: {doubled:?}");
    println!("{} were safe, {} told, {stats}", safe.len(), told.len());
}

#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_is_full_stops_nothing_and_says_so() {
    if is_child(a_disk_that_is_full_stops_nothing_and_says_so) {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Else the signal ends the process.
        let received = std::sync::Arc::default();
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, received).unwrap();
        let full = Rlimit {
            current: Some(600),
            maximum: Some(600),
        };
        setrlimit(Resource::Fsize, full).unwrap();
        let (alerts, guard) = Alerts::from_env().unwrap().start().unwrap();
        tracing_subscriber::registry().with(alerts).init();
        for number in 0..40 {
            tracing::error!(fingerprint = number, "event <{number}>");
        }
        let handle = guard.handle();
        wait_for_state(&guard, SpoolState::Failed);
        println!("ready");
        handle.flush(TIMEOUT).unwrap();
        assert_eq!(handle.stats().lanes[0].delivered, 40);
        drop(guard);
        println!("{}", handle.stats());
        return;
    }
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("full"));
    sandbox.set_rate_limits(false);
    sandbox.trouble("slack", Trouble::status(503));
    let test = a_disk_that_is_full_stops_nothing_and_says_so;
    let mut child = spawn_child(test, &sandbox, &scratch.0, &[]);
    let said = wait_for_ready(&mut child);
    sandbox.heal("slack");
    let said: Vec<_> = said.collect();
    assert!(child.wait().unwrap().success(), "{said:#?}");
    assert!(counts_by_number(&sandbox).len() == 40);
    let log = std::fs::metadata(scratch.0.join("log")).unwrap();
    assert!(log.len() <= 600);
}

#[test]
#[cfg(unix)]
fn a_directory_that_goes_away_is_made_anew_with_what_waits() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("gone"));
    sandbox.trouble("slack", Trouble::status(503));
    let figment = sandbox.figment().merge(("spool", &scratch.0));
    let (alerts, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    let subscriber = tracing_subscriber::registry().with(alerts);
    let handle = guard.handle();
    tracing::subscriber::with_default(subscriber, || {
        tracing::error!(fingerprint = 1, "event <1>");
        wait_for_log(&scratch.0, "event <1>");
        std::fs::remove_dir_all(&scratch.0).unwrap();
        tracing::error!(fingerprint = 2, "event <2>");
        wait_for_state(&guard, SpoolState::Failed);
    });
    // It is tried again after 30 s, and at the end what is not on disk is given up.
    let _ended = handle.shutdown(Duration::from_millis(100));
    let lane = support::wait_until_empty(&handle).lanes.remove(0);
    assert_eq!(
        lane.accepted,
        lane.delivered + lane.kept + lane.discarded.total()
    );
    assert_eq!((lane.kept, lane.discarded.total()), (0, 2));
}

#[test]
fn a_second_process_goes_on_without_the_directory_that_another_holds() {
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("shared"));
    let figment = || sandbox.figment().merge(("spool", &scratch.0));
    let start = || Alerts::from_figment(figment()).unwrap().start().unwrap();
    let first = support::run_with(start(), || ());
    wait_for_state(&first, SpoolState::Ready);
    let second = support::run_with(start(), || {
        tracing::error!(fingerprint = 1, "event <1>");
    });
    wait_for_state(&second, SpoolState::Failed);
    second.handle().flush(TIMEOUT).unwrap();
    assert_eq!(second.handle().stats().lanes[0].delivered, 1);
}

#[test]
#[cfg(unix)]
fn a_directory_that_is_in_use_only_for_a_moment_is_used() {
    use rustix::fs::{FlockOperation, flock};
    let sandbox = Sandbox::start().unwrap();
    let is_used = || {
        let scratch = Scratch::new("moment");
        std::fs::create_dir_all(&scratch.0).unwrap();
        let lock = std::fs::File::create(scratch.0.join("lock")).unwrap();
        flock(&lock, FlockOperation::LockExclusive).unwrap();
        let figment = sandbox.figment().merge(("spool", &scratch.0));
        let (_alerts, guard) = Alerts::from_figment(figment)
            .unwrap()
            .start::<tracing_subscriber::Registry>()
            .unwrap();
        std::thread::sleep(Duration::from_millis(60));
        drop(lock);
        let (handle, start) = (guard.handle(), Instant::now());
        loop {
            let state = handle.stats().spool.unwrap().state;
            if state != SpoolState::Opening {
                return state == SpoolState::Ready;
            }
            assert!(start.elapsed() < TIMEOUT, "{}", handle.stats());
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    // To a busy machine the moment may be a long one.
    assert!((0..20).any(|_| is_used()));
}

#[test]
fn a_log_that_is_wrong_anywhere_tells_nothing_wrong_and_all_else_and_stops_nothing() {
    /// The place of the version; nobody reads what a newer one has written.
    const VERSION: usize = 7;
    let (sandbox, scratch) = (Sandbox::start().unwrap(), Scratch::new("flipped"));
    sandbox.set_rate_limits(false);
    sandbox.trouble("zulip", Trouble::status(503));
    let figment = || sandbox.figment().merge(("spool", &scratch.0));
    let start = || opened(Quick::from_figment(figment()).unwrap().start().unwrap());
    let (alerts, guard) = start();
    let handle = guard.handle();
    let subscriber = tracing_subscriber::registry().with(alerts);
    tracing::subscriber::with_default(subscriber, || {
        for number in 0..8 {
            tracing::error!(fingerprint = number, "event <{number}>");
            // Each gets to the disk before the next, so it has a checksum of its own.
            let _late = handle.flush(Duration::ZERO);
            wait_for_log(&scratch.0, &format!("event <{number}>"));
        }
    });
    let _kept = handle.shutdown(Duration::from_millis(300));
    drop(guard);
    let log = std::fs::read(scratch.0.join("log")).unwrap();
    let place_of = |number: u64| {
        let text = format!("event <{number}>");
        let mut windows = log.windows(text.len());
        windows.position(|window| window == text.as_bytes())
    };
    sandbox.heal("zulip");
    for _ in 0..40 {
        sandbox.clear();
        let _gone = std::fs::remove_dir_all(&scratch.0);
        std::fs::create_dir_all(&scratch.0).unwrap();
        let mut wrong = log.clone();
        let place = fastrand::usize(..wrong.len());
        wrong[place] ^= 1 << fastrand::u8(..8);
        std::fs::write(scratch.0.join("log"), &wrong).unwrap();
        let stats = run_and_flush(start(), || tracing::error!(fingerprint = 99, "event <99>"));
        let told = counts_by_number(&sandbox);
        assert!(told.contains_key(&99), "flipped at {place}: {stats}");
        assert!(
            told.keys().all(|number| *number < 8 || *number == 99),
            "{told:?}"
        );
        for number in (0_u64..8).filter(|_| place != VERSION) {
            // Its own record lies between the texts of its neighbours.
            let before = number.checked_sub(1).and_then(place_of).unwrap_or(0);
            let after = place_of(number + 1).unwrap_or(log.len());
            let may_be_wrong = (before..after).contains(&place);
            assert!(
                may_be_wrong || told.contains_key(&number),
                "flipped at {place}, {number} is missing: {told:?}"
            );
        }
    }
}
