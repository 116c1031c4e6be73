use logout::Slack;

logout::logout! {
    struct Alerts {
        adapters: [Slack, Slack { level: ERROR }],
    }
}

fn main() {}
