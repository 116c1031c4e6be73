//! The time to compose a message where a block has many secrets.

use std::time::{Duration, Instant};

use figment::Figment;
use logout::adapter::{Request, SecretUrl, Step, Window};
use logout::{Adapter, Notice, logout};
use tracing::dispatcher::with_default;

use crate::workloads::{Count, Sink, subscriber};
use crate::{median, nanos, row};

/// A destination with an address of its own, which is secret.
#[derive(Default, serde::Deserialize)]
struct Hook {
    url: SecretUrl,
}

impl Adapter for Hook {
    fn pace(&self) -> impl IntoIterator<Item = Window> {
        [Window::new(
            1_000_000,
            Duration::from_secs(1),
            self.url.expose().as_str(),
        )]
    }

    fn render(&self, notice: &Notice, step: Step<'_>, request: &mut Request) {
        Count {}.render(notice, step, request);
    }
}

logout! {
    /// A block with as many chats as a large installation has.
    struct Many {
        level: WARN,
        adapters: [
            h00: Hook, h01: Hook, h02: Hook, h03: Hook, h04: Hook, h05: Hook, h06: Hook, h07: Hook, h08: Hook, h09: Hook,
            h10: Hook, h11: Hook, h12: Hook, h13: Hook, h14: Hook, h15: Hook, h16: Hook, h17: Hook, h18: Hook, h19: Hook,
            h20: Hook, h21: Hook, h22: Hook, h23: Hook, h24: Hook, h25: Hook, h26: Hook, h27: Hook, h28: Hook, h29: Hook,
            h30: Hook, h31: Hook, h32: Hook, h33: Hook, h34: Hook, h35: Hook, h36: Hook, h37: Hook, h38: Hook, h39: Hook,
            h40: Hook, h41: Hook, h42: Hook, h43: Hook, h44: Hook, h45: Hook, h46: Hook, h47: Hook, h48: Hook, h49: Hook,
        ],
    }
}

/// Measures the composing for fifty chats, each text without any of fifty secrets.
#[expect(
    clippy::expect_used,
    reason = "without a running block there is nothing to measure"
)]
pub(crate) fn fifty_of_them() {
    let mut settings = Figment::new();
    for number in 0..50_u64 {
        let token = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let url =
            format!("https://hooks.example.org/services/T{number:08}/{token:016x}{number:08x}");
        let key = format!("h{}{}.url", number / 10, number % 10);
        settings = settings.merge((key, url));
    }
    let (layer, guard) = Many::from_figment(settings)
        .and_then(|block| block.transport(Sink::default()).start())
        .expect("the block starts");
    let logout = subscriber(layer, false);
    let text = "payment of order 4711 failed: no answer from gateway.example.org; ".repeat(124);
    let mut times: Vec<_> = (0..20)
        .map(|_| {
            let start = Instant::now();
            with_default(&logout, || tracing::error!("{text}"));
            drop(guard.handle().flush(Duration::from_secs(5)));
            start.elapsed()
        })
        .collect();
    let delivered: u64 = guard
        .handle()
        .stats()
        .lanes
        .iter()
        .map(|lane| lane.delivered)
        .sum();
    row(
        "an event of 8 KB to 50 instances with 50 secrets, in all",
        "30 ms",
        &format!(
            "{:.1} ms, {delivered} of 1,000 delivered",
            nanos(median(&mut times)) / 1e6
        ),
    );
}
