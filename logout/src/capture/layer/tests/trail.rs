//! Tests of what a trail keeps, and of what a block without one does not see.

use std::sync::Arc;

use tracing::subscriber::Interest;
use tracing::{Level, Metadata, debug, error, info, info_span};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::{Registry, layer};

use super::bench::{Alerts, Bench, Trailing, TrailingFar};
use crate::block::BlockDefinition;
use crate::capture::CaptureLimits;
use crate::capture::filter::Filter;
use crate::event::Event;
use crate::event::encoding::TRAIL_HEAD;

/// A call site of this level and target.
macro_rules! site {
    ($level:expr, $target:literal) => {{
        struct Site;
        impl tracing::callsite::Callsite for Site {
            fn set_interest(&self, _: Interest) {}
            fn metadata(&self) -> &Metadata<'_> {
                &METADATA
            }
        }
        static SITE: Site = Site;
        static METADATA: Metadata<'static> = Metadata::new(
            "event",
            $target,
            $level,
            None,
            None,
            None,
            tracing::field::FieldSet::new(&["message"], tracing::callsite::Identifier(&SITE)),
            tracing::metadata::Kind::EVENT,
        );
        &METADATA
    }};
}

/// Returns the hint, and whether a call site of each level is of interest.
fn interests<D: BlockDefinition>() -> (Option<LevelFilter>, [bool; 4]) {
    let bench = Bench::of::<D>();
    let filter = Filter::<D>::new(Arc::clone(&bench.levels));
    let asks = |site| {
        let interest = layer::Filter::<Registry>::callsite_enabled(&filter, site);
        assert!(!interest.is_always());
        interest.is_sometimes()
    };
    (
        layer::Filter::<Registry>::max_level_hint(&filter),
        [
            asks(site!(Level::WARN, "shop")),
            asks(site!(Level::INFO, "shop")),
            asks(site!(Level::DEBUG, "shop")),
            asks(site!(Level::INFO, "shop::noisy")),
        ],
    )
}

#[test]
fn call_sites_below_the_level_are_of_interest_to_a_block_with_a_trail_alone() {
    let info = Some(LevelFilter::INFO);
    assert_eq!(interests::<Alerts>(), (info, [true, false, false, false]));
    assert_eq!(interests::<Trailing>(), (info, [true, true, false, false]));
    assert_eq!(
        interests::<TrailingFar>(),
        (Some(LevelFilter::DEBUG), [true, true, true, true])
    );
}

/// Returns the events that the layer of `D` captures while all trails have at most `trails` bytes.
fn captured<D: BlockDefinition>(trails: usize, event: usize, program: impl FnOnce()) -> Vec<Event> {
    let mut bench = Bench::of::<D>();
    let limits = CaptureLimits::new(D::BLOCK.truncate).with_event_limit(event);
    bench.limits = Arc::new(limits.with_trails(trails));
    let subscriber = tracing_subscriber::registry().with(bench.layer::<D, _>());
    tracing::subscriber::with_default(subscriber, program);
    bench.queue.drain()
}

/// Returns the lines of the trail, and whether it is cut.
fn trail(event: &Event) -> (Vec<String>, bool) {
    let trail = event.view().trail().unwrap();
    let line = |line: crate::event::LineView<'_>| {
        let fields = line
            .fields()
            .map(|(name, value)| format!(" {name}={value}"));
        let message = line.message().map(|value| value.to_string());
        format!(
            "{}{}",
            message.unwrap_or_default(),
            fields.collect::<String>()
        )
    };
    (trail.lines().map(line).collect(), trail.is_cut())
}

