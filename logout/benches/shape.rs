//! The time it takes to reduce a text to its shape, which the worker does for each event.
//!
//! Limit: 150 ns for 60 bytes.

use divan::{Bencher, black_box};

#[path = "../src/text"]
mod text {
    #[expect(dead_code, reason = "families need the map alone")]
    #[cfg_attr(test, expect(unused_imports, reason = "a bench takes no tests along"))]
    pub(crate) mod sorted_map;
}

#[path = "../src/message"]
mod message {
    #[expect(dead_code, reason = "a bench has no use for problems")]
    #[cfg_attr(test, expect(unused_imports, reason = "a bench takes no tests along"))]
    pub(crate) mod shape;
}

use message::shape::Shape;
use message::shape::families::ShapeFamily;

fn main() {
    divan::main();
}

/// Of 60 bytes, as the limit says.
const TYPICAL: &str = "payment 4711 failed: timeout of gateway at 10.0.0.1:8080 now";

/// Words alone.
const PLAIN: &str = "the connection was closed before the message was completed it";

#[divan::bench(args = [TYPICAL, PLAIN])]
fn fold_and_hash(bencher: Bencher<'_, '_>, text: &str) {
    bencher.bench_local(|| Shape::of(black_box(text)).hash());
}

/// Measures the search for a family, which happens only where a shape is not known.
#[divan::bench]
fn family(bencher: Bencher<'_, '_>) {
    let shape = Shape::of(TYPICAL);
    bencher.bench_local(|| ShapeFamily::of(black_box(&[shape])));
}
