logout::logout! {
    struct Alerts {
        adapters: [
            Slack: ops,
            Discord: night { level: ERROR },
            Telegram => oncall,
            Zulip("deploys"),
            slack: dev,
            Slack { name: "audit" },
        ],
    }
}

fn main() {
    let _ = [AlertsAdapter::Ops, AlertsAdapter::Night, AlertsAdapter::Oncall];
}
