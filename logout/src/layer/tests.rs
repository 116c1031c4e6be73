use std::cell::Cell;
use std::fmt::{self, Debug};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tracing::level_filters::LevelFilter;
use tracing::{Level, debug, error, info, info_span, trace_span, warn};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Registry, fmt as fmt_layer};

use super::*;
use crate::Transport;
use crate::block::{Block, Declaration, Rule};
use crate::config::Config;
use crate::event::Event as Captured;
use crate::filter::Silence;
use crate::lane::Desk;

/// A dispatcher that is nothing but its constants.
macro_rules! block {
    ($name:ident, $block:expr) => {
        struct $name;

        impl Dispatch for $name {
            const BLOCK: Block = $block;
            type Instance = usize;

            fn index(instance: usize) -> usize {
                instance
            }

            fn read(_: &mut Config) -> Self {
                Self
            }

            async fn run<T: Transport>(&self, _: &Desk<T>) {}

            fn succeed(&self, _: &Self) {}
        }
    };
}

const ONE: &[Declaration] = &[Declaration::new("slack", true)];

block!(Alerts, Block::new("Alerts", "shop", ONE));
block!(
    Errors,
    Block::new("Errors", "shop", ONE)
        .level(LevelFilter::ERROR)
        .spans(LevelFilter::TRACE)
);
block!(
    Chosen,
    Block::new("Chosen", "shop", ONE)
        .metadata_filter(&[Rule {
            key: "target",
            value: "shop"
        }])
        .ignore(&[Rule {
            key: "target",
            value: "shop::noisy"
        }])
);

/// A layer and what it hands over.
struct Bench {
    intake: Arc<Intake>,
    levels: Arc<Levels>,
    limits: Arc<Limits>,
}

impl Bench {
    fn of<D: Dispatch>() -> Self {
        const { assert!(!D::BLOCK.instances.is_empty()) };
        Self {
            intake: Arc::default(),
            levels: Arc::new(Levels::new(const { &D::BLOCK })),
            limits: Arc::new(Limits::new(D::BLOCK.truncate)),
        }
    }

    fn layer<D: Dispatch, S>(&self) -> FilteredLayer<D, S> {
        Layer::filtered(
            Arc::clone(&self.intake),
            Arc::clone(&self.levels),
            Arc::clone(&self.limits),
        )
    }

    fn messages(&self) -> Vec<String> {
        let events = self.intake.take();
        events
            .iter()
            .map(|event| event.view().message().unwrap_or_default().to_owned())
            .collect()
    }
}

/// What the layer of `Alerts` makes of the events that `program` emits.
fn captured(program: impl FnOnce()) -> Vec<Captured> {
    let bench = Bench::of::<Alerts>();
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Alerts, _>());
    tracing::subscriber::with_default(subscriber, program);
    bench.intake.take()
}

/// The only event that `program` emits.
fn only(program: impl FnOnce()) -> Captured {
    let mut events = captured(program);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn fields(event: &Captured) -> Vec<String> {
    let fields = event.view().fields();
    fields
        .map(|(name, value)| format!("{name}={value:#}"))
        .collect()
}

/// Innermost first, as `name{field=value,...}`.
fn spans(event: &Captured) -> Vec<String> {
    let text = |span: crate::event::SpanView<'_>| {
        let fields: Vec<_> = span
            .fields()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{}{{{}}}", span.name(), fields.join(","))
    };
    event.view().spans().map(text).collect()
}

/// Formats by a closure.
struct Formats<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> Debug for Formats<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

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
    assert_eq!(view.message(), Some("disk 91 % full"));
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
            ("order", crate::event::Value::U64(42)),
            ("balance", crate::event::Value::I64(-7)),
            ("huge", crate::event::Value::U128(u128::MAX)),
            ("low", crate::event::Value::I128(i128::MIN)),
            ("ratio", crate::event::Value::F64(12.5)),
            ("paid", crate::event::Value::Bool(true)),
            ("path", crate::event::Value::Str("/login")),
            ("debug", crate::event::Value::Text("Some(\"x\")")),
            ("display", crate::event::Value::Text("text")),
        ]
    );
}

