//! Losses on standard error where no chat can be told: every loss once, and never a flood of lines.

#[cfg(unix)]
use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Read as _, Write as _};
#[cfg(unix)]
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
#[cfg(unix)]
use logout::{Discord, sandbox::Message};
use logout::{Slack, logout};
use serde_json::Value;
use tracing_subscriber::prelude::*;

#[cfg(unix)]
use crate::support::random::{RandomDurations, SEED};
use crate::support::{self, account, process};

logout! {
    struct Alerts {
        project_name: "stderr",
        adapters: [Slack],
        sync_threshold: 2,
        discard_threshold: 2,
        discard_threshold_periodic_check: Duration::from_millis(50),
        shutdown_timeout: Duration::from_millis(100),
    }
}

const URL: &str = "LOGOUT_SLACK__URL";

/// Loses events for two seconds, and returns how many.
fn lose() {
    let url = ("slack.url", std::env::var(URL).unwrap());
    let (alerts, guard) = Alerts::from_figment(url).unwrap().start().unwrap();
    let subscriber = tracing::Dispatch::new(tracing_subscriber::registry().with(alerts));
    let (stop, handle) = (AtomicBool::new(false), guard.handle());
    std::thread::scope(|scope| {
        let flood = || {
            tracing::dispatcher::with_default(&subscriber, || {
                while !stop.load(Ordering::Relaxed) {
                    tracing::error!("site-00: payment failed");
                    tracing::warn!("site-01: cache cold");
                }
            });
        };
        (0..8).for_each(|_| drop(scope.spawn(flood)));
        std::thread::sleep(Duration::from_secs(2));
        stop.store(true, Ordering::Relaxed);
    });
    drop(guard);
    let stats = support::wait_until_empty(&handle);
    println!("\n{}", serde_json::json!(stats));
}

#[test]
fn losses_that_no_chat_is_told_of_are_said_once_and_without_a_flood() {
    if process::is_child(losses_that_no_chat_is_told_of_are_said_once_and_without_a_flood) {
        return lose();
    }
    let sandbox = Sandbox::start().unwrap();
    sandbox.refuse_connections("slack");
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let start = Instant::now();
    let output = process::child(
        losses_that_no_chat_is_told_of_are_said_once_and_without_a_flood,
        &[(URL, url)],
    );
    let took = start.elapsed();
    let (stdout, stderr) = (
        process::child_output(&output),
        String::from_utf8_lossy(&output.stderr),
    );
    let stats = stdout.lines().find(|line| line.starts_with('{')).unwrap();
    let lines: Vec<_> = stderr
        .lines()
        .filter(|line| line.starts_with("logout: "))
        .collect();
    println!("{} lines in {took:.1?}: {lines:#?}\n{stats}", lines.len());
    let lane = &serde_json::from_str::<Value>(stats).unwrap()["lanes"][0];
    assert_eq!(
        (&lane["delivered"], &lane["pending"]),
        (&0.into(), &0.into())
    );
    assert_eq!(
        lane["accepted"],
        account::events_lost_by_stderr(&stderr),
        "each was said once"
    );
    // Ten in a row, one every five seconds, and the last.
    let most = 10 + took.as_secs() / 5 + 1;
    assert!(
        (10..=most).contains(&(lines.len() as u64)),
        "{}",
        lines.len()
    );
    assert!(
        stderr.contains("lines were dropped before this one"),
        "{stderr}"
    );
}

#[cfg(unix)]
logout! {
    struct Two {
        project_name: "stderr",
        adapters: [Slack, Discord],
        shutdown_timeout: Duration::from_millis(100),
    }
}

#[cfg(unix)]
const DISCORD: &str = "LOGOUT_DISCORD__URL";

/// Logs an event, and ends when it is told to.
#[cfg(unix)]
fn log_one() {
    let env = |name| std::env::var(name).unwrap();
    let slack = figment::Figment::from(("slack.url", env(URL)));
    let both = slack.merge(("discord.url", env(DISCORD)));
    let (alerts, guard) = Two::from_figment(both).unwrap().start().unwrap();
    let _default = tracing::subscriber::set_default(tracing_subscriber::registry().with(alerts));
    tracing::error!("site-00: payment failed");
    let tries = || {
        guard
            .handle()
            .stats()
            .lane("discord")
            .map_or(0, |lane| lane.requests)
    };
    while tries() < 2 {
        std::thread::sleep(Duration::from_millis(5));
    }
    // What the first try said found no room.
    std::io::stdout().write_all(b"tried\n").unwrap();
    let _told = std::io::stdin().read(&mut [0]).unwrap();
    let handle = guard.handle();
    drop(guard);
    // The last lines come before the account is closed.
    support::wait_until_empty(&handle);
}

