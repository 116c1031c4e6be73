//! Panics of the program's code on the worker's thread, which cost the message that it was for and nothing
//! else. The rows are those of the table in the architecture page.

use std::borrow::Cow;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use logout::adapter::{
    Check, Memory, Preview, Request, Response, SecretUrl, Severity, Step, Verdict, Window,
};
use logout::stats::Reason;
use logout::transport::{Cause, Fault, Transport};
use logout::{Adapter, Guard, Notice, logout};

use crate::support;
use crate::support::hook::Hook;
use crate::support::process::is_alone;

fn plates(text: &str) -> Cow<'_, str> {
    panic_at("scrub");
    Cow::Borrowed(text)
}

fn headline(notice: &Notice) -> String {
    panic_at("format");
    notice.headline.clone()
}

logout! {
    struct Alerts {
        adapters: [Hook, Fragile],
        shutdown_timeout: Duration::from_secs(20),
        format: headline,
        scrub: [default, plates],
    }
}

/// Where it panics next, once.
static NEXT_PANIC: Mutex<&'static str> = Mutex::new("");

fn panics_at(place: &'static str) -> bool {
    let mut next = NEXT_PANIC.lock().unwrap();
    let found = *next == place;
    if found {
        *next = "";
    }
    found
}

/// Panics if this is the place that a test has chosen.
fn panic_at(place: &'static str) {
    assert!(!panics_at(place), "in {place}, as asked for");
}

/// A value whose drop panics on the worker, if a test asks for it.
struct PanicsOnDrop(&'static str);

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        if std::thread::current().name() == Some("logout") {
            panic_at(self.0);
        }
    }
}

#[derive(serde::Deserialize)]
struct Fragile {
    url: SecretUrl,
    #[serde(skip, default = "adapter_bomb")]
    _dropped: PanicsOnDrop,
}

fn adapter_bomb() -> PanicsOnDrop {
    PanicsOnDrop("drop of an adapter")
}

impl Default for Fragile {
    fn default() -> Self {
        assert!(
            std::thread::current().name() != Some("logout"),
            "the worker makes no adapter"
        );
        Self {
            url: SecretUrl::default(),
            _dropped: adapter_bomb(),
        }
    }
}

impl Adapter for Fragile {
    fn check(&self) -> Result<(), String> {
        panic_at("check");
        Ok(())
    }

    fn pace(&self) -> impl IntoIterator<Item = Window> {
        panic_at("pace");
        [Window::new(1_000, Duration::from_secs(1), "fragile")]
    }

    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        panic_at("render");
        if panics_at("drop of a payload") {
            panic_any(PanicsOnDrop("drop of a payload, once more"));
        }
        request.post(self.url.expose());
        request.json(&notice.headline);
    }

    async fn send<T: Transport>(
        &self,
        request: &Request,
        transport: &T,
    ) -> Result<Response, Fault> {
        panic_at("send");
        let _dropped = PanicsOnDrop("drop of a future");
        yield_once().await;
        panic_at("send, later");
        transport.send(request).await
    }

    fn judge(&mut self, response: &Response) -> Verdict {
        panic_at("judge");
        Verdict::from_status(response)
    }

    fn mentions_from(&self) -> Option<Severity> {
        panic_at("mentions_from");
        None
    }

    fn remember(&self, _: &Response) -> Option<Memory> {
        panic_at("remember");
        None
    }

    fn preview(&self, request: &Request) -> Preview {
        panic_at("preview");
        Preview::from_request(request)
    }

    fn verify(&self, answers: &[Response], request: &mut Request) -> Check {
        panic_at("verify");
        if answers.is_empty() {
            request.get(self.url.expose());
            return Check::Ask;
        }
        Check::Fine("fine".to_owned())
    }
}

async fn yield_once() {
    let mut yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A transport that takes everything, except where it panics.
struct Line(#[expect(dead_code, reason = "it is there to be dropped")] PanicsOnDrop);

impl Transport for Line {
    async fn send(&self, _: &Request) -> Result<Response, Fault> {
        panic_at("transport");
        yield_once().await;
        panic_at("transport, later");
        if panics_at("a fault") {
            *NEXT_PANIC.lock().unwrap() = "drop of an error";
            let error = Outage(PanicsOnDrop("drop of an error"));
            return Err(Fault::NotSent(
                Cause::from("the line is down").with_source(error),
            ));
        }
        Ok(Response::new(200))
    }

    fn reload(&self) {
        panic_at("reload of a transport");
    }

    fn notes(&self) -> Vec<String> {
        panic_at("notes");
        Vec::new()
    }
}

/// The source of a fault.
struct Outage(#[expect(dead_code, reason = "it is there to be dropped")] PanicsOnDrop);

impl std::error::Error for Outage {}

impl std::fmt::Debug for Outage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outage")
    }
}

impl std::fmt::Display for Outage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an outage")
    }
}

fn figment() -> figment::Figment {
    let hook = figment::Figment::from(("hook.url", "https://hook.example"));
    hook.merge(("fragile.url", "https://fragile.example"))
}

fn start(figment: figment::Figment) -> (tracing::Dispatch, Guard<Alerts>) {
    use tracing_subscriber::prelude::*;
    let alerts = Alerts::from_figment(figment).unwrap();
    let alerts = alerts.transport(Line(PanicsOnDrop("drop of a transport")));
    let (layer, guard) = alerts.start().unwrap();
    (tracing_subscriber::registry().with(layer).into(), guard)
}

