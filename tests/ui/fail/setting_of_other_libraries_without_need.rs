logout::logout! {
    struct Alerts {
        dedupe: true,
        sample_rate: 0.5,
        panic: true,
        timezone: "UTC",
        # a comment
        adapters: [logout::Slack { format: "%level %msg" }],
    }
}

fn main() {}
