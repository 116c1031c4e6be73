use std::fmt::{self, Debug};
use std::io;
use std::sync::{Arc, Mutex};

use tracing::level_filters::LevelFilter;
use tracing::{debug, error, info, info_span, trace_span, warn};
#[cfg(feature = "verify")]
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Registry, fmt as fmt_layer};

use self::bench::{Alerts, Bench, Chosen, Errors, Formats, Verbose, alone, captured, only, spans};
use super::*;
#[cfg(feature = "verify")]
use crate::capture::filter::hidden_below;

pub(crate) mod bench;
mod bridge;
mod trail;

/// The output of a fmt layer.
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
            bench.levels.set(0, level, LevelFilter::ERROR);
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
        bench.levels.set(0, LevelFilter::OFF, LevelFilter::ERROR);
        let _off = info_span!("off").entered();
        bench.levels.set(0, LevelFilter::WARN, LevelFilter::ERROR);
        let _on = info_span!("on").entered();
        warn!("x");
    });
    assert_eq!(spans(&bench.queue.drain()[0]), ["on{}"]);
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
        "capture::layer::tests::verdict_survives_a_debug_that_logs_in_another_layer",
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
        let events = bench.queue.drain();
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
    let (alerts, errors) = (alerts.queue.drain(), errors.queue.drain());
    assert_eq!((alerts.len(), errors.len()), (2, 1));
    assert_eq!(spans(&alerts[1]), ["outer{}"]);
    assert_eq!(spans(&errors[0]), ["inner{}", "outer{}"]);
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
    assert_eq!(spans(&bench.queue.drain()[0]), ["span{n=1}"]);
}

#[cfg(feature = "verify")]
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
            .modify(|_| bench.levels.set(0, LevelFilter::ERROR, LevelFilter::ERROR))
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
        let outer = ReentryGuard::enter();
        drop(ReentryGuard::enter());
        error!("while sending");
        drop(outer);
        error!("afterwards");
    });
    assert_eq!(bench.messages(), ["afterwards"]);
}

#[test]
fn http_stack_is_heard_from_warn_up_and_the_reactor_never() {
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

#[cfg(feature = "verify")]
#[test]
fn filter_of_the_whole_subscriber_is_noticed() {
    let hidden = |filter, target| {
        let bench = Bench::of::<Alerts>();
        let subscriber = tracing_subscriber::registry()
            .with(bench.layer::<Alerts, _>())
            .with(EnvFilter::new(filter));
        tracing::subscriber::with_default(subscriber, || hidden_below::<Alerts>(target))
    };
    assert_eq!(hidden("error", "shop"), Some(LevelFilter::ERROR));
    assert_eq!(hidden("off", "shop"), Some(LevelFilter::OFF));
    assert_eq!(hidden("error,shop=info", "shop"), None);
    assert_eq!(hidden("info", "shop"), None);
}

#[cfg(feature = "verify")]
#[test]
fn filter_of_another_layer_is_none_of_the_whole_subscriber() {
    let bench = Bench::of::<Alerts>();
    let (subscriber, _) = beside_fmt(&bench, LevelFilter::OFF);
    tracing::subscriber::with_default(subscriber, || {
        assert_eq!(hidden_below::<Alerts>("shop"), None);
        // Another block's layer is not installed.
        assert_eq!(hidden_below::<Errors>("shop"), None);
    });
    assert_eq!(bench.messages(), Vec::<String>::new());
}

#[cfg(feature = "verify")]
#[test]
fn filter_that_goes_by_what_a_macro_gives_or_panics_is_asked_like_by_a_macro() {
    let hidden = |filter: fn(&Metadata<'_>) -> bool| {
        let bench = Bench::of::<Alerts>();
        let subscriber = tracing_subscriber::registry()
            .with(bench.layer::<Alerts, _>())
            .with(tracing_subscriber::filter::filter_fn(filter));
        tracing::subscriber::with_default(subscriber, || {
            let hidden = hidden_below::<Alerts>("shop");
            warn!("afterwards");
            (hidden, bench.messages().len())
        })
    };
    let like_a_macro = |metadata: &Metadata<'_>| {
        metadata.fields().field("message").is_some()
            && metadata.file().is_some()
            && metadata.module_path().is_some()
    };
    assert_eq!(hidden(like_a_macro), (None, 1));
    let errors = |metadata: &Metadata<'_>| *metadata.level() == tracing::Level::ERROR;
    assert_eq!(hidden(errors), (Some(LevelFilter::ERROR), 0));
    let panics = |metadata: &Metadata<'_>| {
        assert!(metadata.line() != Some(1), "as asked for");
        true
    };
    assert_eq!(hidden(panics), (None, 1));
}
