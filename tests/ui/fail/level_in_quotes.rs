logout::logout! {
    struct Alerts {
        level: "warning",
        spans: 3,
        adapters: [logout::Slack { level: "loud" }],
    }
}

fn main() {}
