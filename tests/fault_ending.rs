//! Every way in which a process ends: what it had logged arrives, or standard error says what did
//! not.
//!
//! Its own `main`, since it is run again as the process that ends.

use std::env;
use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use logout::sandbox::{Message, Sandbox};
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

#[path = "account/account.rs"]
mod account;

logout! {
    struct Alerts {
        project_name: "ending",
        adapters: [Slack],
        shutdown_timeout: Duration::from_secs(5),
    }
}

const WAY: &str = "FAULT_ENDING";

fn main() {
    if let Ok(way) = env::var(WAY) {
        return end(&way);
    }
    by_return();
    by_exit_after_shutdown();
    by_panic_in_main();
    by_a_panic_amid_a_panic();
    by_abort();
    by_a_signal_in_a_storm();
    with_nobody_listening();
}

/// The process that ends.
fn end(way: &str) {
    let (alerts, guard) = Alerts::from_env().unwrap().start().unwrap();
    tracing_subscriber::registry().with(alerts).init();
    guard.capture_panics();
    tracing::error!("site-00: the last words");
    match way {
        "return" => {}
        "exit" => {
            guard.handle().shutdown(Duration::from_secs(5)).unwrap();
            tracing::error!("site-00: after the end");
            std::process::exit(3);
        }
        "panic" => panic!("site-01: main panicked"),
        "double panic" => {
            let _bomb = Bomb;
            panic!("site-01: the first panic");
        }
        "abort" => {
            guard.handle().flush(Duration::from_secs(5)).unwrap();
            std::process::abort();
        }
        "signal" => {
            guard.flush_on_signals().unwrap();
            storm();
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

fn storm() {
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    tracing::error!("site-01: storm");
                    tracing::warn!("site-02: storm");
                }
            });
        }
    });
}

/// What is left of a process.
struct Ended {
    status: ExitStatus,
    took: Duration,
    inbox: Vec<Message>,
    stderr: String,
}

fn spawn(way: &str, sandbox: &Sandbox) -> Child {
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    Command::new(env::current_exe().unwrap())
        .env(WAY, way)
        .env("LOGOUT_SLACK__URL", url)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait(mut child: Child, sandbox: &Sandbox, way: &str) -> Ended {
    let start = Instant::now();
    let mut stderr = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut stderr)
        .unwrap();
    let status = child.wait().unwrap();
    let ended = Ended {
        status,
        took: start.elapsed(),
        inbox: sandbox.inbox(),
        stderr,
    };
    let told = account::told(&ended.inbox);
    println!(
        "{way}: {} after {:.1?}, told {told:?}\n{}",
        ended.status, ended.took, ended.stderr
    );
    ended
}

fn run(way: &str) -> Ended {
    let sandbox = Sandbox::start().unwrap();
    wait(spawn(way, &sandbox), &sandbox, way)
}

fn arrived(ended: &Ended, text: &str) -> bool {
    ended
        .inbox
        .iter()
        .any(|message| message.text().contains(text))
}

fn by_return() {
    let ended = run("return");
    assert!(ended.status.success() && arrived(&ended, "the last words"));
}

fn by_exit_after_shutdown() {
    let ended = run("exit");
    assert_eq!(ended.status.code(), Some(3));
    assert!(arrived(&ended, "the last words") && !arrived(&ended, "after the end"));
}

fn by_panic_in_main() {
    let ended = run("panic");
    assert_eq!(ended.status.code(), Some(101));
    assert!(arrived(&ended, "the last words") && arrived(&ended, "main panicked"));
    assert!(
        ended.stderr.contains("main panicked"),
        "the hook before is called too"
    );
}

fn by_a_panic_amid_a_panic() {
    let ended = run("double panic");
    assert!(!ended.status.success());
    for text in ["the last words", "the first panic", "the second panic"] {
        assert!(
            arrived(&ended, text),
            "{text} is missing: {:?}",
            ended.inbox
        );
    }
}

fn by_abort() {
    let ended = run("abort");
    assert!(ended.status.code().is_none() && arrived(&ended, "the last words"));
}

fn by_a_signal_in_a_storm() {
    let sandbox = Sandbox::start().unwrap();
    let child = spawn("signal", &sandbox);
    assert!(sandbox.wait_until(Duration::from_secs(10), |inbox| inbox.len() >= 2));
    let killed = Command::new("kill").arg(child.id().to_string()).status();
    assert!(killed.unwrap().success());
    let ended = wait(child, &sandbox, "signal");
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&ended.status),
        Some(15)
    );
    assert!(ended.took < Duration::from_secs(9), "{:?}", ended.took);
    let events = account::told(&account::events(&ended.inbox));
    assert!(
        events.contains_key("site-01") && events.contains_key("site-02"),
        "{events:?}"
    );
    let lost: u64 = ended.inbox.iter().map(account::reported).sum();
    assert!(
        lost > 0 || ended.stderr.contains("not delivered"),
        "{}",
        ended.stderr
    );
}

fn with_nobody_listening() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.refuse_connections("slack");
    let ended = wait(spawn("return", &sandbox), &sandbox, "nobody listens");
    assert!(ended.status.success() && ended.took < Duration::from_secs(9));
    let said = "logout: slack: 1 event was not delivered (shut down 1)";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(
        !ended.stderr.contains("/services/"),
        "a secret: {}",
        ended.stderr
    );
}
