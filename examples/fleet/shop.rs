//! The shop, of which there are many processes.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use logout::stats::FleetState;
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

/// Runs one process: it logs each line of its input, and prints when it begins to send for all.
pub(crate) fn shop() -> Result<(), Box<dyn Error>> {
    let (alerts, guard) = Alerts::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    let handle = guard.handle();
    thread::spawn(move || {
        let leads = || {
            let stats = handle.stats();
            stats
                .lanes
                .iter()
                .any(|lane| lane.fleet == Some(FleetState::Leading))
        };
        while !leads() {
            thread::sleep(Duration::from_millis(50));
        }
        println!("leading");
    });
    for line in std::io::stdin().lines() {
        tracing::error!("{}", line?);
    }
    Ok(())
}

/// A process of the shop, as its parent sees it.
pub(crate) struct Process {
    child: Child,
    leads: Arc<Mutex<bool>>,
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
        let leads = Arc::new(Mutex::new(false));
        let output = child.stdout.take().ok_or("it has no output")?;
        let noted = Arc::clone(&leads);
        thread::spawn(move || {
            if BufReader::new(output).lines().next().is_some()
                && let Ok(mut leads) = noted.lock()
            {
                *leads = true;
            }
        });
        Ok(Self { child, leads })
    }

    pub(crate) fn log(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        let input = self.child.stdin.as_mut().ok_or("it has no input")?;
        writeln!(input, "{line}")?;
        Ok(())
    }

    pub(crate) fn leads(&self) -> bool {
        self.leads.lock().is_ok_and(|leads| *leads)
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
