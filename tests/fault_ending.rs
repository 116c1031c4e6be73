//! Every way in which a process ends: what it had logged arrives, or standard error says what did
//! not.
//!
//! Its own `main`, since it is run again as the process that ends.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use logout::sandbox::{Message, Sandbox, Trouble};
use logout::{Slack, logout};
use signal_hook::consts::{SIGABRT, SIGINT, SIGTERM};
use tracing_subscriber::prelude::*;

mod support;

use support::ending::{self, Ended};

logout! {
    struct Alerts {
        project_name: "ending",
        adapters: [Slack],
        shutdown_timeout: Duration::from_secs(10),
    }
}

const WAY: &str = "FAULT_ENDING";

/// Longer than a process takes to end that has ten seconds for it.
const LONG: Duration = Duration::from_secs(20);

fn main() {
    if let Ok(way) = env::var(WAY) {
        return end_process(&way);
    }
    by_return();
    by_exit_after_shutdown();
    by_panic_in_main();
    by_a_panic_amid_a_panic();
    by_abort();
    by_a_signal_in_a_storm();
    by_a_second_interrupt();
    by_a_signal_that_is_not_ignored();
    with_nobody_listening();
}

/// Logs five events and ends the process in this way.
fn end_process(way: &str) {
    let (alerts, guard) = Alerts::from_env().unwrap().start().unwrap();
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();
    for event in 0..5 {
        tracing::error!(event, "site-00: the last words");
    }
    match way {
        "return" => {}
        "exit" => {
            guard.handle().shutdown(Duration::from_secs(10)).unwrap();
            tracing::error!("site-01: after the end");
            std::process::exit(3);
        }
        "panic" => panic!("site-01: main panicked"),
        "double panic" => {
            let _bomb = Bomb;
            panic!("site-01: the first panic");
        }
        "abort" => {
            guard.handle().flush(Duration::from_secs(10)).unwrap();
            std::process::abort();
        }
        "interrupt" => {
            let received = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(SIGINT, Arc::clone(&received)).unwrap();
            guard.flush_on_signals().unwrap();
            println!("listening");
            while !received.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(5));
            }
            println!("received");
            loop {
                std::thread::park();
            }
        }
        "ignored" => {
            guard.flush_on_signals().unwrap();
            println!("listening");
            loop {
                std::thread::park();
            }
        }
        "signal" => {
            let stop = Arc::new(AtomicBool::new(false));
            signal_hook::flag::register(SIGTERM, Arc::clone(&stop)).unwrap();
            guard.flush_on_signals().unwrap();
            storm(&stop);
        }
        _ => unreachable!("{way}"),
    }
}

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("site-02: the second panic");
    }
}

/// Logs until the signal comes, says how much that was, and waits for the signal to take its course.
fn storm(stop: &AtomicBool) {
    let logged = std::thread::scope(|scope| {
        let storm = || {
            let mut logged = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                tracing::error!("site-01: storm");
                tracing::warn!("site-02: storm");
                logged += 1;
            }
            logged
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(storm)).collect();
        let logged = threads.into_iter().map(|thread| thread.join().unwrap());
        logged.sum::<u64>()
    });
    println!("{logged}");
    std::io::stdout().flush().unwrap();
    loop {
        std::thread::park();
    }
}

fn spawn(way: &str, sandbox: &Sandbox) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.env(WAY, way).env("RUST_BACKTRACE", "0");
    ending::spawn(&mut command, sandbox)
}

fn run(way: &str) -> Ended {
    let sandbox = Sandbox::start().unwrap();
    ending::wait(spawn(way, &sandbox), &sandbox, way)
}

fn by_return() {
    let ended = run("return");
    assert!(ended.status.success());
    ended.assert_told(&[("site-00", 5)]);
}

fn by_exit_after_shutdown() {
    let ended = run("exit");
    assert_eq!(ended.status.code(), Some(3));
    ended.assert_told(&[("site-00", 5)]);
}

