//! Every setting and every option.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]
#![deny(
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::items_after_statements
)]

use std::time::Duration;

use logout::adapter::{Request, SecretUrl, Step};
use logout::{Adapter, Notice, logout};
use tracing::level_filters::LevelFilter;

/// An adapter of the program's own.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Mattermost {
    url: SecretUrl,
    #[serde(default)]
    channel: String,
    #[serde(default)]
    r#type: Option<String>,
}

impl Adapter for Mattermost {
    fn render(&self, notice: &Notice, _: Step<'_>, request: &mut Request) {
        request.post(self.url.expose());
        request.json(&serde_json::json!({ "text": notice.headline, "channel": self.channel, "type": self.r#type }));
    }
}

const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn short(notice: &Notice) -> String {
    notice.headline.clone()
}

const MOST: usize = 1_000;

logout! {
    /// The shop's alerts.
    pub struct Alerts {
        project_name: "My App Production",
        environment: "production",
        release: env!("CARGO_PKG_VERSION"),
        level: WARN,
        spans: LevelFilter::DEBUG,
        adapters: [
            logout::Slack,
            /// For those on call.
            ops: logout::Slack { level: ERROR, metadata: [order, http.status, "user.id"], format: short },
            #[cfg(any())]
            absent: nowhere::Adapter { topic: 5 },
            logout::Discord { metadata_filter: [user: "bob"], ignore: [target: "my_app::noisy"] },
            Mattermost { channel: "ops", r#type: "x", format: "$time $message" },
        ],
        metadata_filter: [target: "my_app", "http.status": "500"],
        ignore: [target: concat!("my_app", "::noisy"), fingerprint: "3fa9c1"],
        mute: ["3fa9c1"],
        metadata: all,
        mask: [default, iban, "card.number"],
        format: "$date $time [$level] $levelpad $message $metadata $node",
        truncate: infinity,
        memory_limit: "8 MiB",
        sync_threshold: 20,
        discard_threshold: MOST,
        discard_threshold_periodic_check: "45s",
        sync_timeout: millis(50),
        max_age: Duration::from_secs(45),
        shutdown_timeout: Duration::from_secs(1),
        panic_timeout: Duration::from_millis(500),
        utc_log: true,
        env_prefix: "SHOP_",
    }
}

/// Returns a label by a match that is complete without a last arm.
const fn label(instance: AlertsAdapter) -> &'static str {
    match instance {
        AlertsAdapter::Slack => "slack",
        AlertsAdapter::Ops => "ops",
        AlertsAdapter::Discord => "discord",
        AlertsAdapter::Mattermost => "mattermost",
    }
}

pub(crate) fn use_it() {
    let _ = Alerts::from_env;
    assert_eq!(label(AlertsAdapter::Ops), "ops");
    assert_eq!(format!("{:?}", AlertsAdapter::Ops), "Ops");
}
