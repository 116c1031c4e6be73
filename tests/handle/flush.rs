//! Time limits of the handle, and what still waits when they are over, wherever it is called from.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use logout::adapter::{Request, SecretUrl, Step};
use logout::sandbox::{Sandbox, Trouble};
use logout::{Adapter, Handle, Notice, Slack, logout};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry;

use crate::support::account;
use crate::support::machine_lateness::measure_below;

logout! {
    struct Alerts {
        project_name: "flush",
        adapters: [Slack],
    }
}

logout! {
    struct Curious {
        adapters: [Impatient],
    }
}

static HANDLE: OnceLock<Handle<Curious>> = OnceLock::new();
static REFUSED: OnceLock<(String, Duration)> = OnceLock::new();

/// An adapter that flushes while it renders, which no adapter should.
#[derive(Default, serde::Deserialize)]
struct Impatient {
    url: SecretUrl,
}

impl Adapter for Impatient {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        let start = Instant::now();
        let refused = HANDLE
            .get()
            .unwrap()
            .flush(Duration::from_secs(5))
            .unwrap_err();
        REFUSED.get_or_init(|| (refused.to_string(), start.elapsed()));
        request.post(self.url.expose());
        request.json(&serde_json::json!({ "text": notice.headline }));
    }
}

const LONG: Duration = Duration::from_secs(10);

#[test]
fn flush_ends_although_the_program_goes_on_logging() {
    let sandbox = Sandbox::start().unwrap();
    let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))
        .unwrap()
        .start()
        .unwrap();
    let subscriber = tracing::Dispatch::new(registry().with(alerts));
    let stop = AtomicBool::new(false);
    let mut times = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                tracing::dispatcher::with_default(&subscriber, || {
                    while !stop.load(Ordering::Relaxed) {
                        tracing::error!("site-00: storm");
                    }
                });
            });
        }
        for _ in 0..2 {
            let start = Instant::now();
            let flushed = guard.handle().flush(LONG);
            times.push((start.elapsed(), flushed.is_ok()));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let start = Instant::now();
    guard.handle().shutdown(LONG).unwrap();
    let (ended, stats) = (start.elapsed(), guard.handle().stats());
    println!("flushes in a storm {times:.1?}, shutdown {ended:.1?}; {stats}");
    assert!(
        times
            .iter()
            .all(|(took, flushed)| *flushed && *took < LONG / 2),
        "{times:?}"
    );
    account::assert_holds(&stats);
    let told: u64 = account::events_by_site(&account::without_reports(&sandbox.inbox()))
        .values()
        .sum();
    assert_eq!(told, account::lane(&stats, "slack").delivered);
}

#[test]
fn a_flush_on_logouts_own_thread_is_refused_and_holds_nothing_up() {
    let sandbox = Sandbox::start().unwrap();
    let url: String = sandbox.figment().extract_inner("slack.url").unwrap();
    let figment = figment::Figment::from(("impatient.url", url));
    let (alerts, guard) = Curious::from_figment(figment).unwrap().start().unwrap();
    assert!(HANDLE.set(guard.handle()).is_ok());
    let _default = tracing::subscriber::set_default(registry().with(alerts));
    tracing::error!("payment failed");
    guard.handle().flush(LONG).unwrap();
    let (refused, took) = REFUSED.get().unwrap();
    assert!(refused.contains("logout's own thread"), "{refused}");
    assert!(*took < Duration::from_secs(4), "{took:?}");
    assert_eq!(sandbox.inbox().len(), 1);
}

#[test]
fn after_a_shutdown_every_call_is_refused_and_logging_is_harmless() {
    let sandbox = Sandbox::start().unwrap();
    let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))
        .unwrap()
        .start()
        .unwrap();
    let _default = tracing::subscriber::set_default(registry().with(alerts));
    tracing::error!("before");
    let handle = guard.handle();
    handle.shutdown(Duration::MAX).unwrap();
    (0..1_000).for_each(|_| tracing::error!("after"));
    let slack = AlertsAdapter::Slack;
    let refused = [
        handle.flush(LONG),
        smol::block_on(handle.flush_async(LONG)),
        handle.verify(LONG).map(drop),
        handle.reload_from(sandbox.figment_for("slack")),
        handle.shutdown(LONG),
        handle.enable(slack),
        handle.disable(slack, LONG),
        handle.mute("3fa9c1", LONG),
        handle.configure(logout::Change::new().utc_log(true)),
        handle.configure_instance(slack, logout::Change::new()),
        handle.reload_from(sandbox.figment_for("slack")),
    ];
    assert!(
        refused
            .iter()
            .all(|call| call.as_ref().is_err_and(logout::Error::is_stopped)),
        "{refused:?}"
    );
    let stats = handle.stats();
    assert_eq!(
        (stats.waiting, account::lane(&stats, "slack").delivered),
        (0, 1),
        "{stats}"
    );
}

fn log_and_drop(sandbox: &Sandbox) {
    let figment = sandbox.figment_for("slack");
    let figment = figment.merge(("shutdown_timeout", "10s"));
    let (alerts, guard) = Alerts::from_figment(figment).unwrap().start().unwrap();
    tracing::subscriber::with_default(registry().with(alerts), || {
        tracing::error!("payment failed");
    });
    drop(guard);
}

#[test]
fn starting_and_stopping_again_leaves_no_thread_and_loses_nothing() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_rate_limits(false);
    for _ in 0..30 {
        log_and_drop(&sandbox);
    }
    assert_eq!(sandbox.inbox().len(), 30);
    #[cfg(target_os = "linux")]
    {
        let named_logout = || {
            let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
            let names =
                tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
            names.filter(|name| name.trim() == "logout").count()
        };
        let start = Instant::now();
        // The other tests of this process have at most one each.
        while named_logout() > 8 && start.elapsed() < LONG {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(named_logout() <= 8);
    }
}

#[test]
fn a_handle_keeps_its_time_against_a_destination_that_hangs() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.trouble("slack", Trouble::hang());
    let (alerts, guard) = Alerts::from_figment(sandbox.figment_for("slack"))
        .unwrap()
        .start()
        .unwrap();
    let _default = tracing::subscriber::set_default(registry().with(alerts));
    tracing::error!("payment failed");
    for timeout in [
        Duration::ZERO,
        Duration::from_millis(100),
        Duration::from_secs(1),
    ] {
        let bound = timeout + Duration::from_millis(100);
        let took = measure_below(bound, || {
            let start = Instant::now();
            let left = guard.handle().flush(timeout).unwrap_err().left();
            let took = start.elapsed();
            println!("flush({timeout:?}) against a hanging destination: {took:.1?}, {left} left");
            assert_eq!(left, 1);
            assert!(took >= timeout, "{took:?}");
            took
        });
        assert!(took < bound, "{took:?}");
    }
    let start = Instant::now();
    assert_eq!(
        guard
            .handle()
            .shutdown(Duration::from_millis(100))
            .unwrap_err()
            .left(),
        1
    );
    let took = start.elapsed();
    assert!(took < LONG / 2, "{took:?}");
}