#[test]
fn a_ring_that_may_not_grow_loses_its_oldest_lines_and_says_so() {
    let long = "x".repeat(500);
    let program = || {
        let _request = info_span!("request").entered();
        info!("{long}");
        info!("second");
        info!("{long}");
        error!("it broke");
    };
    let whole = captured::<Trailing>(usize::MAX, 256 << 10, program);
    let (lines, is_cut) = trail(&whole[0]);
    assert_eq!((lines.len(), is_cut), (3, false));
    let none = captured::<Trailing>(0, 256 << 10, program);
    assert_eq!(trail(&none[0]), (Vec::new(), true));
}

#[test]
fn a_trail_that_finds_no_room_in_the_event_keeps_its_newest_lines() {
    let events = captured::<Trailing>(usize::MAX, 400, || {
        let _request = info_span!("request").entered();
        for step in 0..4 {
            info!(step, "{}", "x".repeat(60));
        }
        error!("it broke");
    });
    let (lines, is_cut) = trail(&events[0]);
    assert!((1..4).contains(&lines.len()) && is_cut, "{lines:?}");
    assert!(lines.last().unwrap().ends_with(" step=3"), "{lines:?}");
    assert!(events[0].view().spans().count() == 1 && events[0].size() < 400 + TRAIL_HEAD + 64);
}

#[test]
fn an_error_that_finds_no_room_in_a_line_is_shown_by_its_beginning() {
    let refused = std::io::Error::other(format!("refused: {}", "x".repeat(3_000)));
    let events = captured::<Trailing>(usize::MAX, 256 << 10, || {
        let _request = info_span!("request").entered();
        error!(error = &refused as &dyn std::error::Error, "not charged");
        error!("payment failed");
    });
    let (lines, _) = trail(&events[1]);
    let [line] = &lines[..] else {
        panic!("{lines:?}");
    };
    assert!(line.contains("not charged"), "{line}");
    assert!(line.contains("error=refused: xxx"), "{line}");
}

#[test]
fn nothing_of_a_trail_is_in_an_event_without_one() {
    let program = || {
        let _request = info_span!("request").entered();
        debug!("below the level");
        error!("it broke");
    };
    for events in [
        captured::<Alerts>(usize::MAX, 256 << 10, program),
        captured::<Trailing>(usize::MAX, 256 << 10, program),
    ] {
        assert!(events[0].view().trail().is_none());
    }
}

#[test]
fn a_debug_implementation_may_log_and_panic_in_a_trail_too() {
    use super::bench::{Formats, alone};
    alone(
        "capture::layer::tests::trail::a_debug_implementation_may_log_and_panic_in_a_trail_too",
        || {
            let bench = Bench::of::<Trailing>();
            let subscriber = tracing_subscriber::registry().with(bench.layer::<Trailing, _>());
            tracing::subscriber::set_global_default(subscriber).unwrap();
            let _request = info_span!("request").entered();
            let logs = Formats(|f: &mut std::fmt::Formatter<'_>| {
                info!("inner");
                f.write_str("outer")
            });
            let panics = Formats(|_: &mut std::fmt::Formatter<'_>| panic!("as asked for"));
            info!(value = ?logs, "logs");
            info!(value = ?panics, "panics");
            error!("it broke");
            let events = bench.queue.drain();
            let expected = [
                "inner",
                "logs value=outer",
                "panics value=<panicked while formatting>",
            ];
            assert_eq!(trail(&events[0]).0, expected);
        },
    );
}

/// Runs in a process of its own, since other tests hold trails meanwhile.
#[test]
fn what_a_trail_takes_is_given_back_with_its_span() {
    super::bench::alone(
        "capture::layer::tests::trail::what_a_trail_takes_is_given_back_with_its_span",
        || {
            captured::<Trailing>(usize::MAX, 256 << 10, || {
                assert_eq!(crate::capture::trail_bytes(), 0);
                let request = info_span!("request");
                request.in_scope(|| error!("no line yet but this"));
                let held = crate::capture::trail_bytes();
                assert!((1 << 10..2 << 10).contains(&held), "{held}");
                drop(request);
                assert_eq!(crate::capture::trail_bytes(), 0);
            });
        },
    );
}
