logout::logout! {
    struct Alerts {
        metadata: "order",
        adapters: [
            logout::Slack { metadata: [5, order] },
            logout::Discord { metadata: every },
        ],
    }
}

fn main() {}
