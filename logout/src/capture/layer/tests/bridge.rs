//! Records that come over the `log` bridge.

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
    assert_eq!(view.message().as_deref(), Some("almost full"));
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