fn by_panic_in_main() {
    let sandbox = Sandbox::start().unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    let command = command.env(WAY, "panic").env("RUST_BACKTRACE", "1");
    let ended = ending::wait(ending::spawn(command, &sandbox), &sandbox, "panic");
    assert!(
        ended.has_message("fault_ending::main"),
        "its backtrace is told"
    );
    assert_eq!(ended.status.code(), Some(101));
    ended.assert_told(&[("site-00", 5), ("site-01", 1)]);
    assert!(
        ended.stderr.contains("main panicked"),
        "the hook before is called too"
    );
}

fn by_a_panic_amid_a_panic() {
    let ended = run("double panic");
    ended.assert_signal(SIGABRT);
    ended.assert_told(&[("site-00", 5), ("site-01", 1), ("site-02", 1)]);
}

fn by_abort() {
    let ended = run("abort");
    ended.assert_signal(SIGABRT);
    ended.assert_told(&[("site-00", 5)]);
}

fn by_a_signal_in_a_storm() {
    let sandbox = Sandbox::start().unwrap();
    let child = spawn("signal", &sandbox);
    // Whether in messages of their own or in one together depends on when they came in.
    let is_told = |site: &str, inbox: &[Message]| {
        let mut inbox = inbox.iter();
        inbox.any(|message| message.to_string().contains(site))
    };
    let is_under_way = |inbox: &[Message]| is_told("site-01", inbox) && is_told("site-02", inbox);
    assert!(sandbox.wait_until(LONG, is_under_way));
    // The end takes long enough for every thread of the storm to see that it has come.
    sandbox.trouble("slack", Trouble::delay(Duration::from_secs(2)));
    let killed = Command::new("kill").arg(child.id().to_string()).status();
    assert!(killed.unwrap().success());
    let ended = ending::wait(child, &sandbox, "signal");
    ended.assert_signal(SIGTERM);
    assert!(ended.took < LONG, "{:?}", ended.took);
    let stormed = ended.stdout.trim().parse().unwrap();
    println!("the storm was {} events", 2 * stormed + 5);
    ended.assert_accounted(&[("site-00", 5), ("site-01", stormed), ("site-02", stormed)]);
}

/// Waits until the process prints this line, and nothing else.
fn wait_for(output: &mut BufReader<ChildStdout>, expected: &str) {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), expected);
}

fn send(signal: &str, process: &Child) {
    let id = process.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status();
    assert!(sent.unwrap().success());
}

/// Checks that the first interrupt waits for a chat that does not answer, and the second ends the process.
fn by_a_second_interrupt() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::hang());
    let mut child = spawn("interrupt", &sandbox);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    wait_for(&mut output, "listening");
    send("-INT", &child);
    wait_for(&mut output, "received");
    send("-INT", &child);
    let ended = ending::wait(child, &sandbox, "second interrupt");
    ended.assert_signal(SIGINT);
    assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
}

/// Ends a process that ignores SIGINT, as a shell starts background jobs, by SIGTERM.
fn by_a_signal_that_is_not_ignored() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' INT; exec \"$0\""])
        .arg(env::current_exe().unwrap())
        .env(WAY, "ignored");
    let mut child = ending::spawn(&mut command, &sandbox);
    let mut output = BufReader::new(child.stdout.take().unwrap());
    wait_for(&mut output, "listening");
    send("-INT", &child);
    send("-TERM", &child);
    let ended = ending::wait(child, &sandbox, "ignored");
    ended.assert_signal(SIGTERM);
    ended.assert_told(&[("site-00", 5)]);
}

fn with_nobody_listening() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.refuse_connections("slack");
    let ended = ending::wait(spawn("return", &sandbox), &sandbox, "nobody listens");
    assert!(ended.status.success() && ended.took < LONG);
    ended.assert_accounted(&[("site-00", 5)]);
    let said = "logout: slack: 5 events were not delivered (shut down 5)";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(
        !ended.stderr.contains("/services/"),
        "a secret: {}",
        ended.stderr
    );
}
