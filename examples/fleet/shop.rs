//! The shop, of which there are many processes.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// The shop's alerts.
    pub(crate) struct Alerts {
        project_name: "Corner Shop",
        release: "1.4.2",
        adapters: [Slack],
        // The address is a secret, and comes from `LOGOUT_FLEET__URL`.
        fleet: Redis { name: "shop" },
    }
}

/// How long anything here takes at most.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The argument by which an example starts one of them.
pub(crate) const SHOP: &str = "shop-of-a-fleet";

/// Runs one process: it logs each line of its input, and prints its account whenever that has changed.
pub(crate) fn shop() -> Result<(), Box<dyn Error>> {
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    let handle = guard.handle();
    thread::spawn(move || {
        let mut last = String::new();
        loop {
            let stats = handle.stats();
            let state = stats.lane("slack").and_then(|lane| lane.fleet);
            let account = format!("{state:?} {stats}");
            if account != last {
                println!("{account}");
                last = account;
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    for line in std::io::stdin().lines() {
        tracing::error!("{}", line?);
    }
    Ok(())
}

/// A process of the shop, as its parent sees it.
pub(crate) struct Process {
    child: Child,
    account: Arc<Mutex<String>>,
}

impl Process {
    pub(crate) fn start(chat: &str, broker: &str) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(SHOP)
            .env("SLACK_WEBHOOK_URL", chat)
            .env("LOGOUT_FLEET__URL", broker)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let account = Arc::new(Mutex::new(String::new()));
        let output = child.stdout.take().ok_or("it has no output")?;
        let noted = Arc::clone(&account);
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Ok(mut account) = noted.lock() {
                    *account = line;
                }
            }
        });
        Ok(Self { child, account })
    }

    pub(crate) fn log(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        let input = self.child.stdin.as_mut().ok_or("it has no input")?;
        writeln!(input, "{line}")?;
        Ok(())
    }

    /// Returns whether it sends for all.
    pub(crate) fn leads(&self) -> bool {
        self.has(|account| account.starts_with("Some(Leading)"))
    }

    /// Returns whether it sends for all and has this many events to send, one of its own among them.
    pub(crate) fn has_read(&self, events: usize) -> bool {
        let read = format!(", 1 forwarded, {events} pending");
        self.leads() && self.has(|account| account.ends_with(&read))
    }

    fn has(&self, is_so: impl Fn(&str) -> bool) -> bool {
        self.account.lock().is_ok_and(|account| is_so(&account))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Fails where it takes too long.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) -> Result<(), Box<dyn Error>> {
    let deadline = Instant::now() + TIMEOUT;
    while !is_so() {
        if Instant::now() > deadline {
            return Err(format!("waited in vain for {what}").into());
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
