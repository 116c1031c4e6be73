#[path = "../support.rs"]
mod support;

use support::Pager;

logout::logout! {
    struct Alerts {
        adapters: [
            Slack { max_levl: WARN, mention_evry: "5m", min_level: INFO, filter: [target: "shop"] },
            Discord { quiet_notic: true, fields: [order], template: "$message" },
            Pager { max_levl: WARN, log_level: INFO },
        ],
    }
}

fn main() {}
