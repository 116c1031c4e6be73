//! The cost of an event to the thread that logs it: time, and allocations, of which there are none.
//!
//! Limits, as ratios to `floor` in the same run: W2, W3 and W4 1.5; no allocation in any of them.
//! Nanoseconds of different runs say little on a machine that does other things; instructions do,
//! see `instructions.rs`.

use divan::{AllocProfiler, Bencher};
use tracing::Dispatch;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::LevelFilter;

#[path = "floor.rs"]
mod floor;
#[path = "workloads.rs"]
mod workloads;

use floor::Floor;
use workloads::{Hot, Sink, in_spans, start, subscriber, w1, w2, w3};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Subscribers side by side: logout, and the floor behind the same filter.
const SUBJECTS: [&str; 2] = ["logout", "floor"];

fn measure(bencher: Bencher<'_, '_>, subject: &str, other: bool, event: fn()) {
    let _guard;
    let subscriber: Dispatch = if subject == "floor" {
        subscriber(Floor::start().with_filter(LevelFilter::INFO), other)
    } else {
        let (logout, guard) = start::<Hot>(&Sink::default(), other);
        _guard = guard;
        logout
    };
    tracing::dispatcher::with_default(&subscriber, || {
        // The worker is awake for a second after the first.
        event();
        bencher.bench_local(event);
    });
}

/// Measures W1: nobody wants it. Limit: 8 instructions, as without any layer.
#[divan::bench(args = SUBJECTS)]
fn w1_unwanted(bencher: Bencher<'_, '_>, subject: &str) {
    measure(bencher, subject, false, w1);
}

/// Measures W1b: another layer wants it. Limit: what any layer behind a filter costs.
#[divan::bench(args = SUBJECTS)]
fn w1b_wanted_by_another_layer(bencher: Bencher<'_, '_>, subject: &str) {
    measure(bencher, subject, true, w1);
}

/// Measures W2: a message without fields. Limit: 1.5 times the floor, 0 allocations.
#[divan::bench(args = SUBJECTS, sample_size = 200, sample_count = 200)]
fn w2_message(bencher: Bencher<'_, '_>, subject: &str) {
    measure(bencher, subject, false, w2);
}

/// Measures W3: four fields. Limit: 1.5 times the floor, 0 allocations.
#[divan::bench(args = SUBJECTS, sample_size = 200, sample_count = 200)]
fn w3_four_fields(bencher: Bencher<'_, '_>, subject: &str) {
    measure(bencher, subject, false, w3);
}

/// Measures W4: the same in three spans. Limit: 1.5 times the floor, 0 allocations.
#[divan::bench(args = SUBJECTS, sample_size = 200, sample_count = 200)]
fn w4_in_three_spans(bencher: Bencher<'_, '_>, subject: &str) {
    let _guard;
    let subscriber: Dispatch = if subject == "floor" {
        subscriber(Floor::start().with_filter(LevelFilter::INFO), false)
    } else {
        let (logout, guard) = start::<Hot>(&Sink::default(), false);
        _guard = guard;
        logout
    };
    tracing::dispatcher::with_default(&subscriber, || {
        in_spans(|| {
            w3();
            bencher.bench_local(w3);
        });
    });
}

/// Measures W4s: three spans with two fields are created, entered, left and closed. Limit: 1.1 times the
/// floor.
#[divan::bench(args = SUBJECTS)]
fn w4s_three_spans(bencher: Bencher<'_, '_>, subject: &str) {
    measure(bencher, subject, false, || in_spans(|| ()));
}
