//! Panics of the program, wherever they strike.

use std::fmt;
use std::panic::{catch_unwind, panic_any, set_hook, take_hook};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use logout::adapter::{Request, Response, SecretUrl, Step, Verdict, Window};
use logout::sandbox::Sandbox;
use logout::stats::Reason;
use logout::{Adapter, Discord, Notice, logout};
use tracing_subscriber::prelude::*;

use crate::support::account;
use crate::support::process::is_alone;

logout! {
    struct Alerts {
        project_name: "panics",
        adapters: [Discord, Fragile],
        panic_timeout: "2s",
        sync_threshold: 1,
        discard_threshold: 1,
    }
}

/// An adapter that panics where its notice says.
#[derive(Default, serde::Deserialize)]
struct Fragile {
    url: SecretUrl,
}

impl Adapter for Fragile {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(10, Duration::from_secs(1), "fragile")]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        assert!(
            !notice.headline.contains("in render"),
            "in render, as asked for"
        );
        request.post(self.url.expose());
        request.json(&serde_json::json!({ "text": notice.headline }));
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        assert!(response.status() != 418, "in judge, as asked for");
        Verdict::from_status(response)
    }
}

struct Explosive;

impl fmt::Debug for Explosive {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("in Debug, as asked for")
    }
}

static CHAINED: AtomicUsize = AtomicUsize::new(0);

/// Checks everything in one test, since the panic hook belongs to the process.
#[test]
fn panics_are_told_and_the_program_and_every_lane_live_on() {
    if !is_alone(panics_are_told_and_the_program_and_every_lane_live_on) {
        return;
    }
    let sandbox = Sandbox::start().unwrap();
    sandbox
        .add(logout::sandbox::Platform::Slack, "fragile")
        .unwrap();
    sandbox.set_rate_limits(false);
    set_hook(Box::new(|_| {
        CHAINED.fetch_add(1, Ordering::Relaxed);
    }));
    let (alerts, guard) = Alerts::from_figment(sandbox.figment())
        .unwrap()
        .start()
        .unwrap();
    guard.capture_panics();
    guard.capture_panics();
    let handle = guard.handle();
    let flush = || handle.flush(Duration::from_secs(10)).unwrap();
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(alerts)).unwrap();
    let told = |text: &str| {
        let inbox = account::inbox_of(&sandbox, "discord");
        let found = inbox.iter().find(|message| message.text().contains(text));
        found
            .unwrap_or_else(|| panic!("{text} is missing in {inbox:?}"))
            .text()
            .to_owned()
    };

    // Caught, with its thread and spans; it waits for two seconds at most, which is `panic_timeout`.
    sandbox.trouble(
        "fragile",
        logout::sandbox::Trouble::delay(Duration::from_secs(5)).times(1),
    );
    let took = std::thread::Builder::new()
        .name("checkout".to_owned())
        .spawn(|| {
            let _span = tracing::info_span!("charge", order = 42).entered();
            let start = Instant::now();
            catch_unwind(|| panic!("out of tea")).unwrap_err();
            start.elapsed()
        });
    let took = took.unwrap().join().unwrap();
    flush();
    let text = told("out of tea");
    for part in ["checkout", "charge", "order", "42", "panic_capture.rs"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    // And its backtrace, on a busy machine.
    assert!(took < Duration::from_millis(4_500), "{took:?}");
    assert_eq!(
        CHAINED.load(Ordering::Relaxed),
        1,
        "the hook before was called, once"
    );

    catch_unwind(|| panic_any(42_u8)).unwrap_err();
    flush();
    told("no text");

    tracing::error!(value = ?Explosive, "odd field");
    flush();
    told("odd field");
    told("in Debug, as asked for");

    // Full up: the thresholds let one event wait, and the worker is busy.
    let start = Instant::now();
    for _ in 0..2_000 {
        tracing::warn!("flood");
    }
    catch_unwind(|| panic!("in the flood")).unwrap_err();
    flush();
    told("in the flood");
    assert!(start.elapsed() < Duration::from_secs(8));

    // In the program's own adapter: counted there, told elsewhere, and the lane lives on.
    tracing::error!("in render");
    flush();
    let teapot = logout::sandbox::Answer::new(418);
    sandbox.trouble("fragile", logout::sandbox::Trouble::answer(teapot).times(2));
    tracing::error!("before judge");
    flush();
    tracing::error!("in the end");
    flush();
    let stats = handle.stats();
    println!("{stats}; a caught panic took {took:.1?}");
    account::assert_holds(&stats);
    let fragile = account::lane(&stats, "fragile");
    assert_eq!(fragile.discarded.get(Reason::Rejected), 2, "{stats}");
    assert!(
        account::inbox_of(&sandbox, "fragile")
            .last()
            .unwrap()
            .text()
            .contains("in the end")
    );
    told("in the end");
    drop(take_hook());
}