/// Returns a full pipe that nobody reads, and its size in bytes.
#[cfg(unix)]
fn full_pipe() -> (PipeReader, PipeWriter, usize) {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let flags = rustix::fs::fcntl_getfl(&writer).unwrap();
    rustix::fs::fcntl_setfl(&writer, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    let mut bytes = 0;
    for chunk in [4_096, 1] {
        while let Ok(written) = writer.write(&vec![b'x'; chunk]) {
            bytes += written;
        }
    }
    rustix::fs::fcntl_setfl(&writer, flags).unwrap();
    (reader, writer, bytes)
}

#[cfg(unix)]
#[test]
fn a_standard_error_that_takes_nothing_stops_no_chat() {
    if process::is_child(a_standard_error_that_takes_nothing_stops_no_chat) {
        return log_one();
    }
    let sandbox = Sandbox::start().unwrap();
    let (slack, discord) = ("slack", "discord");
    let url = |name: &str| -> String {
        let key = format!("{name}.url");
        sandbox.figment().extract_inner(&key).unwrap()
    };
    // Which it says on standard error.
    sandbox.refuse_connections(discord);
    let (mut reader, writer, bytes) = full_pipe();
    let mut command = process::command(a_standard_error_that_takes_nothing_stops_no_chat);
    command.env(URL, url(slack)).env(DISCORD, url(discord));
    let command = command.stdin(Stdio::piped()).stderr(writer);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    // The end of the pipe that it was given.
    command.stderr(Stdio::null());
    let arrived = |inbox: &[Message]| inbox.iter().any(|message| message.destination() == slack);
    assert!(sandbox.wait_until(support::TIMEOUT, arrived));
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().ends_with("tried")));

    reader.read_exact(&mut vec![0; bytes]).unwrap();
    child.stdin.take().unwrap().write_all(b".").unwrap();
    assert!(child.wait().unwrap().success());
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    let first = text.lines().next().unwrap();
    let left_out = "(1 line was dropped before this one)";
    assert!(
        first.starts_with("logout: ") && first.ends_with(left_out),
        "{text}"
    );
    let lost = "logout: discord: 1 event was not delivered (shut down 1)";
    assert!(
        text.contains(lost) && text.matches(left_out).count() == 1,
        "{text}"
    );
}

/// Logs, discards and ends; prints how long that took, since standard error takes nothing.
#[cfg(unix)]
fn end_with_full_stderr() {
    let env = |name| std::env::var(name).unwrap();
    let slack = figment::Figment::from(("slack.url", env(URL)));
    let both = slack.merge(("discord.url", env(DISCORD)));
    let (alerts, guard) = Two::from_figment(both).unwrap().start().unwrap();
    let (handle, mut moments) = (guard.handle(), RandomDurations::new(1));
    let subscriber = tracing_subscriber::registry().with(alerts);
    let start = Instant::now();
    tracing::subscriber::with_default(subscriber, || {
        for event in 0..1_000 {
            tracing::error!(event, "site-00: payment failed");
        }
        moments.wait(Duration::from_millis(300));
        tracing::error!("site-01: the last words");
    });
    let logged = start.elapsed();
    let flushed = handle.flush(Duration::from_millis(100));
    drop(guard);
    let ended = start.elapsed() - logged;
    let stats = support::wait_until_empty(&handle);
    support::assert_adds_up(&stats);
    println!(
        "\nleft {}, told {}, logged within {logged:.1?}, ended within {ended:.1?}",
        stats.left(),
        flushed.is_ok()
    );
    let is_soon = logged < SOON && ended < SOON;
    std::process::exit(i32::from(!is_soon || flushed.is_ok() || stats.left() > 0));
}

/// Far longer than the tenth of a second that the end and the flush may take each, on a machine that is
/// busy.
#[cfg(unix)]
const SOON: Duration = Duration::from_secs(3);

#[cfg(unix)]
#[test]
fn a_standard_error_that_nobody_reads_holds_no_end_up() {
    if process::is_child(a_standard_error_that_nobody_reads_holds_no_end_up) {
        return end_with_full_stderr();
    }
    let sandbox = Sandbox::start().unwrap();
    for name in ["slack", "discord"] {
        sandbox.refuse_connections(name);
    }
    let url = |key| -> String { sandbox.figment().extract_inner(key).unwrap() };
    let mut moments = RandomDurations::new(4);
    for round in 0..moments.rounds() {
        let (mut reader, writer, bytes) = full_pipe();
        // It takes so many bytes, and then nothing.
        let room = moments.number_below(bytes as u64 / 4);
        let room = usize::try_from(room).unwrap();
        reader.read_exact(&mut vec![0; room]).unwrap();
        let mut command = process::command(a_standard_error_that_nobody_reads_holds_no_end_up);
        command.env(URL, url("slack.url"));
        command.env(DISCORD, url("discord.url"));
        command.env(SEED, moments.number_below(1 << 32).to_string());
        let child = command.stderr(writer).stdout(Stdio::piped()).spawn();
        let output = child.unwrap().wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        println!("{round}: room for {room} bytes:{}", told.trim_end());
        assert!(output.status.success(), "{round}: {}", output.status);
    }
}
