logout::logout! {
    struct Alerts {
        level: warning,
        spans: info,
        adapters: [logout::Slack { level: critical }],
    }
}

fn main() {}
