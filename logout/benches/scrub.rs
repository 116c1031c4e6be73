//! The time it takes to scrub credentials from a message.
//!
//! Limit: 2 µs for all texts of a typical message.

use divan::{Bencher, black_box};

#[path = "../src/block"]
mod block {
    #[expect(dead_code, reason = "a bench changes no list")]
    #[cfg_attr(test, expect(unused_imports, reason = "a bench takes no tests along"))]
    pub(crate) mod mask;
}
#[path = "../src/text"]
mod text {
    #[expect(dead_code, reason = "a bench writes no numbers")]
    #[cfg_attr(test, expect(unused_imports, reason = "a bench takes no tests along"))]
    pub(crate) mod human;
    #[expect(dead_code, reason = "a bench cuts no text")]
    #[cfg_attr(test, expect(unused_imports, reason = "a bench takes no tests along"))]
    pub(crate) mod unicode;
}
#[path = "../src/message"]
mod message {
    #[expect(dead_code, reason = "a bench changes no mask")]
    #[cfg_attr(test, expect(unused_imports, reason = "a bench takes no tests along"))]
    pub(crate) mod mask;
    pub(crate) use mask::Mask;

    pub(crate) mod scrub {
        use std::borrow::Cow;

        mod commands;
        mod credentials;
        mod encoded_values;
        mod named_values;
        mod payment_cards;
        mod prefixes;
        mod sql;
        mod tokens;
        mod value;

        pub(crate) const MASK: &str = "•••";
        const CUTS: [&str; 2] = [" (truncated)", "…"];

        pub(crate) fn scrub<'t>(text: &'t str, mask: &super::Mask) -> Cow<'t, str> {
            credentials::scrub(text, mask)
        }
    }
}

use message::Mask;
use message::scrub::scrub;

fn main() {
    divan::main();
}

/// What is sent of an event with three fields in a span with two: 190 bytes.
const TYPICAL: [&str; 20] = [
    "payment failed: connection refused",
    "connection refused (os error 111)",
    "order",
    "42",
    "customer",
    "c_1837",
    "elapsed_ms",
    "12.5",
    "request",
    "id",
    "7",
    "path",
    "/checkout",
    "shop::pay",
    "shop::pay",
    "src/pay.rs",
    "My App Production",
    "production",
    "web-7",
    "1.4.2",
];

/// Measures the texts of a typical message. Limit: 2 µs.
#[divan::bench]
fn typical_message(bencher: Bencher<'_, '_>) {
    let mask = Mask::default();
    bencher.bench_local(|| {
        let texts = TYPICAL.iter();
        texts
            .map(|text| scrub(black_box(text), &mask).len())
            .sum::<usize>()
    });
}

/// Measures a Debug text with much that looks like the beginning of a credential.
#[divan::bench]
fn debug_of_64_kilobytes(bencher: Bencher<'_, '_>) {
    let mask = Mask::default();
    let text =
        "Order { id: 42, at: \"2026-11-28T12:04:31Z\", url: \"https://shop/x?y=1\" }, ".repeat(870);
    bencher.bench_local(|| scrub(black_box(&text), &mask).len());
}
