//! The thread that sends makes do with a small stack, even unoptimised.

use std::time::Duration;

use logout::sandbox::{Platform, Sandbox};
use logout::{Telegram, logout};
use tracing_subscriber::prelude::*;

logout! {
    struct Alerts { adapters: [Telegram] }
}

#[test]
fn a_stack_of_512_kib_is_enough_to_send() {
    let sandbox = Sandbox::start().unwrap();
    let alerts = Alerts::from_figment(sandbox.figment_for(Platform::Telegram)).unwrap();
    let (layer, guard) = alerts.stack_size(512 * 1024).start().unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::error!(order = 42, "payment failed");
    });
    guard.handle().flush(Duration::from_secs(10)).unwrap();
    assert_eq!(sandbox.inbox().len(), 1);
}
