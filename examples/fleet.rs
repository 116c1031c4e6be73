//! Twelve processes of one shop speak with one voice: what all of them see is one message, and when the
//! one that sends is killed, another goes on.
//!
//! `cargo run --example fleet` needs no account: the chat is the sandbox. It starts a `redis-server` of
//! its own on loopback, and ends it again.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use logout::sandbox::Sandbox;
use logout::stats::FleetState;
use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

logout! {
    /// Where the shop raises its alarms.
    pub struct Alerts {
        project_name: "Corner Shop",
        release: "1.4.2",
        adapters: [Slack],
        // The address is a secret, and comes from `LOGOUT_FLEET__URL`.
        fleet: Redis { name: "shop" },
    }
}

/// How many processes of the shop there are.
const PROCESSES: usize = 12;

/// How long anything here takes at most.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let shown = match std::env::args().nth(1).as_deref() {
        Some("shop") => shop(),
        _ => show(),
    };
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// One process: it logs each line that it is given, and says when it begins to send for all.
fn shop() -> Result<(), Box<dyn Error>> {
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
struct Process {
    child: Child,
    leads: Arc<Mutex<bool>>,
}

impl Process {
    fn start(chat: &str, broker: &str) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("shop")
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

    fn log(&mut self, line: &str) -> Result<(), Box<dyn Error>> {
        let input = self.child.stdin.as_mut().ok_or("it has no input")?;
        writeln!(input, "{line}")?;
        Ok(())
    }

    fn leads(&self) -> bool {
        self.leads.lock().is_ok_and(|leads| *leads)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A server of Redis on a free port of loopback.
struct Broker {
    child: Child,
    url: String,
    folder: PathBuf,
}

impl Broker {
    /// Starts one, if there is one on this machine.
    fn start() -> Result<Option<Self>, Box<dyn Error>> {
        let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
        let port = (23_000..24_000).find(is_free).ok_or("no port is free")?;
        let folder = std::env::temp_dir().join(format!("corner-shop-redis-{port}"));
        std::fs::create_dir_all(&folder)?;
        let started = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", ""])
            .args(["--port", &port.to_string(), "--dir"])
            .arg(&folder)
            .stdout(Stdio::null())
            .spawn();
        let Ok(child) = started else {
            std::fs::remove_dir_all(folder)?;
            return Ok(None);
        };
        let url = format!("redis://127.0.0.1:{port}");
        let broker = Self { child, url, folder };
        wait_until("redis-server to start", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        })?;
        Ok(Some(broker))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
        let _removed = std::fs::remove_dir_all(&self.folder);
    }
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) -> Result<(), Box<dyn Error>> {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        if Instant::now() > deadline {
            return Err(format!("waited in vain for {what}").into());
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn show() -> Result<(), Box<dyn Error>> {
    let Some(broker) = Broker::start()? else {
        println!(
            "There is no redis-server on this machine. Install one, as in `apt install redis-server` or `brew install redis`, and try again."
        );
        return Ok(());
    };
    let sandbox = Sandbox::start()?;
    let chat: String = sandbox.figment().extract_inner("slack.url")?;
    let mut shop = Vec::new();
    for _ in 0..PROCESSES {
        shop.push(Process::start(&chat, &broker.url)?);
    }
    let leader = |shop: &[Process]| shop.iter().position(Process::leads);
    wait_until("one that sends", || leader(&shop).is_some())?;
    println!("{PROCESSES} processes run, and one of them sends for all.\n");
    for process in &mut shop {
        process.log("payment failed: timeout")?;
    }
    wait_until("a message", || !sandbox.inbox().is_empty())?;
    // So that it would be seen if there were more.
    thread::sleep(Duration::from_secs(3));
    let told = sandbox.inbox();
    println!(
        "All of them logged an error. Messages in the chat: {}\n",
        told.len()
    );
    for message in &told {
        println!("{}\n", message.text());
    }

    if let Some(leader) = leader(&shop) {
        drop(shop.remove(leader));
    }
    println!(
        "The one that sends was killed. Another follows when its lease is over, within 13 s.\n"
    );
    for process in &mut shop {
        process.log("the till is stuck")?;
    }
    let known = told.len();
    wait_until("a message", || sandbox.inbox().len() > known)?;
    for message in sandbox.inbox().iter().skip(known) {
        println!("{}\n", message.text());
    }
    Ok(())
}
