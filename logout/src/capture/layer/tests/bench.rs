//! A layer on its own, and the events that it captures.

use std::fmt::{self, Debug};
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::prelude::*;

use crate::block::{Block, BlockDefinition, Declaration, Rule, Trail};
use crate::capture::CaptureLimits;
use crate::capture::filter::Levels;
use crate::capture::layer::{AlertsLayer, Layer};
use crate::event::{Event, SpanView};
use crate::queue::Queue;

/// A dispatcher that is nothing but its constants.
macro_rules! block {
    ($name:ident, $block:expr) => {
        pub(crate) struct $name;

        impl BlockDefinition for $name {
            const BLOCK: Block = $block;
            type Instance = usize;

            fn index(instance: usize) -> usize {
                instance
            }
        }
    };
}

pub(crate) const ONE: &[Declaration] = &[Declaration::new("slack", true)];

block!(Alerts, Block::new("Alerts", "shop", ONE));
block!(
    Verbose,
    Block::new("Verbose", "shop", ONE).level(LevelFilter::TRACE)
);
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

block!(
    Trailing,
    Block::new("Trailing", "shop", ONE)
        .trail(Trail::new(4))
        .ignore(&[Rule {
            key: "target",
            value: "shop::noisy"
        }])
);
block!(
    TrailingFar,
    Block::new("TrailingFar", "shop", ONE).trail(Trail::new(4).level(LevelFilter::DEBUG))
);

/// A layer and what it hands over.
pub(crate) struct Bench {
    pub(crate) queue: Arc<Queue>,
    pub(crate) levels: Arc<Levels>,
    pub(crate) limits: Arc<CaptureLimits>,
}

impl Bench {
    pub(crate) fn of<D: BlockDefinition>() -> Self {
        const { assert!(!D::BLOCK.instances.is_empty()) };
        Self {
            queue: Arc::new(Queue::of_tests()),
            levels: Arc::new(Levels::new(const { &D::BLOCK })),
            limits: Arc::new(CaptureLimits::new(D::BLOCK.truncate).with_trails(1 << 20)),
        }
    }

    pub(crate) fn layer<D: BlockDefinition, S>(&self) -> AlertsLayer<D, S> {
        Layer::filtered(
            Arc::clone(&self.queue),
            Arc::clone(&self.levels),
            Arc::clone(&self.limits),
        )
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        let events = self.queue.drain();
        events
            .iter()
            .map(|event| event.view().message().unwrap_or_default().into_owned())
            .collect()
    }
}

/// Returns the events that the layer of `Alerts` captures while `program` runs.
pub(crate) fn captured(program: impl FnOnce()) -> Vec<Event> {
    let bench = Bench::of::<Alerts>();
    let subscriber = tracing_subscriber::registry().with(bench.layer::<Alerts, _>());
    tracing::subscriber::with_default(subscriber, program);
    bench.queue.drain()
}

/// Returns the only event that `program` emits.
pub(crate) fn only(program: impl FnOnce()) -> Event {
    let mut events = captured(program);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

pub(crate) fn fields(event: &Event) -> Vec<String> {
    let fields = event.view().fields();
    fields
        .map(|(name, value)| format!("{name}={value:#}"))
        .collect()
}

/// Returns the spans, innermost first, as `name{field=value,...}`.
pub(crate) fn spans(event: &Event) -> Vec<String> {
    let text = |span: SpanView<'_>| {
        let fields: Vec<_> = span
            .fields()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("{}{{{}}}", span.name(), fields.join(","))
    };
    event.view().spans().map(text).collect()
}

/// Formats by a closure.
pub(crate) struct Formats<F>(pub(crate) F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> Debug for Formats<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// Runs a test in a process of its own, where it may set the global dispatcher: a scoped one
/// admits no event while it is at another, so nothing could be logged from within a Debug.
#[expect(clippy::print_stderr, reason = "a skipped test says so aloud")]
pub(crate) fn alone(test: &str, program: impl FnOnce()) {
    const ALONE: &str = "LOGOUT_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return program();
    }
    if cfg!(miri) {
        return eprintln!("skipped: Miri starts no process, {test} needs one of its own");
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}
