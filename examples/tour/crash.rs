//! The shop that crashes, which is a process of its own.

use std::error::Error;
use std::time::Duration;

use logout::{Slack, logout};
use tracing_subscriber::prelude::*;

use super::shop::wait_until;

logout! {
    /// The shop's alerts.
    pub(crate) struct Shop {
        project_name: "Corner Shop",
        environment: "tour",
        release: "1.4.2",
        env_prefix: "SHOP_",
        notices: [Crashed],
        adapters: [Slack],
    }
}

/// The argument by which the tour starts the shop.
pub(crate) const SHOP: &str = "shop";

/// Logs while the chat is away, and kills its own process.
pub(crate) fn open_shop() -> Result<(), Box<dyn Error>> {
    let (alerts, guard) = Shop::from_env()?.start()?;
    tracing_subscriber::registry().with(alerts).init();
    #[cfg(unix)]
    guard.flush_on_signals()?;
    tracing::error!(order = 109, "the gift card cannot be read");
    tracing::warn!(shelf = "tea", "the shelf is empty");
    let handle = guard.handle();
    // A flush puts on disk what it cannot send, and does not wait for a slow disk.
    let _away = handle.flush(Duration::from_secs(2));
    wait_until("the disk", || {
        handle
            .stats()
            .spool
            .is_some_and(|spool| spool.oldest.is_some())
    })?;
    #[cfg(unix)]
    signal_hook::low_level::raise(signal_hook::consts::SIGKILL)?;
    Ok(())
}
