use std::cell::Cell;
use std::{fmt, io};

use tracing::{Level, error, info_span, warn};
use tracing_subscriber::prelude::*;

use crate::capture::layer::tests::bench::{Alerts, Bench, Formats, alone, fields, only, spans};
use crate::event::{Event, Value};

#[derive(Debug)]
struct Refused(io::Error);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("payment refused")
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn message_and_place_are_captured() {
    let event = only(|| warn!("disk {} % full", 91));
    let view = event.view();
    assert_eq!(view.message().as_deref(), Some("disk 91 % full"));
    assert_eq!(view.level(), Level::WARN);
    assert_eq!(view.target(), module_path!());
    assert_eq!(view.module(), Some(module_path!()));
    assert_eq!(view.file(), Some(file!()));
    assert!(view.line().is_some());
    assert!(view.time().elapsed().unwrap().as_secs() < 60);
    assert_eq!(view.fields().count(), 0);
}

#[test]
fn fields_keep_their_types() {
    let event = only(|| {
        warn!(
            order = 42_u64,
            balance = -7_i64,
            huge = u128::MAX,
            low = i128::MIN,
            ratio = 12.5,
            paid = true,
            path = "/login",
            debug = ?Some("x"),
            display = %"text",
            "typed"
        );
    });
    let values: Vec<_> = event.view().fields().collect();
    assert_eq!(
        values,
        [
            ("order", Value::U64(42)),
            ("balance", Value::I64(-7)),
            ("huge", Value::U128(u128::MAX)),
            ("low", Value::I128(i128::MIN)),
            ("ratio", Value::F64(12.5)),
            ("paid", Value::Bool(true)),
            ("path", Value::Str("/login")),
            ("debug", Value::Text("Some(\"x\")")),
            ("display", Value::Text("text")),
        ]
    );
}

#[test]
fn error_brings_its_chain() {
    let refused = Refused(io::Error::other("card expired"));
    let event = only(|| error!(error = &refused as &dyn std::error::Error));
    assert_eq!(event.view().message().as_deref(), None);
    let (_, error) = event.view().error().unwrap();
    assert_eq!(error.to_string(), "payment refused");
    assert_eq!(format!("{error:#}"), "payment refused: card expired");
}

#[test]
fn field_called_error_is_the_error() {
    let event = only(|| error!(order = 1, err = %"refused"));
    assert_eq!(event.view().error().unwrap().1.to_string(), "refused");
}

#[test]
fn chain_that_returns_itself_ends() {
    #[derive(Debug)]
    struct Endless;
    impl fmt::Display for Endless {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("again")
        }
    }
    impl std::error::Error for Endless {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(self)
        }
    }
    let event = only(|| error!(error = &Endless as &dyn std::error::Error));
    let (_, error) = event.view().error().unwrap();
    assert_eq!(format!("{error:#}").matches("again").count(), 16);
}

#[test]
fn spans_bring_fields_of_creation_and_of_later() {
    let event = only(|| {
        let request = info_span!("request", id = 7, user = tracing::field::Empty);
        let _request = request.enter();
        let charge = info_span!("charge", order = 42, state = "new");
        let _charge = charge.enter();
        request.record("user", "ada");
        charge.record("state", "paid");
        warn!("slow");
    });
    assert_eq!(
        spans(&event),
        ["charge{order=42,state=paid}", "request{id=7,user=ada}"]
    );
    assert_eq!(event.view().field("id").unwrap().to_string(), "7");
}

#[test]
fn explicit_parents_are_honoured() {
    let event = only(|| {
        let _current = info_span!("current").entered();
        warn!(parent: None, "alone");
    });
    assert!(spans(&event).is_empty());

    let event = only(|| {
        let other = info_span!("other", n = 1);
        let _current = info_span!("current").entered();
        warn!(parent: &other, "elsewhere");
    });
    assert_eq!(spans(&event), ["other{n=1}"]);
}

#[test]
fn named_thread_is_named_and_main_is_not() {
    let name = |name: Option<&str>| {
        let mut thread = std::thread::Builder::new();
        if let Some(name) = name {
            thread = thread.name(name.to_owned());
        }
        let event = thread
            .spawn(|| only(|| warn!("x")))
            .unwrap()
            .join()
            .unwrap();
        event.view().thread().map(str::to_owned)
    };
    assert_eq!(name(Some("worker-3")).as_deref(), Some("worker-3"));
    assert_eq!(name(Some("main")), None);
    assert_eq!(name(None), None);
}

#[test]
fn text_is_cut_on_a_character() {
    let bench = Bench::of::<Alerts>();
    bench.limits.set_truncate(5);
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Alerts, _>());
    tracing::subscriber::with_default(subscriber, || warn!(field = "ééé", "{}", "ab\u{20ac}d"));
    let events = bench.queue.drain();
    let view = events[0].view();
    assert_eq!(view.message().as_deref(), Some("ab\u{20ac} (truncated)"));
    assert_eq!(view.field("field").unwrap().to_string(), "éé (truncated)");
}