#[test]
fn error_brings_its_chain() {
    let refused = Refused(io::Error::other("card expired"));
    let event = only(|| error!(error = &refused as &dyn std::error::Error));
    assert_eq!(event.view().message(), None);
    let error = event.view().error().unwrap();
    assert_eq!(error.to_string(), "payment refused");
    assert_eq!(format!("{error:#}"), "payment refused: card expired");
}

#[test]
fn field_called_error_is_the_error() {
    let event = only(|| error!(order = 1, err = %"refused"));
    assert_eq!(event.view().error().unwrap().to_string(), "refused");
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
    let error = event.view().error().unwrap();
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
fn below_the_level_nothing_is_captured() {
    let events = captured(|| {
        info!("not wanted");
        debug!("nor this");
        warn!("wanted");
    });
    assert_eq!(events.len(), 1);
}

#[test]
fn spans_below_their_level_are_left_out() {
    let event = only(|| {
        let _seen = info_span!("seen").entered();
        let _hidden = trace_span!("hidden").entered();
        warn!("x");
    });
    assert_eq!(spans(&event), ["seen{}"]);
}

#[test]
fn narrowed_level_holds_from_the_next_event_on() {
    let bench = Bench::of::<Alerts>();
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Alerts, _>());
    tracing::subscriber::with_default(subscriber, || {
        for level in [
            LevelFilter::WARN,
            LevelFilter::ERROR,
            LevelFilter::OFF,
            LevelFilter::TRACE,
        ] {
            bench.levels.set(0, level);
            error!("{level} error");
            warn!("{level} warn");
            info!("{level} info");
        }
    });
    assert_eq!(
        bench.messages(),
        [
            "warn error",
            "warn warn",
            "error error",
            "trace error",
            "trace warn"
        ]
    );
}

#[test]
fn spans_are_left_alone_while_every_instance_is_off() {
    let bench = Bench::of::<Alerts>();
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Alerts, _>());
    tracing::subscriber::with_default(subscriber, || {
        bench.levels.set(0, LevelFilter::OFF);
        let _off = info_span!("off").entered();
        bench.levels.set(0, LevelFilter::WARN);
        let _on = info_span!("on").entered();
        warn!("x");
    });
    assert_eq!(spans(&bench.intake.take()[0]), ["on{}"]);
}

#[test]
fn targets_are_chosen_by_path_segments() {
    let bench = Bench::of::<Chosen>();
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Chosen, _>());
    tracing::subscriber::with_default(subscriber, || {
        warn!(target: "shop", "shop");
        warn!(target: "shop::pay", "pay");
        warn!(target: "shopping", "shopping");
        warn!(target: "shop::noisy", "noisy");
        warn!(target: "shop::noisy::deep", "deep");
        warn!(target: "shop::noisyish", "noisyish");
    });
    assert_eq!(bench.messages(), ["shop", "pay", "noisyish"]);
}

#[test]
fn text_is_cut_on_a_character() {
    let bench = Bench::of::<Alerts>();
    bench.limits.set_truncate(5);
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Alerts, _>());
    tracing::subscriber::with_default(subscriber, || warn!(field = "ééé", "{}", "ab\u{20ac}d"));
    let events = bench.intake.take();
    let view = events[0].view();
    assert_eq!(view.message(), Some("ab\u{20ac} (truncated)"));
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
    let event = bench.intake.take().remove(0);
    assert!(event.size() <= 256 * 1024 + size_of::<Captured>());
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
    assert_eq!(event.view().message(), Some("still here"));
    assert_eq!(
        fields(&event),
        ["before=1", "panics=<panicked while formatting>", "after=2"]
    );
    assert_eq!(
        spans(&event),
        ["span{panics=<panicked while formatting>,n=1}"]
    );
}

