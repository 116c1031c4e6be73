//! A tour in the terminal, of some four minutes: the life of a problem, a trail, a storm, an outage,
//! a crash and a fleet, each with a sentence before and the messages after. Needs no account; the fleet
//! needs a `redis-server` on the path.
//!
//! `cargo run --example tour`, or without pauses for reading: `cargo run --example tour -- --fast`
//!
//! Time is not set forward: reminders come soon because the settings say so.

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::{Duration, Instant};

use figment::Figment;
use logout::sandbox::{Sandbox, Trouble};
use logout::{Handle, Slack, Stats, logout};
use tracing_subscriber::prelude::*;

use self::crash::{Shop, open_shop};
use self::redis_server::RedisServer;
use self::terminal::{COLUMNS, print, wrapped};

mod crash;
#[path = "../fleet/redis_server.rs"]
mod redis_server;
#[path = "../fleet/shop.rs"]
mod shop;
mod terminal;

logout! {
    pub struct Alerts {
        project_name: "Corner Shop",
        environment: "tour",
        release: "1.4.2",
        trail: 20,
        quiet_notice: true,
        adapters: [Slack { mention: "here" }],
    }
}

/// Nothing of the tour takes longer.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The intervals of the tour.
struct Pace {
    /// When a problem is told again, counted from its first message: once its next part has begun.
    remind: [&'static str; 3],
    /// How long nothing has to come of a problem until that is told: until the part after that.
    quiet: &'static str,
    /// How far calls for somebody are apart.
    mention_every: &'static str,
    outage: Duration,
    reading: Duration,
}

const NORMAL: Pace = Pace {
    remind: ["20s", "1m", "3m"],
    quiet: "25s",
    mention_every: "5s",
    outage: Duration::from_secs(35),
    reading: Duration::from_secs(12),
};

const FAST: Pace = Pace {
    remind: ["1200ms", "6s", "20s"],
    quiet: "3500ms",
    mention_every: "100ms",
    outage: Duration::from_secs(1),
    reading: Duration::ZERO,
};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let pace = match arguments.as_slice() {
        [] => NORMAL,
        [fast] if fast == "--fast" => FAST,
        [shop] if shop == crash::SHOP => return ended(open_shop()),
        [shop] if shop == shop::SHOP => return ended(shop::shop()),
        _ => {
            eprintln!("Usage: cargo run --example tour -- [--fast]");
            return ExitCode::from(2);
        }
    };
    ended(tour(&pace))
}

fn ended(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn tour(pace: &Pace) -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start()?;
    let settings = Figment::from(sandbox.figment_for("slack"))
        .merge(("remind", pace.remind))
        .merge(("quiet", pace.quiet))
        .merge(("mention_every", pace.mention_every));
    let (alerts, guard) = Alerts::from_figment(settings)?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    let mut tour = Tour {
        sandbox: &sandbox,
        handle: guard.handle(),
        pace,
        parts: 0,
        shown: 0,
        shown_before: 0,
    };
    tour.life()?;
    tour.trail()?;
    tour.storm()?;
    tour.outage()?;
    let crash = tour.crash()?;
    tour.fleet()?;
    tour.end(&crash);
    Ok(())
}

struct Tour<'t> {
    sandbox: &'t Sandbox,
    handle: Handle<Alerts>,
    pace: &'t Pace,
    parts: usize,
    /// How many messages have been printed, and how many of them before this part.
    shown: usize,
    shown_before: usize,
}

