use logout::Slack;

logout::logout! {
    struct Alerts {
        "level": WARN,
        adapters: [Slack { "mention": "here" }],
    }
}

fn main() {}