/// Runs a test in a process of its own, where it may set the global dispatcher: a scoped one
/// lets no event in while it is at another, so nothing could be logged from within a Debug.
fn alone(test: &str, program: impl FnOnce()) {
    const ALONE: &str = "LOGOUT_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return program();
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("layer::tests::{test}")])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
fn debug_that_logs_yields_both_events() {
    alone("debug_that_logs_yields_both_events", || {
        let bench = Bench::of::<Alerts>();
        tracing_subscriber::registry()
            .with(bench.layer::<Alerts, _>())
            .init();
        let logs = Formats(|f: &mut fmt::Formatter<'_>| {
            warn!(inner = 1, "from within");
            f.write_str("formatted")
        });
        error!(before = "a", ?logs, after = "b", "outer");
        let events = bench.intake.take();
        let messages: Vec<_> = events.iter().map(|event| event.view().message()).collect();
        assert_eq!(messages, [Some("from within"), Some("outer")]);
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
    alone("event_at_the_end_of_a_thread_is_captured", || {
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
    });
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
fn verdict_survives_a_debug_that_logs_in_another_layer() {
    /// Formats every event while it is being dispatched.
    struct Formatting;
    impl<S: Subscriber> tracing_subscriber::Layer<S> for Formatting {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            struct Text(String);
            impl Visit for Text {
                fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
                    self.0 = format!("{value:?}");
                }
            }
            event.record(&mut Text(String::new()));
        }
    }

    alone(
        "verdict_survives_a_debug_that_logs_in_another_layer",
        || {
            let bench = Bench::of::<Alerts>();
            // In this order the other layer formats before this one is told of the event.
            tracing_subscriber::registry()
                .with(Formatting.with_filter(LevelFilter::TRACE))
                .with(bench.layer::<Alerts, _>())
                .init();
            // The other layer formats it and, when it is wanted, so does ours.
            let wanted_within = Formats(|f: &mut fmt::Formatter<'_>| {
                warn!("within");
                f.write_str("wanted")
            });
            let unwanted_within = Formats(|f: &mut fmt::Formatter<'_>| {
                info!("not wanted either");
                f.write_str("unwanted")
            });
            info!(?wanted_within, "not wanted");
            warn!(?unwanted_within, "around");
            assert_eq!(bench.messages(), ["within", "around"]);
        },
    );
}

#[test]
fn installed_twice_each_layer_sees_all_once() {
    let (first, second) = (Bench::of::<Alerts>(), Bench::of::<Alerts>());
    let subscriber = tracing_subscriber::registry()
        .with(first.layer::<Alerts, _>())
        .with(second.layer::<Alerts, _>());
    tracing::subscriber::with_default(subscriber, || {
        let span = info_span!("span", n = 1, m = tracing::field::Empty);
        span.record("m", 2);
        span.in_scope(|| warn!("x"));
    });
    for bench in [first, second] {
        let events = bench.intake.take();
        assert_eq!(events.len(), 1);
        assert_eq!(spans(&events[0]), ["span{n=1,m=2}"]);
    }
}

#[test]
fn two_blocks_keep_their_own_levels_and_spans() {
    let (alerts, errors) = (Bench::of::<Alerts>(), Bench::of::<Errors>());
    let subscriber = tracing_subscriber::registry()
        .with(alerts.layer::<Alerts, _>())
        .with(errors.layer::<Errors, _>());
    tracing::subscriber::with_default(subscriber, || {
        let _outer = info_span!("outer").entered();
        let _inner = trace_span!("inner").entered();
        warn!("warning");
        error!("error");
    });
    let (alerts, errors) = (alerts.intake.take(), errors.intake.take());
    assert_eq!((alerts.len(), errors.len()), (2, 1));
    assert_eq!(spans(&alerts[1]), ["outer{}"]);
    assert_eq!(spans(&errors[0]), ["inner{}", "outer{}"]);
}

/// Where a fmt layer writes to.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn beside_fmt(bench: &Bench, filter: LevelFilter) -> (impl Subscriber + Send + Sync, Written) {
    let written = Written::default();
    let writer = written.clone();
    let fmt = fmt_layer::layer()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .with_filter(filter);
    let subscriber = tracing_subscriber::registry()
        .with(fmt)
        .with(bench.layer::<Alerts, _>());
    (subscriber, written)
}

#[test]
fn another_layer_still_sees_everything() {
    let bench = Bench::of::<Alerts>();
    let (subscriber, written) = beside_fmt(&bench, LevelFilter::DEBUG);
    tracing::subscriber::with_default(subscriber, || {
        debug!("seen by fmt");
        warn!("seen by both");
    });
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("seen by fmt") && text.contains("seen by both"));
    assert_eq!(bench.messages(), ["seen by both"]);
}