impl Tour<'_> {
    fn life(&mut self) -> Result<(), Box<dyn Error>> {
        self.part(
            "A problem is told",
            "A payment fails: whoever is on call hears of it at once, with its cause, its \
             fields and its place.",
        );
        charge(42);
        self.show(1)?;

        self.part(
            "It is counted, and people are reminded",
            "It fails 40 times more: nobody reads 40 messages, but one that says how many.",
        );
        (43..83).for_each(charge);
        self.show(1)?;

        self.part(
            "It gets worse",
            "What was a warning becomes an error: that waits for no reminder, and calls for \
             somebody.",
        );
        tracing::warn!(fingerprint = "slow gateway", "the gateway is slow: 9 s");
        self.show(1)?;
        tracing::error!(fingerprint = "slow gateway", "the gateway is slow: 31 s");
        self.show(1)?;

        let quiet = format!(
            "No more of either comes for {}: one silent line each says so, and none says that \
             it is solved.",
            self.pace.quiet
        );
        self.part("It is quiet", &quiet);
        self.show_problems("no more for ", 2)
    }

    fn trail(&mut self) -> Result<(), Box<dyn Error>> {
        self.part(
            "What led to it",
            "Of two requests at the same time one fails: the message brings what that request \
             did before, and nothing of the other one.",
        );
        let browsing = tracing::info_span!("request", id = 8, path = "/shelf");
        let failing = tracing::info_span!("request", id = 9, path = "/checkout");
        failing.in_scope(|| tracing::info!(items = 3, "the cart is priced"));
        browsing.in_scope(|| tracing::info!("the shelf is listed"));
        failing.in_scope(|| tracing::info!(sku = "tea-250", "the stock is reserved"));
        failing.in_scope(|| tracing::error!(order = 108, "no receipt could be printed"));
        // Five messages in ten seconds are enough for a reader, and others are spaced out, unless somebody waits.
        self.handle.flush(TIMEOUT)?;
        self.show(1)
    }

    fn storm(&mut self) -> Result<(), Box<dyn Error>> {
        self.part(
            "A storm",
            "A database is gone, and 6,000 errors of three kinds come in 3 s: each kind is told, \
             the rest is counted, and nothing is lost.",
        );
        let start = Instant::now();
        for number in 0..6_000 {
            match number % 20 {
                0 => tracing::warn!(cache = "prices", "the cache is cold"),
                1..5 => tracing::error!(sku = number, "the stock cannot be read"),
                _ => tracing::error!(order = number, "the order cannot be saved"),
            }
            if number % 20 == 0 {
                // By the clock: sleeps of 10 ms each take longer, on a busy machine much longer.
                let next = start + Duration::from_millis(number / 20 * 10);
                thread::sleep(next.saturating_duration_since(Instant::now()));
            }
        }
        self.show_until(|tour| tour.handle.stats().left() == 0)?;
        self.show_new();
        say(&self.handle.stats());
        self.show_problems("no more for ", 3)
    }

    fn outage(&mut self) -> Result<(), Box<dyn Error>> {
        let seconds = self.pace.outage.as_secs();
        let sentence = format!(
            "The chat itself answers 503 for {seconds} s: what is logged meanwhile is kept, and told as \
             soon as the chat is back."
        );
        self.part("An outage", &sentence);
        self.sandbox.trouble("slack", Trouble::status(503));
        tracing::error!(host = "db-2", "the replica is behind");
        tracing::error!(disk = "/var", "the disk is full");
        thread::sleep(self.pace.outage);
        say(&self.handle.stats());
        self.sandbox.heal("slack");
        // A flush tries again at once, whatever the back-off was.
        self.handle.flush(TIMEOUT)?;
        self.show_new();
        Ok(())
    }

    fn crash(&mut self) -> Result<Stats, Box<dyn Error>> {
        self.part(
            "A crash",
            "The chat is away again, and a shop is killed before it can tell what it logged: \
             its next start does, and says that it crashed.",
        );
        self.sandbox.trouble("slack", Trouble::status(503));
        let directory = std::env::temp_dir().join(format!("logout-tour-{}", std::process::id()));
        let shown = self.restart(&directory);
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        shown
    }

    /// Lets the shop crash, and starts it again with what it left in this directory.
    fn restart(&mut self, directory: &Path) -> Result<Stats, Box<dyn Error>> {
        let settings = Figment::from(self.sandbox.figment_for("slack"));
        let url: String = settings.extract_inner("slack.url")?;
        let ended = Command::new(std::env::current_exe()?)
            .arg(crash::SHOP)
            .env("SLACK_WEBHOOK_URL", url)
            .env("SHOP_SPOOL", directory)
            .status()?;
        println!("  It ended: {ended}.");
        self.sandbox.heal("slack");
        let shop = Shop::from_figment(settings.merge(("spool", directory)))?;
        let (_alerts, guard) = shop.start::<tracing_subscriber::Registry>()?;
        // What was left is read from the disk first: a flush waits only for what has been read.
        self.show(1)?;
        guard.handle().flush(TIMEOUT)?;
        self.show_new();
        Ok(guard.handle().stats())
    }

    fn fleet(&mut self) -> Result<(), Box<dyn Error>> {
        self.part(
            "A fleet",
            "The shop runs three times, and all three see one error: they speak with one voice over a \
             Redis, so there is one message, which counts them.",
        );
        let Some(redis) = RedisServer::start()? else {
            println!("  There is no redis-server on this machine, so this part is left out.");
            println!("  Install one, as in `apt install redis-server` or `brew install redis`.");
            return Ok(());
        };
        let settings = self.sandbox.figment_for("slack");
        let url: String = settings.extract_inner("slack.url")?;
        let start = |_| shop::Process::start(&url, &redis.url);
        let mut shops = (0..3).map(start).collect::<Result<Vec<_>, _>>()?;
        shop::wait_until("one that sends", || shops.iter().any(shop::Process::leads))?;
        // The chat is away until the one that sends has heard of all, so that one that starts late is counted.
        self.sandbox.trouble("slack", Trouble::status(503));
        for shop in &mut shops {
            shop.log("the till is stuck")?;
        }
        shop::wait_until("all", || shops.iter().any(|shop| shop.has_read(3)))?;
        self.sandbox.heal("slack");
        self.show(1)
    }

    fn end(&self, crash: &Stats) {
        let stats = self.handle.stats();
        let lanes = || stats.lanes.iter().chain(&crash.lanes);
        let events: u64 = lanes().map(|lane| lane.delivered).sum();
        let lost: u64 = lanes().map(|lane| lane.discarded.total()).sum();
        let messages = self.sandbox.inbox().len();
        println!("\n{}", "═".repeat(COLUMNS));
        println!("{messages} messages told {events} events, and {lost} were lost.");
        println!("The same in a browser, in four chats: cargo run --example sandbox");
    }

    /// Begins a part: a title and a sentence, with time to read what was before.
    fn part(&mut self, title: &str, sentence: &str) {
        if self.parts > 0 {
            thread::sleep(self.pace.reading);
        }
        self.parts += 1;
        self.shown_before = self.shown;
        println!(
            "\n━━ {}. {title} {}",
            self.parts,
            "━".repeat(COLUMNS.saturating_sub(title.chars().count() + 7))
        );
        for line in wrapped(sentence, COLUMNS) {
            println!("{line}");
        }
        thread::sleep(self.pace.reading / 2);
    }

    /// Shows the next messages as they come, so many.
    fn show(&mut self, messages: usize) -> Result<(), Box<dyn Error>> {
        let enough = self.shown + messages;
        self.show_until(|tour| tour.shown >= enough)
    }

    /// Shows messages until so many problems have been reported with these words in this part.
    fn show_problems(&mut self, words: &str, problems: usize) -> Result<(), Box<dyn Error>> {
        self.show_until(|tour| {
            let inbox = tour.sandbox.inbox();
            let shown = inbox.iter().take(tour.shown).skip(tour.shown_before);
            shown
                .map(|message| message.text().matches(words).count())
                .sum::<usize>()
                >= problems
        })
    }

    /// Shows messages one by one. Those that come when it is enough are left to the next part.
    fn show_until(&mut self, is_enough: impl Fn(&Self) -> bool) -> Result<(), Box<dyn Error>> {
        let start = Instant::now();
        let mut is_counted_said = false;
        while !is_enough(self) {
            if self.show_next() {
                continue;
            }
            if start.elapsed() > TIMEOUT {
                return Err("what was to be shown did not come within two minutes".into());
            }
            let stats = self.handle.stats();
            let is_any_counted = stats.lanes.iter().any(|lane| lane.counted > 0);
            // Said once they are all in, and not at each of them.
            if is_any_counted && stats.waiting == 0 && !is_counted_said {
                say(&stats);
                is_counted_said = true;
            }
            let _next = self
                .sandbox
                .wait_for(self.shown + 1, Duration::from_millis(100));
        }
        Ok(())
    }

    fn show_new(&mut self) {
        while self.show_next() {}
    }

    /// Shows the next message; returns whether there was one.
    fn show_next(&mut self) -> bool {
        let inbox = self.sandbox.inbox();
        let Some(message) = inbox.get(self.shown) else {
            return false;
        };
        print(message);
        self.shown += 1;
        true
    }
}

fn say(stats: &Stats) {
    for line in wrapped(&stats.to_string(), COLUMNS - 2) {
        println!("  {line}");
    }
}

/// Fails, as all payments do today.
fn charge(order: u64) {
    let _charge = tracing::info_span!("charge", order).entered();
    let cause = std::io::Error::other("gateway answered 402");
    tracing::error!(
        error = &cause as &dyn Error,
        customer = "c_1837",
        "payment failed: card declined"
    );
}