#[test]
fn ten_megabytes_stop_early() {
    let written = Cell::new(0);
    let endless = Formats(|f: &mut fmt::Formatter<'_>| {
        for _ in 0..10_000_000 / 1_000 {
            f.write_str(&"x".repeat(1_000))?;
            written.set(written.get() + 1);
        }
        Ok(())
    });
    let event = only(|| error!(order = 7, ?endless, "big"));
    assert_eq!(written.get(), 8);
    assert!(event.size() < 10_000);
    let text = event.view().field("endless").unwrap().to_string();
    assert_eq!(text.len(), 8_192 + " (truncated)".len());
}

#[test]
fn event_stays_within_its_bound() {
    let bench = Bench::of::<Alerts>();
    bench.limits.set_truncate(usize::MAX);
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Alerts, _>());
    let huge = "x".repeat(1_000_000);
    tracing::subscriber::with_default(subscriber, || {
        let _outer = info_span!("outer", huge).entered();
        let _inner = info_span!("inner", huge).entered();
        warn!(a = huge, b = huge, c = 1, "{huge}");
    });
    let event = bench.queue.drain().remove(0);
    assert!(event.size() <= 256 * 1024 + size_of::<Event>());
    assert!(event.view().message().unwrap().ends_with("x (truncated)"));
    let names: Vec<_> = event
        .view()
        .spans()
        .map(|span| span.name().to_owned())
        .collect();
    assert_eq!(names, ["inner", "outer"]);
}

#[test]
fn debug_that_panics_costs_its_own_value_only() {
    let panics = Formats(|_: &mut fmt::Formatter<'_>| panic!("in Debug"));
    let event = only(|| {
        let _span = info_span!("span", ?panics, n = 1).entered();
        error!(before = 1, ?panics, after = 2, "still here");
    });
    assert_eq!(event.view().message().as_deref(), Some("still here"));
    assert_eq!(
        fields(&event),
        ["before=1", "panics=<panicked while formatting>", "after=2"]
    );
    assert_eq!(
        spans(&event),
        ["span{panics=<panicked while formatting>,n=1}"]
    );
}

#[test]
fn debug_that_logs_yields_both_events() {
    alone("capture::tests::debug_that_logs_yields_both_events", || {
        let bench = Bench::of::<Alerts>();
        tracing_subscriber::registry()
            .with(bench.layer::<Alerts, _>())
            .init();
        let logs = Formats(|f: &mut fmt::Formatter<'_>| {
            warn!(inner = 1, "from within");
            f.write_str("formatted")
        });
        error!(before = "a", ?logs, after = "b", "outer");
        let events = bench.queue.drain();
        let messages = events.iter().filter_map(|event| event.view().message());
        assert_eq!(messages.collect::<Vec<_>>(), ["from within", "outer"]);
        assert_eq!(fields(&events[0]), ["inner=1"]);
        assert_eq!(
            fields(&events[1]),
            ["before=a", "logs=formatted", "after=b"]
        );
    });
}

#[test]
fn event_at_the_end_of_a_thread_is_captured() {
    /// Logs when its thread ends.
    struct Last(&'static str);
    impl Drop for Last {
        fn drop(&mut self) {
            error!(n = 1, "{}", self.0);
        }
    }
    thread_local! {
        static EARLY: Last = const { Last("made first") };
        static LATE: Last = const { Last("made last") };
    }
    alone(
        "capture::tests::event_at_the_end_of_a_thread_is_captured",
        || {
            let bench = Bench::of::<Alerts>();
            tracing_subscriber::registry()
                .with(bench.layer::<Alerts, _>())
                .init();
            let thread = std::thread::spawn(|| {
                EARLY.with(|_| ());
                info_span!("span").in_scope(|| warn!("running"));
                LATE.with(|_| ());
            });
            thread.join().unwrap();
            let mut messages = bench.messages();
            messages.sort();
            assert_eq!(messages, ["made first", "made last", "running"]);
        },
    );
}

#[test]
fn debug_may_touch_the_span_it_is_a_field_of() {
    let event = only(|| {
        let span = info_span!(
            "span",
            value = tracing::field::Empty,
            n = tracing::field::Empty
        );
        let nosy = Formats(|f: &mut fmt::Formatter<'_>| {
            span.record("n", 5);
            span.in_scope(|| f.write_str("nosy"))
        });
        span.record("value", tracing::field::debug(&nosy));
        span.in_scope(|| warn!(?nosy, "x"));
    });
    assert_eq!(spans(&event), ["span{value=nosy,n=5}"]);
    assert_eq!(fields(&event), ["nosy=nosy"]);
}

#[test]
fn debug_may_panic_with_what_panics_when_dropped() {
    struct Bomb(u8);
    impl Drop for Bomb {
        fn drop(&mut self) {
            if let Some(left) = self.0.checked_sub(1) {
                std::panic::panic_any(Self(left));
            }
        }
    }
    let bomb = Formats(|_: &mut fmt::Formatter<'_>| std::panic::panic_any(Bomb(2)));
    let event = only(|| error!(?bomb, "still here"));
    assert_eq!(fields(&event), ["bomb=<panicked while formatting>"]);
}