#[test]
fn narrower_filter_of_another_layer_does_not_narrow_this_one() {
    let bench = Bench::of::<Alerts>();
    let (subscriber, _) = beside_fmt(&bench, LevelFilter::ERROR);
    tracing::subscriber::with_default(subscriber, || {
        info_span!("span", n = 1).in_scope(|| warn!("x"));
    });
    assert_eq!(spans(&bench.intake.take()[0]), ["span{n=1}"]);
}

#[test]
fn filter_of_the_whole_subscriber_hides_what_it_rejects() {
    let bench = Bench::of::<Alerts>();
    let subscriber = tracing_subscriber::registry()
        .with(bench.layer::<Alerts, _>())
        .with(EnvFilter::new("error"));
    tracing::subscriber::with_default(subscriber, || {
        warn!("hidden");
        error!("seen");
    });
    assert_eq!(bench.messages(), ["seen"]);
}

#[test]
fn layer_modified_through_reload_goes_on() {
    let bench = Bench::of::<Alerts>();
    let (layer, handle) = tracing_subscriber::reload::Layer::new(bench.layer::<Alerts, Registry>());
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        warn!("before");
        handle
            .modify(|_| bench.levels.set(0, LevelFilter::ERROR))
            .unwrap();
        warn!("below");
        error!("after");
    });
    assert_eq!(bench.messages(), ["before", "after"]);
}

#[test]
fn silenced_thread_is_not_heard() {
    let bench = Bench::of::<Alerts>();
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Alerts, _>());
    tracing::subscriber::with_default(subscriber, || {
        let outer = Silence::keep();
        drop(Silence::keep());
        error!("while sending");
        drop(outer);
        error!("afterwards");
    });
    assert_eq!(bench.messages(), ["afterwards"]);
}

#[test]
fn http_stack_is_heard_from_warn_up_and_the_reactor_never() {
    block!(
        Verbose,
        Block::new("Verbose", "shop", ONE).level(LevelFilter::TRACE)
    );
    let bench = Bench::of::<Verbose>();
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Verbose, _>());
    tracing::subscriber::with_default(subscriber, || {
        debug!(target: "hyper_util::client", "stack");
        debug!(target: "rustls::conn", "stack");
        error!(target: "async_io::reactor", "reactor");
        warn!(target: "hyper::server", "a server's own");
        debug!(target: "hyperloop", "a namesake");
    });
    assert_eq!(bench.messages(), ["a server's own", "a namesake"]);
}

mod bridge {
    use tracing_log::log::{self, Log};

    use super::*;

    fn emit(target: &str, level: log::Level, message: &str) {
        let tracer = tracing_log::LogTracer::new();
        tracer.log(
            &log::Record::builder()
                .target(target)
                .level(level)
                .file(Some("src/disk.rs"))
                .line(Some(88))
                .module_path(Some("shop::disk"))
                .args(format_args!("{message}"))
                .build(),
        );
    }

    #[test]
    fn record_shows_its_own_place() {
        let event = only(|| emit("disk_target", log::Level::Warn, "almost full"));
        let view = event.view();
        assert_eq!(view.target(), "disk_target");
        assert_eq!(view.module(), Some("shop::disk"));
        assert_eq!((view.file(), view.line()), (Some("src/disk.rs"), Some(88)));
        assert_eq!(view.message(), Some("almost full"));
        assert_eq!(view.fields().count(), 0);
    }

    #[test]
    fn record_is_judged_by_its_own_target() {
        let bench = Bench::of::<Chosen>();
        let subscriber = tracing_subscriber::registry().with(bench.layer::<Chosen, _>());
        tracing::subscriber::with_default(subscriber, || {
            emit("shop::pay", log::Level::Warn, "chosen");
            emit("other", log::Level::Warn, "not chosen");
            emit("polling", log::Level::Error, "reactor");
        });
        assert_eq!(bench.messages(), ["chosen"]);
    }

    #[test]
    fn record_is_judged_by_its_own_target_beside_another_layer() {
        let bench = Bench::of::<Alerts>();
        let (subscriber, written) = beside_fmt(&bench, LevelFilter::TRACE);
        tracing::subscriber::with_default(subscriber, || {
            emit("shop", log::Level::Warn, "both");
            emit("polling", log::Level::Error, "reactor");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("both") && text.contains("reactor"));
        assert_eq!(bench.messages(), ["both"]);
    }
}