fn log(subscriber: &tracing::Dispatch, guard: &Guard<Alerts>) {
    tracing::dispatcher::with_default(subscriber, || tracing::error!("payment failed"));
    guard.handle().flush(support::TIMEOUT).unwrap();
}

fn panic_next_at(place: &'static str) {
    *NEXT_PANIC.lock().unwrap() = place;
}

#[track_caller]
fn assert_panicked(place: &str) {
    let next = NEXT_PANIC.lock().unwrap();
    assert_eq!(*next, "", "nothing panicked in {place}");
}

/// Asserts that the account adds up, that nothing is left, and that the worker has not died.
#[track_caller]
fn assert_worker_lives(guard: &Guard<Alerts>, place: &str) {
    let stats = guard.handle().stats();
    support::assert_adds_up(&stats);
    assert_eq!(stats.left(), 0, "{place}: {stats}");
    for lane in ["hook", "fragile"] {
        let died = support::discarded(&stats, lane, Reason::WorkerDied);
        assert_eq!(died, 0, "{place}: {stats}");
    }
    let before = support::delivered(&stats, "hook");
    assert!(before > 0, "{place}: {stats}");
}

/// Checks every place in one test, since the next panic is chosen for the whole process.
#[test]
fn what_panics_on_the_worker_stays_where_it_is() {
    if !is_alone(what_panics_on_the_worker_stays_where_it_is) {
        return;
    }
    std::panic::set_hook(Box::new(|_| {}));
    let (subscriber, guard) = start(figment());
    log(&subscriber, &guard);
    for place in [
        "format",
        "scrub",
        "render",
        "drop of a payload",
        "judge",
        "remember",
        "send",
        "send, later",
        "drop of a future",
        "transport",
        "transport, later",
        "a fault",
    ] {
        panic_next_at(place);
        log(&subscriber, &guard);
        assert_panicked(place);
        log(&subscriber, &guard);
        assert_worker_lives(&guard, place);
    }

    // A configuration that is read again takes the place of the adapter, which is dropped.
    for place in [
        "pace",
        "mentions_from",
        "drop of an adapter",
        "reload of a transport",
    ] {
        panic_next_at(place);
        guard.handle().reload_from(figment()).unwrap();
        log(&subscriber, &guard);
        assert_panicked(place);
        assert_worker_lives(&guard, place);
    }

    // On the thread that asks for it a panic is the caller's, and changes nothing.
    panic_next_at("check");
    let reload = || guard.handle().reload_from(figment());
    assert!(catch_unwind(AssertUnwindSafe(reload)).is_err());
    assert_panicked("check");
    log(&subscriber, &guard);
    assert_worker_lives(&guard, "check");

    // What answers a question leaves a fault behind, too.
    panic_next_at("a fault");
    let findings = guard.handle().verify(support::TIMEOUT).unwrap();
    assert!(
        findings
            .iter()
            .any(|finding| finding.text().contains("the line is down")),
        "{findings:?}"
    );
    assert_panicked("drop of an error");
    assert_worker_lives(&guard, "verification");

    panic_next_at("verify");
    let findings = guard.handle().verify(support::TIMEOUT).unwrap();
    assert!(findings[1].text().contains("panicked"), "{findings:?}");
    assert_worker_lives(&guard, "verify");

    a_waker_that_panics(&guard);
    log(&subscriber, &guard);
    assert_worker_lives(&guard, "waker");

    let stats = guard.handle().stats();
    assert_eq!(support::discarded(&stats, "hook", Reason::Rejected), 0);
    panic_next_at("drop of a transport");
    guard.handle().shutdown(support::TIMEOUT).unwrap();
    drop(guard);
    // Its last act was to answer; the transport goes a moment later.
    let ended = Instant::now();
    while !NEXT_PANIC.lock().unwrap().is_empty() && ended.elapsed() < support::TIMEOUT {
        std::thread::yield_now();
    }
    assert_panicked("drop of a transport");

    let (subscriber, guard) = start(figment().merge(("dry_run", true)));
    log(&subscriber, &guard);
    panic_next_at("preview");
    log(&subscriber, &guard);
    assert_panicked("preview");
    assert_worker_lives(&guard, "preview");
    drop(guard);

    panic_next_at("notes");
    let (subscriber, guard) = start(figment());
    assert_panicked("notes");
    log(&subscriber, &guard);
    assert_worker_lives(&guard, "notes");
}

/// Awaits an answer whose waker panics on the worker's thread.
fn a_waker_that_panics(guard: &Guard<Alerts>) {
    struct Alarm(AtomicBool);
    impl Wake for Alarm {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
            panic!("in a waker, as asked for");
        }
    }
    let alarm = Arc::new(Alarm(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&alarm));
    let handle = guard.handle();
    // The answer may be there before anybody asks to be woken.
    while !alarm.0.load(Ordering::Relaxed) {
        let mut flushed = Box::pin(handle.flush_async(support::TIMEOUT));
        let mut poll = || {
            let mut cx = Context::from_waker(&waker);
            flushed.as_mut().poll(&mut cx).is_pending()
        };
        while poll() {
            std::thread::yield_now();
        }
    }
}
